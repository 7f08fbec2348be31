#include "results_schema.h"

#define COUNT(fields) (sizeof(fields) / sizeof *(fields))

/* In every layer of a sample, for one run may score it in both profiles. */
#define PROFILE                                                                                                        \
    {"profile", SELO_FIELD_TEXT, "Profile", "reference: published pixel arithmetic; ground: the same ideas in metres"}

static const selo_field sample_fields[] = {
    {"query", SELO_FIELD_TEXT, "Query", "text that is looked for"},
    {"model", SELO_FIELD_TEXT, "Model", "that made the map; null: unknown"},
    {"map_uri", SELO_FIELD_TEXT, "Map", "dataset that was scored"},
    {"gt_uri", SELO_FIELD_TEXT, "Truth", "dataset of the regions"},
    PROFILE,
    {"status", SELO_FIELD_TEXT, "Status", "ok, or why scores are null"},
    {"rsu", SELO_FIELD_REAL, "Significant area proportion",
     "0..1, higher is better: 1 - exp(-0.707 S_in / (S_out + e) A_out / A_in)"},
    {"ras", SELO_FIELD_REAL, "Attention shift distance",
     "0..1, lower is better: (exp(3 m) - 1) / (exp(3) - 1), m = mean of ras_r over regions"},
    {"rda", SELO_FIELD_REAL, "Discrete attention distance", "0..1, higher is better: mean of rda_r over regions"},
    {"rmi", SELO_FIELD_REAL, "Mean indicator", "0..1, higher is better: 0.40 rsu + 0.35 (1 - ras) + 0.25 rda"},
    {"n_region", SELO_FIELD_INTEGER, "Regions", "count"},
    {"n_cand", SELO_FIELD_INTEGER, "Candidates", "count"},
    {"gt_frac", SELO_FIELD_REAL, "Share of regions", "0..1, of the map's area inside the regions"},
    {"nodata_fr", SELO_FIELD_REAL, "Share excluded",
     "0..1, of the map's area: NoData, masked or out of the area of interest"},
    {"area_m2", SELO_FIELD_REAL, "Area", "m2 on the ellipsoid, valid pixels of the map; null without georeference"},
    {"t_ms", SELO_FIELD_BIG, "Time", "ms, scoring this sample"},
};
static const selo_layer_schema sample_schema = {
    "selo_sample", wkbPolygon, "Scored samples: one query on one image; footprint of the map", true, sample_fields,
    COUNT(sample_fields)};

static const selo_field region_fields[] = {
    PROFILE,
    {"region_id", SELO_FIELD_INTEGER, "Region", "index in its sample, from 0"},
    {"n_in", SELO_FIELD_INTEGER, "Candidates within", "count, within the circle"},
    {"cls", SELO_FIELD_TEXT, "Class", "of the region in the truth; null: none"},
    {"cx_px", SELO_FIELD_REAL, "Centre column",
     "px; reference: truncated mean of the vertices (a whole pixel); ground: area centroid"},
    {"cy_px", SELO_FIELD_REAL, "Centre row", "px, downwards; as cx_px"},
    {"r_px", SELO_FIELD_REAL, "Radius in pixels",
     "px; reference: 1.5 times the mean distance of the vertices from the centre, truncated"},
    {"r_m", SELO_FIELD_REAL, "Radius", "m, geodesic; ground: 1.5 times the radius of the minimum bounding circle"},
    {"shift_px", SELO_FIELD_REAL, "Shift in pixels",
     "px, mean distance of the n_in candidates to the centre; radius if n_in = 0"},
    {"shift_m", SELO_FIELD_REAL, "Shift", "m, geodesic; as shift_px"},
    {"spread_px", SELO_FIELD_REAL, "Spread in pixels",
     "px, mean distance of the n_in candidates to their centroid; null if n_in = 0"},
    {"spread_m", SELO_FIELD_REAL, "Spread", "m; as spread_px"},
    {"ras_r", SELO_FIELD_REAL, "Shift ratio", "0..1, lower is better: shift / radius"},
    {"rda_r", SELO_FIELD_REAL, "Discreteness",
     "0..1, higher is better: 0 or 1 for n_in = 0 or 1, else 0.5 (1 - spread / radius) + exp(-0.5 (n_in + 2))"},
    {"mass_in", SELO_FIELD_REAL, "Share of attention", "0..1, of the map's attention that lies on this region"},
    {"area_px", SELO_FIELD_REAL, "Area in pixels", "px2, of the region on the map"},
    {"area_m2", SELO_FIELD_REAL, "Area", "m2 on the ellipsoid, of the region on the map"},
    {"hidden_fr", SELO_FIELD_REAL, "Share hidden", "0..1, of the region's area that lies under excluded pixels"},
};
static const selo_layer_schema region_schema = {
    "selo_region", wkbMultiPolygon, "Regions of the truth, each with its part in the scores", true, region_fields,
    COUNT(region_fields)};

