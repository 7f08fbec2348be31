/* Words and housekeeping of selo/score.h: every room above shares them. */
#include "selo/score.h"

#include <string.h>

#include "selo/memory.h"

const char *selo_profile_name(selo_profile profile)
{
    return profile == SELO_PROFILE_GROUND ? "ground" : "reference";
}

const char *selo_verdict_name(selo_verdict verdict)
{
    static const char *const names[] = {"ok", "no_region", "region_outside", "region_everywhere",
                                        "zero_radius", "no_valid_pixel", "region_hidden", "failed"};
    return (size_t)verdict < sizeof names / sizeof *names ? names[verdict] : "failed";
}

void selo_score_clear(selo_score *score)
{
    selo_free(score->candidates);
    selo_free(score->regions);
    memset(score, 0, sizeof *score);
}
