#include "summary.h"

#include "cpl_error.h"
#include "cpl_port.h"

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

bool selo_wants_json(const selo_values *values)
{
    const char *format = selo_values_string(values, "output-format");
    return format ? EQUAL(format, "json") : !selo_values_from_command_line(values);
}
