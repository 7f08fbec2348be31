/* What the commands of `gdal selo testset` share. */
#ifndef SELO_PLUGIN_TESTSET_H
#define SELO_PLUGIN_TESTSET_H

#include <yyjson.h>

#include "command.h"
#include "selo/testset.h"

#define TESTSET_ARGUMENT                                                                                     \
    {.name = "testset", .kind = SELO_ARG_VECTOR, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .short_name = 'i',  \
     .aliases = "input",                                                                                               \
     .help = "Test set: a GeoPackage made by `gdal selo testset import`"}

/* The test set that the argument "testset" names or holds; freed with selo_testset_free(). Reports. */
selo_status testset_open(const selo_values *values, selo_testset **testset);

/* Hands out a document, and frees it. */
selo_status testset_hand_out_json(selo_values *values, yyjson_mut_doc *document);

#endif
