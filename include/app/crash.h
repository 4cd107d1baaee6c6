/* app/crash.h - a crash leaves a usable terminal and one honest line. */
#ifndef GOODGO_APP_CRASH_H
#define GOODGO_APP_CRASH_H

/* Catches SIGSEGV, SIGBUS, SIGABRT, SIGFPE and SIGILL on a stack of their own: restores the
 * terminal, names version and signal on stderr, then dies of the signal as it would have. */
void crash_install(void);

#endif
