/* What GDAL calls when it loads gdal_SELO.so: the driver registration entry point, though there is no driver in it. */
#include <stdlib.h>

#include "command.h"
#include "cpl_error.h"
#include "gdal_version.h"
#include "vrt_functions.h"

#ifndef SELO_BUILT_FOR_GDAL
#define SELO_BUILT_FOR_GDAL (GDAL_VERSION_MAJOR * 100 + GDAL_VERSION_MINOR)
#endif

SELO_API void GDALRegister_SELO(void);

void GDALRegister_SELO(void)
{
    /* GDAL's C++ classes change between feature releases, so a plugin must meet the one that it was built for. */
    const int running = atoi(GDALVersionInfo("VERSION_NUM")) / 10000;
    if (running != SELO_BUILT_FOR_GDAL) {
        CPLError(CE_Warning, CPLE_AppDefined,
                 "gdal_SELO plugin was built for GDAL %d.%d, but this is GDAL %d.%d: `gdal selo` is not available; "
                 "build the plugin again for this GDAL",
                 SELO_BUILT_FOR_GDAL / 100, SELO_BUILT_FOR_GDAL % 100, running / 100, running % 100);
        return;
    }
    selo_commands_declare();
    selo_vrt_steps_register();
    selo_pixel_functions_register();
}
