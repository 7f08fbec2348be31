#include "window_plan.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "selo/memory.h"
#include "window_size.h"

enum { SCALES_MAX = 64 };
static const int SIDE_MAX = 1 << 29;

/* A scale without a unit is in pixels, as published. */
static selo_status read_scale(const char *text, GDALDatasetH image, selo_scale *scale)
{
    selo_size_px size;
    char *with_unit = CPLStrdup(strspn(text, " 0123456789.") == strlen(text) ? CPLSPrintf("%spx", text) : text);
    const selo_status status = selo_size_read("scales", with_unit, image, &size);
    CPLFree(with_unit);
    if (status != SELO_OK)
        return status;
    if (!(size.x >= 0.5 && size.y >= 0.5 && size.x <= SIDE_MAX && size.y <= SIDE_MAX)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--scales: '%s' on '%s' is not a window of 1 to %d px", text,
                 GDALGetDescription(image), SIDE_MAX);
        return SELO_E_ARGUMENT;
    }
    *scale = (selo_scale){.rows = (int)lround(size.y), .cols = (int)lround(size.x)};
    return SELO_OK;
}

static void warn_of_small_image(const selo_scale *scale, const char *text, int width, int height)
{
    if (scale->cols > width || scale->rows > height)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "--scales: windows of %s are larger than the image (%d x %d pixels): they are cut to a part of "
                 "it, as in the published code; choose smaller --scales",
                 text, width, height);
}

selo_status selo_window_plan_make(GDALDatasetH image, selo_preset preset, CSLConstList texts, selo_plan *plan)
{
    static const char *const published[] = {"256", "512", "768", NULL};
    const int height = GDALGetRasterYSize(image), width = GDALGetRasterXSize(image);
    selo_scale scales[SCALES_MAX];
    int n = 0;
    selo_status status = SELO_OK;
    if (preset == SELO_PRESET_V2 && texts && texts[0]) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--scales: preset v2 has scales of its own (512, 256 and 128 px)");
        return SELO_E_ARGUMENT;
    }
    if (preset == SELO_PRESET_V2)
        return selo_plan_v2_tiles(height, width, plan);
    for (CSLConstList text = texts && texts[0] ? texts : (CSLConstList)published; *text && status == SELO_OK; text++) {
        if (n == SCALES_MAX) {
            CPLError(CE_Failure, CPLE_IllegalArg, "--scales: more than %d", SCALES_MAX);
            return SELO_E_ARGUMENT;
        }
        status = read_scale(*text, image, &scales[n]);
        if (status == SELO_OK)
            warn_of_small_image(&scales[n++], *text, width, height);
    }
    if (status == SELO_OK)
        status = selo_plan_v1(height, width, scales, (size_t)n, plan);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "--scales: not enough memory for so many windows");
    return status;
}
