/* main.c - order of start and stop; nothing else. */
#include "app/app.h"

int main(int argc, char **argv) {
    return app_main(argc, argv);
}
