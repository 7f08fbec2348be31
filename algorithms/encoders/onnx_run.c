/* Running a network: numbers in the type that it wants, vectors out. */
#include "cpl_error.h"
#include "onnx_private.h"
#include "selo/clock.h"
#include "selo/memory.h"
#include "selo/vectors.h"

static size_t count_of(const selo_onnx_tensor *tensor)
{
    size_t n = 1;
    for (size_t i = 0; i < tensor->rank; i++)
        n *= (size_t)tensor->shape[i];
    return n;
}

static OrtValue *make_strings(selo_onnx *network, const selo_onnx_tensor *tensor)
{
    const OrtApi *api = network->api;
    OrtAllocator *allocator;
    OrtValue *value = NULL;
    if (selo_onnx_failed(network, api->GetAllocatorWithDefaultOptions(&allocator)) ||
        selo_onnx_failed(network, api->CreateTensorAsOrtValue(allocator, tensor->shape, tensor->rank, network->type,
                                                              &value)))
        return NULL;
    if (!selo_onnx_failed(network, api->FillStringTensor(value, tensor->data, count_of(tensor))))
        return value;
    api->ReleaseValue(value);
    return NULL;
}

/* Whether the network takes numbers of another type than those of a tensor. */
static bool is_converted(const selo_onnx *network)
{
    return network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 ||
           network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16;
}

/* n numbers of that type, freed with selo_free(); NULL if memory is short. */
static void *convert(const selo_onnx *network, const selo_onnx_tensor *tensor, size_t n)
{
    if (network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32) {
        int32_t *numbers = selo_alloc(n, sizeof *numbers);
        for (size_t i = 0; numbers && i < n; i++)
            numbers[i] = (int32_t)((const int64_t *)tensor->data)[i];
        return numbers;
    }
    uint16_t *halves = selo_alloc(n, sizeof *halves);
    for (size_t i = 0; halves && i < n; i++)
        halves[i] = selo_half_from_float(((const float *)tensor->data)[i]);
    return halves;
}

/* The tensor in the type that the network wants; *copy lives as long as it and is freed with selo_free(). */
static OrtValue *make_value(selo_onnx *network, const selo_onnx_tensor *tensor, void **copy)
{
    static const size_t bytes[] = {[ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT] = 4,
                                   [ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16] = 2,
                                   [ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32] = 4,
                                   [ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64] = 8};
    const size_t n = count_of(tensor);
    OrtValue *value = NULL;
    *copy = NULL;
    if (tensor->type == SELO_ONNX_STRING)
        return make_strings(network, tensor);
    void *data = is_converted(network) ? *copy = convert(network, tensor, n) : (void *)tensor->data;
    return !data || selo_onnx_failed(network, network->api->CreateTensorWithDataAsOrtValue(
                                                  network->memory, data, n * bytes[network->type], tensor->shape,
                                                  tensor->rank, network->type, &value))
               ? NULL
               : value;
}

static bool take_output(selo_onnx *network, OrtValue *value, size_t rows, size_t size, float *vectors)
{
    const OrtApi *api = network->api;
    OrtTensorTypeAndShapeInfo *info = NULL;
    ONNXTensorElementDataType type;
    int64_t shape[8] = {0};
    size_t rank = 0;
    void *data;
    bool fine = !selo_onnx_failed(network, api->GetTensorTypeAndShape(value, &info)) &&
                !selo_onnx_failed(network, api->GetTensorElementType(info, &type)) &&
                !selo_onnx_failed(network, api->GetDimensionsCount(info, &rank)) && rank <= 8 &&
                !selo_onnx_failed(network, api->GetDimensions(info, shape, rank)) &&
                !selo_onnx_failed(network, api->GetTensorMutableData(value, &data));
    if (info)
        api->ReleaseTensorTypeAndShapeInfo(info);
    if (!fine)
        return false;
    int64_t total = 1;
    for (size_t i = 0; i < rank; i++)
        total *= shape[i];
    while (rank > 2 && shape[rank - 1] == 1) /* what pooling leaves of the picture: n x size x 1 x 1 */
        rank--;
    const int64_t last = rank > 0 ? shape[rank - 1] : 0;
    if (last != (int64_t)size || total != (int64_t)(rows * size)) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: its output \"%s\" has vectors of %lld numbers (%lld for %lld inputs), model.json says "
                 "dimensions %lld; name the right output or correct it",
                 network->path, network->output, (long long)last, (long long)total, (long long)rows, (long long)size);
        return false;
    }
    if (type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT && type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: its output \"%s\" is neither float nor float16", network->path,
                 network->output);
        return false;
    }
    for (size_t i = 0; i < rows * size; i++)
        vectors[i] = type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT ? ((const float *)data)[i]
                                                                 : selo_half_to_float(((const uint16_t *)data)[i]);
    return true;
}

selo_status selo_onnx_run(selo_onnx *network, const selo_onnx_tensor *input, size_t rows, size_t size, float *vectors)
{
    const OrtApi *api = network->api;
    const char *inputs[] = {network->input}, *outputs[] = {network->output};
    void *copy;
    OrtValue *in = make_value(network, input, &copy), *out = NULL;
    bool fine = in != NULL;
    if (fine) {
        const double start = selo_now_ms();
        fine = !selo_onnx_failed(network,
                       api->Run(network->session, NULL, inputs, (const OrtValue *const *)&in, 1, outputs, 1, &out));
        network->spent_ms += selo_now_ms() - start;
    }
    fine = fine && take_output(network, out, rows, size, vectors);
    if (in)
        api->ReleaseValue(in);
    if (out)
        api->ReleaseValue(out);
    selo_free(copy);
    return fine ? SELO_OK : SELO_E_INPUT;
}

double selo_onnx_spent_ms(const selo_onnx *network)
{
    return network ? network->spent_ms : 0;
}
