#include "model_file.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"

#define FILE_BYTES_MAX (64 << 20)

selo_status selo_model_file_read(const char *path, char **bytes, size_t *size)
{
    const size_t length = strlen(path);
    const bool zipped = length > 3 && EQUAL(path + length - 3, ".gz") && !STARTS_WITH(path, "/vsigzip/");
    const char *full = zipped ? CPLSPrintf("/vsigzip/%s", path) : path;
    GByte *read = NULL;
    vsi_l_offset n = 0;
    CPLPushErrorHandler(CPLQuietErrorHandler); /* some of its lines do not name the file */
    const bool done = VSIIngestFile(NULL, full, &read, &n, FILE_BYTES_MAX);
    CPLPopErrorHandler();
    if (!done) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: cannot be read, or is larger than such a file can be", path);
        return SELO_E_INPUT;
    }
    *bytes = (char *)read;
    *size = (size_t)n;
    return SELO_OK;
}

yyjson_doc *selo_model_json_parse(const char *path, char *bytes, size_t size)
{
    yyjson_read_err error;
    const size_t mark = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* of Windows' editors */
    yyjson_doc *doc = yyjson_read_opts(bytes + mark, size - mark, YYJSON_READ_NOFLAG, NULL, &error);
    if (!doc)
        CPLError(CE_Failure, CPLE_AppDefined, "%s: no valid JSON: %s at byte %d", path, error.msg,
                 (int)(error.pos + mark));
    return doc;
}
