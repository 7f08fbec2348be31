#include "selo/status.h"

const char *selo_status_text(selo_status status)
{
    switch (status) {
    case SELO_OK: return "done";
    case SELO_E_ARGUMENT: return "argument outside its range";
    case SELO_E_MEMORY: return "not enough memory";
    case SELO_E_INPUT: return "unusable input";
    case SELO_E_OUTPUT: return "result could not be written";
    case SELO_E_CANCELLED: return "cancelled";
    }
    return "unknown status";
}
