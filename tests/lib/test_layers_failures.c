/* What is refused and what fails: what was there stays, and nothing else is left. */
#include <errno.h>
#include <sys/mount.h>
#include <unistd.h>

#include "layers_test.h"
#include "selo/memory.h"

/* The output that is in the way. */
static void make_first(void)
{
    const selo_layers_options options = {.path = in_root("a.gpkg"), .overwrite = true};
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
}

static void an_output_is_not_replaced_unasked(void **state)
{
    (void)state;
    make_first();
    const selo_layers_options options = {.path = in_root("a.gpkg")};
    assert_int_equal(selo_layers_check(&options, both, 2), SELO_E_OUTPUT);
    assert_said("--overwrite");
    forget_errors(NULL);
    assert_int_equal(write_output(&options, "s2"), SELO_E_OUTPUT);
    assert_said("a.gpkg exists");
    assert_int_equal(count_rows(in_root("a.gpkg"), "selo_place"), 2);
}

static void abandoned_output_leaves_what_was_there(void **state)
{
    (void)state;
    const char *path = in_root("a.gpkg");
    const selo_layers_options options = {.path = path, .overwrite = true};
    selo_layers *layers;
    make_first();
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(write_one(layers, "s2", 1, 1), SELO_OK);
    selo_layers_abandon(layers);
    assert_int_equal(count_rows(path, "selo_place"), 2);
    assert_nothing_left(root);
    selo_layers_abandon(NULL);
}

static size_t allocations_left;

static void *sometimes_allocate(size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return malloc(bytes);
}

static void *sometimes_resize(void *block, size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return realloc(block, bytes);
}

/* Memory that runs short at any point leaves no output, no temporary folder, and (under the address sanitizer) no
 * leak. */
static void short_memory_leaves_nothing(void **state)
{
    (void)state;
    selo_status status = SELO_E_MEMORY;
    VSIStatBufL entry;
    for (size_t n = 0; n < 1000 && status != SELO_OK; n++) {
        const selo_layers_options options = {.path = in_root("short.gpkg")};
        allocations_left = n;
        selo_set_allocator(sometimes_allocate, sometimes_resize, free);
        status = write_output(&options, "s1");
        selo_set_allocator(NULL, NULL, NULL);
        assert_nothing_left(root);
        if (status != SELO_OK)
            assert_int_not_equal(VSIStatL(options.path, &entry), 0);
    }
    assert_int_equal(status, SELO_OK);
    check_places(in_root("short.gpkg"), "selo_place");
}

static const struct {
    const char *name, *format, *layer;
    bool overwrite, append;
    selo_status status;
    const char *said;
} refusals[] = {
    {"h.gpkg", "Nonsense", NULL, false, false, SELO_E_ARGUMENT, "Nonsense is not a format of this GDAL"},
    {"h.gpkg", "GTiff", NULL, false, false, SELO_E_ARGUMENT, "GTiff cannot make new files of vector layers"},
    {"h.xyzzy", NULL, NULL, false, false, SELO_E_ARGUMENT, "h.xyzzy: no format that can be written has this extension"},
    {"no/h.gpkg", NULL, NULL, false, false, SELO_E_OUTPUT, "no does not exist: make it first"},
    {"h.gpkg", NULL, "selo_hat", false, false, SELO_E_ARGUMENT,
     "selo_hat is not a layer of this output: choose from selo_place"},
    {"h.gpkg", NULL, NULL, true, true, SELO_E_ARGUMENT, "--overwrite and --append exclude each other"},
    {"others", NULL, NULL, true, false, SELO_E_ARGUMENT, "others is a folder: name a file in it"},
    {"others", "CSV", NULL, true, false, SELO_E_ARGUMENT, "the folder holds other files (mine.txt)"},
    {"a.gpkg", "CSV", NULL, true, false, SELO_E_ARGUMENT, "is a file, and the layers of CSV need a folder"},
    {"h.gpx", NULL, NULL, false, false, SELO_E_OUTPUT, "GPX cannot hold field run_id of layer selo_place: "},
    {"foreign.gpkg", NULL, NULL, false, true, SELO_E_OUTPUT, "layer selo_place has no field run_id"},
    {"newer.gpkg", NULL, NULL, false, true, SELO_E_OUTPUT, "layer selo_place has schema version 9, not 1"},
    {"others/mine.txt", "GPKG", NULL, false, true, SELO_E_OUTPUT, "mine.txt: rows cannot be added"},
};

