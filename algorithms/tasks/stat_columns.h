/* What the columns of a table of samples say: scores, and which samples belong together. Private to this room. */
#ifndef SELO_TASKS_STAT_COLUMNS_H
#define SELO_TASKS_STAT_COLUMNS_H

#include <stdbool.h>

#include "selo/table.h"

/* Names of the scores in a table of samples: rsu, ras, rda, rmi and every further real column that is no fact about the
 * map and holds a value anywhere. NULL on short memory; the caller frees it with CSLDestroy(). */
char **selo_stat_metrics(const selo_table *samples);

/* Whether a score is one of rsu, ras, rda and rmi, which every run has. */
bool selo_stat_is_published(const char *metric);

/* A label per row: rows with the same text in `column` have the same one, labels ascend with the texts, so that they do
 * not depend on the order of the rows. Rows without a text, or all rows if there is no such column, have labels of
 * their own. NULL on short memory; the caller frees it with selo_free(). */
size_t *selo_stat_labels(const selo_table *samples, const char *column);

/* The same for the image of a sample, what intervals and p-values are clustered by: its column `image`, or where that
 * says nothing the map file `map_uri`, of which samples that are told apart by band or by truth have one together. */
size_t *selo_stat_images(const selo_table *samples);

#endif
