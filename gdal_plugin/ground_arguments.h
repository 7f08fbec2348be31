/* Arguments of the ground profile, for every command that scores. */
#ifndef SELO_GROUND_ARGUMENTS_H
#define SELO_GROUND_ARGUMENTS_H

#include "command.h"
#include "selo/evaluate.h"

#define SELO_GROUND_ARGUMENTS                                                                                          \
    {.name = "profile",                                                                                                \
     .kind = SELO_ARG_STRINGS,                                                                                         \
     .choices = "reference|ground",                                                                                    \
     .help = "Arithmetic: reference, the published one on pixels; ground, on the Earth in metres (default: ground "    \
             "where the map "                                                                                          \
             "has a CRS and a geotransform, else reference)"},                                                         \
        {.name = "smoothing",                                                                                          \
         .kind = SELO_ARG_STRING,                                                                                      \
         .metavar = "<LENGTH>",                                                                                        \
         .default_value = "16m",                                                                                       \
         .role = "length",                                                                                             \
         .help = "Ground profile: width of the smoothing window, in px or m"},                                         \
        {.name = "separation",                                                                                         \
         .kind = SELO_ARG_STRING,                                                                                      \
         .metavar = "<LENGTH>",                                                                                        \
         .default_value = "325m",                                                                                      \
         .role = "length",                                                                                             \
         .help = "Ground profile: width of the window in which a candidate is the maximum, in px or m"},               \
        {.name = "threshold",                                                                                          \
         .kind = SELO_ARG_REAL,                                                                                        \
         .flags = SELO_ARG_RANGED,                                                                                     \
         .minimum = 0,                                                                                                 \
         .maximum = 1,                                                                                                 \
         .default_value = "0.5",                                                                                       \
         .help = "Ground profile: attention on the unsmoothed map that a candidate needs"},                            \
        {.name = "expand",                                                                                             \
         .kind = SELO_ARG_REAL,                                                                                        \
         .flags = SELO_ARG_RANGED,                                                                                     \
         .minimum = 0.01,                                                                                              \
         .maximum = 1000,                                                                                              \
         .default_value = "1.5",                                                                                       \
         .help = "Ground profile: circle radius over the region's minimum bounding radius"},                           \
        {.name = "weights",                                                                                            \
         .kind = SELO_ARG_REALS,                                                                                       \
         .flags = SELO_ARG_DUPLICATES,                                                                                 \
         .metavar = "<RSU>,<RAS>,<RDA>",                                                                               \
         .help = "Ground profile: weights of the scores in Rmi, with sum 1 (default: 0.40,0.35,0.25)"},                \
        {.name = "tolerance",                                                                                          \
         .kind = SELO_ARG_STRING,                                                                                      \
         .metavar = "<LENGTH>",                                                                                        \
         .default_value = "0m",                                                                                        \
         .role = "length",                                                                                             \
         .help = "Ground profile: how far from a region the map's maximum may lie in the pointing game, in m"},        \
        {.name = "value-range",                                                                                        \
         .kind = SELO_ARG_REALS,                                                                                       \
         .metavar = "<LOW>,<HIGH>",                                                                                    \
         .excludes = "value-range",                                                                                    \
         .help =                                                                                                       \
             "Ground profile: values of the map that mean no and full attention, after scale and offset (default: "    \
             "the range of "                                                                                           \
             "its type)"},                                                                                             \
        {.name = "normalize",                                                                                          \
         .kind = SELO_ARG_FLAG,                                                                                        \
         .excludes = "value-range",                                                                                    \
         .help = "Ground profile: let the map's own minimum and maximum mean no and full attention"},                  \
        {.name = "aoi",                                                                                                \
         .kind = SELO_ARG_VECTOR,                                                                                      \
         .help = "Ground profile: area of interest; pixels with their centre outside count nowhere"},                  \
    {                                                                                                                  \
        .name = "allow-ballpark", .kind = SELO_ARG_FLAG, .flags = SELO_ARG_ADVANCED,                                   \
        .help = "Ground profile: accept a transformation between CRSs that is only approximate, or not made for the "  \
                "map's place"                                                                                          \
    }

typedef struct selo_profile_choice {
    selo_profile profiles[2];
    size_t n_profiles; /* 0: by the map */
} selo_profile_choice;

/* Reads the arguments above; strings and datasets belong to `values`. Reported with CPLError(). */
selo_status selo_ground_arguments(const selo_values *values, selo_profile_choice *choice, selo_evaluate_ground *ground);

/* A length argument; SELO_E_ARGUMENT, reported under its name, if it has no unit or is none. */
selo_status selo_length_argument(const selo_values *values, const char *name, selo_length *length);

#endif
