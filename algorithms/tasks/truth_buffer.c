/* Points and lines of a truth become areas of a given width, in the truth's own CRS. */
#include "cpl_error.h"
#include "cpl_string.h"
#include "ground_pass.h"

static selo_status refuse(const selo_truth *truth, const char *what)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "--buffer: truth '%s' %s", truth->name, what);
    return SELO_E_ARGUMENT;
}

static OGRGeometryH widened(const selo_earth *earth, OGRGeometryH geometry, double width)
{
    return earth ? selo_buffer_of(earth, geometry, width) : OGR_G_Buffer(geometry, width, 64);
}

static selo_status buffer_sample(const selo_truth *truth, const selo_earth *earth, selo_truth_sample *sample,
                                 double width)
{
    for (size_t i = 0; i < sample->n_regions; i++) {
        if (OGR_G_GetDimension(sample->regions[i]) == 2)
            continue;
        OGRGeometryH wide = widened(earth, sample->regions[i], width);
        if (!wide)
            return refuse(truth, CPLSPrintf("cannot be widened by %.0f m in its CRS: give less", width));
        OGR_G_DestroyGeometry(sample->regions[i]);
        sample->regions[i] = wide;
    }
    return SELO_OK;
}

selo_status truth_buffer(selo_truth *truth, selo_length width)
{
    selo_earth *earth = NULL;
    if (!(width.value > 0))
        return refuse(truth, "would get a width of nothing: give more than 0");
    if (truth->crs && width.unit != SELO_UNIT_M)
        return refuse(truth, "has a CRS: give the width in metres, such as 25m");
    if (truth->crs && width.value > SELO_BUFFER_MAX_M)
        return refuse(truth, "cannot be widened by more than 10000 km");
    if (!truth->crs && width.unit != SELO_UNIT_PX)
        return refuse(truth, "has no CRS: give the width in pixels, such as 50px");
    selo_status status = truth->crs ? selo_earth_new(truth->crs, &earth) : SELO_OK;
    for (size_t i = 0; status == SELO_OK && i < truth->n_samples; i++)
        status = buffer_sample(truth, earth, truth->samples + i, width.value);
    selo_earth_free(earth);
    return status;
}
