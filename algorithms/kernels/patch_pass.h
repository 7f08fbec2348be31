/* One box mean of a rectangle. */
#ifndef SELO_KERNELS_PATCH_PASS_H
#define SELO_KERNELS_PATCH_PASS_H

#include "patch.h"

/* Turns patch->now from the values of rectangle `from` into the means of rectangle `to`;
 * patch->valid is that of `source`. */
void selo_patch_run_pass(selo_patch *patch, selo_rect source, selo_rect from, selo_rect to);

#endif
