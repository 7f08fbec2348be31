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
    char **unasked; /* some of the queries that were not asked for, for CSLDestroy() */
} selo_truth_reader;

/* Whether a feature is of the query that was asked for; else its query is one of the unasked. */
bool selo_truth_is_asked(selo_truth_reader *reader, OGRFeatureH feature);

/* Reports that no feature is, with some queries that there are. */
selo_status selo_truth_refuse_query(const selo_truth_reader *reader);

/* The sample that a feature belongs to, made where it is the first of its kind; NULL if memory is short. Samples are
 * told apart by query and id: a test set may ask the same question of two images. */
selo_truth_sample *selo_truth_sample_of(selo_truth_reader *reader, OGRFeatureH feature);

/* Adds a region of the feature to its sample. Takes ownership of `region`, also on failure. */
selo_status selo_truth_add_region(selo_truth_reader *reader, selo_truth_sample *sample, OGRFeatureH feature,
                                  OGRGeometryH region);

#endif
