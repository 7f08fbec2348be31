/* Tables of samples in, means and paired differences out. */
#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "gdal.h"
#include "selo/stat.h"
#include "table_file.h"

/* Four samples on two images, in the given order; sample d has no rmi. `shift` is added to rmi. */
static selo_table *samples(const char *run_id, const char *order, double shift)
{
    static const struct {
        const char *image, *kind;
        double rmi;
    } rows[] = {{"y.jpg", "town", 0.25}, {"x.jpg", "town", 0.5}, {"x.jpg", "field", 0.75}, {"y.jpg", "field", NAN}};
    selo_table *table = selo_table_new("selo_sample",
                                       "run_id,sample_id,image,kind,rmi:r,area_m2:r,step_x_m:r,n_cand:i");
    for (; *order; ++order) {
        const char id[] = {*order, '\0'};
        selo_table_add_row(table);
        selo_table_set_text(table, "run_id", run_id);
        selo_table_set_text(table, "sample_id", id);
        selo_table_set_text(table, "image", rows[*order - 'a'].image);
        selo_table_set_text(table, "kind", rows[*order - 'a'].kind);
        selo_table_set_real(table, "rmi", rows[*order - 'a'].rmi + shift);
        selo_table_set_real(table, "step_x_m", 28.5);
    }
    return table;
}

static void means_are_over_defined_scores(void **state)
{
    (void)state;
    selo_table *table = samples("one", "abcd", 0.0), *stat;
    char *fields[] = {"kind", NULL};
    assert_int_equal(selo_stat_make(table, fields, (selo_resampling)SELO_RESAMPLING_DEFAULT, &stat), SELO_OK);
    assert_int_equal(stat->n_rows, 3);
    static const struct {
        const char *grp;
        double n, n_image, mean, median, std;
    } expected[] = {{"all", 3, 2, 0.5, 0.5, 0.25},
                    {"kind=field", 1, 1, 0.75, 0.75, NAN}, /* the spread of one number is not known */
                    {"kind=town", 2, 2, 0.375, 0.375, 0.17677669529663687}};
    for (size_t row = 0; row < 3; ++row) {
        assert_string_equal(selo_table_text(stat, row, "grp"), expected[row].grp);
        assert_string_equal(selo_table_text(stat, row, "metric"), "rmi");
        assert_true(selo_table_real(stat, row, "n") == expected[row].n);
        assert_true(selo_table_real(stat, row, "n_image") == expected[row].n_image);
        assert_true(selo_table_real(stat, row, "mean") == expected[row].mean);
        assert_true(selo_table_real(stat, row, "median") == expected[row].median);
        const double std = selo_table_real(stat, row, "std");
        assert_true(isnan(expected[row].std) ? isnan(std) : fabs(std - expected[row].std) < 1e-15);
        assert_true(selo_table_real(stat, row, "ci_level") == 0.95);
    }
    assert_true(selo_table_real(stat, 0, "ci_lo") == 0.25 && selo_table_real(stat, 0, "ci_hi") == 0.625);
    assert_true(isnan(selo_table_real(stat, 1, "ci_lo")));
    selo_table_free(stat);
    selo_table_free(table);
}

static void a_group_field_must_be_there(void **state)
{
    (void)state;
    selo_table *table = samples("one", "abcd", 0.0), *stat;
    char *fields[] = {"season", NULL};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_int_equal(selo_stat_make(table, fields, (selo_resampling)SELO_RESAMPLING_DEFAULT, &stat), SELO_E_ARGUMENT);
    CPLPopErrorHandler();
    assert_non_null(strstr(CPLGetLastErrorMsg(), "season"));
    selo_table_free(table);
}

