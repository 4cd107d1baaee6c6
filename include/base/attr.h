/* base/attr.h - the few compiler extensions we allow ourselves, behind names. */
#ifndef GOODGO_BASE_ATTR_H
#define GOODGO_BASE_ATTR_H

#define MUST_CHECK            __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define ARRAY_LEN(a)          (sizeof(a) / sizeof((a)[0]))
#define BIT(n)                (1u << (n))

#endif
