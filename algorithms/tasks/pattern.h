/* Names with fields in them: "maps/probmap_{index}.jpg", "{image}", "{index:02}". */
#ifndef SELO_TASKS_PATTERN_H
#define SELO_TASKS_PATTERN_H

#include <stdbool.h>

/* What stands for a field; NULL: there is no such field. Belongs to whoever answers, until the next question. */
typedef const char *(*selo_pattern_lookup)(void *user, const char *field);

/* `pattern` with each {FIELD} replaced by its value; {FIELD:04} fills it up with zeros to four characters. NULL, with a
 * report that starts with `subject`, where there is no such field. The caller frees the result with CPLFree(). */
char *selo_pattern_expand(const char *pattern, selo_pattern_lookup lookup, void *user, const char *subject);

/* The lookup in a truth's sample, a selo_truth_sample: its sample_id, or a field of its first feature. */
const char *selo_pattern_field_of_sample(void *sample, const char *field);

#endif
