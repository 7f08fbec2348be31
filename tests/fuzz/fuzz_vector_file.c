/* selo_vectors_read: the input is the file. */
#include <cpl_error.h>
#include <cpl_vsi.h>

#include "selo/vector_file.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    selo_vectors vectors;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/q", (GByte *)data, size, FALSE));
    if (selo_vectors_read("/vsimem/q", &vectors) == SELO_OK)
        selo_vectors_clear(&vectors);
    VSIUnlink("/vsimem/q");
    CPLPopErrorHandler();
    return 0;
}
