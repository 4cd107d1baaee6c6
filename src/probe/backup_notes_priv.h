/* probe/backup_notes_priv.h - what stands beside the dumps (wire/backup.h) as tables of a reading:
 *   notes(file, kind, result, at, size, took_ms, recovery_ms, tables, rows, sha256, place, against,
 *         passed, failed, warnings, why)      one row per manifest, proof and attempt
 *   contents(backup, table, rows, bytes, sum) of the manifests of the newest
 *   checks(backup, status, check, detail)     of the proofs of the newest
 * Metrics: archive_proof_age_s and recovery_ms of the newest that passed. */
#ifndef GOODGO_PROBE_BACKUP_NOTES_PRIV_H
#define GOODGO_PROBE_BACKUP_NOTES_PRIV_H

#include "codec/probe.h"
#include "wire/backup.h"

/* Of the files goodgo_*.json of the directory, newest name first. */
void backup_notes_read(const struct probe_run *run, const struct file_list *list,
                       struct reading *out);
/* What the tables say of one dump. Texts are the reading's. */
void backup_notes_state(const struct reading *r, const char *name, struct backup_state *ret);

#endif
