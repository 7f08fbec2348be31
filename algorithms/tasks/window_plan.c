#include "window_plan.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "selo/memory.h"
#include "window_size.h"

enum { SCALES_MAX = 64 };
static const int SIDE_MAX = 1 << 29;
static const double WINDOWS_MAX = 1e7; /* 8 million take 350 MiB on the way to a CSV file */

/* A scale without a unit is in pixels, as published. */
static selo_status read_scale(const char *text, GDALDatasetH image, selo_scale *scale)
{
    selo_size_px size;
    const bool has_unit = text[0] == '\0' || strspn(text, " 0123456789.eE+-") != strlen(text);
    char *with_unit = CPLStrdup(has_unit ? text : CPLSPrintf("%spx", text));
    const selo_status status = selo_size_read("scales", with_unit, image, &size);
    CPLFree(with_unit);
    if (status != SELO_OK)
        return status;
    if (!(size.x <= SIDE_MAX && size.y <= SIDE_MAX)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--scales: '%s' on '%s' is more than %d px", text,
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

static selo_status read_scales(CSLConstList texts, GDALDatasetH image, selo_scale *scales, size_t *n)
{
    selo_status status = SELO_OK;
    for (*n = 0; *texts && !status; texts++) {
        if (*n == SCALES_MAX) {
            CPLError(CE_Failure, CPLE_IllegalArg, "--scales: more than %d", SCALES_MAX);
            return SELO_E_ARGUMENT;
        }
        status = read_scale(*texts, image, &scales[*n]);
        if (!status)
            warn_of_small_image(&scales[(*n)++], *texts, GDALGetRasterXSize(image), GDALGetRasterYSize(image));
    }
    return status;
}

/* How many windows there will be is known before the first is made. */
static selo_status check_count(const char *argument, GDALDatasetH image, const selo_scale *scales, size_t n,
                               bool shifted)
{
    const int height = GDALGetRasterYSize(image), width = GDALGetRasterXSize(image);
    const double count = selo_plan_count(height, width, scales, n, shifted);
    if (height > SIDE_MAX || width > SIDE_MAX)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "image '%s' (%d x %d pixels) has a side of more than %d pixels: cut it into parts",
                 GDALGetDescription(image), width, height, SIDE_MAX);
    else if (count > WINDOWS_MAX)
        CPLError(CE_Failure, CPLE_IllegalArg, "--%s: '%s' (%d x %d pixels) would have %.0f windows, more than %.0f: %s",
                 argument, GDALGetDescription(image), width, height, count, WINDOWS_MAX,
                 shifted ? "choose larger ones" : "cut the image into parts");
    else
        return SELO_OK;
    return SELO_E_ARGUMENT;
}

static selo_status plan_v2(GDALDatasetH image, CSLConstList texts, selo_plan *plan)
{
    static const selo_scale tile = {SELO_PLAN_V2_TILE, SELO_PLAN_V2_TILE};
    if (texts && texts[0]) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--scales: preset v2 has scales of its own (512, 256 and 128 px)");
        return SELO_E_ARGUMENT;
    }
    const selo_status status = check_count("preset", image, &tile, 1, false);
    return status ? status : selo_plan_v2_tiles(GDALGetRasterYSize(image), GDALGetRasterXSize(image), plan);
}

static selo_status plan_v1(GDALDatasetH image, CSLConstList texts, selo_plan *plan)
{
    static const char *const published[] = {"256", "512", "768", NULL};
    selo_scale scales[SCALES_MAX];
    size_t n = 0;
    selo_status status = read_scales(texts && texts[0] ? texts : (CSLConstList)published, image, scales, &n);
    if (!status)
        status = check_count("scales", image, scales, n, true);
    return status ? status : selo_plan_v1(GDALGetRasterYSize(image), GDALGetRasterXSize(image), scales, n, plan);
}

selo_status selo_window_plan_make(GDALDatasetH image, selo_preset preset, CSLConstList texts, selo_plan *plan)
{
    const selo_status status = preset == SELO_PRESET_V2 ? plan_v2(image, texts, plan) : plan_v1(image, texts, plan);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "--%s: not enough memory for so many windows",
                 preset == SELO_PRESET_V2 ? "preset" : "scales");
    return status;
}
