#include "resampling_arguments.h"

#include "cpl_error.h"
#include "cpl_string.h"

selo_resampling selo_resampling_arguments(const selo_values *values)
{
    return (selo_resampling){.seed = (uint64_t)selo_values_integer(values, "seed"),
                             .replicates = (size_t)selo_values_integer(values, "replicates"),
                             .level = selo_values_real(values, "confidence"),
                             .method = EQUAL(selo_values_string(values, "interval"), "bca") ? SELO_INTERVAL_BCA : SELO_INTERVAL_PERCENTILE};
}

selo_status selo_hand_out(selo_values *values, selo_text *text)
{
    const selo_status status = text->failed ? SELO_E_MEMORY : SELO_OK;
    if (status == SELO_OK && text->data)
        selo_values_set_text(values, text->data);
    else if (status != SELO_OK)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the answer");
    selo_text_clear(text);
    return status;
}

const char *selo_summary_choice(const selo_values *values)
{
    const char *choice = selo_values_string(values, "summary");
    return choice ? choice : selo_values_from_command_line(values) ? "text" : "json";
}
