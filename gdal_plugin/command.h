/* A command of `gdal selo`: its argument table, and what the bridge gives it when it runs.
 *
 * Each argument is declared once, in a selo_arg; parsing, --help, --json-usage, completion, the QGIS dialog and the
 * reference pages all come from it. algorithm_bridge.cpp makes a GDALAlgorithm of every selo_command. */
#ifndef SELO_COMMAND_H
#define SELO_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cpl_progress.h"
#include "gdal.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_arg_kind {
    SELO_ARG_FLAG, /* present or not */
    SELO_ARG_STRING,
    SELO_ARG_INTEGER,
    SELO_ARG_REAL,
    SELO_ARG_STRINGS, /* repeated or comma separated */
    SELO_ARG_INTEGERS,
    SELO_ARG_REALS,
    SELO_ARG_RASTER, /* a dataset, by name or (API) opened; opened by the task, never by the parser */
    SELO_ARG_VECTOR,
    SELO_ARG_RASTER_OR_VECTOR,
    SELO_ARG_FILE, /* a path that is not a dataset */
    /* GDAL's own arguments, with GDAL's names, help and validation; of the other members only `choices` is read by the
     * output formats ("raster": a format for rasters, else for vectors), `choices` and `help` by the data type */
    SELO_ARG_OUTPUT_FORMAT,        /* --output-format */
    SELO_ARG_OUTPUT_FORMAT_STREAM, /* --output-format, "stream" and GDALG allowed */
    SELO_ARG_OUTPUT_DATA_TYPE,     /* --output-data-type */
    SELO_ARG_INPUT_FORMATS,        /* --input-format */
    SELO_ARG_OPEN_OPTIONS,         /* --open-option */
    SELO_ARG_CREATION_OPTIONS,     /* --creation-option */
    SELO_ARG_LAYER_CREATION_OPTIONS,
    SELO_ARG_OVERWRITE,
    SELO_ARG_NUM_THREADS,   /* -j; read it with selo_values_integer() */
    SELO_ARG_QUIET,         /* -q */
    SELO_ARG_OUTPUT_STRING, /* what goes to standard output; set it with selo_values_set_text() */
    SELO_ARG_RETURN_CODE    /* the exit status; set it with selo_values_set_return_code() */
} selo_arg_kind;

enum {
    SELO_ARG_POSITIONAL = 1 << 0,
    SELO_ARG_REQUIRED = 1 << 1,
    SELO_ARG_OUTPUT = 1 << 2,   /* a dataset that the command makes */
    SELO_ARG_ADVANCED = 1 << 3, /* shown under "Advanced options" */
    SELO_ARG_HIDDEN = 1 << 4,
    SELO_ARG_RANGED = 1 << 5,     /* minimum and maximum hold, both included */
    SELO_ARG_NO_PACKING = 1 << 6, /* a comma is part of a value: only repetition makes a list */
    SELO_ARG_DUPLICATES = 1 << 7  /* a list may hold a value twice */
};

typedef struct selo_arg {
    const char *name;
    char short_name; /* 0: none */
    selo_arg_kind kind;
    const char *help;
    int flags;
    const char *metavar;       /* NULL: GDAL's choice */
    const char *default_value; /* as on the command line; NULL: none */
    const char *choices;       /* "reference|ground"; NULL: any */
    const char *aliases;       /* "of|format"; one that starts with '!' is hidden; NULL: none */
    double minimum, maximum;   /* with SELO_ARG_RANGED; integers and reals, also in lists */
    const char *excludes;      /* name of a group of arguments of which only one may be given; NULL: none */
    const char *role; /* what a GUI should offer: "layer:ARG", "field:ARG", "band:ARG", "length", "crs", "file",
                         "new-file", "new-vrt"; NULL: from kind */
} selo_arg;

typedef struct selo_values selo_values;

typedef struct selo_command {
    const char *path;    /* below `gdal selo`: "evaluate", "testset import" */
    const char *summary; /* one line */
    const char *details; /* what it does, and an example; shown by --help */
    const char *group;   /* "Make", "Score" or "Benchmark" */
    const selo_arg *args;
    size_t n_args;
    bool streams; /* can be the first step of a pipeline, through a .gdalg.json file */
    /* Does the work. Problems have been reported with CPLError() when it returns another status than SELO_OK. */
    selo_status (*run)(selo_values *values, GDALProgressFunc progress, void *progress_data);
} selo_command;

/* What the user gave, or the default. Asking for a name that the table does not hold, or as another kind, is a
 * programming error and ends the program. Strings and arrays belong to the values. */
bool selo_values_is_set(const selo_values *values, const char *name); /* given by the user */
bool selo_values_flag(const selo_values *values, const char *name);
int selo_values_integer(const selo_values *values, const char *name);
double selo_values_real(const selo_values *values, const char *name);
const char *selo_values_string(const selo_values *values, const char *name);   /* NULL: neither given nor default */
CSLConstList selo_values_strings(const selo_values *values, const char *name); /* NULL: none */
const int *selo_values_integers(const selo_values *values, const char *name, size_t *count);
const double *selo_values_reals(const selo_values *values, const char *name, size_t *count);
const char *selo_values_dataset_name(const selo_values *values, const char *name); /* NULL: not given */
bool selo_values_in_memory(const selo_values *values); /* --output-format stream or MEM: the output is no file */
GDALDatasetH selo_values_dataset(const selo_values *values, const char *name);     /* NULL: only a name was given */

/* What was asked for, to be kept with the results: the equivalent command line, and what was set as a JSON object. */
const char *selo_values_command_line(const selo_values *values);
const char *selo_values_params_json(const selo_values *values);

bool selo_values_from_command_line(const selo_values *values); /* else called through the API */
bool selo_values_quiet(const selo_values *values);

/* Text for standard output; dropped on the command line where the argument "output" goes there. */
void selo_values_set_text(selo_values *values, const char *text);
/* Exit status of the gdal command where the run itself went well. */
void selo_values_set_return_code(selo_values *values, int code);
/* Hands over the dataset made for an output argument; the values own it from here on. */
void selo_values_set_dataset(selo_values *values, const char *name, GDALDatasetH dataset);

/* All commands, in the order of the help page; ends with NULL. */
extern const selo_command *const selo_commands[];

/* Declares every command below `gdal selo`. */
void selo_commands_declare(void);

#ifdef __cplusplus
}
#endif
#endif
