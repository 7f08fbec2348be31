/* Reports: what must be in them, and what must not. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "gdal.h"
#include "selo/report.h"
#include "table_file.h"

/* Two runs of six samples on three images, the last sample failed; maps are 64 x 48 pixels with one bright corner. */
static GDALDatasetH results(void)
{
    GByte pixels[48][64] = {{0}};
    for (int y = 0; y < 48; ++y)
        for (int x = 0; x < 64; ++x)
            pixels[y][x] = (GByte)(4 * x);
    GDALDatasetH map = GDALCreate(GDALGetDriverByName("GTiff"), "/vsimem/map.tif", 64, 48, 1, GDT_UInt8, NULL);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(map, 1), GF_Write, 0, 0, 64, 48, pixels, 64, 48, GDT_UInt8, 0, 0),
                     CE_None);
    GDALClose(map);
    selo_table *samples = selo_table_new("selo_sample",
                                         "run_id,sample_id,image,query,map_uri,profile,status,rsu:r,ras:r,rda:r,rmi:r,"
                                         "n_region:i,n_cand:i,t_ms:r");
    for (int i = 0; i < 12; ++i) {
        selo_table_add_row(samples);
        selo_table_set_text(samples, "run_id", i < 6 ? "small" : "large, new");
        selo_table_set_text(samples, "sample_id", CPLSPrintf("%d", i % 6));
        selo_table_set_text(samples, "image", CPLSPrintf("%d.jpg", i % 3));
        selo_table_set_text(samples, "query", i % 6 == 0 ? "<b>bold & \"quoted\"</b>" : "a harbour");
        selo_table_set_text(samples, "map_uri", i % 6 == 1 ? "missing.tif" : "/vsimem/map.tif");
        selo_table_set_text(samples, "profile", "reference");
        selo_table_set_text(samples, "status", i % 6 == 5 ? "failed" : "ok");
        const char *const names[] = {"rsu", "ras", "rda", "rmi"};
        for (int k = 0; k < 4; ++k)
            selo_table_set_real(samples, names[k], i % 6 == 5 ? NAN : 0.05 * i + 0.1 * k);
        selo_table_set_real(samples, "t_ms", 10.0 * i);
    }
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("MEM"), "results", 0, 0, 0, GDT_Unknown, NULL);
    write_table(samples, dataset);
    selo_table_free(samples);
    return dataset;
}

static char *report(GDALDatasetH dataset, const char *output, const char *table)
{
    const selo_report_options options = {.results = "results", .dataset = dataset, .output = output, .table = table,
                                         .gallery = 2, .overwrite = true, .resampling = SELO_RESAMPLING_DEFAULT};
    assert_int_equal(selo_report(&options, NULL, NULL), SELO_OK);
    GByte *bytes = NULL;
    vsi_l_offset size;
    assert_true(VSIIngestFile(NULL, output, &bytes, &size, -1));
    VSIUnlink(output);
    return (char *)bytes;
}

static int occurrences(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
        n++;
    return n;
}

static void the_page_is_whole_and_self_contained(void **state)
{
    char *html = report(*state, "/vsimem/report.html", NULL);
    assert_int_equal(occurrences(html, "http:") + occurrences(html, "https:") + occurrences(html, "<script"), 0);
    assert_int_equal(occurrences(html, "src="), 0);
    assert_int_equal(occurrences(html, "<b>bold"), 0);
    assert_true(occurrences(html, "&lt;b&gt;bold &amp; &quot;quoted&quot;") >= 3); /* gallery and table of samples */
    assert_int_equal(occurrences(html, "<svg"), occurrences(html, "</svg>"));
    assert_int_equal(occurrences(html, "<figure>"), 8); /* two worst and two best of two runs */
    assert_int_equal(occurrences(html, "role=\"img\""),
                     occurrences(html, "aria-label=\"") - occurrences(html, "role=\"region\"") - 1);
    assert_int_equal(occurrences(html, "data:image/png;base64,"), 6); /* one map of each run is missing */
    assert_int_equal(occurrences(html, "map not found"), 2);
    assert_non_null(strstr(html, "12 samples in 2 runs, 2 of them not fully scored"));
    CPLFree(html);
}

