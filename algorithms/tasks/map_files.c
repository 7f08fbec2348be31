/* Maps of many queries: bands of one file, or files that the pattern of the output's name makes. */
#include "map_files.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/utf8.h"

/* A query as a part of a file's name: letters and digits, the rest as _. */
static void file_part(const char *text, char part[64])
{
    const char *at = text;
    size_t n = 0;
    for (; *at && n < 60; at++) {
        const unsigned char byte = (unsigned char)*at;
        if (byte >= 128 || isalnum(byte) || byte == '-')
            part[n++] = (char)byte;
        else if (n > 0 && part[n - 1] != '_')
            part[n++] = '_';
    }
    n -= (size_t)(at - text) - selo_utf8_fitting(text, (size_t)(at - text)); /* no part of a character */
    while (n > 0 && part[n - 1] == '_')
        n--;
    part[n] = '\0';
}

char *selo_map_file_name(const char *pattern, const char *query, size_t number)
{
    char part[64], digits[24];
    file_part(query, part);
    snprintf(digits, sizeof digits, "%d", (int)number);
    char *name = CPLStrdup("");
    while (*pattern) {
        const char *brace = strchr(pattern, '{');
        const size_t plain = brace ? (size_t)(brace - pattern) : strlen(pattern);
        const bool is_n = brace && STARTS_WITH(brace, "{n}"), is_query = brace && STARTS_WITH(brace, "{query}");
        const char *filling = is_n ? digits : is_query ? part : brace ? "{" : "";
        char *longer = CPLStrdup(CPLSPrintf("%s%.*s%s", name, (int)plain, pattern, filling));
        CPLFree(name);
        name = longer;
        pattern += plain + (is_n ? 3 : is_query ? 7 : brace ? 1 : 0);
    }
    return name;
}

bool selo_map_files_are_many(const char *path)
{
    return path && (strstr(path, "{n}") || strstr(path, "{query}"));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in order. */
static selo_status check_names(char **names, size_t n, bool overwrite)
{
    VSIStatBufL entry;
    qsort(names, n, sizeof *names, compare_names);
    for (size_t k = 0; k < n; k++) {
        if (k > 0 && strcmp(names[k - 1], names[k]) == 0) {
            CPLError(CE_Failure, CPLE_AppDefined, "output '%s': more than one query makes this name: put {n} into it",
                     names[k]);
            return SELO_E_ARGUMENT;
        }
        if (!overwrite && VSIStatL(names[k], &entry) == 0) {
            CPLError(CE_Failure, CPLE_AppDefined, "output '%s' exists: choose another, or pass --overwrite", names[k]);
            return SELO_E_OUTPUT;
        }
    }
    return SELO_OK;
}

/* Folders of object stores need not be there before their files. */
static selo_status check_folder(const char *name)
{
    VSIStatBufL entry;
    char *path = CPLStrdup(name);
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) /* an output that is a folder itself */
        path[n - 1] = '\0';
    const char *folder = CPLGetDirname(path);
    const bool there = STARTS_WITH(path, "/vsi") || (VSIStatL(folder, &entry) == 0 && VSI_ISDIR(entry.st_mode));
    if (!there)
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: its folder %s does not exist: make it first", name, folder);
    CPLFree(path);
    return there ? SELO_OK : SELO_E_OUTPUT;
}

selo_status selo_map_files_check(const selo_raster_target *output, CSLConstList queries, size_t n)
{
    if (!selo_map_files_are_many(output->path))
        return output->path && *output->path ? check_folder(output->path) : SELO_OK;
    char **names = selo_alloc(n, sizeof *names);
    if (!names)
        return SELO_E_MEMORY;
    for (size_t k = 0; k < n; k++)
        names[k] = selo_map_file_name(output->path, queries[k], k + 1);
    selo_status status = check_names(names, n, output->overwrite);
    for (size_t k = 0; k < n; k++) {
        if (status == SELO_OK)
            status = check_folder(names[k]);
        CPLFree(names[k]);
    }
    selo_free(names);
    return status;
}

static selo_status write_files(const selo_localize_options *options, const selo_window_table *tables,
                               CSLConstList names, size_t n, GDALProgressFunc progress, void *progress_data)
{
    selo_status status = SELO_OK;
    for (size_t k = 0; k < n && status == SELO_OK; k++) {
        const selo_localize_map map = {&tables[k], names[k]};
        selo_localize_options one = *options;
        char *path = selo_map_file_name(options->output.path, names[k], k + 1);
        void *scaled =
            GDALCreateScaledProgress((double)k / (double)n, (double)(k + 1) / (double)n, progress, progress_data);
        one.output.path = path;
        one.maps = &map;
        one.n_maps = 1;
        GDALDatasetH written = NULL;
        status = selo_localize(&one, GDALScaledProgress, scaled, &written);
        if (written)
            GDALClose(written);
        GDALDestroyScaledProgress(scaled);
        CPLFree(path);
    }
    return status;
}

selo_status selo_write_maps(const selo_localize_options *options, const selo_window_table *tables, CSLConstList names,
                            size_t n, GDALProgressFunc progress, void *progress_data, GDALDatasetH *map)
{
    selo_localize_options all = *options;
    if (map)
        *map = NULL;
    if (selo_map_files_are_many(options->output.path))
        return write_files(options, tables, names, n, progress, progress_data);
    selo_localize_map *maps = selo_alloc(n, sizeof *maps);
    if (!maps)
        return SELO_E_MEMORY;
    for (size_t k = 0; k < n; k++)
        maps[k] = (selo_localize_map){&tables[k], names[k]};
    all.maps = maps;
    all.n_maps = (int)n;
    const selo_status status = selo_localize(&all, progress, progress_data, map);
    selo_free(maps);
    return status;
}
