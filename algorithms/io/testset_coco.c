/* JSON of COCO: {"images": [...], "annotations": [...], "categories": [...]}. Annotations of one image with the same
 * caption (or, where they have none, the same category) make a sample; each annotation is a region. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "testset.h"

typedef struct coco_image {
    int64_t id;
    const char *file;
    int width, height;
} coco_image;

typedef struct coco_annotation {
    int64_t id;
    const coco_image *on;
    const char *caption;
    const char *category; /* NULL: none */
    yyjson_val *item;
} coco_annotation;

typedef struct coco_reader {
    const char *path;
    coco_image *images;
    coco_annotation *annotations;
    size_t n_images, n_annotations, n_without_region;
} coco_reader;

static selo_status refuse(const coco_reader *reader, const char *what, int64_t id, const char *why)
{
    CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s', %s %ld: %s", reader->path, what, (long)id, why);
    return SELO_E_INPUT;
}

/* An "id" that is text would be 0, as would every other one. */
static selo_status check_number(const coco_reader *reader, const char *what, size_t index, yyjson_val *item,
                                const char *key)
{
    if (yyjson_is_int(yyjson_obj_get(item, key)))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s', %s %lu of the list: its \"%s\" is no whole number",
             reader->path, what, (unsigned long)index, key);
    return SELO_E_INPUT;
}

static int by_image_id(const void *a, const void *b)
{
    const int64_t x = ((const coco_image *)a)->id, y = ((const coco_image *)b)->id;
    return (x > y) - (x < y);
}

static int by_group(const void *a, const void *b)
{
    const coco_annotation *x = a, *y = b;
    if (x->on->id != y->on->id)
        return x->on->id < y->on->id ? -1 : 1;
    const int text = strcmp(x->caption, y->caption);
    return text ? text : (x->id > y->id) - (x->id < y->id);
}

static selo_status read_images(coco_reader *reader, yyjson_val *list)
{
    yyjson_val *item;
    size_t index, max;
    reader->images = selo_alloc(yyjson_arr_size(list), sizeof *reader->images);
    if (!reader->images)
        return SELO_E_MEMORY;
    yyjson_arr_foreach(list, index, max, item) {
        const char *file = yyjson_get_str(yyjson_obj_get(item, "file_name"));
        if (check_number(reader, "image", index, item, "id") != SELO_OK)
            return SELO_E_INPUT;
        const int64_t id = yyjson_get_sint(yyjson_obj_get(item, "id"));
        if (!file)
            return refuse(reader, "image", id, "it has no \"file_name\"");
        reader->images[reader->n_images++] = (coco_image){id, file, yyjson_get_int(yyjson_obj_get(item, "width")),
                                                     yyjson_get_int(yyjson_obj_get(item, "height"))};
    }
    qsort(reader->images, reader->n_images, sizeof *reader->images, by_image_id);
    for (size_t i = 1; i < reader->n_images; i++)
        if (reader->images[i].id == reader->images[i - 1].id)
            return refuse(reader, "image", reader->images[i].id, "two images have this \"id\"");
    return SELO_OK;
}

static selo_status check_categories(const coco_reader *reader, yyjson_val *categories)
{
    yyjson_val *item;
    size_t index, max;
    yyjson_arr_foreach(categories, index, max, item)
        if (check_number(reader, "category", index, item, "id") != SELO_OK)
            return SELO_E_INPUT;
    return SELO_OK;
}

static const char *category_name(yyjson_val *categories, yyjson_val *id)
{
    yyjson_val *item;
    size_t index, max;
    if (yyjson_is_int(id))
        yyjson_arr_foreach(categories, index, max, item)
            if (yyjson_get_sint(yyjson_obj_get(item, "id")) == yyjson_get_sint(id))
                return yyjson_get_str(yyjson_obj_get(item, "name"));
    return NULL;
}

static selo_status read_annotations(coco_reader *reader, yyjson_val *list, yyjson_val *categories)
{
    yyjson_val *item;
    size_t index, max;
    reader->annotations = selo_alloc(yyjson_arr_size(list), sizeof *reader->annotations);
    if (!reader->annotations)
        return SELO_E_MEMORY;
    if (check_categories(reader, categories) != SELO_OK)
        return SELO_E_INPUT;
    yyjson_arr_foreach(list, index, max, item) {
        if (check_number(reader, "annotation", index, item, "id") != SELO_OK ||
            check_number(reader, "annotation", index, item, "image_id") != SELO_OK)
            return SELO_E_INPUT;
        yyjson_val *category = yyjson_obj_get(item, "category_id");
        if (category && !yyjson_is_null(category) &&
            check_number(reader, "annotation", index, item, "category_id") != SELO_OK)
            return SELO_E_INPUT;
        const coco_image wanted = {.id = yyjson_get_sint(yyjson_obj_get(item, "image_id"))};
        coco_annotation made = {.id = yyjson_get_sint(yyjson_obj_get(item, "id")), .item = item};
        made.on = bsearch(&wanted, reader->images, reader->n_images, sizeof wanted, by_image_id);
        if (!made.on)
            return refuse(reader, "annotation", made.id, "its \"image_id\" is not among the images");
        made.category = category_name(categories, category);
        made.caption = yyjson_get_str(yyjson_obj_get(item, "caption"));
        if (!made.caption)
            made.caption = made.category;
        if (!made.caption)
            return refuse(reader, "annotation", made.id, "it has neither a \"caption\" nor a known \"category_id\"");
        if (yyjson_is_arr(yyjson_obj_get(item, "bbox")) || yyjson_obj_get(item, "segmentation"))
            reader->annotations[reader->n_annotations++] = made;
        else
            reader->n_without_region++;
    }
    qsort(reader->annotations, reader->n_annotations, sizeof *reader->annotations, by_group);
    return SELO_OK;
}

