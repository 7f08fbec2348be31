/* Every defect of a test set: of its samples, and of the polygons of its regions. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/testset.h"

typedef struct inspector_state {
    const selo_testset *testset;
    selo_testset_defect *defects;
    size_t n, capacity;
    size_t sample; /* under inspection */
    long region;
    bool failed; /* memory ran short */
} inspector_state;

static void note(inspector_state *inspector, const char *kind, const char *detail, ...) CPL_PRINT_FUNC_FORMAT(3, 4);

static void note(inspector_state *inspector, const char *kind, const char *detail, ...)
{
    char text[256];
    va_list arguments;
    if (inspector->n == inspector->capacity) {
        const size_t capacity = inspector->capacity ? 2 * inspector->capacity : 16;
        selo_testset_defect *defects = selo_realloc(inspector->defects, capacity, sizeof *defects);
        if (!defects) {
            inspector->failed = true;
            return;
        }
        inspector->defects = defects;
        inspector->capacity = capacity;
    }
    va_start(arguments, detail);
    CPLvsnprintf(text, sizeof text, detail, arguments);
    va_end(arguments);
    inspector->defects[inspector->n++] = (selo_testset_defect){inspector->sample, inspector->region, kind,
                                                               CPLStrdup(text)};
}

/* Every vertex of a ring but the one that closes it. */
static int vertices(OGRGeometryH ring)
{
    const int n = OGR_G_GetPointCount(ring);
    return n > 0 ? n - 1 : 0;
}

typedef struct placed_vertex {
    double x, y;
    int index;
} placed_vertex;

static int by_place(const void *a, const void *b)
{
    const placed_vertex *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

static int by_index(const void *a, const void *b)
{
    const placed_vertex *p = a, *q = b;
    return (p->index > q->index) - (p->index < q->index);
}

/* Finite vertices of a ring in the order of their places, so that equal ones lie side by side; NULL: no memory. */
static placed_vertex *sorted_vertices(OGRGeometryH ring, size_t *count)
{
    const int n = vertices(ring);
    placed_vertex *sorted = selo_alloc((size_t)n, sizeof *sorted);
    *count = 0;
    for (int i = 0; sorted && i < n; i++) {
        const placed_vertex at = {OGR_G_GetX(ring, i), OGR_G_GetY(ring, i), i};
        if (isfinite(at.x) && isfinite(at.y))
            sorted[(*count)++] = at;
    }
    if (sorted)
        qsort(sorted, *count, sizeof *sorted, by_place);
    return sorted;
}

static void inspect_repeats(inspector_state *inspector, OGRGeometryH ring)
{
    const int last = vertices(ring) - 1;
    size_t n, n_repeated = 0;
    placed_vertex *sorted = sorted_vertices(ring, &n);
    int *again = sorted ? selo_alloc((size_t)last + 1, sizeof *again) : NULL; /* per vertex the next one like it */
    for (size_t i = 0; again && i + 1 < n; i++)
        if (sorted[i].x == sorted[i + 1].x && sorted[i].y == sorted[i + 1].y) {
            again[sorted[i].index] = sorted[i + 1].index;
            sorted[n_repeated++] = sorted[i];
        }
    if (again)
        qsort(sorted, n_repeated, sizeof *sorted, by_index);
    for (size_t i = 0; again && i < n_repeated; i++)
        note(inspector, "repeated vertex", "vertices %d and %d are both (%.15g, %.15g)%s", sorted[i].index,
             again[sorted[i].index], sorted[i].x, sorted[i].y,
             sorted[i].index == 0 && again[0] == last ? ": the ring is closed twice" : "");
    inspector->failed = inspector->failed || !again;
    selo_free(again);
    selo_free(sorted);
}

static bool inspect_finite(inspector_state *inspector, OGRGeometryH ring)
{
    for (int i = 0; i < vertices(ring); i++)
        if (!isfinite(OGR_G_GetX(ring, i)) || !isfinite(OGR_G_GetY(ring, i))) {
            note(inspector, "not finite", "vertex %d", i);
            return false;
        }
    return true;
}

static void inspect_extent(inspector_state *inspector, OGRGeometryH polygon)
{
    const selo_testset_sample *sample = &inspector->testset->samples[inspector->sample];
    const bool sized = sample->width > 0 && sample->height > 0;
    OGREnvelope box;
    OGR_G_GetEnvelope(polygon, &box);
    if (box.MinX >= 0 && box.MinY >= 0 && (!sized || (box.MaxX <= sample->width && box.MaxY <= sample->height)))
        return;
    if (sized)
        note(inspector, "outside image", "it spans x %.6g to %.6g, y %.6g to %.6g; %s is %d x %d", box.MinX, box.MaxX,
             box.MinY, box.MaxY, sample->image, sample->width, sample->height);
    else
        note(inspector, "outside image", "it spans x %.6g to %.6g, y %.6g to %.6g: pixel coordinates are not negative",
             box.MinX, box.MaxX, box.MinY, box.MaxY);
}

static void inspect_validity(inspector_state *inspector, OGRGeometryH polygon)
{
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    const bool valid = OGR_G_IsValid(polygon);
    CPLPopErrorHandler();
    if (valid)
        return;
    char *reason = CPLStrdup(CPLGetLastErrorMsg());
    CPLErrorReset();
    note(inspector, strstr(reason, "elf-intersection") ? "self-intersection" : "invalid polygon", "%s", reason);
    CPLFree(reason);
}

/* Whether all vertices lie on one line. The area of a ring does not tell: both halves of a bow tie may cancel. */
static bool is_flat(OGRGeometryH ring)
{
    const double x0 = OGR_G_GetX(ring, 0), y0 = OGR_G_GetY(ring, 0);
    double dx = 0, dy = 0;
    for (int i = 1; i < vertices(ring); i++) {
        const double x = OGR_G_GetX(ring, i) - x0, y = OGR_G_GetY(ring, i) - y0;
        if (dx == 0 && dy == 0) {
            dx = x;
            dy = y;
        } else if (dx * y != dy * x) {
            return false;
        }
    }
    return true;
}

static void inspect_polygon(inspector_state *inspector, OGRGeometryH polygon)
{
    const int n_rings = OGR_G_GetGeometryCount(polygon);
    bool sound = n_rings > 0;
    for (int i = 0; i < n_rings; i++) {
        OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, i);
        if (vertices(ring) < 3) {
            note(inspector, "too few vertices", "%d, at least 3 make an area", vertices(ring));
            sound = false;
        }
        inspect_repeats(inspector, ring);
        sound = inspect_finite(inspector, ring) && sound;
    }
    if (!sound)
        return;
    inspect_validity(inspector, polygon);
    if (is_flat(OGR_G_GetGeometryRef(polygon, 0)))
        note(inspector, "zero area", "all vertices lie on one line");
    inspect_extent(inspector, polygon);
}