/* Pairs are found by sample_id: the second run comes in another order and lacks one sample. */
static void differences_are_paired_by_sample(void **state)
{
    (void)state;
    selo_table *a = samples("r", "abcd", 0.0), *b = samples("r", "dca", 0.125), *diff, *worst;
    const selo_contender runs[] = {{"old", a, "r", 0}, {"new", b, "r", 0}};
    assert_int_equal(selo_diff_make(runs, 2, (selo_resampling)SELO_RESAMPLING_DEFAULT, &diff, 1, &worst), SELO_OK);
    assert_int_equal(diff->n_rows, 1);
    assert_string_equal(selo_table_text(diff, 0, "run_b"), "new");
    assert_true(selo_table_real(diff, 0, "n") == 2 && selo_table_real(diff, 0, "n_image") == 2);
    assert_true(selo_table_real(diff, 0, "mean_a") == 0.5 && selo_table_real(diff, 0, "diff") == 0.125);
    assert_true(selo_table_real(diff, 0, "p_value") == 0.5 && selo_table_real(diff, 0, "p_holm") == 0.5);
    assert_true(selo_table_real(diff, 0, "higher") == 2 && selo_table_real(diff, 0, "lower") == 0);
    assert_int_equal(worst->n_rows, 1);
    assert_string_equal(selo_table_text(worst, 0, "sample_id"), "a");
    selo_table_free(diff);
    selo_table_free(worst);
    selo_table_free(a);
    selo_table_free(b);
}

static void runs_without_a_common_sample_are_refused(void **state)
{
    (void)state;
    selo_table *a = samples("r", "ab", 0.0), *b = samples("r", "cd", 0.0), *diff;
    const selo_contender runs[] = {{"old", a, "r", 0}, {"new", b, "r", 0}};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_int_equal(selo_diff_make(runs, 2, (selo_resampling)SELO_RESAMPLING_DEFAULT, &diff, 0, NULL), SELO_E_INPUT);
    CPLPopErrorHandler();
    selo_table_free(a);
    selo_table_free(b);
}

/* A run of both profiles: 0.25 and 0.75 by each of two maps in the reference profile, half of it in the other. */
static selo_table *both_profiles(const char *image_column)
{
    const char *columns = CPLSPrintf("run_id,sample_id,%s,profile,rmi:r,auc:r", image_column);
    selo_table *table = selo_table_new("selo_sample", columns);
    for (int i = 0; i < 8; ++i) {
        selo_table_add_row(table);
        selo_table_set_text(table, "run_id", "r");
        selo_table_set_text(table, "sample_id", CPLSPrintf("%d", i % 4));
        selo_table_set_text(table, image_column, i % 2 ? "x.tif" : "y.tif");
        selo_table_set_text(table, "profile", i < 4 ? "reference" : "ground");
        selo_table_set_real(table, "rmi", (i % 4 < 2 ? 0.25 : 0.75) / (i < 4 ? 1 : 2));
        selo_table_set_real(table, "auc", i < 4 ? NAN : 0.5);
    }
    return table;
}

static void profiles_are_runs_of_their_own(void **state)
{
    (void)state;
    selo_table *table = both_profiles("map_uri"), *curve = selo_table_new("selo_curve", "run_id,profile"), *stat;
    selo_table_add_row(curve);
    selo_table_set_text(curve, "run_id", "r");
    selo_table_set_text(curve, "profile", "ground");
    selo_stat_split_profiles(table, curve);
    selo_stat_split_profiles(table, curve); /* what is apart stays as it is */
    assert_int_equal(selo_stat_stem("r (ground)", "ground"), 1);
    assert_int_equal(selo_stat_stem("r (ground)", "reference"), 0);
    assert_int_equal(selo_stat_stem("trees (second)", "ground"), 0); /* a name that happens to end like that */
    assert_int_equal(selo_stat_stem(" (ground)", "ground"), 0);
    assert_string_equal(selo_table_text(curve, 0, "run_id"), "r (ground)");
    assert_int_equal(selo_stat_make(table, NULL, (selo_resampling)SELO_RESAMPLING_DEFAULT, &stat), SELO_OK);
    static const struct {
        const char *run_id, *metric;
        double mean;
    } expected[] = {{"r (reference)", "rmi", 0.5}, {"r (ground)", "rmi", 0.25}, {"r (ground)", "auc", 0.5}};
    assert_int_equal(stat->n_rows, 3);
    for (size_t row = 0; row < 3; ++row) {
        assert_string_equal(selo_table_text(stat, row, "run_id"), expected[row].run_id);
        assert_string_equal(selo_table_text(stat, row, "metric"), expected[row].metric);
        assert_true(selo_table_real(stat, row, "mean") == expected[row].mean && selo_table_real(stat, row, "n") == 4);
    }
    selo_table_free(stat);
    selo_table_free(curve);
    selo_table_free(table);
}

