/* An evaluation as JSON for machines and as a table for people. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "evaluate_extras.h"
#include "selo/evaluate.h"
#include "selo/text.h"
#include "selo/utf8.h"

static void add_real(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, double value)
{
    yyjson_mut_obj_add_val(doc, object, key, isfinite(value) ? yyjson_mut_real(doc, value) : yyjson_mut_null(doc));
}

static void add_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const char *value)
{
    yyjson_mut_obj_add_val(doc, object, key, value ? yyjson_mut_str(doc, value) : yyjson_mut_null(doc));
}

static yyjson_mut_val *candidates_json(yyjson_mut_doc *doc, const selo_score *score)
{
    yyjson_mut_val *list = yyjson_mut_arr(doc);
    for (size_t i = 0; i < score->n_candidates; i++) {
        const selo_candidate *candidate = &score->candidates[i];
        yyjson_mut_val *object = yyjson_mut_arr_add_obj(doc, list);
        if (score->profile == SELO_PROFILE_REFERENCE) { /* whole pixels */
            yyjson_mut_obj_add_int(doc, object, "x_px", (int64_t)candidate->x_px);
            yyjson_mut_obj_add_int(doc, object, "y_px", (int64_t)candidate->y_px);
        } else {
            add_real(doc, object, "x_px", candidate->x_px);
            add_real(doc, object, "y_px", candidate->y_px);
        }
        add_real(doc, object, "prob", candidate->prob);
        yyjson_mut_obj_add_int(doc, object, "plateau_px", candidate->plateau_px);
        yyjson_mut_obj_add_int(doc, object, "n_hit", candidate->n_hit);
    }
    return list;
}

static yyjson_mut_val *regions_json(yyjson_mut_doc *doc, const selo_score *score)
{
    yyjson_mut_val *list = yyjson_mut_arr(doc);
    for (size_t i = 0; i < score->n_regions; i++) {
        const selo_region_score *region = &score->regions[i];
        yyjson_mut_val *object = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_int(doc, object, "region_id", (int64_t)i);
        add_real(doc, object, "cx_px", region->cx_px);
        add_real(doc, object, "cy_px", region->cy_px);
        add_real(doc, object, "r_px", region->r_px);
        yyjson_mut_obj_add_int(doc, object, "n_in", region->n_in);
        add_real(doc, object, "shift_px", region->shift_px);
        add_real(doc, object, "spread_px", region->spread_px);
        add_real(doc, object, "ras_r", region->ras_r);
        add_real(doc, object, "rda_r", region->rda_r);
        add_real(doc, object, "mass_in", region->mass_in);
        add_real(doc, object, "area_px", region->area_px);
        if (score->profile == SELO_PROFILE_GROUND) {
            add_real(doc, object, "r_m", region->r_m);
            add_real(doc, object, "shift_m", region->shift_m);
            add_real(doc, object, "spread_m", region->spread_m);
            add_real(doc, object, "area_m2", region->area_m2);
            add_real(doc, object, "hidden_fr", region->hidden);
        }
    }
    return list;
}

static void add_pair(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, int x, int y)
{
    yyjson_mut_val *pair = yyjson_mut_obj_add_arr(doc, object, key);
    yyjson_mut_arr_add_int(doc, pair, x);
    yyjson_mut_arr_add_int(doc, pair, y);
}

static void add_extras(yyjson_mut_doc *doc, yyjson_mut_val *object, const selo_ground_extras *extras)
{
    double values[N_EXTRA];
    selo_extras_list(extras, values);
    for (int i = 0; i < N_EXTRA; i++)
        add_real(doc, object, selo_extra_names[i], values[i]);
    add_pair(doc, object, "smooth_px", extras->smooth_x_px, extras->smooth_y_px);
    add_pair(doc, object, "apart_px", extras->apart_x_px, extras->apart_y_px);
}

static yyjson_mut_val *sample_json(yyjson_mut_doc *doc, const selo_evaluation_row *row)
{
    const selo_score *score = &row->score;
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    add_text(doc, object, "sample_id", row->sample_id);
    add_text(doc, object, "query", row->query);
    add_text(doc, object, "profile", selo_profile_name(score->profile));
    add_text(doc, object, "status", selo_verdict_name(score->verdict));
    add_real(doc, object, "rsu", score->rsu);
    add_real(doc, object, "rda", score->rda);
    add_real(doc, object, "ras", score->ras);
    add_real(doc, object, "rmi", score->rmi);
    add_real(doc, object, "gt_frac", score->gt_frac);
    add_real(doc, object, "nodata_fr", score->nodata_fr);
    if (score->profile == SELO_PROFILE_GROUND)
        add_real(doc, object, "area_m2", score->area_m2);
    if (row->has_extras)
        add_extras(doc, object, &row->extras);
    yyjson_mut_obj_add_val(doc, object, "candidates", candidates_json(doc, score));
    yyjson_mut_obj_add_val(doc, object, "regions", regions_json(doc, score));
    return object;
}

static void list_scores(const selo_score *score, double scores[4])
{
    scores[0] = score->rsu;
    scores[1] = score->ras;
    scores[2] = score->rda;
    scores[3] = score->rmi;
}

/* Means over the rows of a profile, each over those where the score is defined; NaN where it nowhere is. */
typedef struct mean_score {
    double rsu, ras, rda, rmi;
    size_t n; /* rows whose rmi is defined */
} mean_score;