/* Mean of rsu of the first run: 0.05 * (0 + 1 + 2 + 3 + 4) / 5. */
static void charts_have_their_numbers_in_a_table(void **state)
{
    char *html = report(*state, "/vsimem/report.html", NULL);
    assert_non_null(strstr(html, "<td>small</td><td>all</td><td>rsu</td><td class=\"n\">5</td><td class=\"n\">3</td>"
                                 "<td class=\"n\">0.1000</td>"));
    assert_true(occurrences(html, "Share of samples per bin of") >= 4);
    const char *bins = strstr(html, "Share of samples per bin of rsu");
    assert_non_null(bins);
    /* The five samples of each run that have one: 0 ... 0.2 and 0.3 ... 0.5, a bin each. */
    static const double rows[][4] = {{0, 0.05, 0.2, 0}, {0.5, 0.55, 0, 0.2}, {0.95, 1, 0, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char row[200] = "<tr>";
        for (int k = 0; k < 4; k++)
            snprintf(row + strlen(row), sizeof row - strlen(row), "<td class=\"n\">%.4f</td>", rows[i][k]);
        assert_non_null(strstr(bins, row));
    }
    CPLFree(html);
}

static void markdown_and_csv_hold_the_tables(void **state)
{
    char *markdown = report(*state, "/vsimem/report.md", NULL);
    assert_non_null(strstr(markdown, "| small | all | rsu | 5 | 0.1000 |"));
    CPLFree(markdown);
    char *csv = report(*state, "/vsimem/report.csv", NULL);
    assert_non_null(strstr(csv, "\nsmall,all,rsu,5,3,0.10000000000000001,"));
    CPLFree(csv);
    csv = report(*state, "/vsimem/report.csv", "selo_sample");
    assert_non_null(strstr(csv, "\"large, new\",5,2.jpg,a harbour,/vsimem/map.tif,reference,failed,,,,,,,110\n"));
    CPLFree(csv);
}

/* Samples hold different values: between two of its own a curve stays as at the upper one, above the last nothing is
 * found. Rows of all samples together are no sample. */
static void curves_are_means_over_samples(void **state)
{
    (void)state;
    static const struct {
        const char *sample_id;
        double thr, prec, recall;
    } rows[] = {{"a", 0.25, 0.5, 1}, {"a", 0.75, 1, 0.5}, {"b", 0.5, 0.25, 1}, {NULL, 0.25, 1, 1}, {NULL, 0.5, 1, 1}};
    GDALDatasetH dataset = results();
    selo_table *curve = selo_table_new("selo_curve", "run_id,sample_id,thr:r,prec:r,recall:r,f1:r,iou:r");
    for (size_t i = 0; i < COUNT(rows); ++i) {
        selo_table_add_row(curve);
        selo_table_set_text(curve, "run_id", "small");
        selo_table_set_text(curve, "sample_id", rows[i].sample_id);
        selo_table_set_real(curve, "thr", rows[i].thr);
        selo_table_set_real(curve, "prec", rows[i].prec);
        selo_table_set_real(curve, "recall", rows[i].recall);
        selo_table_set_real(curve, "f1", rows[i].prec);
        selo_table_set_real(curve, "iou", rows[i].prec);
    }
    write_table(curve, dataset);
    char *csv = report(dataset, "/vsimem/curve.csv", "selo_curve");
    assert_string_equal(csv, "run_id,thr,prec,recall,f1,iou\nsmall,0.25,0.375,1,0.375,0.375\n"
                             "small,0.5,0.625,0.75,0.625,0.625\nsmall,0.75,1,0.25,0.5,0.5\n");
    CPLFree(csv);
    selo_table_free(curve);
    GDALClose(dataset);
}

/* A run that was appended to a benchmark: its means are made, the others are those that are there. */
static void runs_without_means_get_some(void **state)
{
    (void)state;
    GDALDatasetH dataset = results();
    selo_table *stat = selo_table_new("selo_stat", "run_id,grp,metric,n:i,mean:r");
    selo_table_add_row(stat);
    selo_table_set_text(stat, "run_id", "small");
    selo_table_set_text(stat, "grp", "all");
    selo_table_set_text(stat, "metric", "rsu");
    selo_table_set_real(stat, "n", 7);
    selo_table_set_real(stat, "mean", 0.5);
    write_table(stat, dataset);
    char *csv = report(dataset, "/vsimem/means.csv", NULL);
    assert_int_equal(occurrences(csv, "\n"), 6);
    assert_non_null(strstr(csv, "\nsmall,all,rsu,7,0.5\n"));
    assert_non_null(strstr(csv, "\n\"large, new\",all,rsu,5,0.4"));
    CPLFree(csv);
    selo_table_free(stat);
    GDALClose(dataset);
}

static void what_holds_no_samples_is_refused(void **state)
{
    (void)state;
    GDALDatasetH empty = GDALCreate(GDALGetDriverByName("MEM"), "empty", 0, 0, 0, GDT_Unknown, NULL);
    const selo_report_options options = {.results = "empty.gpkg", .dataset = empty, .output = "/vsimem/none.html",
                                         .resampling = SELO_RESAMPLING_DEFAULT};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_int_equal(selo_report(&options, NULL, NULL), SELO_E_INPUT);
    CPLPopErrorHandler();
    assert_non_null(strstr(CPLGetLastErrorMsg(), "empty.gpkg"));
    VSIStatBufL stat;
    assert_int_not_equal(VSIStatL("/vsimem/none.html", &stat), 0);
    GDALClose(empty);
}

static int setup(void **state)
{
    GDALAllRegister();
    *state = results();
    return 0;
}

static int teardown(void **state)
{
    GDALClose(*state);
    VSIUnlink("/vsimem/map.tif");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_whole_and_self_contained),
        cmocka_unit_test(charts_have_their_numbers_in_a_table),
        cmocka_unit_test(markdown_and_csv_hold_the_tables),
        cmocka_unit_test(curves_are_means_over_samples),
        cmocka_unit_test(runs_without_means_get_some),
        cmocka_unit_test(what_holds_no_samples_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
