/* app/job_words_priv.h - a job in words: one line, all of it, JSON. */
#ifndef GOODGO_APP_JOB_WORDS_PRIV_H
#define GOODGO_APP_JOB_WORDS_PRIV_H

#include "act/job.h"
#include "base/jsonw.h"
#include "base/str.h"

/* "restore  41%  120 MB of 290 MB  18 MB/s  ETA 6m +-1m  public.Listing" */
void job_progress_line(const struct job_info *j, int64_t now_wall_s, struct str *out);
void job_details(const struct job_info *j, int64_t now_wall_s, struct str *out);
/* A value of job_result() for people: a bare count as the screens write it; JSON has it as it is.
 */
void job_result_words(const struct pair *result, struct str *out);
void job_json(const struct job_info *j, struct jsonw *w); /* one object, without "schema" */

#endif