static mean_score mean_of(const selo_evaluation *evaluation, selo_profile profile)
{
    double means[4] = {0};
    size_t counts[4] = {0};
    for (size_t i = 0; i < evaluation->n_rows; i++) {
        double scores[4];
        list_scores(&evaluation->rows[i].score, scores);
        for (int k = 0; k < 4; k++)
            if (evaluation->rows[i].score.profile == profile && !isnan(scores[k])) {
                means[k] += scores[k];
                counts[k]++;
            }
    }
    for (int k = 0; k < 4; k++)
        means[k] = counts[k] ? means[k] / (double)counts[k] : NAN;
    return (mean_score){.rsu = means[0], .ras = means[1], .rda = means[2], .rmi = means[3], .n = counts[3]};
}

/* A number of the table: a dash where it is undefined. */
static void add_mean(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const selo_evaluation *evaluation,
                     selo_profile profile)
{
    const mean_score mean = mean_of(evaluation, profile);
    yyjson_mut_val *means = yyjson_mut_obj_add_obj(doc, object, key);
    add_real(doc, means, "rsu", mean.rsu);
    add_real(doc, means, "rda", mean.rda);
    add_real(doc, means, "ras", mean.ras);
    add_real(doc, means, "rmi", mean.rmi);
    yyjson_mut_obj_add_uint(doc, means, "n", mean.n);
}

/* Scores of all pixels of all samples together. */
static void add_pooled(yyjson_mut_doc *doc, yyjson_mut_val *object, const selo_histogram *pool)
{
    selo_pixel_scores scores;
    if (selo_histogram_scores(pool, &scores) != SELO_OK)
        return;
    yyjson_mut_val *pooled = yyjson_mut_obj_add_obj(doc, object, "pooled");
    add_real(doc, pooled, "auc", scores.auc);
    add_real(doc, pooled, "ap", scores.ap);
    add_real(doc, pooled, "f1_best", scores.best_f1);
    add_real(doc, pooled, "f1_thr", scores.best_f1_thr);
    add_real(doc, pooled, "iou_50", scores.iou_50);
}

static bool has_profile(const selo_evaluation *evaluation, selo_profile profile)
{
    for (size_t i = 0; i < evaluation->n_rows; i++)
        if (evaluation->rows[i].score.profile == profile)
            return true;
    return false;
}

char *selo_evaluation_json(const selo_evaluation *evaluation)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    const selo_profile first = evaluation->n_rows ? evaluation->rows[0].score.profile : SELO_PROFILE_REFERENCE;
    add_text(doc, root, "profile", selo_profile_name(first));
    yyjson_mut_val *samples = yyjson_mut_obj_add_arr(doc, root, "samples");
    for (size_t i = 0; i < evaluation->n_rows; i++)
        yyjson_mut_arr_append(samples, sample_json(doc, &evaluation->rows[i]));
    add_mean(doc, root, "mean", evaluation, first);
    if (has_profile(evaluation, SELO_PROFILE_REFERENCE) && has_profile(evaluation, SELO_PROFILE_GROUND)) {
        yyjson_mut_val *means = yyjson_mut_obj_add_obj(doc, root, "means");
        add_mean(doc, means, "reference", evaluation, SELO_PROFILE_REFERENCE);
        add_mean(doc, means, "ground", evaluation, SELO_PROFILE_GROUND);
    }
    if (evaluation->pool)
        add_pooled(doc, root, evaluation->pool);
    char *written = yyjson_mut_write(doc, YYJSON_WRITE_PRETTY_TWO_SPACES | YYJSON_WRITE_NEWLINE_AT_END, NULL);
    char *text = CPLStrdup(written ? written : "");
    free(written);
    yyjson_mut_doc_free(doc);
    return text;
}

static const char *shown(double value, char room[16])
{
    if (isnan(value))
        return "-";
    snprintf(room, 16, "%.4f", value);
    return room;
}

static void write_line(FILE *out, const char *id, selo_profile profile, const double scores[4], const char *rest)
{
    char rooms[4][16];
    fprintf(out, "%-12s %-9s", id, selo_profile_name(profile));
    for (int k = 0; k < 4; k++)
        fprintf(out, " %7s", shown(scores[k], rooms[k]));
    fprintf(out, " %s\n", rest);
}

static void write_row(FILE *out, const selo_evaluation_row *row)
{
    const selo_score *score = &row->score;
    selo_text rest = {0};
    double scores[4];
    list_scores(score, scores);
    selo_text_add(&rest, "%5d  %-14s ", (int)score->n_candidates, selo_verdict_name(score->verdict));
    if (row->query)
        selo_text_add_line(&rest, CPLSPrintf("%.*s", SELO_UTF8_SHORT(row->query, 200)));
    write_line(out, row->sample_id, score->profile, scores, rest.data ? rest.data : "");
    selo_text_clear(&rest);
}

char *selo_evaluation_text(const selo_evaluation *evaluation)
{
    static const selo_profile profiles[] = {SELO_PROFILE_REFERENCE, SELO_PROFILE_GROUND};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return CPLStrdup("");
    fprintf(out, "%-12s %-9s %7s %7s %7s %7s %5s  %-14s %s\n", "sample", "profile", "Rsu", "Ras", "Rda", "Rmi", "cand",
            "status", "query");
    for (size_t i = 0; i < evaluation->n_rows; i++)
        write_row(out, &evaluation->rows[i]);
    for (int p = 0; p < 2 && evaluation->n_rows > 1; p++) {
        if (!has_profile(evaluation, profiles[p]))
            continue;
        const mean_score mean = mean_of(evaluation, profiles[p]);
        const double scores[4] = {mean.rsu, mean.ras, mean.rda, mean.rmi};
        write_line(out, "mean", profiles[p], scores, CPLSPrintf("       n = %llu", (unsigned long long)mean.n));
    }
    fclose(out);
    return text;
}
