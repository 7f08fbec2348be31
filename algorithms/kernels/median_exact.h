/* Exact medians of floats in small windows (private; median_exact.c tells the method). */
#ifndef SELO_KERNELS_MEDIAN_EXACT_H
#define SELO_KERNELS_MEDIAN_EXACT_H

#include "filter.h"

enum { SELO_EXACT_SIZE_MAX = 31 };

/* Whether a band's medians are taken so: of floats, in windows of at most 31 x 31 px. */
bool selo_exact_suits(const selo_band *band);

/* For bands of at most `rows` output rows; the pieces of a band are columns of tiles. SELO_E_MEMORY, or the caller
 * frees it with selo_exact_free(). */
selo_status selo_exact_new(const selo_band *band, int rows, selo_exact **exact);
int selo_exact_pieces(const selo_exact *exact);
void selo_exact_free(selo_exact *exact);

selo_status selo_filter_exact_piece(const selo_band *band, int piece, int worker);

#endif