static void inspect_region(inspector_state *inspector, OGRGeometryH region)
{
    const OGRwkbGeometryType type = OGR_GT_Flatten(OGR_G_GetGeometryType(region));
    if (type == wkbPolygon)
        inspect_polygon(inspector, region);
    else if (type == wkbMultiPolygon)
        for (int i = 0; i < OGR_G_GetGeometryCount(region); i++)
            inspect_polygon(inspector, OGR_G_GetGeometryRef(region, i));
    else
        note(inspector, "not a polygon", "it is a %s", OGR_G_GetGeometryName(region));
}

static void inspect_sample(inspector_state *inspector, size_t index)
{
    const selo_testset_sample *sample = &inspector->testset->samples[index];
    inspector->sample = index;
    inspector->region = -1;
    if (*sample->query == '\0')
        note(inspector, "no query", "the caption is empty");
    if (sample->n_regions == 0)
        note(inspector, "no region", "there is nothing to find");
    for (size_t k = 0; k < sample->n_regions; k++) {
        inspector->region = (long)k;
        inspect_region(inspector, sample->regions[k].polygon);
    }
}

static int by_sample_id(const void *a, const void *b)
{
    const selo_testset_sample *const *x = a, *const *y = b;
    const int order = strcmp((*x)->sample_id, (*y)->sample_id);
    return order ? order : (*x > *y) - (*x < *y);
}

static void inspect_ids(inspector_state *inspector)
{
    const selo_testset *testset = inspector->testset;
    const selo_testset_sample **sorted = selo_alloc(testset->n_samples, sizeof *sorted);
    if (!sorted) {
        inspector->failed = true;
        return;
    }
    for (size_t i = 0; i < testset->n_samples; i++)
        sorted[i] = &testset->samples[i];
    qsort(sorted, testset->n_samples, sizeof *sorted, by_sample_id);
    inspector->region = -1;
    for (size_t i = 1; i < testset->n_samples; i++)
        if (strcmp(sorted[i - 1]->sample_id, sorted[i]->sample_id) == 0) {
            inspector->sample = (size_t)(sorted[i] - testset->samples);
            note(inspector, "repeated sample_id", "sample %lu of the list has it too",
                 (unsigned long)(sorted[i - 1] - testset->samples));
        }
    selo_free(sorted);
}

selo_status selo_testset_validate(const selo_testset *testset, selo_testset_defect **defects, size_t *count)
{
    inspector_state inspector = {.testset = testset};
    inspect_ids(&inspector);
    for (size_t i = 0; i < testset->n_samples; i++)
        inspect_sample(&inspector, i);
    *defects = inspector.defects;
    *count = inspector.n;
    if (!inspector.failed)
        return SELO_OK;
    selo_testset_defects_free(inspector.defects, inspector.n);
    *defects = NULL;
    *count = 0;
    CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to validate test set '%s'", testset->name);
    return SELO_E_MEMORY;
}

void selo_testset_defects_free(selo_testset_defect *defects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CPLFree(defects[i].detail);
    selo_free(defects);
}
