/* The extra scores of the ground profile under the names that layers and JSON give them. */
#ifndef SELO_EVALUATE_EXTRAS_H
#define SELO_EVALUATE_EXTRAS_H

#include "selo/ground.h"

enum { N_EXTRA = 11 };

extern const char *const selo_extra_names[N_EXTRA];
extern const char *const selo_extra_comments[N_EXTRA]; /* unit and definition */

/* The numbers, in the order of the names. */
void selo_extras_list(const selo_ground_extras *extras, double *values);

#endif