static void make_awkward_places(void)
{
    (void)VSIMkdir(in_root("others"), 0755);
    VSILFILE *file = VSIFOpenL(in_root("others/mine.txt"), "wb");
    (void)VSIFPrintfL(file, "precious\n");
    (void)VSIFCloseL(file);
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("GPKG"), in_root("foreign.gpkg"), 0, 0, 0, GDT_Unknown, NULL);
    (void)GDALDatasetCreateLayer(dataset, "selo_place", NULL, wkbPoint, NULL);
    (void)GDALClose(dataset);
    dataset = GDALCreate(GDALGetDriverByName("GPKG"), in_root("newer.gpkg"), 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, "selo_place", NULL, wkbPoint, NULL);
    (void)GDALSetMetadataItem(layer, "SELO_SCHEMA", "9", NULL);
    (void)GDALClose(dataset);
}

static void refusals_name_the_culprit(void **state)
{
    (void)state;
    make_first();
    make_awkward_places();
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *const layer[] = {refusals[i].layer, NULL};
        const selo_layers_options options = {.path = in_root(refusals[i].name), .format = refusals[i].format,
                                             .layers = refusals[i].layer ? (CSLConstList)(uintptr_t)layer : NULL,
                                             .overwrite = refusals[i].overwrite, .append = refusals[i].append};
        forget_errors(NULL);
        assert_int_equal(write_output(&options, "s1"), refusals[i].status);
        assert_said(refusals[i].said);
        assert_nothing_left(root);
    }
    VSIStatBufL mine;
    assert_int_equal(VSIStatL(in_root("others/mine.txt"), &mine), 0);
    assert_int_equal(mine.st_size, 9);
}

/* Root may write anywhere, so the folder is one that takes no files from anybody. */
static void a_folder_that_cannot_be_written(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = "/proc/selo.gpkg"};
    VSIStatBufL entry;
    if (VSIStatL("/proc/self", &entry) != 0)
        skip();
    assert_int_equal(selo_layers_check(&options, both, 2), SELO_E_OUTPUT);
    assert_said("/proc/selo.gpkg: cannot write in folder /proc: ");
}

static selo_status fill(const selo_layers_options *options)
{
    selo_layers *layers;
    selo_status status = selo_layers_open(options, both, 2, &test_run, &layers);
    if (status != SELO_OK)
        return status;
    for (int i = 0; i < 20000 && status == SELO_OK; i++)
        status = write_one(layers, "s1", i, i);
    if (status == SELO_OK)
        return selo_layers_close(layers, NULL);
    selo_layers_abandon(layers);
    return status;
}

static void a_full_disk_leaves_what_was_there(void **state)
{
    static const struct {
        const char *name, *format, *layer;
    } outputs[] = {{"a.gpkg", NULL, NULL},        {"a_shp", "ESRI Shapefile", NULL}, {"a_csv", "CSV", NULL},
                   {"a.geojson", NULL, "selo_place"}, {"a.fgb", NULL, "selo_place"}, {"a.sqlite", NULL, NULL},
                   {"a.gml", NULL, NULL}};
    (void)state;
    (void)VSIMkdir(in_root("small"), 0755);
    if (mount("selo-test", in_root("small"), "tmpfs", 0, "size=768k") != 0) {
        print_message("skipped: a small tmpfs needs the right to mount: %s\n", strerror(errno));
        skip();
    }
    bool failed_all = true;
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const char *const layer[] = {outputs[i].layer, NULL};
        char path[200];
        (void)snprintf(path, sizeof path, "%s/%s", in_root("small"), outputs[i].name);
        const selo_layers_options options = {.path = path, .format = outputs[i].format, .overwrite = true,
                                             .layers = outputs[i].layer ? (CSLConstList)(uintptr_t)layer : NULL};
        forget_errors(NULL);
        const bool made = write_output(&options, "s1") == SELO_OK;
        forget_errors(NULL);
        const bool failed =
            fill(&options) == SELO_E_OUTPUT && n_errors == 1 && strstr(last_error, path) && strstr(last_error, "full");
        if (!made || !failed)
            print_message("%s: made %d, failed %d: %s\n", outputs[i].name, made, failed, last_error);
        else
            check_places(path, outputs[i].layer ? NULL : "selo_place");
        failed_all = failed_all && made && failed;
        assert_nothing_left(in_root("small"));
        (void)VSIRmdirRecursive(path);
        (void)VSIUnlink(path);
    }
    assert_true(failed_all);
}

static int unmount_and_remove_root(void **state)
{
    (void)umount2(in_root("small"), MNT_DETACH);
    return remove_root(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_output_is_not_replaced_unasked, forget_errors),
        cmocka_unit_test_setup(abandoned_output_leaves_what_was_there, forget_errors),
        cmocka_unit_test_setup(short_memory_leaves_nothing, forget_errors),
        cmocka_unit_test_setup(refusals_name_the_culprit, forget_errors),
        cmocka_unit_test_setup(a_folder_that_cannot_be_written, forget_errors),
        cmocka_unit_test_setup(a_full_disk_leaves_what_was_there, forget_errors),
    };
    return cmocka_run_group_tests(tests, make_root, unmount_and_remove_root);
}
