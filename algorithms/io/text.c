#include "selo/text.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "stage.h"

void selo_text_clear(selo_text *text)
{
    selo_free(text->data);
    *text = (selo_text){0};
}

/* Room for n more bytes and the zero byte. */
static bool make_room(selo_text *text, size_t n)
{
    if (text->failed)
        return false;
    if (text->size + n + 1 <= text->capacity)
        return true;
    const size_t capacity = 2 * text->capacity + n + 256;
    char *data = selo_realloc(text->data, capacity, 1);
    text->failed = data == NULL;
    if (data) {
        text->data = data;
        text->capacity = capacity;
    }
    return !text->failed;
}

void selo_text_add_bytes(selo_text *text, const char *bytes, size_t n)
{
    if (!make_room(text, n))
        return;
    if (n > 0)
        memcpy(text->data + text->size, bytes, n);
    text->size += n;
    text->data[text->size] = '\0';
}

void selo_text_add(selo_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *line = NULL;
    const int n = CPLVASPrintf(&line, format, arguments);
    va_end(arguments);
    if (n >= 0 && line)
        selo_text_add_bytes(text, line, (size_t)n);
    else
        text->failed = true;
    CPLFree(line);
}

void selo_text_add_html(selo_text *text, const char *plain)
{
    for (; plain && *plain; ++plain) {
        switch (*plain) {
        case '&': selo_text_add_bytes(text, "&amp;", 5); break;
        case '<': selo_text_add_bytes(text, "&lt;", 4); break;
        case '>': selo_text_add_bytes(text, "&gt;", 4); break;
        case '"': selo_text_add_bytes(text, "&quot;", 6); break;
        case '\'': selo_text_add_bytes(text, "&#39;", 5); break;
        default: selo_text_add_bytes(text, plain, 1);
        }
    }
}

void selo_text_add_line(selo_text *text, const char *plain)
{
    for (; plain && *plain; ++plain)
        selo_text_add_bytes(text, (unsigned char)*plain < ' ' || *plain == 127 ? " " : plain, 1);
}

void selo_text_add_csv(selo_text *text, const char *plain)
{
    if (!plain || !strpbrk(plain, ",\"\r\n")) {
        selo_text_add_bytes(text, plain ? plain : "", plain ? strlen(plain) : 0);
        return;
    }
    selo_text_add_bytes(text, "\"", 1);
    for (; *plain; ++plain)
        selo_text_add_bytes(text, *plain == '"' ? "\"\"" : plain, *plain == '"' ? 2 : 1);
    selo_text_add_bytes(text, "\"", 1);
}

void selo_text_add_json(selo_text *text, const char *plain)
{
    selo_text_add(text, plain ? "\"" : "null");
    for (const char *at = plain; at && *at; ++at)
        if (*at == '"' || *at == '\\')
            selo_text_add(text, "\\%c", *at);
        else if ((unsigned char)*at < 0x20)
            selo_text_add(text, "\\u%04x", (unsigned)(unsigned char)*at);
        else
            selo_text_add_bytes(text, at, 1);
    selo_text_add(text, plain ? "\"" : "");
}

void selo_text_add_base64(selo_text *text, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        const size_t left = n - i;
        const unsigned group = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0u) |
                               (left > 2 ? (unsigned)bytes[i + 2] : 0u);
        const char quad[4] = {digits[group >> 18], digits[group >> 12 & 63], left > 1 ? digits[group >> 6 & 63] : '=',
                              left > 2 ? digits[group & 63] : '='};
        selo_text_add_bytes(text, quad, 4);
    }
}

static bool write_all(const selo_text *text, const char *path)
{
    VSILFILE *file = VSIFOpenL(path, "wb");
    if (!file)
        return false;
    const bool written = text->size == 0 || VSIFWriteL(text->data, 1, text->size, file) == text->size;
    return (VSIFCloseL(file) == 0) && written;
}

static selo_status complain(const char *path)
{
    CPLError(CE_Failure, CPLE_FileIO, "%s: cannot be written%s", path,
             selo_source_is_full(path) ? ": the disk is full"
                                       : "; choose a folder that exists and can be written to");
    return SELO_E_OUTPUT;
}

selo_status selo_text_write(const selo_text *text, const char *path, bool overwrite)
{
    if (text->failed) {
        CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory for the text", path);
        return SELO_E_MEMORY;
    }
    if (STARTS_WITH(path, "/vsistdout"))
        return write_all(text, path) ? SELO_OK : complain(path);
    char *existing[2];
    selo_stage stage;
    selo_status status = selo_stage_open_file(path, overwrite, existing, &stage);
    if (status == SELO_OK)
        status = write_all(text, stage.inside) ? selo_stage_commit(&stage, (CSLConstList)existing) : complain(path);
    selo_stage_drop(&stage);
    return status;
}

selo_status selo_file_read(const char *path, size_t most, char **bytes, size_t *size)
{
    VSIStatBufL entry;
    GByte *read = NULL;
    vsi_l_offset n = 0;
    *bytes = NULL;
    const bool there = VSIStatL(path, &entry) == 0; /* what cannot be asked, such as /vsistdin/,
                                                       can be read all the same */
    if (there && VSI_ISDIR(entry.st_mode)) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: a folder, not a file", path);
        return SELO_E_INPUT;
    }
    CPLPushErrorHandler(CPLQuietErrorHandler); /* some of its lines do not name the file */
    const bool done = VSIIngestFile(NULL, path, &read, &n, (GIntBig)most);
    CPLPopErrorHandler();
    if (!done) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: %s", path,
                 there && (size_t)entry.st_size > most ? "larger than such a file can be" : "cannot be read");
        return SELO_E_INPUT;
    }
    *bytes = (char *)read;
    *size = (size_t)n;
    return SELO_OK;
}

char *selo_text_of_bytes(char *bytes, size_t size)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t start = size >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
    const bool text = memchr(bytes, 0, size) == NULL && size <= INT_MAX && CPLIsUTF8(bytes, (int)size);
    return text ? bytes + start : NULL;
}
