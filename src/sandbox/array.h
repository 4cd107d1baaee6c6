/* sandbox/array.h - how many there are in an array. */
#ifndef GOODGO_SANDBOX_ARRAY_H
#define GOODGO_SANDBOX_ARRAY_H

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
