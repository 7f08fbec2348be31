/* GDAL's progress bar, on standard error: standard output is for results. */
#ifndef SELO_TERMINAL_PROGRESS_H
#define SELO_TERMINAL_PROGRESS_H

#include "cpl_port.h"

enum { SELO_TERMINAL_TICKS = 40 }; /* of a finished bar, whose last one is shown too */

/* A GDALProgressFunc; `data` points to an int, the ticks shown so far, 0 at first. Never cancels. */
int CPL_STDCALL selo_terminal_progress(double done, const char *message, void *data);

#endif
