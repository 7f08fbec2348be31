/* Vectors that an interrupted run has finished, kept in a file beside the output (private to this room). */
#ifndef SELO_TASKS_JOURNAL_H
#define SELO_TASKS_JOURNAL_H

#include "embedding.h"
#include "selo/hash.h"

typedef struct selo_journal selo_journal;

/* Opens OUTPUT.part, or makes it. If it is there and of the same key, its vectors are taken over into the embedding,
 * and *resumed says how many; if of another one, that is said and it is started anew; a file that no such run has left
 * is refused, and stays. What was cut off is dropped: a record, and the vectors of a batch (that many are encoded
 * together) that is not whole. Reports with CPLError(). */
selo_status selo_journal_open(const char *output, const char key[SELO_HASH_HEX_SIZE], size_t batch,
                              selo_embedding *embedding, selo_journal **journal, size_t *resumed);

/* Adds finished windows. */
selo_status selo_journal_add(selo_journal *journal, const selo_embedding *embedding, const size_t *indices,
                             size_t count);

/* Vectors in it; 0 for NULL. */
size_t selo_journal_encoded(const selo_journal *journal);

/* Closes it, and removes the file if that is asked for or it holds no vector. NULL is allowed. */
void selo_journal_close(selo_journal *journal, bool remove);

#endif
