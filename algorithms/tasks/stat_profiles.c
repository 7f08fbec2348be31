/* A run that scored in both profiles, told apart into two. */
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/stat.h"

/* Run ids with more than one profile. The caller destroys the list. */
static char **mixed_runs(const selo_table *samples)
{
    char **runs = NULL, **profiles = NULL, **mixed = NULL; /* a profile per run */
    for (size_t row = 0; row < samples->n_rows; ++row) {
        const char *run_id = selo_table_text(samples, row, "run_id");
        const char *profile = selo_table_text(samples, row, "profile");
        const int at = *profile ? CSLFindStringCaseSensitive(runs, run_id) : -1;
        if (at >= 0 && strcmp(profiles[at], profile) != 0 && CSLFindStringCaseSensitive(mixed, run_id) < 0)
            mixed = CSLAddString(mixed, run_id);
        if (at >= 0 || !*profile)
            continue;
        runs = CSLAddString(runs, run_id);
        profiles = CSLAddString(profiles, profile);
    }
    CSLDestroy(runs);
    CSLDestroy(profiles);
    return mixed;
}

static void split(selo_table *table, CSLConstList mixed)
{
    const size_t k = selo_table_column(table, "run_id");
    for (size_t row = 0; k < table->n_columns && row < table->n_rows; ++row) {
        char **cell = &table->cells[row * table->n_columns + k];
        const char *profile = selo_table_text(table, row, "profile");
        if (!*cell || !*profile || CSLFindStringCaseSensitive(mixed, *cell) < 0)
            continue;
        char *own = CPLStrdup(CPLSPrintf("%s (%s)", *cell, profile));
        CPLFree(*cell);
        *cell = own;
    }
}

size_t selo_stat_stem(const char *run_id, const char *profile)
{
    const char *tail = CPLSPrintf(" (%s)", profile);
    const size_t n = strlen(run_id), n_tail = strlen(tail);
    return n > n_tail && strcmp(run_id + n - n_tail, tail) == 0 ? n - n_tail : 0;
}

void selo_stat_split_profiles(selo_table *samples, selo_table *others)
{
    char **mixed = mixed_runs(samples);
    if (mixed)
        split(samples, mixed);
    if (mixed && others)
        split(others, mixed);
    CSLDestroy(mixed);
}
