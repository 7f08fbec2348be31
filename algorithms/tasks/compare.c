#include "selo/compare.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "run_param.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/stat.h"

enum { most_runs = 64 };

typedef struct comparison {
    const selo_compare_options *options;
    selo_table *samples[most_runs], *runs[most_runs]; /* per dataset; runs may be NULL */
    size_t n_datasets;
    selo_contender contenders[most_runs];
    size_t from[most_runs]; /* dataset of each contender */
    size_t n;
} comparison;

static selo_status read_results(comparison *c, const char *name)
{
    if (c->n_datasets == most_runs) {
        CPLError(CE_Failure, CPLE_IllegalArg, "results: at most %d can be compared at once", most_runs);
        return SELO_E_ARGUMENT;
    }
    GDALDatasetH dataset =
        selo_source_open(&(selo_source){.what = "results", .name = name, .flags = GDAL_OF_VECTOR});
    if (!dataset)
        return SELO_E_INPUT;
    const size_t at = c->n_datasets++;
    selo_status status = selo_table_read(dataset, "selo_sample", &c->samples[at]);
    if (status == SELO_OK)
        status = selo_table_read(dataset, "selo_run", &c->runs[at]);
    GDALClose(dataset);
    if (status != SELO_OK)
        return status;
    if (c->samples[at] && c->samples[at]->n_rows > 0) {
        selo_stat_split_profiles(c->samples[at], NULL);
        return SELO_OK;
    }
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: has no rows in a layer selo_sample; pass the output of evaluate or benchmark", name);
    return SELO_E_INPUT;
}

/* A run's name: its id, and its file's where the id is taken. */
static char *label_of(const comparison *c, size_t dataset, const char *run_id)
{
    for (size_t i = 0; i < c->n; ++i)
        if (strcmp(c->contenders[i].label, run_id) == 0)
            return CPLStrdup(CPLSPrintf("%s (%s)", run_id, CPLGetFilename(c->options->results[dataset])));
    return CPLStrdup(run_id);
}

static selo_status add_contenders(comparison *c, size_t dataset)
{
    const selo_table *samples = c->samples[dataset];
    char **seen = NULL;
    selo_status status = SELO_OK;
    for (size_t row = 0; status == SELO_OK && row < samples->n_rows; ++row) {
        const char *run_id = selo_table_text(samples, row, "run_id");
        if (CSLFindStringCaseSensitive(seen, run_id) >= 0)
            continue;
        seen = CSLAddString(seen, run_id);
        if (c->n == most_runs) {
            CPLError(CE_Failure, CPLE_IllegalArg, "results: at most %d runs can be compared at once", most_runs);
            status = SELO_E_ARGUMENT;
        } else {
            c->from[c->n] = dataset;
            c->contenders[c->n] = (selo_contender){label_of(c, dataset, run_id), samples, run_id, 0};
            c->n++;
        }
    }
    CSLDestroy(seen);
    return status;
}

/* ---- are they comparable? ---- */

static char *testset_of(const comparison *c, size_t contender)
{
    const selo_table *runs = c->runs[c->from[contender]];
    for (size_t row = 0; runs && row < runs->n_rows; ++row)
        if (strcmp(selo_table_text(runs, row, "run_id"), c->contenders[contender].run_id) == 0)
            return selo_run_param(selo_table_text(runs, row, "params"), "testset_sha");
    return CPLStrdup("");
}

static const char *profile_of(const selo_contender *contender)
{
    for (size_t row = 0; row < contender->samples->n_rows; ++row)
        if (strcmp(selo_table_text(contender->samples, row, "run_id"), contender->run_id) == 0 &&
            *selo_table_text(contender->samples, row, "profile"))
            return selo_table_text(contender->samples, row, "profile");
    return "";
}

static bool holds_sample(const selo_contender *contender, const char *sample_id)
{
    for (size_t row = 0; row < contender->samples->n_rows; ++row)
        if (strcmp(selo_table_text(contender->samples, row, "run_id"), contender->run_id) == 0 &&
            strcmp(selo_table_text(contender->samples, row, "sample_id"), sample_id) == 0)
            return true;
    return false;
}

