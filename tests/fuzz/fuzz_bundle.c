/* selo_encoder_open of a bundle: the input is its model.json, a NUL, and the bytes of each file that it may name. */
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

#include "selo/encoder.h"

static void put(const char *name, const unsigned char *bytes, size_t size)
{
    VSIFCloseL(VSIFileFromMemBuffer(name, (GByte *)bytes, size, FALSE));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const unsigned char *split = memchr(data, 0, size);
    const size_t description = split ? (size_t)(split - data) : size, rest = split ? size - description - 1 : 0;
    const selo_encoder_options options = {.model = "/vsimem/bundle", .threads = 1};
    selo_encoder *encoder;
    put("/vsimem/bundle/model.json", data, description);
    put("/vsimem/bundle/a", data + size - rest, rest);
    put("/vsimem/bundle/b", data + size - rest, rest);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (selo_encoder_open(&options, &encoder) == SELO_OK)
        selo_encoder_free(encoder);
    CPLPopErrorHandler();
    VSIRmdirRecursive("/vsimem/bundle");
    return 0;
}
