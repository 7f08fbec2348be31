/* The list of commands; each is declared in a file of its own under commands/. */
#include "command.h"

extern const selo_command selo_command_windows;
extern const selo_command selo_command_embed;
extern const selo_command selo_command_localize;
extern const selo_command selo_command_smooth;
extern const selo_command selo_command_model_info;
extern const selo_command selo_command_template;
extern const selo_command selo_command_evaluate;
extern const selo_command selo_command_fuse;
extern const selo_command selo_command_benchmark;
extern const selo_command selo_command_merge;
extern const selo_command selo_command_compare;
extern const selo_command selo_command_report;
extern const selo_command selo_command_testset_import;
extern const selo_command selo_command_testset_export;
extern const selo_command selo_command_testset_info;
extern const selo_command selo_command_testset_validate;

const selo_command *const selo_commands[] = {
    &selo_command_windows,
    &selo_command_embed,
    &selo_command_localize,
    &selo_command_smooth,
    &selo_command_model_info,
    &selo_command_template,
    &selo_command_evaluate,
    &selo_command_fuse,
    &selo_command_benchmark,
    &selo_command_merge,
    &selo_command_compare,
    &selo_command_report,
    &selo_command_testset_import,
    &selo_command_testset_export,
    &selo_command_testset_info,
    &selo_command_testset_validate,
    NULL,
};
