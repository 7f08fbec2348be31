/* The small files of a model, its description and vocabularies. Private to encoders/. */
#ifndef SELO_ENCODERS_MODEL_FILE_H
#define SELO_ENCODERS_MODEL_FILE_H

#include <stddef.h>
#include <yyjson.h>

#include "selo/status.h"

/* Reads a whole file (through /vsigzip/ where it ends in .gz); a zero byte follows. The caller frees *bytes with
 * VSIFree(). Reports with CPLError(), naming the file. */
selo_status selo_model_file_read(const char *path, char **bytes, size_t *size);

/* The bytes of the file `path` as JSON; bytes[size] is a zero byte. The caller frees the document, which keeps nothing
 * of the bytes; NULL, reported with CPLError(), if they are no JSON. */
yyjson_doc *selo_model_json_parse(const char *path, char *bytes, size_t size);

#endif
