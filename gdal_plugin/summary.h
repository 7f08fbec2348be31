/* What commands print: text for people, JSON for machines. */
#ifndef SELO_SUMMARY_H
#define SELO_SUMMARY_H

#include "command.h"
#include "selo/text.h"

#define SELO_SUMMARY_ARGUMENT                                                 \
    {.name = "summary", .kind = SELO_ARG_STRING, .choices = "text|json|none", \
     .help = "What goes to standard output (default: text on the command line, json through the API)"}

/* --output-format of commands whose answer goes to standard output alone. */
#define SELO_TEXT_OR_JSON_ARGUMENT                                                                    \
    {.name = "output-format", .short_name = 'f', .kind = SELO_ARG_STRING, .choices = "text|json",     \
     .help = "Output format (default: text on the command line, json through the API)", .aliases = "of|format"}

/* Hands `text` over as what goes to standard output, and frees it. */
selo_status selo_hand_out(selo_values *values, selo_text *text);

/* "text", "json" or "none". */
const char *selo_summary_choice(const selo_values *values);

/* What SELO_TEXT_OR_JSON_ARGUMENT comes to. */
bool selo_wants_json(const selo_values *values);

#endif
