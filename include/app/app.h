/* app/app.h - from argv to a running command: options, configuration, dispatch. */
#ifndef GOODGO_APP_APP_H
#define GOODGO_APP_APP_H

int app_main(int argc, char **argv); /* the exit code */

#endif
