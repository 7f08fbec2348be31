/* From windows to normalised lattices, one per band. */
#include <math.h>

#include "cpl_error.h"
#include "localize_job.h"
#include "selo/memory.h"
#include "selo/window_table.h"

/* Rows that v2 selected: with a similarity and a pixel, without a pixel; without a similarity (band->n_missing). */
typedef struct {
    size_t selected, outside;
} window_counts;

static window_counts count_windows(const localize_job *j, localize_band *band, const selo_window_table *table)
{
    window_counts counts = {0, 0};
    for (size_t k = 0; k < table->n; k++) {
        selo_window cut;
        counts.selected += table->selected[k] != 0;
        if (!table->selected[k])
            continue;
        if (!isfinite(table->similarities[k]))
            band->n_missing++;
        else if (selo_window_clip(table->windows[k], j->height, j->width, &cut))
            band->n_windows++;
        else
            counts.outside++;
    }
    return counts;
}

/* Windows that v2 did not select take no part; neither do those without a similarity or a pixel, which is said. */
static selo_status check_windows(const localize_job *j, localize_band *band, const selo_window_table *table)
{
    const char *name = j->options->windows.name ? j->options->windows.name : "in memory";
    const window_counts counts = count_windows(j, band, table);
    if (counts.selected == 0)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s': the field selected is 0 for all, so none takes part",
                 name);
    else if (!table->has_similarity || band->n_windows + counts.outside == 0)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "windows '%s' have no similarity%s: fill in the field sim (or similarity)", name,
                 table->has_similarity ? " that is a number" : "");
    else if (band->n_windows == 0)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "windows '%s' all lie outside '%s' (%d x %d pixels): is it the right --like?", name, j->options->like,
                 j->width, j->height);
    if (!table->has_similarity || band->n_windows == 0)
        return SELO_E_INPUT;
    if (band->n_missing)
        CPLError(CE_Warning, CPLE_AppDefined, "windows '%s': %lld have no similarity and take no part", name,
                 (long long)band->n_missing);
    if (counts.outside)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "windows '%s': %lld cover no pixel of '%s' (%d x %d) and take no part; do they end before they start, "
                 "or is it another image?",
                 name, (long long)counts.outside, j->options->like, j->width, j->height);
    return SELO_OK;
}

selo_status selo_localize_explain(selo_status status)
{
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory,
                 "not enough memory for the map's lattice: its windows share too few edges");
    return status;
}

/* In the published 8-bit arithmetic one pixel without a window makes the v1 map 0 everywhere. */
static void blank_if_uncovered(const localize_band *band)
{
    const size_t n = (size_t)band->lattice->n_rows * (size_t)band->lattice->n_cols;
    CPLError(CE_Warning, CPLE_AppDefined,
             "%lld pixels have no window, which makes the whole map 0 in the published 8-bit arithmetic of v1; Float32 "
             "keeps them as NoData",
             (long long)band->range.uncovered_px);
    for (size_t k = 0; k < n; k++)
        band->lattice->values[k] = 0;
}

/* Each row counts in the mean. Who did not mean that has several queries in one table, or has joined it twice. */
static selo_status warn_of_repeated(const localize_job *j, const selo_window_table *table)
{
    size_t repeated = 0, *firsts = selo_alloc(table->n, sizeof *firsts);
    const selo_status status = firsts ? selo_windows_match(table->windows, table->n, firsts) : SELO_E_MEMORY;
    for (size_t k = 0; k < table->n && !status; k++)
        repeated += firsts[k] != k && table->selected[k] && isfinite(table->similarities[k]);
    if (repeated)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "windows '%s': %llu rows repeat a window, and each counts; if they are of several queries, "
                 "choose one with --where",
                 j->options->windows.name ? j->options->windows.name : "in memory", (unsigned long long)repeated);
    selo_free(firsts);
    return selo_localize_explain(status);
}

static selo_status new_lattice(const localize_job *j, localize_band *band, const selo_window_table *table)
{
    double *similarities = selo_alloc(table->n, sizeof *similarities);
    selo_status status = similarities ? SELO_OK : SELO_E_MEMORY;
    for (size_t k = 0; k < table->n && !status; k++)
        similarities[k] = table->selected[k] ? table->similarities[k] : (double)NAN;
    if (!status)
        status = selo_lattice_new(j->height, j->width, table->windows, similarities, table->n, &band->lattice);
    selo_free(similarities);
    return selo_localize_explain(status);
}

static selo_status build_band(const localize_job *j, localize_band *band, const selo_window_table *table)
{
    selo_status status = check_windows(j, band, table);
    if (!status)
        status = new_lattice(j, band, table);
    if (status)
        return status;
    const bool v2 = j->options->preset == SELO_PRESET_V2;
    selo_lattice_normalize(band->lattice, v2 ? SELO_UNCOVERED_ZERO : SELO_UNCOVERED_NO_DATA, &band->range);
    if (band->range.flat)
        CPLError(CE_Warning, CPLE_AppDefined, "all similarities amount to the same: the map is 0 everywhere");
    if (j->options->type == GDT_Byte) {
        selo_lattice_to_bytes(band->lattice);
        if (!v2 && band->range.uncovered_px)
            blank_if_uncovered(band);
    }
    return SELO_OK;
}

selo_status selo_localize_bands(localize_job *j)
{
    const selo_localize_options *options = j->options;
    selo_window_table table;
    selo_status status = SELO_OK;
    j->n_bands = options->maps ? options->n_maps : 1;
    j->bands = selo_alloc_zeroed((size_t)j->n_bands, sizeof *j->bands);
    if (!j->bands)
        return SELO_E_MEMORY;
    for (int k = 0; options->maps && k < j->n_bands && !status; k++) {
        j->bands[k].query = options->maps[k].query;
        status = build_band(j, &j->bands[k], options->maps[k].table);
    }
    if (options->maps || status)
        return status;
    j->bands[0].query = options->query;
    status = selo_window_table_read(&options->windows, &table);
    if (status)
        return status;
    status = build_band(j, &j->bands[0], &table);
    if (!status)
        status = warn_of_repeated(j, &table);
    selo_window_table_clear(&table);
    return status;
}
