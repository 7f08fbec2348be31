/* The samples of a truth: features and their polygons, put together by query and id. */
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "truth_reader.h"

static char **field_pairs(OGRFeatureH feature)
{
    char **pairs = NULL;
    for (int i = 0; i < OGR_F_GetFieldCount(feature); i++)
        if (OGR_F_IsFieldSetAndNotNull(feature, i))
            pairs = CSLSetNameValue(pairs, OGR_Fld_GetNameRef(OGR_F_GetFieldDefnRef(feature, i)),
                                    OGR_F_GetFieldAsString(feature, i));
    return pairs;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool selo_truth_is_asked(const selo_truth_reader *reader, OGRFeatureH feature)
{
    return !reader->options->query || reader->query_field < 0 ||
           !OGR_F_IsFieldSetAndNotNull(feature, reader->query_field) ||
           strcmp(OGR_F_GetFieldAsString(feature, reader->query_field), reader->options->query) == 0;
}

int selo_truth_odd_field(const selo_truth_reader *reader, OGRFeatureH feature)
{
    const int fields[] = {reader->id_field, reader->query_field, reader->class_field};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i] >= 0 && !CPLIsUTF8(OGR_F_GetFieldAsString(feature, fields[i]), -1))
            return fields[i];
    return -1;
}

enum { SHOWN_QUERIES = 5 };

selo_status selo_truth_refuse_query(const selo_truth_reader *reader)
{
    char **queries = NULL, *found = CPLStrdup("");
    for (size_t i = 0; i < reader->truth->n_samples && CSLCount(queries) <= SHOWN_QUERIES; i++)
        if (CSLFindStringCaseSensitive(queries, reader->truth->samples[i].query) < 0)
            queries = CSLAddString(queries, reader->truth->samples[i].query);
    for (int i = 0; queries[i]; i++) {
        char *longer = CPLStrdup(i == SHOWN_QUERIES ? CPLSPrintf("%s, ...", found)
                                                    : CPLSPrintf("%s%s'%s'", found, i ? ", " : "", queries[i]));
        CPLFree(found);
        found = longer;
    }
    CPLError(CE_Failure, CPLE_AppDefined, "--query: truth '%s' has no '%s' in its field '%s'; it has %s",
             reader->options->name, reader->options->query,
             OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(reader->layer), reader->query_field)), found);
    CPLFree(found);
    CSLDestroy(queries);
    return SELO_E_INPUT;
}

selo_truth_sample *selo_truth_sample_of(selo_truth_reader *reader, OGRFeatureH feature)
{
    selo_truth *truth = reader->truth;
    const bool grouped = reader->query_field >= 0 || reader->id_field >= 0;
    const char *query = reader->options->query;
    const char *id = NULL;
    if (reader->query_field >= 0 && OGR_F_IsFieldSetAndNotNull(feature, reader->query_field))
        query = OGR_F_GetFieldAsString(feature, reader->query_field);
    char *query_copy = query ? CPLStrdup(query) : NULL; /* the text of a number lasts until that of the next one */
    if (reader->id_field >= 0 && OGR_F_IsFieldSetAndNotNull(feature, reader->id_field))
        id = OGR_F_GetFieldAsString(feature, reader->id_field);
    for (size_t i = truth->n_samples; i-- > 0;) {
        selo_truth_sample *sample = &truth->samples[i];
        if (!grouped || (same_text(sample->query, query_copy) && (!id || same_text(sample->sample_id, id)))) {
            CPLFree(query_copy);
            return sample;
        }
    }
    selo_truth_sample *samples = selo_realloc(truth->samples, truth->n_samples + 1, sizeof *samples);
    if (!samples) {
        CPLFree(query_copy);
        return NULL;
    }
    truth->samples = samples;
    selo_truth_sample *sample = &samples[truth->n_samples];
    memset(sample, 0, sizeof *sample);
    sample->sample_id = CPLStrdup(id ? id : CPLSPrintf("%llu", (unsigned long long)truth->n_samples));
    sample->query = query_copy;
    sample->fields = field_pairs(feature);
    truth->n_samples++;
    return sample;
}

selo_status selo_truth_add_region(selo_truth_reader *reader, selo_truth_sample *sample, OGRFeatureH feature,
                                  OGRGeometryH region)
{
    const size_t n = sample->n_regions;
    if ((n & (n - 1)) == 0) {
        const size_t room = n ? 2 * n : 1;
        OGRGeometryH *regions = selo_realloc(sample->regions, room, sizeof *regions);
        if (regions)
            sample->regions = regions;
        int64_t *fids = selo_realloc(sample->fids, room, sizeof *fids);
        if (fids)
            sample->fids = fids;
        char **classes = selo_realloc(sample->classes, room, sizeof *classes);
        if (classes)
            sample->classes = classes;
        if (!regions || !fids || !classes) {
            OGR_G_DestroyGeometry(region);
            return SELO_E_MEMORY;
        }
    }
    sample->regions[n] = region;
    sample->fids[n] = OGR_F_GetFID(feature);
    sample->classes[n] = reader->class_field >= 0 && OGR_F_IsFieldSetAndNotNull(feature, reader->class_field)
                             ? CPLStrdup(OGR_F_GetFieldAsString(feature, reader->class_field))
                             : NULL;
    sample->n_regions++;
    return SELO_OK;
}

static void clear_sample(selo_truth_sample *sample)
{
    for (size_t i = 0; i < sample->n_regions; i++) {
        OGR_G_DestroyGeometry(sample->regions[i]);
        CPLFree(sample->classes[i]);
    }
    selo_free(sample->regions);
    selo_free(sample->fids);
    selo_free(sample->classes);
    CPLFree(sample->sample_id);
    CPLFree(sample->query);
    CSLDestroy(sample->fields);
}

void selo_truth_drop_unasked(selo_truth *truth)
{
    size_t kept = 0;
    for (size_t i = 0; i < truth->n_samples; i++) {
        if (truth->samples[i].n_regions > 0)
            truth->samples[kept++] = truth->samples[i];
        else
            clear_sample(&truth->samples[i]);
    }
    truth->n_samples = kept;
}

void selo_truth_free(selo_truth *truth)
{
    if (!truth)
        return;
    for (size_t i = 0; i < truth->n_samples; i++)
        clear_sample(&truth->samples[i]);
    selo_free(truth->samples);
    OSRDestroySpatialReference(truth->crs);
    CPLFree(truth->name);
    selo_free(truth);
}