/* Samples of one map are on one image, where nothing else says what image they are on. */
static void maps_stand_for_images(void **state)
{
    (void)state;
    for (int named = 0; named < 2; ++named) {
        selo_table *table = both_profiles(named ? "image" : "map_uri"), *stat;
        assert_int_equal(selo_stat_make(table, NULL, (selo_resampling)SELO_RESAMPLING_DEFAULT, &stat), SELO_OK);
        assert_true(selo_table_real(stat, 0, "n") == 8 && selo_table_real(stat, 0, "n_image") == 2);
        selo_table_free(stat);
        selo_table_free(table);
    }
}

static void tables_survive_a_file(void **state)
{
    (void)state;
    const char *path = "/vsimem/table.gpkg";
    selo_table *table = samples("one", "abcd", 1.0 / 3.0), *back, *none;
    GDALDatasetH file = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    write_table(table, file);
    assert_int_equal(selo_table_read(file, "selo_sample", &back), SELO_OK);
    assert_int_equal(selo_table_read(file, "selo_none", &none), SELO_OK);
    assert_null(none);
    assert_int_equal(back->n_rows, 4);
    assert_int_equal(back->n_columns, table->n_columns);
    for (size_t i = 0; i < 4 * table->n_columns; ++i)
        assert_true(!table->cells[i] == !back->cells[i] &&
                    (!back->cells[i] || strcmp(table->cells[i], back->cells[i]) == 0));
    selo_table_sort(back, "image,rmi");
    assert_string_equal(selo_table_text(back, 0, "sample_id"), "b");
    assert_string_equal(selo_table_text(back, 3, "sample_id"), "a");
    selo_table_free(table);
    selo_table_free(back);
    GDALClose(file);
    VSIUnlink(path);
}

static void tables_are_printed(void **state)
{
    (void)state;
    selo_table *table = selo_table_new("t", "name,mean:r");
    selo_table_add_row(table);
    selo_table_set_text(table, "name", "a|<b>");
    selo_table_set_real(table, "mean", 2.0 / 3.0);
    selo_table_add_row(table);
    selo_text text = {0};
    selo_table_markdown(table, "name=Name,mean=Mean", &text);
    assert_string_equal(text.data, "| Name | Mean |\n|---|---:|\n| a\\|<b> | 0.6667 |\n|  |  |\n");
    selo_text_clear(&text);
    selo_table_csv(table, &text);
    assert_string_equal(text.data, "name,mean\na|<b>,0.66666666666666663\n,\n");
    selo_text_clear(&text);
    selo_table_html(table, NULL, "Caption", &text);
    assert_non_null(strstr(text.data, "<td>a|&lt;b&gt;</td><td class=\"n\">0.6667</td>"));
    selo_text_clear(&text);
    selo_table_free(table);
}

static int setup(void **state)
{
    (void)state;
    GDALAllRegister();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_over_defined_scores),
        cmocka_unit_test(a_group_field_must_be_there),
        cmocka_unit_test(differences_are_paired_by_sample),
        cmocka_unit_test(runs_without_a_common_sample_are_refused),
        cmocka_unit_test(profiles_are_runs_of_their_own),
        cmocka_unit_test(maps_stand_for_images),
        cmocka_unit_test(tables_survive_a_file),
        cmocka_unit_test(tables_are_printed),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
