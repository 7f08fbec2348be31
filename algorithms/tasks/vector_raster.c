#include "vector_raster.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/source.h"

/* Of what is read at once; of the strip's sums. */
static const double READ_BYTES = 64 << 20, STRIP_BYTES = 192 << 20;

typedef struct element {
    double scale, offset;
    float nodata; /* as its pixels are read; NaN: none */
} element;

struct selo_vector_raster {
    GDALDatasetH dataset;
    int width, n_bands;
    element *elements;         /* n_bands */
    int *numbers;              /* of the bands: 1, 2, ... */
    int read_cols, read_bands; /* what is read at once of a strip */
    float *values;             /* read_bands x rows x read_cols */
    unsigned char *mask;       /* rows x read_cols; NULL: the dataset has none */
    double *lengths;           /* rows x width: squared */
};

static int at_most(double fitting, int most)
{
    return fitting < 1 ? 1 : fitting > most ? most : (int)fitting;
}

static bool is_band_interleaved(GDALDatasetH dataset)
{
    const char *interleave = GDALGetMetadataItem(dataset, "INTERLEAVE", "IMAGE_STRUCTURE");
    return interleave && EQUAL(interleave, "BAND");
}

/* Whole blocks, if more than one row of them fits. */
static int whole_blocks(int fitting, int block)
{
    return fitting < block ? fitting : fitting / block * block;
}

/* Where bands lie one after another they can be read one after another, however high the strip. Where the elements of a
 * pixel lie together, a block holds all of them, and a block that is read twice is decoded twice. */
int selo_vector_raster_rows(GDALDatasetH dataset, size_t pixel_bytes)
{
    const double width = GDALGetRasterXSize(dataset), bands = GDALGetRasterCount(dataset);
    int block_width, block_height;
    GDALGetBlockSize(GDALGetRasterBand(dataset, 1), &block_width, &block_height);
    double fitting = STRIP_BYTES / (width * (double)(pixel_bytes + sizeof(double)));
    if (!is_band_interleaved(dataset))
        fitting = fmin(fitting,
                       fmax(block_height, READ_BYTES / (fmin(block_width, width) * bands * (double)sizeof(float))));
    return whole_blocks(at_most(fitting, GDALGetRasterYSize(dataset)), block_height);
}

static void read_elements(selo_vector_raster *raster)
{
    for (int b = 0; b < raster->n_bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(raster->dataset, b + 1);
        int there;
        raster->numbers[b] = b + 1;
        CPLPushErrorHandler(CPLQuietErrorHandler); /* of 64-bit integers it is about right, as their pixels are here */
        const double nodata = GDALGetRasterNoDataValue(band, &there);
        CPLPopErrorHandler();
        raster->elements[b] = (element){.scale = GDALGetRasterScale(band, NULL),
                                        .offset = GDALGetRasterOffset(band, NULL),
                                        .nodata = there ? (float)nodata : NAN};
    }
}

/* Columns and bands that are read at once. */
static void plan_reading(selo_vector_raster *raster, int strip_rows)
{
    const double column_bytes = (double)strip_rows * (double)sizeof(float);
    int block_width, block_height;
    GDALGetBlockSize(GDALGetRasterBand(raster->dataset, 1), &block_width, &block_height);
    const bool by_band = is_band_interleaved(raster->dataset);
    const int fitting = at_most(READ_BYTES / (column_bytes * (by_band ? 1 : raster->n_bands)), raster->width);
    raster->read_cols = fitting < block_width ? block_width : whole_blocks(fitting, block_width);
    raster->read_cols = raster->read_cols > raster->width ? raster->width : raster->read_cols;
    raster->read_bands = at_most(READ_BYTES / (column_bytes * raster->read_cols), raster->n_bands);
}

/* A mask of the whole dataset; an alpha band is an element like the others, and NoData is looked at band by band. */
static bool has_mask(GDALDatasetH dataset)
{
    const int flags = GDALGetMaskFlags(GDALGetRasterBand(dataset, 1));
    return (flags & GMF_PER_DATASET) && !(flags & GMF_ALPHA);
}

selo_status selo_vector_raster_open(GDALDatasetH dataset, int strip_rows, selo_vector_raster **raster)
{
    selo_vector_raster *made = *raster = selo_alloc_zeroed(1, sizeof *made);
    const int n_bands = GDALGetRasterCount(dataset);
    if (!made)
        return SELO_E_MEMORY;
    *made = (selo_vector_raster){.dataset = dataset, .width = GDALGetRasterXSize(dataset), .n_bands = n_bands};
    plan_reading(made, strip_rows);
    const size_t part = (size_t)strip_rows * (size_t)made->read_cols, strip = (size_t)strip_rows * (size_t)made->width;
    made->elements = selo_alloc((size_t)n_bands, sizeof *made->elements);
    made->numbers = selo_alloc((size_t)n_bands, sizeof *made->numbers);
    made->values = selo_alloc(part, (size_t)made->read_bands * sizeof *made->values);
    made->lengths = selo_alloc(strip, sizeof *made->lengths);
    const bool masked = has_mask(dataset);
    made->mask = masked ? selo_alloc(part, 1) : NULL;
    if (made->elements && made->numbers && made->values && made->lengths && (made->mask || !masked)) {
        read_elements(made);
        return SELO_OK;
    }
    CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory for a part of its %d bands",
             GDALGetDescription(dataset), n_bands);
    selo_vector_raster_close(made);
    *raster = NULL;
    return SELO_E_MEMORY;
}

