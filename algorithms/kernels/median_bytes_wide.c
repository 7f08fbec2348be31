/* Bytes, in any number. */
#include <stdint.h>

#define NAME selo_median_bytes_wide
#define VALUE uint8_t
#define SEGMENT_BITS SELO_MEDIAN_BYTE_SEGMENT_BITS
#define BIN_BITS SELO_MEDIAN_BYTE_BIN_BITS
#define FINE_COUNT uint16_t
#define FINE_SUM int32_t
#define FINE_SUM_MAX INT32_MAX
#include "median_stripe.inc"
