/* The maps of many queries (private to this room). */
#ifndef SELO_TASKS_MAP_FILES_H
#define SELO_TASKS_MAP_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "cpl_string.h"
#include "selo/localize.h"

/* Whether the output's name holds {n} or {query}, so that each query gets a file of its own; NULL: no. */
bool selo_map_files_are_many(const char *path);

/* The pattern with {n} and {query} filled in; freed with CPLFree(). */
char *selo_map_file_name(const char *pattern, const char *query, size_t number);

/* Says before anything is encoded that two of n queries make the same name, or that a file is there already. */
selo_status selo_map_files_check(const selo_raster_target *output, CSLConstList queries, size_t n);

/* Writes a band per table, or a file per table where the output's name holds {n} or {query}. options->map.output and
 * the rest of it are used as they are. */
selo_status selo_write_maps(const selo_localize_options *options, const selo_window_table *tables, CSLConstList names,
                            size_t n, GDALProgressFunc progress, void *progress_data, GDALDatasetH *map);

#endif