/* Numbers of a flat JSON list; at most 2^20. NULL if one is no number. Freed with selo_free(). */
static double *read_numbers(yyjson_val *list, size_t *n)
{
    yyjson_val *item;
    size_t index, max;
    *n = yyjson_arr_size(list);
    double *numbers = selo_alloc(*n, sizeof *numbers);
    if (numbers)
        yyjson_arr_foreach(list, index, max, item) {
            if (!yyjson_is_num(item)) {
                selo_free(numbers);
                return NULL;
            }
            numbers[index] = yyjson_get_num(item);
        }
    return numbers;
}

/* A segmentation of one list is a polygon, of several a multipolygon. NULL: malformed. */
static OGRGeometryH read_polygons(yyjson_val *lists)
{
    yyjson_val *list;
    size_t index, max, n;
    OGRGeometryH all = OGR_G_CreateGeometry(wkbMultiPolygon);
    yyjson_arr_foreach(lists, index, max, list) {
        double *xy = read_numbers(list, &n);
        const bool good = xy && n >= 6 && n % 2 == 0;
        if (good)
            OGR_G_AddGeometryDirectly(all, selo_testset_polygon(xy, n / 2));
        selo_free(xy);
        if (!good) {
            OGR_G_DestroyGeometry(all);
            return NULL;
        }
    }
    if (OGR_G_GetGeometryCount(all) != 1)
        return all;
    OGRGeometryH only = OGR_G_Clone(OGR_G_GetGeometryRef(all, 0));
    OGR_G_DestroyGeometry(all);
    return only;
}

/* x, y, width, height. NULL: malformed. */
static OGRGeometryH read_box(yyjson_val *list)
{
    size_t n;
    double *box = read_numbers(list, &n);
    OGRGeometryH polygon = NULL;
    if (box && n == 4) {
        const double x0 = box[0], y0 = box[1], x1 = x0 + box[2], y1 = y0 + box[3];
        polygon = selo_testset_polygon((double[]){x0, y0, x1, y0, x1, y1, x0, y1}, 4);
    }
    selo_free(box);
    return polygon;
}

static selo_status add_annotation(const coco_reader *reader, const coco_annotation *annotation, selo_testset *testset)
{
    yyjson_val *segmentation = yyjson_obj_get(annotation->item, "segmentation"),
               *box = yyjson_obj_get(annotation->item, "bbox");
    OGRGeometryH region = NULL;
    if (yyjson_arr_size(segmentation) > 0)
        region = read_polygons(segmentation);
    else if (box)
        region = read_box(box);
    else
        return refuse(reader, "annotation", annotation->id,
                      "run-length segmentation without a \"bbox\" is not read: convert it to polygons");
    if (!region)
        return refuse(reader, "annotation", annotation->id, "its \"segmentation\" or \"bbox\" is malformed");
    return selo_testset_add_region(testset, region, annotation->category);
}

static selo_status add_samples(const coco_reader *reader, selo_testset *testset)
{
    selo_status status = SELO_OK;
    for (size_t i = 0; i < reader->n_annotations && status == SELO_OK; i++) {
        const coco_annotation *now = &reader->annotations[i];
        const bool same = i > 0 && now[-1].on == now->on && strcmp(now[-1].caption, now->caption) == 0;
        if (!same) {
            char *id = CPLStrdup(CPLSPrintf("%s#%ld", now->on->file, (long)now->id));
            const selo_testset_sample sample = {.sample_id = id, .image = (char *)(size_t)now->on->file,
                                                .caption = (char *)(size_t)now->caption,
                                                .grp = (char *)(size_t)now->category,
                                                .width = now->on->width, .height = now->on->height};
            status = selo_testset_add_sample(testset, &sample);
            CPLFree(id);
        }
        if (status == SELO_OK)
            status = add_annotation(reader, now, testset);
    }
    return status;
}

selo_status selo_testset_read_coco(const char *path, yyjson_val *root, selo_testset *testset)
{
    coco_reader reader = {.path = path};
    selo_status status = SELO_E_INPUT;
    if (yyjson_is_arr(yyjson_obj_get(root, "images")) && yyjson_is_arr(yyjson_obj_get(root, "annotations")))
        status = read_images(&reader, yyjson_obj_get(root, "images"));
    else
        CPLError(CE_Failure, CPLE_AppDefined,
                 "annotation '%s' is no COCO file: it needs \"images\" and \"annotations\"", path);
    if (status == SELO_OK)
        status = read_annotations(&reader, yyjson_obj_get(root, "annotations"), yyjson_obj_get(root, "categories"));
    if (status == SELO_OK)
        status = add_samples(&reader, testset);
    if (status == SELO_OK && reader.n_without_region > 0)
        CPLError(CE_Warning, CPLE_AppDefined, "annotation '%s': %lu annotations without a region are left out", path,
                 (unsigned long)reader.n_without_region);
    selo_free(reader.images);
    selo_free(reader.annotations);
    return status;
}
