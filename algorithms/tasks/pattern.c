#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/text.h"
#include "selo/truth.h"

/* Adds the value of "FIELD" or "FIELD:width"; false if there is none. */
static bool add_field(selo_text *text, const char *field, size_t length, selo_pattern_lookup lookup, void *user)
{
    char *name = CPLStrdup(CPLSPrintf("%.*s", (int)length, field)), *colon = strchr(name, ':');
    size_t width = 0;
    if (colon) {
        *colon = '\0';
        width = strtoul(colon + 1, NULL, 10);
    }
    const char *value = lookup(user, name);
    for (size_t n = value ? strlen(value) : width; n < width && n < 64; ++n)
        selo_text_add(text, "0");
    if (value)
        selo_text_add_bytes(text, value, strlen(value));
    CPLFree(name);
    return value != NULL;
}

char *selo_pattern_expand(const char *pattern, selo_pattern_lookup lookup, void *user, const char *subject)
{
    selo_text text = {0};
    for (const char *at = pattern; *at;) {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        if (!close) {
            const size_t plain = 1 + strcspn(at + 1, "{");
            selo_text_add_bytes(&text, at, plain);
            at += plain;
        } else if (add_field(&text, at + 1, (size_t)(close - at - 1), lookup, user))
            at = close + 1;
        else {
            CPLError(CE_Failure, CPLE_IllegalArg, "%s: '%s': there is no value for %.*s", subject, pattern,
                     (int)(close - at + 1), at);
            selo_text_clear(&text);
            return NULL;
        }
    }
    char *expanded = CPLStrdup(text.data ? text.data : "");
    selo_text_clear(&text);
    return expanded;
}

const char *selo_pattern_field_of_sample(void *sample, const char *field)
{
    const selo_truth_sample *of = sample;
    return EQUAL(field, "sample_id") ? of->sample_id : CSLFetchNameValue(of->fields, field);
}
