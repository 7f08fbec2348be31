/* The entries of a model.json, read by their paths ("image.size"). Whatever is wrong with one is said with its path;
 * the first problem sticks, and what is returned from then on only has to be harmless. */
#ifndef SELO_ENCODERS_BUNDLE_ENTRIES_H
#define SELO_ENCODERS_BUNDLE_ENTRIES_H

#include <stdbool.h>
#include <yyjson.h>

typedef struct selo_entries {
    const char *file; /* for messages */
    yyjson_val *root;
    bool failed; /* a problem has been reported with CPLError() */
} selo_entries;

/* Reports that the entry `why` ("must be above 0"), unless a problem has been reported before. */
void selo_entries_fail(selo_entries *json, const char *path, const char *why);

/* The value; NULL if it is not there or null. */
yyjson_val *selo_entries_find(const selo_entries *json, const char *path);

/* A copy, freed with CPLFree(); NULL if it is not there. */
char *selo_entries_text(selo_entries *json, const char *path, bool needed);

double selo_entries_number(selo_entries *json, const char *path, double otherwise);

/* A whole number from low to high; `otherwise` if it is not there, unless that is below 0. */
int selo_entries_integer(selo_entries *json, const char *path, int low, int high, int otherwise);

bool selo_entries_flag(selo_entries *json, const char *path, bool otherwise);

/* Index of the text among the choices "a|b|c"; `otherwise` if it is not there, unless that is below 0. */
int selo_entries_choice(selo_entries *json, const char *path, const char *choices, int otherwise);

/* n numbers, one a channel; all `otherwise` if the entry is not there. */
void selo_entries_numbers(selo_entries *json, const char *path, int n, double otherwise, double *numbers);

/* Warns of members of the object at `path` ("": the whole) that are not among "a|b|c": a misspelt one would be taken
 * for one that is not there. */
void selo_entries_warn_of_unknown(const selo_entries *json, const char *path, const char *known);

#endif
