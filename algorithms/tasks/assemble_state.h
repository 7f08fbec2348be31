/* What the parts of assemble.h share: the layers of the sources, the samples in order, and the output made of them. */
#ifndef SELO_ASSEMBLE_STATE_H
#define SELO_ASSEMBLE_STATE_H

#include "assemble.h"

enum { ASSEMBLE_LAYERS = 16 }; /* at most, in a source */

/* Where the rows of a sample are in one layer of one source. */
typedef struct assemble_place {
    char *key; /* run and sample */
    GIntBig fid;
} assemble_place;

typedef struct assemble_part {
    OGRLayerH layer;        /* NULL: not in this source */
    assemble_place *places; /* sorted by key, then fid */
    size_t n;
} assemble_part;

typedef struct assemble_state {
    const selo_assembly *assembly;
    selo_layer_schema schemas[ASSEMBLE_LAYERS]; /* of the layers with samples, then selo_stat */
    size_t n_layers;                            /* without selo_stat */
    assemble_part *parts;                       /* n_sources * ASSEMBLE_LAYERS */
    selo_table *rows;                           /* run_no, sample_no, source, row: every sample, in order */
    selo_table **tables;                        /* selo_sample per source */
    selo_table *samples;                        /* all of them, in order */
    selo_table *stat;
    selo_layers *layers;
} assemble_state;

/* Schemas of the layers that hold samples, and where the rows of each sample are in them. */
selo_status assemble_index(assemble_state *state);

/* What a place is sorted by; freed with CPLFree(). */
char *assemble_key(const char *run_id, const char *sample_id);

/* Row i of state->rows: a whole number of one of its columns. */
size_t assemble_number(const assemble_state *state, size_t i, const char *column);

/* The output, run by run, each with its samples and its rows of selo_stat. */
selo_status assemble_write(assemble_state *state);

#endif
