/* Statistics of a test set: what the annotations determine of the published Table I. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/testset.h"

/* A word inside a caption, not terminated. */
typedef struct word {
    const char *start;
    size_t length;
} word;

static int by_text(const void *a, const void *b)
{
    const word *x = a, *y = b;
    const int order = memcmp(x->start, y->start, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

static int by_pointer_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The next word from *at on: between white space, without ASCII punctuation at its ends. Length 0 at the end. */
static word next_word(const char **at)
{
    word found = {NULL, 0};
    while (found.length == 0 && **at) {
        while (isspace((unsigned char)**at))
            (*at)++;
        const char *start = *at;
        while (**at && !isspace((unsigned char)**at))
            (*at)++;
        const char *end = *at;
        while (start < end && ispunct((unsigned char)*start))
            start++;
        while (end > start && ispunct((unsigned char)end[-1]))
            end--;
        found = (word){start, (size_t)(end - start)};
    }
    return found;
}

static size_t count_words(const char *caption)
{
    size_t n = 0;
    while (next_word(&caption).length > 0)
        n++;
    return n;
}

static selo_status count_distinct_words(const selo_testset *testset, size_t total, size_t *distinct)
{
    word *words = selo_alloc(total, sizeof *words);
    size_t n = 0;
    *distinct = 0;
    if (!words)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < testset->n_samples; i++) {
        const char *at = testset->samples[i].caption;
        for (word next = next_word(&at); next.length > 0; next = next_word(&at))
            words[n++] = next;
    }
    qsort(words, n, sizeof *words, by_text);
    for (size_t i = 0; i < n; i++)
        *distinct += i == 0 || by_text(&words[i - 1], &words[i]) != 0;
    selo_free(words);
    return SELO_OK;
}

static selo_status count_images(const selo_testset *testset, size_t *distinct)
{
    char **names = selo_alloc(testset->n_samples, sizeof *names);
    *distinct = 0;
    if (!names)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < testset->n_samples; i++)
        names[i] = testset->samples[i].image;
    qsort(names, testset->n_samples, sizeof *names, by_pointer_text);
    for (size_t i = 0; i < testset->n_samples; i++)
        *distinct += i == 0 || strcmp(names[i - 1], names[i]) != 0;
    selo_free(names);
    return SELO_OK;
}

/* Share of the image that the union of the sample's regions covers; NaN where that is not known. */
static double attention_of(const selo_testset_sample *sample)
{
    if (sample->width <= 0 || sample->height <= 0)
        return NAN;
    OGRGeometryH all = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (size_t k = 0; k < sample->n_regions; k++) {
        OGRGeometryH region = sample->regions[k].polygon;
        if (OGR_GT_Flatten(OGR_G_GetGeometryType(region)) == wkbPolygon)
            OGR_G_AddGeometry(all, region);
        for (int i = 0;
             OGR_GT_Flatten(OGR_G_GetGeometryType(region)) == wkbMultiPolygon && i < OGR_G_GetGeometryCount(region);
             i++)
            OGR_G_AddGeometry(all, OGR_G_GetGeometryRef(region, i));
    }
    CPLPushErrorHandler(CPLQuietErrorHandler);
    OGRGeometryH valid = OGR_G_MakeValid(all);
    OGRGeometryH joined = valid ? OGR_G_UnaryUnion(valid) : NULL;
    CPLPopErrorHandler();
    const double share = joined ? OGR_G_Area(joined) / ((double)sample->width * sample->height) : NAN;
    OGR_G_DestroyGeometry(joined);
    OGR_G_DestroyGeometry(valid);
    OGR_G_DestroyGeometry(all);
    return share;
}

static size_t bin(size_t value, size_t width)
{
    const size_t index = value / width;
    return index < 7 ? index : 7;
}

selo_status selo_testset_describe(const selo_testset *testset, selo_testset_info *info)
{
    const double n = (double)testset->n_samples;
    size_t words = 0;
    double attention = 0;
    *info = (selo_testset_info){.n_samples = testset->n_samples};
    for (size_t i = 0; i < testset->n_samples; i++) {
        const selo_testset_sample *sample = &testset->samples[i];
        const size_t length = count_words(sample->caption);
        info->n_regions += sample->n_regions;
        words += length;
        attention += attention_of(sample);
        info->by_regions[bin(sample->n_regions, 1)]++;
        info->by_words[bin(length, 5)]++;
    }
    info->regions_mean = (double)info->n_regions / n;
    info->caption_mean = (double)words / n;
    info->attention_mean = attention / n;
    selo_status status = count_images(testset, &info->n_images);
    if (status == SELO_OK)
        status = count_distinct_words(testset, words, &info->n_words);
    if (status != SELO_OK)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to describe test set '%s'", testset->name);
    return status;
}
