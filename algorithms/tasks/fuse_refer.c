#include "fuse_refer.h"

#include <math.h>

#include "cpl_error.h"

static const selo_field refer_fields[] = {
    {"way", SELO_FIELD_TEXT, "Ranked by", "without: the detector's score; with: the fused score"},
    {"n", SELO_FIELD_INTEGER, "Samples", "count"},
    {"pr_50", SELO_FIELD_REAL, "Pr@0.5", "share of samples whose highest detection has IoU >= 0.5"},
    {"pr_60", SELO_FIELD_REAL, "Pr@0.6", NULL},
    {"pr_70", SELO_FIELD_REAL, "Pr@0.7", NULL},
    {"pr_80", SELO_FIELD_REAL, "Pr@0.8", NULL},
    {"pr_90", SELO_FIELD_REAL, "Pr@0.9", NULL},
    {"mean_iou", SELO_FIELD_REAL, "Mean IoU", "over samples"},
    {"cum_iou", SELO_FIELD_REAL, "Cumulative IoU", "sum of intersections over sum of unions"},
};
enum { N_FIELDS = sizeof refer_fields / sizeof *refer_fields };

const selo_layer_schema selo_refer_schema =
    {"selo_refer", wkbNone, "Referring-expression scores without and with the map", false, refer_fields, N_FIELDS};

/* What crosses itself has no area to compare: it is repaired, as in fuse_attention.c. NULL: there is none. */
static OGRGeometryH repaired(OGRGeometryH geometry)
{
    if (!geometry)
        return NULL;
    CPLPushErrorHandler(CPLQuietErrorHandler); /* GEOS says where it crosses */
    OGRGeometryH valid = OGR_G_IsValid(geometry) ? OGR_G_Clone(geometry) : OGR_G_MakeValid(geometry);
    CPLPopErrorHandler();
    CPLErrorReset();
    return valid;
}

static double overlap(OGRGeometryH highest, OGRGeometryH region, double *inter, double *uni)
{
    OGRGeometryH a = repaired(highest), b = repaired(region);
    OGRGeometryH common = a && b && OGR_G_GetDimension(a) == 2 ? OGR_G_Intersection(a, b) : NULL;
    *inter = common ? OGR_G_Area(common) : 0.0;
    *uni = (a ? OGR_G_Area(a) : 0.0) + (b ? OGR_G_Area(b) : 0.0) - *inter;
    OGR_G_DestroyGeometry(common);
    OGR_G_DestroyGeometry(a);
    OGR_G_DestroyGeometry(b);
    return *uni > 0.0 ? *inter / *uni : 0.0;
}

/* Of regions that overlap alike, as of those that do not at all, the one with the smaller union stands for them: so
 * their order does not matter. */
static void add_way(selo_refer_sums *sums, int way, OGRGeometryH highest, const OGRGeometryH *regions, size_t n_regions)
{
    double best = -1.0, inter = 0.0, uni = 0.0;
    for (size_t r = 0; r < n_regions; ++r) {
        double i, u;
        const double iou = overlap(highest, regions[r], &i, &u);
        if (iou > best || (iou >= best && u < uni)) {
            best = iou;
            inter = i;
            uni = u;
        }
    }
    sums->best_iou[way] += fmax(best, 0.0);
    sums->inter[way] += inter;
    sums->uni[way] += uni;
    for (int k = 0; k < SELO_REFER_LEVELS; ++k)
        sums->hits[way][k] += best >= 0.5 + 0.1 * k - 1e-12;
}

void selo_refer_add(selo_refer_sums *sums, const OGRGeometryH highest[SELO_REFER_WAYS], const OGRGeometryH *regions,
                    size_t n_regions)
{
    for (int way = 0; way < SELO_REFER_WAYS; ++way)
        add_way(sums, way, highest[way], regions, n_regions);
    sums->n++;
}

void selo_refer_finish(const selo_refer_sums *sums, selo_refer refer[SELO_REFER_WAYS])
{
    const double n = (double)sums->n;
    for (int way = 0; way < SELO_REFER_WAYS; ++way) {
        refer[way] = (selo_refer){.n = sums->n, .mean_iou = sums->best_iou[way] / n,
                                  .cumulative_iou = sums->inter[way] / sums->uni[way]};
        for (int k = 0; k < SELO_REFER_LEVELS; ++k)
            refer[way].precision[k] = (double)sums->hits[way][k] / n;
    }
}

selo_status selo_refer_write(selo_layers *layers, size_t layer, const selo_refer refer[SELO_REFER_WAYS])
{
    selo_status status = SELO_OK;
    for (int way = 0; status == SELO_OK && way < SELO_REFER_WAYS; ++way) {
        selo_value values[N_FIELDS] = {selo_value_text(way ? "with" : "without"),
                                       selo_value_integer((int64_t)refer[way].n)};
        for (int k = 0; k < SELO_REFER_LEVELS; ++k)
            values[2 + k] = selo_value_real(refer[way].precision[k]);
        values[2 + SELO_REFER_LEVELS] = selo_value_real(refer[way].mean_iou);
        values[3 + SELO_REFER_LEVELS] = selo_value_real(refer[way].cumulative_iou);
        status = selo_layers_write(layers, layer, NULL, values, N_FIELDS);
    }
    return status;
}
