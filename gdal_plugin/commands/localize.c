#include "selo/embed.h"

#include <string.h>

#include "command.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "encoder_arguments.h"
#include "selo/source.h"
#include "unused_arguments.h"

static const selo_arg arguments[] = {
    {.name = "input",
     .short_name = 'i',
     .kind = SELO_ARG_RASTER_OR_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .aliases = "windows",
     .help = "An image, for a --model; or windows with the vectors of gdal selo embed; or windows with "
             "similarities: a CSV file or "
             "a layer with row_start, row_end, col_start, col_end and sim (or similarity)"},
    {.name = "output",
     .short_name = 'o',
     .kind = SELO_ARG_RASTER,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT,
     .help = "The map, a band per query; a file per query where its name holds {n} or {query}"},
    {.name = "model",
     .short_name = 'm',
     .kind = SELO_ARG_STRING,
     .help = "What tells how well windows and queries go together: spectral, or a model bundle (folder or .zip); "
             "with windows that have "
             "similarities, the name of their model"},
    {.name = "query",
     .kind = SELO_ARG_STRINGS,
     .flags = SELO_ARG_NO_PACKING | SELO_ARG_DUPLICATES,
     .metavar = "<TEXT>",
     .help = "What to look for"},
    {.name = "queries", .kind = SELO_ARG_FILE, .help = "File with a query a line"},
    {.name = "query-vector",
     .kind = SELO_ARG_STRINGS,
     .metavar = "<FILE>",
     .help = "Queries as vectors of the model: a JSON, CSV or .npy file"},
    {.name = "bands",
     .short_name = 'b',
     .kind = SELO_ARG_STRINGS,
     .metavar = "<ROLE=BAND>",
     .aliases = "band",
     .help = SELO_BANDS_HELP},
    {.name = "scales",
     .kind = SELO_ARG_STRINGS,
     .metavar = "<LENGTH>",
     .role = "length",
     .help = "Sides of the windows of preset v1, such as 64px or 200m (default: 256px,512px,768px)"},
    {.name = "embedding-raster",
     .kind = SELO_ARG_FLAG,
     .help = "The input is an embedding raster, a band per element of the vectors: each pixel is compared, without "
             "smoothing"},
    {.name = "like",
     .kind = SELO_ARG_RASTER,
     .metavar = "<IMAGE>",
     .help = "Image that given windows are of: gives size, CRS and geotransform"},
    {.kind = SELO_ARG_OUTPUT_FORMAT, .choices = "raster"},
    {.name = "preset",
     .kind = SELO_ARG_STRING,
     .choices = "v1|v2",
     .default_value = "v1",
     .help = "Published arithmetic: v1 (median; pixels without a window have no value) or v2 (Gaussian; they count "
             "as similarity 0)"},
    {.name = "smoothing",
     .kind = SELO_ARG_STRING,
     .choices = "median|gaussian|none",
     .help = "Smoothing (default: the preset's)"},
    {.name = "smoothing-size",
     .kind = SELO_ARG_STRING,
     .metavar = "<LENGTH>",
     .role = "length",
     .help = SELO_SMOOTHING_SIZE_HELP},
    {.kind = SELO_ARG_OUTPUT_DATA_TYPE,
     .choices = "Float32|Byte|UInt8",
     .help = "Float32: 0 to 1, NaN where there is no value (the default). Byte, also called UInt8: 0 to 255, the "
             "published arithmetic"},
    {.name = "shuffles",
     .kind = SELO_ARG_INTEGER,
     .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED,
     .minimum = 0,
     .maximum = 1000,
     .default_value = "0",
     .help = "Random word orders averaged with each text, as the published v2 generator (there: 4)"},
    {.name = "seed",
     .kind = SELO_ARG_INTEGER,
     .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED,
     .minimum = 0,
     .maximum = 2147483647,
     .default_value = "0",
     .help = "Which random word orders"},
    SELO_ENCODER_ARGUMENTS,
    {.name = "layer",
     .short_name = 'l',
     .kind = SELO_ARG_STRING,
     .aliases = "input-layer",
     .role = "layer:input",
     .help = "Layer of the windows (default: selo_win, or the only one)"},
    {.name = "where",
     .kind = SELO_ARG_STRING,
     .metavar = "<WHERE>",
     .help = "Attribute filter on the windows, as in SQL, such as \"query = 'sea'\"; columns of a CSV file are text, "
             "unless --oo AUTODETECT_TYPE=YES says otherwise"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_INPUT_FORMATS},
    {.kind = SELO_ARG_OPEN_OPTIONS},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_QUIET},
};