/* Where results do not say which test set they are of, the same sample_ids are taken for the same test set. */
static bool same_samples(const selo_contender *a, const selo_contender *b)
{
    for (size_t row = 0; row < a->samples->n_rows; ++row)
        if (strcmp(selo_table_text(a->samples, row, "run_id"), a->run_id) == 0 &&
            !holds_sample(b, selo_table_text(a->samples, row, "sample_id")))
            return false;
    return true;
}

static bool same_testset(const comparison *c, size_t other)
{
    const size_t against = c->contenders[other].against;
    char *first = testset_of(c, against), *second = testset_of(c, other);
    const bool same = *first && *second ? strcmp(first, second) == 0
                                        : same_samples(&c->contenders[against], &c->contenders[other]) &&
                                              same_samples(&c->contenders[other], &c->contenders[against]);
    CPLFree(first);
    CPLFree(second);
    return same;
}

static bool same_profile(const comparison *c, size_t a, size_t b)
{
    return strcmp(profile_of(&c->contenders[a]), profile_of(&c->contenders[b])) == 0;
}

static size_t stem_of(const selo_contender *contender)
{
    return selo_stat_stem(contender->run_id, profile_of(contender));
}

/* Whether contender i is the first run in its other profile. */
static bool is_first_run(const comparison *c, size_t i)
{
    const size_t stem = stem_of(&c->contenders[0]);
    return c->from[i] == c->from[0] && !same_profile(c, 0, i) && stem > 0 && stem == stem_of(&c->contenders[i]) &&
           strncmp(c->contenders[0].run_id, c->contenders[i].run_id, stem) == 0;
}

/* Every run is compared with the first one; where that scored in both profiles, with its own profile of it. */
static void pair_up(comparison *c)
{
    size_t n_first = 1;
    while (n_first < c->n && is_first_run(c, n_first))
        n_first++;
    for (size_t i = 0; i < c->n; ++i) {
        size_t against = i < n_first ? i : 0;
        for (size_t k = n_first; i >= n_first && k-- > 0;)
            against = same_profile(c, k, i) ? k : against;
        c->contenders[i].against = against;
    }
}

static selo_status check(comparison *c)
{
    size_t n_pairs = 0;
    pair_up(c);
    for (size_t i = 0; i < c->n; ++i)
        n_pairs += c->contenders[i].against != i;
    if (n_pairs == 0) {
        CPLError(CE_Failure, CPLE_IllegalArg,
                 "results: there is only one run, '%s'; pass a second one to compare it with", c->contenders[0].label);
        return SELO_E_ARGUMENT;
    }
    for (size_t i = 0; i < c->n && !c->options->allow_different; ++i) {
        const size_t against = c->contenders[i].against;
        const bool profile = !same_profile(c, against, i), testset = against != i && !same_testset(c, i);
        if (!testset && !profile)
            continue;
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s and %s are of different %s: pass --allow-different to compare them all the same",
                 c->contenders[against].label, c->contenders[i].label, testset ? "test sets" : "profiles");
        return SELO_E_INPUT;
    }
    return SELO_OK;
}

/* ---- output ---- */

