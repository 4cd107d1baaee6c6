/* sandbox/say.c - sentences for people and documents for programs; see say.h. */
#include "say.h"

#include "platform.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>

static void say_open(const char *format, va_list args) {
    fputs("goodgo-sandbox: ", stderr);
    vfprintf(stderr, format, args);
}

void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_open(format, args);
    va_end(args);
    fputc('\n', stderr);
}

int say_code(int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_open(format, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

int say_services(int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_open(format, args);
    va_end(args);
    for (int i = 0; i < SB_N_SERVICES; i++) {
        fprintf(stderr, " %s", sandbox_service_names[i]);
    }
    fputc('\n', stderr);
    return code;
}

void say_json(struct cJSON *root) {
    char *text = cJSON_PrintUnformatted(root);
    puts(text ? text : "{}");
    cJSON_free(text);
    cJSON_Delete(root);
}