static selo_status output_type(const selo_values *values, GDALDataType *type)
{
    const char *name = selo_values_string(values, "output-data-type");
    *type = name && *name ? GDALGetDataTypeByName(name) : GDT_Float32;
    if (*type == GDT_Float32 || *type == GDT_Byte)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_IllegalArg, "--output-data-type: a map is Float32 (0 to 1) or Byte (0 to 255), not %s",
             name);
    return SELO_E_ARGUMENT;
}

/* What maps of all kinds have in common. */
static selo_localize_options map_options(const selo_values *values)
{
    return (selo_localize_options){.preset = EQUAL(selo_values_string(values, "preset"), "v2") ? SELO_PRESET_V2
                                                                                               : SELO_PRESET_V1,
                                   .smoothing = selo_values_string(values, "smoothing"),
                                   .smoothing_size = selo_values_string(values, "smoothing-size"),
                                   .model = selo_values_string(values, "model"),
                                   .threads = selo_values_integer(values, "num-threads"),
                                   .output = {.path = selo_values_dataset_name(values, "output"),
                                              .format = selo_values_string(values, "output-format"),
                                              .creation_options = selo_values_strings(values, "creation-option"),
                                              .overwrite = selo_values_flag(values, "overwrite"),
                                              .type_is_chosen = true}};
}

static selo_query_options query_options(const selo_values *values)
{
    return (selo_query_options){.texts = selo_values_strings(values, "query"),
                                .texts_file = selo_values_string(values, "queries"),
                                .vector_files = selo_values_strings(values, "query-vector"),
                                .shuffles = selo_values_integer(values, "shuffles"),
                                .seed = (unsigned long long)selo_values_integer(values, "seed")};
}

static selo_status run_on_raster(const selo_values *values, GDALDatasetH raster, GDALProgressFunc progress,
                                 void *progress_data, GDALDatasetH *map)
{
    selo_localize_raster_options options = {.raster = selo_values_dataset_name(values, "input"),
                                            .raster_dataset = raster,
                                            .encoder = selo_encoder_arguments(values,
                                                                              selo_values_string(values, "model")),
                                            .queries = query_options(values),
                                            .map = map_options(values)};
    static const char *const unused[] = {"like",  "layer",     "where", "preset", "scales", "smoothing-size",
                                         "bands", "min-valid", "white", NULL};
    selo_warn_of_unused(values, unused, "an embedding raster");
    if (options.map.smoothing && !EQUAL(options.map.smoothing, "none")) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "--smoothing: maps of an embedding raster are not smoothed; use gdal selo smooth on the map");
        return SELO_E_ARGUMENT;
    }
    const selo_status status = output_type(values, &options.map.type);
    return status ? status : selo_localize_raster(&options, progress, progress_data, map);
}

static selo_status run_on_image(const selo_values *values, GDALDatasetH image, GDALProgressFunc progress,
                                void *progress_data, GDALDatasetH *map)
{
    selo_localize_image_options options = {.image = selo_values_dataset_name(values, "input"),
                                           .image_dataset = image,
                                           .encoder = selo_encoder_arguments(values,
                                                                             selo_values_string(values, "model")),
                                           .bands = selo_values_strings(values, "bands"),
                                           .scales = selo_values_strings(values, "scales"),
                                           .least_valid = selo_values_real(values, "min-valid"),
                                           .queries = query_options(values),
                                           .map = map_options(values)};
    static const char *const unused[] = {"like", "layer", "where", NULL};
    selo_warn_of_unused(values, unused, "an image");
    if (!options.encoder.model) {
        CPLError(CE_Failure, CPLE_AppDefined, "--model: an image needs one; --model spectral is built in");
        return SELO_E_ARGUMENT;
    }
    const selo_status status = output_type(values, &options.map.type);
    return status ? status : selo_localize_image(&options, progress, progress_data, map);
}

static selo_status check_like(const selo_localize_options *options)
{
    if (options->like || options->like_dataset)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "--like: windows need the image that they are of");
    return SELO_E_ARGUMENT;
}

