/* sandbox/say.h - what the sandbox tells a person: sentences on stderr, each with the program's
 * name before it, and documents on stdout. */
#ifndef GOODGO_SANDBOX_SAY_H
#define GOODGO_SANDBOX_SAY_H

struct cJSON;

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and returns `code`, so that a check reads `return say_code(EXIT_USE, ...)`. */
int say_code(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, with the names of all services behind it. */
int say_services(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The document in a line; frees it. */
void say_json(struct cJSON *root);

#endif
