/* A run of a command: what is checked before it, where its progress goes, and what becomes of its messages. */
#ifndef SELO_PLUGIN_COMMAND_RUN_H
#define SELO_PLUGIN_COMMAND_RUN_H

#include "command.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs a command with what the user gave. GDAL's progress bar goes to standard error; `progress` may be NULL. Where it
 * returns another status than SELO_OK, an error has been reported and is GDAL's last one, and the return code of a
 * command that has one is 1: GDAL takes it even where the run failed. */
selo_status selo_command_run(const selo_command *command, selo_values *values, GDALProgressFunc progress,
                             void *progress_data);

#ifdef __cplusplus
}
#endif
#endif
