#include <cpl_string.h>
#include <yyjson.h>

#include "vector_file.h"

static selo_status add_numbers(selo_vector_reader *reader, yyjson_val *numbers, const char *name)
{
    size_t i, n;
    yyjson_val *number;
    if (!yyjson_is_arr(numbers))
        return selo_vector_reader_fail(reader, "no array of numbers where a vector should be");
    yyjson_arr_foreach(numbers, i, n, number)
    {
        if (!yyjson_is_num(number))
            return selo_vector_reader_fail(reader, "a vector holds something that is no number");
        const selo_status status = selo_vector_reader_add(reader, yyjson_get_num(number));
        if (status != SELO_OK)
            return status;
    }
    return selo_vector_reader_end(reader, name);
}

static selo_status add_item(selo_vector_reader *reader, yyjson_val *item)
{
    if (yyjson_is_obj(item))
        return add_numbers(reader, yyjson_obj_get(item, "vector"), yyjson_get_str(yyjson_obj_get(item, "query")));
    return add_numbers(reader, item, NULL);
}

static selo_status add_root(selo_vector_reader *reader, yyjson_val *root)
{
    size_t i, n;
    yyjson_val *key, *value;
    selo_status status = SELO_OK;
    if (yyjson_is_obj(root)) {
        if (yyjson_obj_get(root, "vector"))
            return add_item(reader, root);
        yyjson_obj_foreach(root, i, n, key, value)
        {
            if (status == SELO_OK)
                status = add_numbers(reader, value, yyjson_get_str(key));
        }
        return status;
    }
    if (yyjson_is_num(yyjson_arr_get_first(root)))
        return add_numbers(reader, root, NULL);
    yyjson_arr_foreach(root, i, n, value)
    {
        if (status == SELO_OK)
            status = add_item(reader, value);
    }
    return status;
}

selo_status selo_vectors_from_json(selo_vector_reader *reader, char *bytes, size_t size)
{
    yyjson_read_err error;
    yyjson_doc *doc = yyjson_read_opts(bytes, size, YYJSON_READ_NOFLAG, NULL, &error);
    if (!doc)
        return selo_vector_reader_fail(reader, CPLSPrintf("no valid JSON: %s at byte %d", error.msg, (int)error.pos));
    const selo_status status = add_root(reader, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    return status;
}
