/* Levels, while no column holds more than 255 values of a segment, and no window more than 65535. */
#include <stdint.h>

#define NAME selo_median_levels
#define VALUE uint16_t
#define SEGMENT_BITS SELO_MEDIAN_LEVEL_SEGMENT_BITS
#define BIN_BITS SELO_MEDIAN_LEVEL_BIN_BITS
#define FINE_COUNT uint8_t
#define FINE_SUM uint16_t
#define FINE_SUM_MAX UINT16_MAX
#include "median_stripe.inc"
