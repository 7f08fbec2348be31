/* The exact median of floats in a small window.
 *
 * A tile of the map, with what its windows meet around it, is sorted once: from there on a pixel is its rank there,
 * which it shares with no other, and a window is a set of ranks, one bit each (ordinal transform and binary histogram
 * of Weiss 2006, doi 10.1145/1179352.1141918). The window moves by a pixel at a time, down a column of the tile and up
 * the next: ranks that come and go turn their bits, and how many bits are set before a certain word is counted along
 * (Huang, Yang and Tang 1979, doi 10.1109/TASSP.1979.1163188), so the median is mostly in this word or the next.
 *
 * A pixel costs 2 size_x turned bits, and the sorting of its share of the tile: of less than 2 values. Pixels without a
 * value have the highest ranks. */
#include "median_exact.h"

#include <math.h>
#include <string.h>

#include "selo/memory.h"
#include "wide_registers.h"

enum { SIDE_MAX = 128, PIXELS_MAX = SIDE_MAX * SIDE_MAX, DIGITS = 256, DIGIT_BITS = 8, KEY_BITS = 32, WORD_BITS = 64 };

/* A tile with what is around it, row-major, `width` px each. */
typedef struct {
    int width, height, n_valid;
    float low, high;              /* of the finite values */
    uint32_t keys[2][PIXELS_MAX]; /* values as integers of the same order; two, to sort from one into the other */
    uint16_t pixels[2][PIXELS_MAX];
    uint16_t rank[PIXELS_MAX]; /* of each pixel; from n_valid on those without a value */
    float value[PIXELS_MAX];   /* of each rank */
    uint64_t bits[PIXELS_MAX / WORD_BITS];
} tile;

/* What is known of the window besides its bits. */
typedef struct {
    int word, before; /* ranks in the words before this one */
    int valid;        /* counted where the tile has pixels without a value */
} window;

struct selo_exact {
    int tile_width, tile_height; /* without what is around */
    int n_pieces;
    tile *tiles; /* one of each worker */
};

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

static inline uint32_t key_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = UINT32_C(1) << (KEY_BITS - 1);
    return isnan(value) ? UINT32_MAX : bits & sign ? ~bits : bits | sign;
}

