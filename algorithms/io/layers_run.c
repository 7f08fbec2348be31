/* The table selo_run: what the run was that rows with its run_id come from. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "cpl_conv.h"
#include "cpl_multiproc.h"
#include "layers_private.h"
#include "selo/clock.h"
#include "selo/hash.h"
#include "selo/memory.h"
#include "string_format.h"

static const selo_field run_fields[] = {
    {"tool_ver", SELO_FIELD_TEXT, "Version of gdal selo", "version of the tool that wrote this run"},
    {"gdal_ver", SELO_FIELD_TEXT, "Version of GDAL", "version of GDAL at run time"},
    {"cmdline", SELO_FIELD_TEXT, "Command line", "the command as it was given"},
    {"params", SELO_FIELD_TEXT, "Parameters", "all parameters, defaults included, as JSON"},
    {"model_sha", SELO_FIELD_TEXT, "Hash of the model", "SHA-256 of the model file, hexadecimal; null: no model"},
    {"provider", SELO_FIELD_TEXT, "Execution provider", "what ran the model; null: no model"},
    {"seed", SELO_FIELD_BIG, "Seed", "of the random numbers; null: none were used"},
    {"started", SELO_FIELD_TIME, "Start", "UTC"},
    {"t_cut_ms", SELO_FIELD_BIG, "Time of cutting", "ms; cutting the image into windows"},
    {"t_sim_ms", SELO_FIELD_BIG, "Time of similarity", "ms; model and similarity"},
    {"t_gnt_ms", SELO_FIELD_BIG, "Time of generation", "ms; map from similarities"},
    {"t_flt_ms", SELO_FIELD_BIG, "Time of filtering", "ms; smoothing of the map"},
};

enum { N_RUN_FIELDS = sizeof run_fields / sizeof *run_fields };

const selo_layer_schema selo_run_schema = {"selo_run", wkbNone, "Runs that the rows come from, by run_id",
                                           false, run_fields, N_RUN_FIELDS};

/* A part of a run's name that differs between runs of the same second; where a run shall be
 * repeated, between other runs. */
static unsigned long distinction(const selo_run *run, const struct timespec *now)
{
    const char *const parts[] = {run->command_line, run->params_json, run->model_sha};
    char hex[SELO_HASH_HEX_SIZE];
    selo_hash hash;
    if (selo_given_moment() < 0)
        return ((unsigned long)now->tv_nsec ^ ((unsigned long)CPLGetPID() << 12)) & 0xffffffffUL;
    selo_hash_start(&hash);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        selo_hash_add_text(&hash, parts[i] ? parts[i] : "");
    selo_hash_finish(&hash, hex);
    hex[8] = '\0';
    return strtoul(hex, NULL, 16);
}

/* GDAL's drivers write the moment of a change; they shall write the given one. */
static void tell_drivers(const struct tm *utc)
{
    char text[32];
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", utc);
    if (!CPLGetConfigOption("OGR_CURRENT_DATE", NULL))
        CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", text);
}

static selo_status start_clock(selo_layers *layers, const selo_run *run)
{
    const int64_t given = selo_given_moment();
    struct timespec now;
    struct tm utc;
    char text[32];
    if (!timespec_get(&now, TIME_UTC))
        return SELO_E_OUTPUT;
    if (given >= 0)
        now.tv_sec = (time_t)given;
    if (!gmtime_r(&now.tv_sec, &utc))
        return SELO_E_OUTPUT;
    if (given >= 0)
        tell_drivers(&utc);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    layers->started_at = selo_string_copy(text);
    (void)strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    layers->run_id = run->run_id ? selo_string_copy(run->run_id)
                                 : selo_string_format("%s-%08lx", text, distinction(run, &now));
    return layers->started_at && layers->run_id ? SELO_OK : SELO_E_MEMORY;
}

static selo_status replace_text(char **text, const char *by)
{
    char *copy = selo_string_copy(by);
    if (by && !copy)
        return SELO_E_MEMORY;
    selo_free(*text);
    *text = copy;
    return SELO_OK;
}

selo_status selo_layers_remember_run(selo_layers *layers, const selo_run *run)
{
    static const selo_run none = {.seed = -1, .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN, .flt_ms = NAN};
    if (!run)
        run = &none;
    selo_status status = layers->run_id ? SELO_OK : start_clock(layers, run);
    if (status == SELO_OK)
        status = replace_text(&layers->command_line, run->command_line);
    if (status == SELO_OK)
        status = replace_text(&layers->params_json, run->params_json);
    if (status == SELO_OK)
        status = replace_text(&layers->model_sha, run->model_sha);
    if (status == SELO_OK)
        status = replace_text(&layers->provider, run->provider);
    layers->seed = run->seed;
    layers->times_ms[0] = run->cut_ms;
    layers->times_ms[1] = run->sim_ms;
    layers->times_ms[2] = run->gnt_ms;
    layers->times_ms[3] = run->flt_ms;
    return status;
}

selo_status selo_layers_write_run(selo_layers *layers)
{
    const selo_layer *layer = &layers->layers[layers->n_layers - 1];
    const double *times = layers->times_ms;
    const selo_value values[N_RUN_FIELDS] = {
        selo_value_text(SELO_VERSION),
        selo_value_text(GDALVersionInfo("RELEASE_NAME")),
        selo_value_text(layers->command_line),
        selo_value_text(layers->params_json),
        selo_value_text(layers->model_sha),
        selo_value_text(layers->provider),
        layers->seed < 0 ? selo_value_null() : selo_value_integer(layers->seed),
        selo_value_text(layers->started_at),
        selo_value_rounded(times[0]),
        selo_value_rounded(times[1]),
        selo_value_rounded(times[2]),
        selo_value_rounded(times[3]),
    };
    return layer->wanted ? selo_layer_write(layers, layer, NULL, values, N_RUN_FIELDS) : SELO_OK;
}

selo_status selo_layers_next_run(selo_layers *layers, const selo_run *run)
{
    selo_status status = selo_layers_start(layers);
    if (status == SELO_OK)
        status = selo_layers_write_run(layers);
    if (status != SELO_OK)
        return status;
    selo_free(layers->run_id);
    selo_free(layers->started_at);
    layers->run_id = layers->started_at = NULL;
    return selo_layers_remember_run(layers, run);
}

void selo_layers_forget_run(selo_layers *layers)
{
    selo_free(layers->run_id);
    selo_free(layers->command_line);
    selo_free(layers->params_json);
    selo_free(layers->model_sha);
    selo_free(layers->provider);
    selo_free(layers->started_at);
}
