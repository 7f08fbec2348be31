#include "selo/report.h"

#include "command.h"

static const selo_arg arguments[] = {
    {.name = "results", .kind = SELO_ARG_VECTOR, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .aliases = "input",
     .short_name = 'i',
     .help = "Results of `gdal selo evaluate`, `benchmark` or `compare`"},
    {.name = "output", .kind = SELO_ARG_FILE, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .short_name = 'o',
     .help = "Report to write: .html, .md or .csv"},
    {.name = "output-format", .kind = SELO_ARG_STRING, .aliases = "of|format", .short_name = 'f',
     .choices = "html|markdown|csv",
     .help = "Format of the report (default: by the extension of the output; html where it has none)"},
    {.name = "title", .kind = SELO_ARG_STRING, .help = "Title of the report"},
    {.name = "images", .kind = SELO_ARG_STRING, .metavar = "PATTERN",
     .help = "Image of a sample, shown below its map; {FIELD} stands for a field of selo_sample, as in images/{image}"},
    {.name = "gallery", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED, .minimum = 0, .maximum = 100,
     .default_value = "4",
     .help = "Number of worst and of best samples to show, per run"},
    {.name = "table", .kind = SELO_ARG_STRING, .default_value = "selo_stat",
     .choices = "selo_stat|selo_sample|selo_curve|selo_diff|selo_run", .help = "Layer that a CSV report holds"},
    {.name = "group-by", .kind = SELO_ARG_STRINGS, .role = "field:results", .flags = SELO_ARG_ADVANCED,
     .help = "Field of selo_sample to split means by, where the results hold no selo_stat"},
    {.name = "seed", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 0,
     .maximum = 2147483647, .default_value = "1", .help = "Seed of the bootstrap, where the results hold no selo_stat"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_INPUT_FORMATS},
    {.kind = SELO_ARG_OPEN_OPTIONS},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    selo_report_options options = {
        .results = selo_values_dataset_name(values, "results"), .dataset = selo_values_dataset(values, "results"),
        .formats = selo_values_strings(values, "input-format"),
        .open_options = selo_values_strings(values, "open-option"),
        .output = selo_values_string(values, "output"), .format = selo_values_string(values, "output-format"),
        .title = selo_values_string(values, "title"), .images = selo_values_string(values, "images"),
        .table = selo_values_string(values, "table"), .group_by = selo_values_strings(values, "group-by"),
        .gallery = selo_values_integer(values, "gallery"), .overwrite = selo_values_flag(values, "overwrite"),
        .resampling = SELO_RESAMPLING_DEFAULT};
    options.resampling.seed = (uint64_t)selo_values_integer(values, "seed");
    return selo_report(&options, progress, progress_data);
}

const selo_command selo_command_report = {
    .path = "report",
    .summary = "Make a report of results: means with intervals, distributions, curves, times, worst and best samples.",
    .details = "The HTML report is one file that asks the network for nothing; it follows light and dark, prints, and "
               "has its charts' numbers in tables. Markdown and CSV hold the tables alone.\n\n"
               "Example:\n  gdal selo report results.gpkg report.html --images images/{image}",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
