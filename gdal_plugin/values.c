/* What follows from a command's values, however they are held. */
#include "command.h"
#include "cpl_string.h"

bool selo_values_in_memory(const selo_values *values)
{
    const char *format = selo_values_string(values, "output-format");
    return format && (EQUAL(format, "stream") || EQUAL(format, "MEM"));
}
