/* Arguments of what encodes windows, for every command that runs a model. */
#ifndef SELO_ENCODER_ARGUMENTS_H
#define SELO_ENCODER_ARGUMENTS_H

#include "command.h"
#include "selo/encoder.h"

#define SELO_BANDS_HELP                                                                                                \
    "Which bands show what, such as red=3,green=2,blue=1,nir=4,swir1=5,swir2=6 (default: what the image says of itself)"

#define SELO_SMOOTHING_SIZE_HELP                                                                                       \
    "Side of the smoothing window, such as 251px or 81m (default: 251px for the median, 255px for the Gaussian)"

#define SELO_ENCODER_ARGUMENTS                                                                                         \
    {.name = "min-valid", .kind = SELO_ARG_REAL, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 0,           \
     .maximum = 1, .default_value = "0.5", .help = "Share of valid pixels below which a window takes no part"},        \
    {.name = "white", .kind = SELO_ARG_REAL, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 0,               \
     .maximum = 1e30,                                                                                                  \
     .help = "Value of a white pixel (default: what the model says, else 255 for bytes, 10000 for 16 bits, 1 for "     \
             "floating point)"},                                                                                       \
    {.name = "provider", .kind = SELO_ARG_STRING, .flags = SELO_ARG_ADVANCED, .default_value = "cpu",                  \
     .help = "What runs the networks of a bundle: cpu, cuda, dnnl, xnnpack or the name of an execution provider"},     \
    {.name = "batch", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 1,            \
     .maximum = 4096,                                                                                                  \
     .help = "Windows that the network of a bundle takes at once (default: 32)"}

/* Reads the arguments above, but min-valid, and -j. */
selo_encoder_options selo_encoder_arguments(const selo_values *values, const char *model);

#endif
