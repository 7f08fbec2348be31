/* The parameters of a run, as selo_run keeps them. Private to this room. */
#ifndef SELO_TASKS_RUN_PARAM_H
#define SELO_TASKS_RUN_PARAM_H

/* The value of a member of the parameters that selo_run keeps as JSON; "" if there is none. The caller
 * frees it with CPLFree(). */
char *selo_run_param(const char *params_json, const char *name);

#endif
