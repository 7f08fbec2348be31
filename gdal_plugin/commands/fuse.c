#include "selo/fuse.h"

#include "command.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "summary.h"

static const selo_arg arguments[] = {
    {.name = "map", .kind = SELO_ARG_RASTER, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .aliases = "input",
     .short_name = 'i',
     .help = "SeLo map; with --truth, {FIELD} in the name stands for a map per sample"},
    {.name = "vectors", .kind = SELO_ARG_RASTER_OR_VECTOR, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .help = "Detections (polygons), roads (lines), or a raster mask on the pixels of the map"},
    {.name = "output", .kind = SELO_ARG_RASTER_OR_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT, .short_name = 'o',
     .help = "Dataset for the layers selo_fused and selo_refer, or the fused raster"},
    {.name = "output-format", .short_name = 'f', .kind = SELO_ARG_STRING, .aliases = "of|format",
     .help = "Output format"},
    {.name = "rule", .kind = SELO_ARG_STRING, .choices = "product|geometric|weighted", .default_value = "geometric",
     .help = "Fused score: score * attention, its square root, or (1 - w) * score + w * attention"},
    {.name = "weight", .kind = SELO_ARG_REAL, .flags = SELO_ARG_RANGED, .minimum = 0, .maximum = 1,
     .default_value = "0.5",
     .help = "Weight w of the attention, with --rule weighted"},
    {.name = "attention", .kind = SELO_ARG_STRING, .choices = "mean|max", .default_value = "mean",
     .help = "Attention of a detection: mean or maximum under it"},
    {.name = "keep-above", .kind = SELO_ARG_REAL, .flags = SELO_ARG_RANGED, .minimum = 0, .maximum = 1,
     .default_value = "0.5",
     .help = "Fused score from which a detection is kept"},
    {.name = "score-field", .kind = SELO_ARG_STRING, .role = "field:vectors",
     .help = "Field of the detector's score 0..1 (default: score, det_score or confidence, else 1 for all)"},
    {.name = "class-field", .kind = SELO_ARG_STRING, .role = "field:vectors", .help = "Field of the class"},
    {.name = "layer", .short_name = 'l', .kind = SELO_ARG_STRING, .aliases = "input-layer", .role = "layer:vectors",
     .help = "Layer of the detections"},
    {.name = "where", .kind = SELO_ARG_STRING, .metavar = "<WHERE>",
     .help = "Attribute filter on the detections, as in SQL"},
    {.name = "band", .short_name = 'b', .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED, .minimum = 1,
     .maximum = 65536, .default_value = "1", .role = "band:map", .help = "Band of the map"},
    {.name = "value-range", .kind = SELO_ARG_REALS, .metavar = "<LOW>,<HIGH>", .excludes = "value-range",
     .help = "Values of the map that mean no and full attention (default: the range of its type)"},
    {.name = "normalize", .kind = SELO_ARG_FLAG, .excludes = "value-range",
     .help = "Let the map's own minimum and maximum mean no and full attention"},
    {.name = "truth", .kind = SELO_ARG_VECTOR,
     .help = "Regions that the query means: gives the scores without and with the map"},
    {.name = "truth-layer", .kind = SELO_ARG_STRING, .role = "layer:truth", .help = "Layer of the truth"},
    {.name = "query-field", .kind = SELO_ARG_STRING, .role = "field:truth",
     .help = "Field of the truth that holds the query: features with the same value make a sample"},
    {.name = "map-crs", .kind = SELO_ARG_STRING, .role = "crs", .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the map, instead of its own"},
    {.name = "vectors-crs", .kind = SELO_ARG_STRING, .role = "crs", .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the detections, instead of their own; none: they are in pixel coordinates"},
    {.name = "truth-crs", .kind = SELO_ARG_STRING, .role = "crs", .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the truth, instead of its own; none: it is in pixel coordinates"},
    SELO_SUMMARY_ARGUMENT,
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_fuse_rule rule_of(const selo_values *values)
{
    const char *rule = selo_values_string(values, "rule");
    return EQUAL(rule, "product")     ? SELO_FUSE_PRODUCT
           : EQUAL(rule, "geometric") ? SELO_FUSE_GEOMETRIC
                                      : SELO_FUSE_WEIGHTED;
}

static selo_status print(selo_values *values, const selo_refer refer[2], size_t n_kept, size_t n)
{
    static const char *const ways[] = {"without", "with"};
    const char *choice = selo_summary_choice(values);
    const bool json = EQUAL(choice, "json");
    selo_text text = {0};
    if (EQUAL(choice, "none"))
        return SELO_OK;
    selo_text_add(&text, json ? "{\"n\": %lu, \"kept\": %lu" : "%lu detections, %lu kept\n", (unsigned long)n,
                  (unsigned long)n_kept);
    if (refer[0].n > 0 && !json)
        selo_text_add(&text, "%-7s %4s %7s %7s %7s %7s %7s %9s %9s\n", "map", "n", "Pr@0.5", "Pr@0.6", "Pr@0.7",
                      "Pr@0.8", "Pr@0.9", "mean IoU", "cum. IoU");
    for (int way = 0; way < 2 && refer[0].n > 0; ++way) {
        selo_text_add(&text, json ? ", \"%s\": {\"n\": %lu, \"pr\": [" : "%-7s %4lu", ways[way],
                      (unsigned long)refer[way].n);
        for (int k = 0; k < SELO_REFER_LEVELS; ++k)
            selo_text_add(&text, json ? "%s%.17g" : "%s %7.4f", json && k ? ", " : "", refer[way].precision[k]);
        selo_text_add(&text, json ? "], \"mean_iou\": %.17g, \"cum_iou\": %.17g}" : " %9.4f %9.4f\n",
                      refer[way].mean_iou, refer[way].cumulative_iou);
    }
    selo_text_add(&text, json ? "}\n" : "");
    return selo_hand_out(values, &text);
}

static selo_status read_range(const selo_values *values, selo_map_range *range)
{
    size_t n;
    const double *numbers = selo_values_reals(values, "value-range", &n);
    *range = (selo_map_range){.normalize = selo_values_flag(values, "normalize")};
    if (n == 0)
        return SELO_OK;
    if (n != 2 || !(numbers[0] < numbers[1])) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--value-range: give two numbers, the lower one first");
        return SELO_E_ARGUMENT;
    }
    *range = (selo_map_range){.given = true, .low = numbers[0], .high = numbers[1]};
    return SELO_OK;
}

static selo_status run_raster(selo_values *values, const selo_map_options *map, const selo_map_range *range,
                              GDALProgressFunc progress, void *data)
{
    const selo_fuse_raster_options options = {
        .map = *map, .range = *range, .rule = rule_of(values), .weight = selo_values_real(values, "weight"),
        .mask = {.name = selo_values_dataset_name(values, "vectors"), .dataset = selo_values_dataset(values, "vectors"),
                 .band = 1, .threads = 1},
        .output = {.path = selo_values_dataset_name(values, "output"),
                   .format = selo_values_string(values, "output-format"),
                   .creation_options = selo_values_strings(values, "creation-option"),
                   .overwrite = selo_values_flag(values, "overwrite")}};
    if (!selo_values_is_set(values, "truth"))
        return selo_fuse_raster(&options, progress, data);
    CPLError(CE_Failure, CPLE_IllegalArg,
             "--truth: a fused raster is a map itself; score it with `gdal selo evaluate`");
    return SELO_E_ARGUMENT;
}

static bool is_raster(const selo_values *values)
{
    GDALDatasetH given = selo_values_dataset(values, "vectors");
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = given ? given
                                 : GDALOpenEx(selo_values_dataset_name(values, "vectors"), GDAL_OF_RASTER, NULL, NULL,
                                              NULL);
    CPLPopErrorHandler();
    CPLErrorReset();
    const bool raster = dataset && GDALGetRasterCount(dataset) > 0;
    if (!given)
        GDALClose(dataset);
    return raster;
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *data)
{
    const selo_map_options map = {.name = selo_values_dataset_name(values, "map"),
                                  .dataset = selo_values_dataset(values, "map"),
                                  .band = selo_values_integer(values, "band"),
                                  .crs = selo_values_string(values, "map-crs"), .threads = 1};
    selo_map_range range;
    selo_status status = read_range(values, &range);
    if (status != SELO_OK)
        return status;
    if (is_raster(values))
        return run_raster(values, &map, &range, progress, data);
    const selo_layers_options output = {.path = selo_values_dataset_name(values, "output"),
                                        .format = selo_values_string(values, "output-format"),
                                        .dataset_options = selo_values_strings(values, "creation-option"),
                                        .layer_options = selo_values_strings(values, "layer-creation-option"),
                                        .overwrite = selo_values_flag(values, "overwrite")};
    const selo_truth_options truth = {.name = selo_values_dataset_name(values, "truth"),
                                      .dataset = selo_values_dataset(values, "truth"),
                                      .layer = selo_values_string(values, "truth-layer"),
                                      .query_field = selo_values_string(values, "query-field"),
                                      .crs = selo_values_string(values, "truth-crs")};
    const selo_fuse_options options = {
        .map = map, .range = range, .detections = selo_values_dataset_name(values, "vectors"),
        .detection_dataset = selo_values_dataset(values, "vectors"), .layer = selo_values_string(values, "layer"),
        .where = selo_values_string(values, "where"), .score_field = selo_values_string(values, "score-field"),
        .class_field = selo_values_string(values, "class-field"), .crs = selo_values_string(values, "vectors-crs"),
        .rule = rule_of(values), .weight = selo_values_real(values, "weight"),
        .by_maximum = EQUAL(selo_values_string(values, "attention"), "max"),
        .keep_above = selo_values_real(values, "keep-above"), .truth = truth.name || truth.dataset ? &truth : NULL,
        .output = &output, .command_line = selo_values_command_line(values)};
    selo_refer refer[2];
    size_t n_kept, n;
    status = selo_fuse(&options, progress, data, refer, &n_kept, &n);
    return status == SELO_OK ? print(values, refer, n_kept, n) : status;
}

const selo_command selo_command_fuse = {
    .path = "fuse",
    .summary = "Fuse a SeLo map with detections, roads or a mask: attention under each, a fused score, ranks.",
    .details = "With --truth the highest detection of each sample is compared with the regions, by the detector's "
               "score alone and by the fused score: Pr@0.5 to Pr@0.9, mean and cumulative IoU.\n\n"
               "Example:\n  gdal selo fuse map.tif detections.geojson fused.gpkg --rule geometric --keep-above 0.5",
    .group = "Score",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