void selo_vector_raster_close(selo_vector_raster *raster)
{
    if (!raster)
        return;
    selo_free(raster->elements);
    selo_free(raster->numbers);
    selo_free(raster->values);
    selo_free(raster->mask);
    selo_free(raster->lengths);
    selo_free(raster);
}

/* A part of a strip: n_cols columns from `col` on. */
typedef struct part {
    const float *queries;
    size_t n_queries;
    int row, n_rows, col, n_cols;
    double *cosines;
} part;

/* Adds one row of one band, read as `values`, to the sums and lengths. */
static void add_row(const selo_vector_raster *raster, const part *p, int b, int row, const float *values)
{
    const element *e = &raster->elements[b];
    const size_t at = (size_t)row * (size_t)raster->width + (size_t)p->col;
    const size_t plane = (size_t)p->n_rows * (size_t)raster->width;
    for (int i = 0; i < p->n_cols; i++) {
        const bool missing = values[i] == e->nodata || !isfinite(values[i]);
        const double value = missing ? (double)NAN : (double)values[i] * e->scale + e->offset;
        raster->lengths[at + (size_t)i] += value * value;
        for (size_t k = 0; k < p->n_queries; k++)
            p->cosines[k * plane + at + (size_t)i] += value *
                                                      (double)p->queries[k * (size_t)raster->n_bands + (size_t)b];
    }
}

static selo_source_part source_of(const selo_vector_raster *raster, const part *p)
{
    return (selo_source_part){"raster", raster->dataset, p->col, p->row, p->n_cols, p->n_rows};
}

static selo_status add_bands(const selo_vector_raster *raster, const part *p, int first, int n)
{
    const selo_source_part source = source_of(raster, p);
    const size_t pixels = (size_t)p->n_rows * (size_t)p->n_cols;
    const selo_status status = selo_source_read_bands(&source, raster->numbers + first, n, pixels, raster->values);
    for (int b = 0; b < n && status == SELO_OK; b++) {
        const float *plane = raster->values + (size_t)b * pixels;
        for (int row = 0; row < p->n_rows; row++)
            add_row(raster, p, first + b, row, plane + (size_t)row * (size_t)p->n_cols);
    }
    return status;
}

/* Lengths of masked pixels become NaN. */
static selo_status apply_mask(const selo_vector_raster *raster, const part *p)
{
    if (!raster->mask)
        return SELO_OK;
    const selo_source_part source = source_of(raster, p);
    const selo_status status = selo_source_read_mask(&source, 1, raster->mask);
    for (int row = 0; row < p->n_rows && status == SELO_OK; row++) {
        for (int i = 0; i < p->n_cols; i++) {
            if (raster->mask[(size_t)row * (size_t)p->n_cols + (size_t)i] == 0)
                raster->lengths[(size_t)row * (size_t)raster->width + (size_t)(p->col + i)] = (double)NAN;
        }
    }
    return status;
}

selo_status selo_vector_raster_compare(selo_vector_raster *raster, const float *queries, size_t n_queries, int row,
                                       int n_rows, double *cosines)
{
    const size_t pixels = (size_t)n_rows * (size_t)raster->width;
    selo_status status = SELO_OK;
    memset(raster->lengths, 0, pixels * sizeof *raster->lengths);
    memset(cosines, 0, pixels * n_queries * sizeof *cosines);
    for (int col = 0; col < raster->width && status == SELO_OK; col += raster->read_cols) {
        const int n_cols = raster->width - col < raster->read_cols ? raster->width - col : raster->read_cols;
        const part p = {queries, n_queries, row, n_rows, col, n_cols, cosines};
        for (int b = 0; b < raster->n_bands && status == SELO_OK; b += raster->read_bands)
            status = add_bands(raster, &p, b,
                               raster->n_bands - b < raster->read_bands ? raster->n_bands - b : raster->read_bands);
        if (status == SELO_OK)
            status = apply_mask(raster, &p);
    }
    for (size_t i = 0; i < pixels * n_queries && status == SELO_OK; i++) {
        const double length = raster->lengths[i % pixels];
        cosines[i] = length > 0 ? cosines[i] / sqrt(length) : (double)NAN;
    }
    return status;
}
