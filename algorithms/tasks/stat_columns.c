#include "stat_columns.h"

#include <string.h>

#include "cpl_string.h"
#include "selo/memory.h"

/* Real columns of selo_sample that say something about the map or the run, not about how good the map is: testing them
 * as well would only weaken Holm's correction. */
static const char *const facts[] = {"gt_frac",  "nodata_fr", "area_m2",  "t_ms",   "t_cut_ms",
                                    "t_sim_ms", "t_gnt_ms",  "t_flt_ms", "hidden", "hidden_fr",
                                    "step_x_m", "step_y_m",  "step_var", "f1_thr", NULL};

/* The published scores are always there; others only where the profile has them. */
bool selo_stat_is_published(const char *metric)
{
    static const char *const published[] = {"rsu", "ras", "rda", "rmi", NULL};
    return CSLFindString((CSLConstList)published, metric) >= 0;
}

static bool is_empty(const selo_table *samples, size_t column)
{
    if (selo_stat_is_published(samples->columns[column].name))
        return false;
    for (size_t row = 0; row < samples->n_rows; ++row)
        if (samples->cells[row * samples->n_columns + column])
            return false;
    return true;
}

char **selo_stat_metrics(const selo_table *samples)
{
    char **names = NULL;
    for (size_t k = 0; k < samples->n_columns; ++k) {
        bool fact = samples->columns[k].type != SELO_COLUMN_REAL;
        for (size_t i = 0; facts[i] && !fact; ++i)
            fact = EQUAL(facts[i], samples->columns[k].name);
        if (!fact && !is_empty(samples, k))
            names = CSLAddString(names, samples->columns[k].name);
    }
    return names;
}

/* Rows without a text in `column` are told apart by `otherwise`, which may be NULL. */
static size_t *labels_of(const selo_table *samples, const char *column, const char *otherwise)
{
    size_t *labels = selo_alloc(samples->n_rows, sizeof *labels);
    selo_table *keys = selo_table_new("keys", "key:s,row:i");
    for (size_t row = 0; keys && row < samples->n_rows; ++row) {
        const char *key = selo_table_text(samples, row, column);
        selo_table_add_row(keys);
        selo_table_set_text(keys, "key", *key || !otherwise ? key : selo_table_text(samples, row, otherwise));
        selo_table_set_real(keys, "row", (double)row);
    }
    if (keys)
        selo_table_sort(keys, "key,row");
    if (!keys || keys->failed || !labels) {
        selo_free(labels);
        selo_table_free(keys);
        return NULL;
    }
    size_t label = 0;
    for (size_t i = 0; i < keys->n_rows; ++i) {
        const char *key = selo_table_text(keys, i, "key");
        label += i > 0 && (!*key || strcmp(key, selo_table_text(keys, i - 1, "key")) != 0);
        labels[(size_t)selo_table_real(keys, i, "row")] = label;
    }
    selo_table_free(keys);
    return labels;
}

size_t *selo_stat_labels(const selo_table *samples, const char *column)
{
    return labels_of(samples, column, NULL);
}

size_t *selo_stat_images(const selo_table *samples)
{
    return labels_of(samples, "image", "map_uri");
}