static inline float value_of(uint32_t key)
{
    const uint32_t sign = UINT32_C(1) << (KEY_BITS - 1), bits = key & sign ? key & ~sign : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int clamp(int at, int length)
{
    return at < 0 ? 0 : at < length ? at : length - 1;
}

/* The map from pixel (x, y) on; beyond its edges these are repeated. */
static void load_keys(const selo_band *band, int x, int y, tile *t)
{
    const int width = band->options->width, height = band->options->height;
    int n = 0;
    t->n_valid = 0;
    t->low = INFINITY, t->high = -INFINITY;
    for (int r = 0; r < t->height; r++) {
        const float *row = (const float *)band->input +
                           (size_t)(clamp(y + r, height) - band->first_row) * (size_t)width;
        for (int c = 0; c < t->width; c++, n++) {
            const float value = row[clamp(x + c, width)];
            t->keys[0][n] = key_of(value);
            t->pixels[0][n] = (uint16_t)n;
            t->n_valid += !isnan(value);
            t->low = value < t->low && value > -INFINITY ? value : t->low;
            t->high = value > t->high && value < INFINITY ? value : t->high;
        }
    }
}

/* Stable, by one digit; false where all share it, and nothing is moved. */
static bool sort_by_digit(tile *t, int n, int from, int shift)
{
    int starts[DIGITS] = {0};
    for (int k = 0; k < n; k++)
        starts[t->keys[from][k] >> shift & (DIGITS - 1)]++;
    for (int digit = 0, sum = 0; digit < DIGITS; digit++) {
        const int count = starts[digit];
        if (count == n)
            return false;
        starts[digit] = sum;
        sum += count;
    }
    for (int k = 0; k < n; k++) {
        const int to = starts[t->keys[from][k] >> shift & (DIGITS - 1)]++;
        t->keys[!from][to] = t->keys[from][k];
        t->pixels[!from][to] = t->pixels[from][k];
    }
    return true;
}

/* Infinite values count as the least or the greatest finite one, if there is one. */
static float finite_value(const tile *t, float value)
{
    if (t->low > t->high)
        return NAN;
    return value < t->low ? t->low : value > t->high ? t->high : value;
}

static void find_ranks(tile *t)
{
    const int n = t->width * t->height;
    int sorted = 0;
    for (int shift = 0; shift < KEY_BITS; shift += DIGIT_BITS)
        if (sort_by_digit(t, n, sorted, shift))
            sorted = !sorted;
    for (int rank = 0; rank < n; rank++) {
        const float value = value_of(t->keys[sorted][rank]);
        t->rank[t->pixels[sorted][rank]] = (uint16_t)rank;
        t->value[rank] = finite_value(t, value);
    }
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

/* How many of n ranks, `step` apart, are below a limit. In as few bits as they have, many are compared at once. */
static SELO_INLINE int count_below(const uint16_t *ranks, int n, int step, int limit)
{
    uint16_t below = 0;
    for (int k = 0; k < n; k++)
        below = (uint16_t)(below + (ranks[k * step] < limit));
    return below;
}

/* Pixels that come (sign 1) or go (-1): n of them, from one on, `step` apart. */
static SELO_INLINE void turn_bits(tile *t, window *w, int first, int n, int step, int sign)
{
    const uint16_t *ranks = t->rank + first;
    for (int k = 0; k < n; k++)
        t->bits[ranks[k * step] / WORD_BITS] ^= UINT64_C(1) << ranks[k * step] % WORD_BITS;
    w->before += sign * count_below(ranks, n, step, w->word * WORD_BITS);
    if (t->n_valid < t->width * t->height)
        w->valid += sign * count_below(ranks, n, step, t->n_valid);
}

/* The value of a rank within the window, from 1. */
static SELO_INLINE float find_value(const tile *t, window *w, int rank)
{
    while (w->before >= rank)
        w->before -= __builtin_popcountll(t->bits[--w->word]);
    for (int n; w->before + (n = __builtin_popcountll(t->bits[w->word])) < rank; w->word++)
        w->before += n;
    uint64_t bits = t->bits[w->word];
    for (int skip = rank - w->before - 1; skip > 0; skip--)
        bits &= bits - 1;
    return t->value[w->word * WORD_BITS + __builtin_ctzll(bits)];
}

/* Of the window whose first pixel is this one. */
static SELO_INLINE float find_median(const selo_band *band, const tile *t, window *w, int pixel)
{
    const int middle = pixel + band->radius_y * t->width + band->radius_x;
    return t->rank[middle] < t->n_valid ? find_value(t, w, (w->valid + 1) / 2) : NAN;
}

/* Medians of a column of the tile, from the pixel whose window is there on, down (step 1) or up (-1). */
static SELO_INLINE void filter_column(const selo_band *band, tile *t, window *w, int pixel, int n, int step,
                                      float *output)
{
    const int size_x = 2 * band->radius_x + 1, size_y = 2 * band->radius_y + 1;
    const int row = step * t->width, ahead = step > 0 ? size_y * t->width : -t->width,
              behind = step > 0 ? 0 : (size_y - 1) * t->width;
    const ptrdiff_t stride = (ptrdiff_t)step * band->options->width;
    *output = find_median(band, t, w, pixel);
    for (int k = 1; k < n; k++) {
        turn_bits(t, w, pixel + behind, size_x, 1, -1);
        turn_bits(t, w, pixel + ahead, size_x, 1, 1);
        pixel += row;
        output += stride;
        *output = find_median(band, t, w, pixel);
    }
}

/* Output of the tile at (x, y), `columns` x `rows` px. */
SELO_WIDE_REGISTERS static void filter_tile(const selo_band *band, tile *t, int x, int y, int columns, int rows)
{
    const int size_x = 2 * band->radius_x + 1, size_y = 2 * band->radius_y + 1;
    t->width = columns + size_x - 1;
    t->height = rows + size_y - 1;
    load_keys(band, x - band->radius_x, y - band->radius_y, t);
    find_ranks(t);
    memset(t->bits, 0, sizeof t->bits);
    window w = {.valid = t->n_valid < t->width * t->height ? 0 : size_x * size_y};
    for (int r = 0; r < size_y; r++)
        turn_bits(t, &w, r * t->width, size_x, 1, 1);
    float *output = (float *)band->output + (size_t)(y - band->row_start) * (size_t)band->options->width + x;
    const size_t down = (size_t)(rows - 1) * (size_t)band->options->width;
    for (int c = 0; c < columns; c++) {
        const bool up = c % 2;
        const int first = (up ? rows - 1 : 0) * t->width + c;
        if (c > 0) {
            turn_bits(t, &w, first - 1, size_y, t->width, -1);
            turn_bits(t, &w, first - 1 + size_x, size_y, t->width, 1);
        }
        filter_column(band, t, &w, first, rows, up ? -1 : 1, output + c + (up ? down : 0));
    }
}

selo_status selo_filter_exact_piece(const selo_band *band, int piece, int worker)
{
    const selo_exact *exact = band->exact;
    const int x = piece * exact->tile_width, width = band->options->width;
    const int columns = width - x < exact->tile_width ? width - x : exact->tile_width;
    for (int y = band->row_start, rows; y < band->row_end; y += rows) {
        rows = band->row_end - y < exact->tile_height ? band->row_end - y : exact->tile_height;
        filter_tile(band, &exact->tiles[worker], x, y, columns, rows);
    }
    return SELO_OK;
}

/* ---- what bands have in common ----------------------------------------------------------------------------------- */

bool selo_exact_suits(const selo_band *band)
{
    const selo_filter_options *options = band->options;
    return options->sample == SELO_SAMPLE_FLOAT && options->size_x <= SELO_EXACT_SIZE_MAX &&
           options->size_y <= SELO_EXACT_SIZE_MAX;
}

/* Small tiles are sorted fast, large ones have less around them. */
static int side_of(const selo_filter_options *options)
{
    int side = SIDE_MAX;
    while (side / 2 > 4 * options->size_x && side / 2 > 4 * options->size_y)
        side /= 2;
    return side;
}

selo_status selo_exact_new(const selo_band *band, int rows, selo_exact **exact)
{
    const selo_filter_options *options = band->options;
    const int side = side_of(options);
    selo_exact *e = selo_alloc_zeroed(1, sizeof *e);
    if (!e)
        return SELO_E_MEMORY;
    e->tile_width = side - options->size_x + 1;
    e->tile_height = side - options->size_y + 1;
    e->n_pieces = (int)(((int64_t)options->width + e->tile_width - 1) / e->tile_width);
    e->tiles = selo_alloc((size_t)selo_filter_workers(band, rows, e->n_pieces), sizeof *e->tiles);
    if (!e->tiles) {
        selo_exact_free(e);
        return SELO_E_MEMORY;
    }
    *exact = e;
    return SELO_OK;
}

int selo_exact_pieces(const selo_exact *exact)
{
    return exact->n_pieces;
}

void selo_exact_free(selo_exact *exact)
{
    if (exact)
        selo_free(exact->tiles);
    selo_free(exact);
}
