#include "benchmark_runs.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"

/* "NAME=VALUE": the value, and how long the name is; 0 where there is none. */
static const char *split(const char *text, size_t *name)
{
    const size_t n = strcspn(text, "=/\\{");
    *name = text[n] == '=' ? n : 0;
    return *name ? text + n + 1 : text;
}

static selo_status refuse(const char *name, const char *what)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "--%s: %s", name, what);
    return SELO_E_ARGUMENT;
}

/* What only models need must not be lost in silence. */
static selo_status check(const selo_values *values)
{
    static const char *const names[] = {"images",    "scales",        "preset",
                                        "bands",     "map-smoothing", "map-smoothing-size",
                                        "keep-maps", "shuffles",      "shuffle-seed",
                                        "min-valid", "white",         "provider",
                                        "batch"};
    const CSLConstList models = selo_values_strings(values, "model"), presets = selo_values_strings(values, "preset");
    if (CSLCount(models) == 0 && CSLCount(selo_values_strings(values, "maps")) == 0)
        return refuse("maps", "nothing to score: give --maps, or --model, or both");
    for (size_t i = 0; CSLCount(models) == 0 && i < sizeof names / sizeof *names; ++i)
        if (selo_values_is_set(values, names[i]))
            return refuse(names[i], "is for maps that a model makes; add --model");
    if (presets && CSLFindString(presets, "v1") < 0 && selo_values_is_set(values, "scales"))
        return refuse("scales", "preset v2 has scales of its own (512, 256 and 128 px); add --preset v1");
    return SELO_OK;
}

/* Without a name such runs are called maps, maps2, ... */
static void add_maps(selo_benchmark_runs *runs, const char *text)
{
    size_t name;
    const char *pattern = split(text, &name);
    const char *run_id = name      ? CPLSPrintf("%.*s", (int)name, text)
                         : runs->n ? CPLSPrintf("maps%lu", (unsigned long)runs->n + 1)
                                   : "maps";
    runs->runs[runs->n++] = (selo_benchmark_run){.run_id = CPLStrdup(run_id), .maps = pattern};
}

/* A model's name: the one given, else that of its folder or file. CPLFree() it. */
static char *model_name(const char *text, size_t name)
{
    if (name)
        return CPLStrdup(CPLSPrintf("%.*s", (int)name, text));
    char *path = CPLStrdup(text);
    for (size_t n = strlen(path); n > 1 && (path[n - 1] == '/' || path[n - 1] == '\\'); --n)
        path[n - 1] = '\0';
    char *found = CPLStrdup(EQUAL(CPLGetExtension(path), "zip") ? CPLGetBasename(path) : CPLGetFilename(path));
    CPLFree(path);
    return found;
}

static void add_model(selo_benchmark_runs *runs, const char *text, const CSLConstList presets, const CSLConstList sets)
{
    size_t length;
    const char *model = split(text, &length);
    char *name = model_name(text, length);
    for (size_t set = 0; CSLFindString(presets, "v1") >= 0 && set < runs->n_sets; ++set)
        runs->runs[runs->n++] = (selo_benchmark_run){.run_id = CPLStrdup(CPLSPrintf("%s/%s/v1", name, sets[set])),
                                                     .model = model, .preset = SELO_PRESET_V1,
                                                     .scales = (CSLConstList)runs->scales[set]};
    if (CSLFindString(presets, "v2") >= 0)
        runs->runs[runs->n++] =
            (selo_benchmark_run){.run_id = CPLStrdup(CPLSPrintf("%s/v2", name)), .model = model,
                                 .preset = SELO_PRESET_V2};
    CPLFree(name);
}

selo_status selo_benchmark_runs_read(const selo_values *values, selo_benchmark_runs *runs)
{
    static const char *const published[] = {"256,512,768", NULL}, *const first[] = {"v1", NULL};
    const CSLConstList maps = selo_values_strings(values, "maps"), models = selo_values_strings(values, "model");
    CSLConstList sets = selo_values_strings(values, "scales"), presets = selo_values_strings(values, "preset");
    *runs = (selo_benchmark_runs){.n = 0};
    const selo_status status = check(values);
    if (status != SELO_OK)
        return status;
    sets = CSLCount(sets) ? sets : (CSLConstList)published;
    presets = CSLCount(presets) ? presets : (CSLConstList)first;
    const size_t n_sets = (size_t)CSLCount(sets), n_models = (size_t)CSLCount(models);
    runs->scales = selo_alloc(n_sets, sizeof *runs->scales);
    runs->runs = selo_alloc((size_t)CSLCount(maps) + n_models * (n_sets + 1), sizeof *runs->runs);
    if (!runs->scales || !runs->runs)
        return SELO_E_MEMORY;
    for (; runs->n_sets < n_sets; ++runs->n_sets)
        runs->scales[runs->n_sets] = CSLTokenizeString2(sets[runs->n_sets], ",",
                                                        CSLT_STRIPLEADSPACES | CSLT_STRIPENDSPACES);
    for (CSLConstList map = maps; map && *map; ++map)
        add_maps(runs, *map);
    for (CSLConstList model = models; model && *model; ++model)
        add_model(runs, *model, presets, sets);
    return SELO_OK;
}

void selo_benchmark_runs_clear(selo_benchmark_runs *runs)
{
    for (size_t i = 0; i < runs->n; ++i)
        CPLFree((char *)(uintptr_t)runs->runs[i].run_id);
    for (size_t i = 0; i < runs->n_sets; ++i)
        CSLDestroy(runs->scales[i]);
    selo_free(runs->runs);
    selo_free(runs->scales);
}

selo_benchmark_making selo_benchmark_making_arguments(const selo_values *values)
{
    return (selo_benchmark_making){.images = selo_values_string(values, "images"),
                                   .encoder = selo_encoder_arguments(values, NULL),
                                   .bands = selo_values_strings(values, "bands"),
                                   .least_valid = selo_values_real(values, "min-valid"),
                                   .smoothing = selo_values_string(values, "map-smoothing"),
                                   .smoothing_size = selo_values_string(values, "map-smoothing-size"),
                                   .shuffles = selo_values_integer(values, "shuffles"),
                                   .shuffle_seed = (unsigned long long)selo_values_integer(values, "shuffle-seed"),
                                   .keep_maps = selo_values_string(values, "keep-maps")};
}