static const selo_field diff_fields[] = {
    {"run_a", SELO_FIELD_TEXT, "First run", NULL},
    {"run_b", SELO_FIELD_TEXT, "Other run", NULL},
    {"metric", SELO_FIELD_TEXT, "Score", "column of selo_sample"},
    {"n", SELO_FIELD_INTEGER, "Samples", "count, with this score defined in both"},
    {"n_image", SELO_FIELD_INTEGER, "Images", "count; what interval and p-value are clustered by"},
    {"mean_a", SELO_FIELD_REAL, "Mean of the first", "over these samples"},
    {"mean_b", SELO_FIELD_REAL, "Mean of the other", "over these samples"},
    {"diff", SELO_FIELD_REAL, "Difference", "mean of other - first, paired"},
    {"ci_lo", SELO_FIELD_REAL, "From", "lower end of the bootstrap interval of the difference"},
    {"ci_hi", SELO_FIELD_REAL, "To", "upper end"},
    {"ci_level", SELO_FIELD_REAL, "Level", "of the interval, 0..1"},
    {"p_value", SELO_FIELD_REAL, "p", "two-sided, from flipped signs of whole images"},
    {"p_holm", SELO_FIELD_REAL, "p (Holm)", "adjusted for all rows of this table"},
    {"higher", SELO_FIELD_INTEGER, "Higher", "samples where the other run's score is higher"},
    {"equal", SELO_FIELD_INTEGER, "Equal", "samples"},
    {"lower", SELO_FIELD_INTEGER, "Lower", "samples"},
};
static const selo_field most_fields[] = {
    {"run_a", SELO_FIELD_TEXT, "First run", NULL},  {"run_b", SELO_FIELD_TEXT, "Other run", NULL},
    {"sample", SELO_FIELD_TEXT, "Sample", NULL},    {"query", SELO_FIELD_TEXT, "Query", NULL},
    {"rmi_a", SELO_FIELD_REAL, "Rmi of the first", NULL}, {"rmi_b", SELO_FIELD_REAL, "Rmi of the other", NULL},
    {"diff", SELO_FIELD_REAL, "Difference", "other - first"},
};
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))
static const selo_layer_schema diff_schema = {"selo_diff", wkbNone,     "Paired differences between runs",
                                              false,       diff_fields, COUNT(diff_fields)};
static const selo_layer_schema most_schema = {"selo_most", wkbNone,     "Samples that differ most",
                                              false,       most_fields, COUNT(most_fields)};

static selo_status write_table(selo_layers *layers, size_t layer, const selo_layer_schema *schema,
                               const selo_table *table)
{
    selo_status status = SELO_OK;
    for (size_t row = 0; status == SELO_OK && row < table->n_rows; ++row) {
        selo_value values[COUNT(diff_fields)];
        for (size_t k = 0; k < schema->n_fields; ++k) {
            const char *column = EQUAL(schema->fields[k].name, "sample") ? "sample_id" : schema->fields[k].name;
            const double number = selo_table_real(table, row, column);
            values[k] = schema->fields[k].type == SELO_FIELD_TEXT ? selo_value_text(selo_table_text(table, row, column))
                        : schema->fields[k].type == SELO_FIELD_REAL ? selo_value_real(number)
                                                                    : selo_value_rounded(number);
        }
        status = selo_layers_write(layers, layer, NULL, values, schema->n_fields);
    }
    return status;
}

static selo_status write_output(const selo_compare_options *options, const selo_table *diff, const selo_table *most)
{
    const selo_layer_schema *schemas[] = {&diff_schema, &most_schema};
    const selo_run run = {.command_line = options->command_line, .seed = (int64_t)options->resampling.seed,
                          .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN, .flt_ms = NAN};
    selo_layers *layers;
    selo_status status = selo_layers_open(options->output, schemas, 2, &run, &layers);
    if (status != SELO_OK)
        return status;
    status = write_table(layers, 0, &diff_schema, diff);
    if (status == SELO_OK)
        status = write_table(layers, 1, &most_schema, most);
    if (status == SELO_OK)
        return selo_layers_close(layers, NULL);
    selo_layers_abandon(layers);
    return status;
}

selo_status selo_compare(const selo_compare_options *options, selo_table **diff, selo_table **most)
{
    comparison c = {.options = options};
    selo_status status = SELO_OK;
    *diff = *most = NULL;
    for (int i = 0; status == SELO_OK && i < CSLCount(options->results); ++i) {
        status = read_results(&c, options->results[i]);
        if (status == SELO_OK)
            status = add_contenders(&c, (size_t)i);
    }
    if (status == SELO_OK)
        status = check(&c);
    if (status == SELO_OK)
        status = selo_diff_make(c.contenders, c.n, options->resampling, diff, (size_t)options->n_most, most);
    if (status == SELO_OK && options->output)
        status = write_output(options, *diff, *most);
    if (status != SELO_OK) {
        selo_table_free(*diff);
        selo_table_free(*most);
        *diff = *most = NULL;
    }
    for (size_t i = 0; i < c.n; ++i)
        CPLFree((char *)(uintptr_t)c.contenders[i].label);
    for (size_t i = 0; i < c.n_datasets; ++i) {
        selo_table_free(c.samples[i]);
        selo_table_free(c.runs[i]);
    }
    return status;
}
