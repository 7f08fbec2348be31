#include "journal.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "encode_windows.h"
#include "selo/memory.h"
#include "selo/source.h"

static const char magic[] = "selo vectors 1\n";
enum { MAGIC_BYTES = sizeof magic - 1, HEAD_BYTES = MAGIC_BYTES + SELO_HASH_HEX_SIZE };

struct selo_journal {
    char *path;
    VSILFILE *file;
    bool ours;      /* what has this name was left by such a run, or made by this one */
    size_t encoded; /* windows in it that have a vector */
};

/* A record: number of the window, its state, and its vector. */
static size_t record_bytes(const selo_embedding *embedding)
{
    return 2 * sizeof(uint64_t) + embedding->size * sizeof(float);
}

static selo_status fail(const selo_journal *journal)
{
    CPLError(CE_Failure, CPLE_FileIO,
             "%s: cannot be written%s; it keeps what is encoded, in case the run is interrupted", journal->path,
             selo_source_is_full(journal->path) ? ": the disk is full" : "");
    return SELO_E_OUTPUT;
}

/* The window and state of a record; false if it is none, or of a window that an earlier one has. */
static bool read_facts(const char *record, const selo_embedding *embedding, uint64_t *index, uint64_t *state)
{
    memcpy(index, record, sizeof *index);
    memcpy(state, record + sizeof *index, sizeof *state);
    return *index < embedding->n && embedding->states[*index] == SELO_WINDOW_WAITING &&
           (*state == SELO_WINDOW_ENCODED || *state == SELO_WINDOW_SKIPPED);
}

/* Takes records over up to the end of the last whole batch. */
static void take_batches(selo_journal *journal, size_t batch, char *record, selo_embedding *embedding, size_t *resumed)
{
    const size_t bytes = record_bytes(embedding);
    size_t *taken = selo_alloc(embedding->n, sizeof *taken), read = 0, encoded = 0;
    uint64_t index, state;
    while (taken && VSIFReadL(record, 1, bytes, journal->file) == bytes &&
           read_facts(record, embedding, &index, &state)) {
        memcpy(embedding->vectors + index * embedding->size, record + 2 * sizeof index, bytes - 2 * sizeof index);
        embedding->states[index] = (uint8_t)state;
        taken[read++] = (size_t)index;
        encoded += state == SELO_WINDOW_ENCODED;
        if (encoded % batch == 0) {
            *resumed = read;
            journal->encoded = encoded;
        }
    }
    while (read > *resumed)
        embedding->states[taken[--read]] = SELO_WINDOW_WAITING;
    selo_free(taken);
}

/* A run that was killed before the head was whole has left nothing to take over, and nothing to say. */
static bool is_cut_head(const char *head, size_t read, const char *key)
{
    char whole[HEAD_BYTES];
    memcpy(whole, magic, MAGIC_BYTES);
    memcpy(whole + MAGIC_BYTES, key, SELO_HASH_HEX_SIZE);
    return read < HEAD_BYTES && memcmp(head, whole, read) == 0;
}

/* The file is left at the end of what is taken over. */
static selo_status take_records(selo_journal *journal, size_t batch, selo_embedding *embedding, size_t *resumed)
{
    const size_t bytes = record_bytes(embedding);
    char *record = selo_alloc(bytes, 1);
    if (!record)
        return SELO_E_MEMORY;
    take_batches(journal, batch, record, embedding, resumed);
    selo_free(record);
    const vsi_l_offset end = HEAD_BYTES + (vsi_l_offset)*resumed * bytes;
    return VSIFTruncateL(journal->file, end) == 0 && VSIFSeekL(journal->file, end, SEEK_SET) == 0 ? SELO_OK
                                                                                                  : fail(journal);
}

static selo_status refuse_foreign(const selo_journal *journal)
{
    CPLError(CE_Failure, CPLE_FileIO,
             "%s: needed to keep what is encoded, but what is there was left by no interrupted run, or cannot be "
             "opened: move it away, or name another output",
             journal->path);
    return SELO_E_OUTPUT;
}

static selo_status start_anew(selo_journal *journal, const char *key)
{
    journal->ours = true;
    journal->file = VSIFOpenL(journal->path, "wb+");
    if (!journal->file || VSIFWriteL(magic, 1, MAGIC_BYTES, journal->file) != MAGIC_BYTES ||
        VSIFWriteL(key, 1, SELO_HASH_HEX_SIZE, journal->file) != SELO_HASH_HEX_SIZE)
        return fail(journal);
    return SELO_OK;
}

static selo_status open_file(selo_journal *journal, const char *key, size_t batch, selo_embedding *embedding,
                             size_t *resumed)
{
    char head[HEAD_BYTES];
    VSIStatBufL entry;
    if (VSIStatL(journal->path, &entry) != 0)
        return start_anew(journal, key);
    journal->file = VSIFOpenL(journal->path, "rb+");
    const size_t read = journal->file ? VSIFReadL(head, 1, HEAD_BYTES, journal->file) : 0;
    journal->ours = journal->file && memcmp(head, magic, read < MAGIC_BYTES ? read : MAGIC_BYTES) == 0;
    if (!journal->ours)
        return refuse_foreign(journal);
    if (read == HEAD_BYTES && memcmp(head, magic, MAGIC_BYTES) == 0 &&
        memcmp(head + MAGIC_BYTES, key, SELO_HASH_HEX_SIZE) == 0)
        return take_records(journal, batch, embedding, resumed);
    if (!is_cut_head(head, read, key))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "%s: the image, the model or the windows have changed since that run was interrupted: starting anew",
                 journal->path);
    VSIFCloseL(journal->file);
    return start_anew(journal, key);
}

selo_status selo_journal_open(const char *output, const char key[SELO_HASH_HEX_SIZE], size_t batch,
                              selo_embedding *embedding, selo_journal **journal, size_t *resumed)
{
    selo_journal *made = *journal = selo_alloc_zeroed(1, sizeof *made);
    *resumed = 0;
    if (!made)
        return SELO_E_MEMORY;
    made->path = CPLStrdup(CPLSPrintf("%s.part", output));
    const selo_status status = open_file(made, key, batch, embedding, resumed);
    if (status != SELO_OK) {
        selo_journal_close(made, false);
        *journal = NULL;
    }
    return status;
}

selo_status selo_journal_add(selo_journal *journal, const selo_embedding *embedding, const size_t *indices,
                             size_t count)
{
    const size_t vector = embedding->size * sizeof(float);
    for (size_t i = 0; i < count; i++) {
        const uint64_t facts[2] = {indices[i], embedding->states[indices[i]]};
        if (VSIFWriteL(facts, 1, sizeof facts, journal->file) != sizeof facts ||
            VSIFWriteL(embedding->vectors + indices[i] * embedding->size, 1, vector, journal->file) != vector)
            return fail(journal);
        journal->encoded += embedding->states[indices[i]] == SELO_WINDOW_ENCODED;
    }
    return VSIFFlushL(journal->file) == 0 ? SELO_OK : fail(journal);
}

size_t selo_journal_encoded(const selo_journal *journal)
{
    return journal ? journal->encoded : 0;
}

void selo_journal_close(selo_journal *journal, bool remove)
{
    if (!journal)
        return;
    if (journal->file)
        VSIFCloseL(journal->file);
    if (journal->ours && (remove || journal->encoded == 0))
        VSIUnlink(journal->path);
    CPLFree(journal->path);
    selo_free(journal);
}
