/* Result layers: not in this build yet; whoever asks for them is told so. */
#include "selo/results.h"

#include "cpl_error.h"

struct selo_results {
    int unused;
};

selo_status selo_results_check(const selo_results_options *options)
{
    CPLError(CE_Failure, CPLE_NotSupported, "%s: result layers cannot be written by this build", options->path ? options->path : "output");
    return SELO_E_OUTPUT;
}

selo_status selo_results_open(const selo_results_options *options, const selo_run *run, selo_results **results)
{
    (void)run;
    *results = NULL;
    return selo_results_check(options);
}

selo_status selo_results_add(selo_results *results, const selo_sample_result *sample)
{
    (void)results;
    (void)sample;
    return SELO_E_OUTPUT;
}

selo_status selo_results_close(selo_results *results, GDALDatasetH *dataset)
{
    (void)results;
    (void)dataset;
    return SELO_E_OUTPUT;
}

void selo_results_abandon(selo_results *results)
{
    (void)results;
}