static selo_status run_on_vectors(const selo_values *values, GDALDatasetH windows, GDALProgressFunc progress,
                                  void *progress_data, GDALDatasetH *map)
{
    selo_localize_embedded_options options = {
        .windows = {.name = selo_values_dataset_name(values, "input"), .dataset = windows,
                    .layer = selo_values_string(values, "layer"), .where = selo_values_string(values, "where")},
        .encoder = selo_encoder_arguments(values, selo_values_string(values, "model")),
        .queries = query_options(values), .map = map_options(values)};
    static const char *const unused[] = {"embedding-raster", "scales", "bands", "min-valid", "white", NULL};
    selo_warn_of_unused(values, unused, "windows with vectors");
    options.map.like = selo_values_dataset_name(values, "like");
    options.map.like_dataset = selo_values_dataset(values, "like");
    selo_status status = check_like(&options.map);
    if (!status)
        status = output_type(values, &options.map.type);
    return status ? status : selo_localize_embedded(&options, progress, progress_data, map);
}

static selo_status run_on_windows(const selo_values *values, GDALDatasetH windows, GDALProgressFunc progress,
                                  void *progress_data, GDALDatasetH *map)
{
    CSLConstList queries = selo_values_strings(values, "query");
    selo_localize_options options = map_options(values);
    options.windows = (selo_window_source){.name = selo_values_dataset_name(values, "input"),
                                           .dataset = windows,
                                           .layer = selo_values_string(values, "layer"),
                                           .where = selo_values_string(values, "where")};
    options.like = selo_values_dataset_name(values, "like");
    options.like_dataset = selo_values_dataset(values, "like");
    options.query = queries ? queries[0] : NULL;
    if (CSLCount(queries) > 1 || selo_values_is_set(values, "queries") || selo_values_is_set(values, "query-vector")) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: windows with similarities are of one query, whose text --query may tell",
                 CSLCount(queries) > 1 ? "--query"
                                       : selo_values_is_set(values, "queries") ? "--queries" : "--query-vector");
        return SELO_E_ARGUMENT;
    }
    static const char *const unused[] = {"embedding-raster", "scales",    "bands", "shuffles", "seed",
                                         "provider",         "min-valid", "white", "batch",    NULL};
    selo_warn_of_unused(values, unused, "windows with similarities");
    selo_status status = check_like(&options);
    if (!status)
        status = output_type(values, &options.type);
    return status ? status : selo_localize(&options, progress, progress_data, map);
}

typedef selo_status run_function(const selo_values *values, GDALDatasetH input, GDALProgressFunc progress,
                                 void *progress_data, GDALDatasetH *map);

static run_function *choose_run(const selo_values *values, GDALDatasetH input)
{
    if (GDALGetRasterCount(input) > 0 && !GDALDatasetGetLayerByName(input, "selo_win"))
        return selo_values_flag(values, "embedding-raster") ? run_on_raster : run_on_image;
    return selo_has_vectors(input, selo_values_string(values, "layer")) ? run_on_vectors : run_on_windows;
}

/* GDAL takes a table of numbers without a header for a raster of points. */
static GDALDatasetH open_input(const selo_values *values)
{
    const char *name = selo_values_dataset_name(values, "input");
    const bool table = EQUAL(CPLGetExtension(name), "csv");
    return selo_source_open(&(selo_source){.what = table ? "windows" : "input", .name = name,
                                           .flags = table ? GDAL_OF_VECTOR : GDAL_OF_RASTER | GDAL_OF_VECTOR,
                                           .formats = selo_values_strings(values, "input-format"),
                                           .open_options = selo_values_strings(values, "open-option")});
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    GDALDatasetH given = selo_values_dataset(values, "input"), map = NULL, input = given;
    if (!input)
        input = open_input(values);
    if (!input)
        return SELO_E_INPUT;
    const selo_status status = choose_run(values, input)(values, input, progress, progress_data, &map);
    if (!status && map)
        selo_values_set_dataset(values, "output", map);
    if (!given)
        GDALClose(input);
    return status;
}

const selo_command selo_command_localize = {
    .path = "localize",
    .summary = "Make SeLo maps: of an image and queries, or of windows and their similarities.",
    .details =
        "Examples:\n  gdal selo localize image.tif map.tif --model spectral --query \"dense green forest\"\n"
        "  gdal selo localize image.tif 'map_{n}.tif' --model remoteclip/ --queries queries.txt --scales 200m,400m\n"
        "  gdal selo localize windows.csv map.tif --like image.tif --query \"ships in a harbour\"",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