static const selo_field circle_fields[] = {
    PROFILE,
    {"region_id", SELO_FIELD_INTEGER, "Region", "index in its sample, from 0"},
    {"r_px", SELO_FIELD_REAL, "Radius in pixels", "px"},
    {"r_m", SELO_FIELD_REAL, "Radius", "m, geodesic"},
};
static const selo_layer_schema circle_schema = {
    "selo_circle", wkbPolygon, "Circles around regions: candidates within count for the region", true, circle_fields,
    COUNT(circle_fields)};

static const selo_field cand_fields[] = {
    PROFILE,
    {"cand_id", SELO_FIELD_INTEGER, "Candidate", "index in its sample, from 0"},
    {"rank", SELO_FIELD_INTEGER, "Rank", "from 1, by prob, highest first"},
    {"prob", SELO_FIELD_REAL, "Attention",
     "0..1, on the unsmoothed map: at the pixel (reference), mean of the plateau (ground)"},
    {"x_px", SELO_FIELD_REAL, "Column", "px; reference: whole pixel; ground: from the outer corner of the first pixel"},
    {"y_px", SELO_FIELD_REAL, "Row", "px, downwards; as x_px"},
    {"plateau_px", SELO_FIELD_BIG, "Plateau", "px, count of pixels of the maximum"},
    {"n_hit", SELO_FIELD_INTEGER, "Circles hit", "count of circles that it lies in"},
};
static const selo_layer_schema cand_schema = {
    "selo_cand", wkbPoint, "Candidates: attention centres of the map", true, cand_fields, COUNT(cand_fields)};

static const selo_field shift_fields[] = {
    PROFILE,
    {"region_id", SELO_FIELD_INTEGER, "Region", "index in its sample, from 0"},
    {"cand_id", SELO_FIELD_INTEGER, "Candidate", "index in its sample, from 0"},
    {"dist_px", SELO_FIELD_REAL, "Distance in pixels", "px, from the region's centre to the candidate"},
    {"dist_m", SELO_FIELD_REAL, "Distance", "m, geodesic"},
    {"azim_deg", SELO_FIELD_REAL, "Azimuth",
     "degrees from north, clockwise, 0..360, at the region's centre; null at distance 0"},
    {"inside", SELO_FIELD_FLAG, "Inside",
     "whether the candidate lies within the circle; if none does, the nearest one is given"},
};
static const selo_layer_schema shift_schema = {
    "selo_shift", wkbLineString, "Shifts: from a region's centre to its candidates",
    true,         shift_fields,  COUNT(shift_fields)};

static const selo_field curve_fields[] = {
    {"profile", SELO_FIELD_TEXT, "Profile", "ground"},
    {"thr", SELO_FIELD_REAL, "Threshold", "0..1: positive is attention >= thr"},
    {"prec", SELO_FIELD_REAL, "Precision", "0..1: area inside and positive / positive; null: nothing is positive"},
    {"recall", SELO_FIELD_REAL, "Recall", "0..1: area inside and positive / inside"},
    {"f1", SELO_FIELD_REAL, "F1", "0..1: 2 prec recall / (prec + recall)"},
    {"iou", SELO_FIELD_REAL, "Intersection over union", "0..1: area inside and positive / inside or positive"},
};
static const selo_layer_schema curve_schema =
    {"selo_curve", wkbNone,      "Pixels against regions at every threshold; sample_id null: all samples together",
     true,         curve_fields, COUNT(curve_fields)};

const selo_layer_schema *const selo_result_schemas[SELO_N_EVALUATE_LAYERS] = {
    [SELO_LAYER_SAMPLE] = &sample_schema, [SELO_LAYER_REGION] = &region_schema, [SELO_LAYER_CIRCLE] = &circle_schema,
    [SELO_LAYER_CAND] = &cand_schema,     [SELO_LAYER_SHIFT] = &shift_schema,
    [SELO_LAYER_CURVE] = &curve_schema,
};
