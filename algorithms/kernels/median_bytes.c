/* Bytes, while no column holds more than 255 values of a segment, and no window more than 65535. */
#include <stdint.h>

#define NAME selo_median_bytes
#define VALUE uint8_t
#define SEGMENT_BITS SELO_MEDIAN_BYTE_SEGMENT_BITS
#define BIN_BITS SELO_MEDIAN_BYTE_BIN_BITS
#define FINE_COUNT uint8_t
#define FINE_SUM uint16_t
#define FINE_SUM_MAX UINT16_MAX
#include "median_stripe.inc"
