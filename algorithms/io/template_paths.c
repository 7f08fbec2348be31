/* Names of rasters as a VRT file holds them. */
#include <string.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "gdal.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "stage.h"
#include "template_values.h"

static char *absolute(const char *path)
{
    char *folder = CPLGetCurrentDir();
    char *full = CPLStrdup(CPLIsFilenameRelative(path) && folder ? CPLFormFilename(folder, path, NULL) : path);
    CPLFree(folder);
    return full;
}

/* Where a name holds a path: "vrt://PATH?...", "/vsizip/PATH/..."; *length of it. NULL: it does not. */
static const char *inner_path(const char *name, size_t *length)
{
    static const char *const starts[] = {"vrt://", "/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/"};
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++)
        if (STARTS_WITH_CI(name, starts[k])) {
            const char *inner = name + strlen(starts[k]);
            *length = k == 0 ? strcspn(inner, "?") : strlen(inner);
            return inner;
        }
    return NULL;
}

/* The first file on the way, as an archive is on the way to what is in it. */
static bool leads_to_file(const char *path)
{
    char *part = CPLStrdup(path);
    bool found = selo_source_exists(part);
    for (char *slash; !found && (slash = strrchr(part, '/')) != NULL && slash > part;) {
        *slash = '\0';
        VSIStatBufL stat;
        found = VSIStatL(part, &stat) == 0 && !VSI_ISDIR(stat.st_mode);
    }
    CPLFree(part);
    return found;
}

static char *with_inner(const char *name)
{
    size_t length = 0;
    const char *inner = inner_path(name, &length);
    char *part = inner ? CPLStrdup(inner) : NULL, *result = NULL;
    if (part)
        part[length] = '\0';
    if (part && CPLIsFilenameRelative(part) && part[0] != '{' && leads_to_file(part)) {
        char *full = absolute(part);
        result = CPLStrdup(CPLSPrintf("%.*s%s%s", (int)(inner - name), name, full, inner + length));
        CPLFree(full);
    }
    CPLFree(part);
    return result;
}

/* A subdataset by the absolute path of its file. */
static char *with_file_of_subdataset(const char *name)
{
    GDALSubdatasetInfoH info = GDALGetSubdatasetInfo(name);
    char *path = info ? GDALSubdatasetInfoGetPathComponent(info) : NULL, *result = NULL;
    if (path && CPLIsFilenameRelative(path) && leads_to_file(path)) {
        char *full = absolute(path);
        result = GDALSubdatasetInfoModifyPathComponent(info, full);
        CPLFree(full);
    }
    CPLFree(path);
    if (info)
        GDALDestroySubdatasetInfo(info);
    return result;
}

char *selo_template_path(const char *output, const char *name, bool *relative)
{
    *relative = false;
    char *inside = with_inner(name);
    if (!inside && !selo_source_exists(name))
        inside = with_file_of_subdataset(name);
    if (inside || !selo_source_exists(name))
        return inside ? inside : CPLStrdup(name);
    int below = FALSE;
    char *place = selo_stage_follow(output); /* GDAL goes by the folder of what a link leads to */
    char *full = absolute(name), *full_output = absolute(place ? place : output);
    char *base = CPLStrdup(CPLGetPath(full_output));
    const char *path = CPLExtractRelativePath(base, full, &below);
    /* GDAL drops a blank at the start of a name when it writes a VRT that lies within one. */
    char *result = CPLStrdup(CPLSPrintf("%s%s", strchr(" \t\r\n", path[0]) ? "./" : "", path));
    *relative = below;
    CPLFree(base);
    CPLFree(full_output);
    CPLFree(full);
    selo_free(place);
    return result;
}

bool selo_template_path_is_output(const char *output, const char *name)
{
    char *full = absolute(name), *full_output = absolute(output);
    const bool same = strcmp(full, full_output) == 0 || selo_source_same_file(name, output);
    CPLFree(full);
    CPLFree(full_output);
    return same;
}
