/* A test set in memory: how it grows, and how it goes. */
#include "testset.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/memory.h"

static selo_status no_memory(void)
{
    CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the test set");
    return SELO_E_MEMORY;
}

static char *copy_or_null(const char *text)
{
    return text ? CPLStrdup(text) : NULL;
}

static char *trimmed(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *copy = CPLStrdup(text);
    size_t length = strlen(copy);
    while (length > 0 && isspace((unsigned char)copy[length - 1]))
        copy[--length] = '\0';
    return copy;
}

/* Arrays grow when their length reaches a power of two. */
static void *grown(void *array, size_t n, size_t size)
{
    return (n & (n - 1)) == 0 ? selo_realloc(array, n ? 2 * n : 1, size) : array;
}

selo_status selo_testset_add_sample(selo_testset *testset, const selo_testset_sample *sample)
{
    selo_testset_sample *samples = grown(testset->samples, testset->n_samples, sizeof *samples);
    if (!samples)
        return no_memory();
    testset->samples = samples;
    selo_testset_sample *added = &samples[testset->n_samples++];
    *added = (selo_testset_sample){.sample_id = CPLStrdup(sample->sample_id),
                                   .image = CPLStrdup(sample->image),
                                   .caption = CPLStrdup(sample->caption),
                                   .query = trimmed(sample->caption),
                                   .grp = copy_or_null(sample->grp),
                                   .width = sample->width,
                                   .height = sample->height};
    return SELO_OK;
}

selo_status selo_testset_add_region(selo_testset *testset, OGRGeometryH polygon, const char *cls)
{
    selo_testset_sample *sample = &testset->samples[testset->n_samples - 1];
    selo_testset_region *regions = polygon ? grown(sample->regions, sample->n_regions, sizeof *regions) : NULL;
    if (!regions) {
        OGR_G_DestroyGeometry(polygon);
        return no_memory();
    }
    sample->regions = regions;
    regions[sample->n_regions++] = (selo_testset_region){.polygon = polygon, .cls = copy_or_null(cls)};
    return SELO_OK;
}

OGRGeometryH selo_testset_polygon(const double *xy, size_t n)
{
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    OGR_G_SetPointCount(ring, (int)n + 1);
    for (size_t i = 0; i <= n; i++)
        OGR_G_SetPoint_2D(ring, (int)i, xy[2 * (i % n)], xy[2 * (i % n) + 1]);
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

static void free_sample(selo_testset_sample *sample)
{
    for (size_t i = 0; i < sample->n_regions; i++) {
        OGR_G_DestroyGeometry(sample->regions[i].polygon);
        CPLFree(sample->regions[i].cls);
    }
    selo_free(sample->regions);
    CPLFree(sample->sample_id);
    CPLFree(sample->image);
    CPLFree(sample->caption);
    CPLFree(sample->query);
    CPLFree(sample->grp);
}

void selo_testset_free(selo_testset *testset)
{
    if (!testset)
        return;
    for (size_t i = 0; i < testset->n_samples; i++)
        free_sample(&testset->samples[i]);
    selo_free(testset->samples);
    CPLFree(testset->name);
    selo_free(testset);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **selo_testset_files(const char *folder, const char *const *extensions)
{
    char **all = VSIReadDir(folder);
    char **chosen = NULL;
    for (int i = 0; all && all[i]; i++)
        for (const char *const *extension = extensions; *extension; extension++)
            if (all[i][0] != '.' && EQUAL(CPLGetExtension(all[i]), *extension))
                chosen = CSLAddString(chosen, all[i]);
    CSLDestroy(all);
    if (chosen)
        qsort(chosen, (size_t)CSLCount(chosen), sizeof *chosen, by_name);
    return chosen;
}
