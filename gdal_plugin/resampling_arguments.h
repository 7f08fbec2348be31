/* Arguments of intervals and p-values. */
#ifndef SELO_RESAMPLING_ARGUMENTS_H
#define SELO_RESAMPLING_ARGUMENTS_H

#include "command.h"
#include "selo/statistics.h"
#include "summary.h"

#define SELO_RESAMPLING_ARGUMENTS                                                                                     \
    {.name = "seed", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED, .minimum = 0, .maximum = 2147483647,          \
     .default_value = "1",                                                                                             \
     .help = "Seed of the random numbers: the same seed gives the same intervals everywhere"},                         \
    {.name = "confidence", .kind = SELO_ARG_REAL, .flags = SELO_ARG_RANGED, .minimum = 0.5, .maximum = 0.9999,         \
     .default_value = "0.95",                                                                                          \
     .help = "Level of the intervals"},                                                                                \
    {.name = "replicates", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 99,      \
     .maximum = 1000000, .default_value = "9999", .help = "Number of resamplings"},                                    \
    {.name = "interval", .kind = SELO_ARG_STRING, .flags = SELO_ARG_ADVANCED, .choices = "bca|percentile",             \
     .default_value = "bca",                                                                                           \
     .help = "Kind of bootstrap interval"},                                                                            \
    SELO_SUMMARY_ARGUMENT

selo_resampling selo_resampling_arguments(const selo_values *values);

#endif
