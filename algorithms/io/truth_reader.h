/* What the parts of reading a truth share. */
#ifndef SELO_IO_TRUTH_READER_H
#define SELO_IO_TRUTH_READER_H

#include "selo/truth.h"

typedef struct selo_truth_reader {
    const selo_truth_options *options;
    OGRLayerH layer;
    int query_field, class_field, id_field; /* -1: none */
    selo_truth *truth;
    size_t n_other; /* features left out: no polygon in them */
    bool asked;     /* whether the feature at hand is of the query that was asked for */
} selo_truth_reader;

/* Whether a feature is of the query that was asked for. */
bool selo_truth_is_asked(const selo_truth_reader *reader, OGRFeatureH feature);

/* The field of a feature's id, query or class that is no UTF-8, as JSON, HTML and databases want text; -1: none. */
int selo_truth_odd_field(const selo_truth_reader *reader, OGRFeatureH feature);

/* Reports that no feature is of the query that was asked for, with some queries that there are. */
selo_status selo_truth_refuse_query(const selo_truth_reader *reader);

/* Drops the samples without regions: those of other queries, which were there to be counted. */
void selo_truth_drop_unasked(selo_truth *truth);

/* The sample that a feature belongs to, made where it is the first of its kind; NULL if memory is short. Samples are
 * told apart by query and id: a test set may ask the same question of two images. */
selo_truth_sample *selo_truth_sample_of(selo_truth_reader *reader, OGRFeatureH feature);

/* Adds a region of the feature to its sample. Takes ownership of `region`, also on failure. */
selo_status selo_truth_add_region(selo_truth_reader *reader, selo_truth_sample *sample, OGRFeatureH feature,
                                  OGRGeometryH region);

#endif
