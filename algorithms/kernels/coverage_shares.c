/* Exact pixel coverage by signed area accumulation per edge. */
#include "coverage_state.h"

#include "selo/memory.h"

#define UNIT 281474976710656.0 /* 2^48: heights inside a row are integers of this unit, so that they cancel exactly */
#define NOTHING (1.0 / 70368744177664.0) /* 2^-46: a share nearer than this to 0 or 1 is 0 or 1 */

static void put(selo_coverage *c, int column, int64_t height, double right_share)
{
    const size_t i = (size_t)(column - c->col0);
    c->cells[i].height += height;
    c->cells[i].share += (double)height * (1.0 / UNIT) * right_share;
    c->touched[i / 64] |= (uint64_t)1 << (i % 64);
}

/* Spreads a piece of an edge that rises evenly by `height` units from x = left to x = right over the pixels it
 * passes. */
static void spread(selo_coverage *c, double left, double right, int64_t height, int sign)
{
    if (left >= c->col1)
        return;
    if (right <= c->col0) {
        put(c, c->col0, sign * height, 1.0);
        return;
    }
    const double per_column = right > left ? (double)height / (right - left) : 0;
    const double end = fmin(right, c->col1);
    int64_t done = 0;
    double x = left;
    if (left < c->col0) {
        x = c->col0;
        done = llrint((x - left) * per_column);
        put(c, c->col0, sign * done, 1.0);
    }
    int column = (int)x;
    do {
        const double next = fmin(column + 1.0, end);
        const int64_t upto = next == right ? height : llrint((next - left) * per_column);
        put(c, column, sign * (upto - done), 1.0 - (0.5 * (x + next) - column));
        done = upto;
        x = next;
        column++;
    } while (column < end);
}

static bool push_run(selo_coverage *c, int x0, int x1, double share)
{
    selo_cover_run *previous = c->n_runs ? c->runs + c->n_runs - 1 : NULL;
    if (previous && previous->x1 == x0 - 1 && previous->share == share) {
        previous->x1 = x1;
        return true;
    }
    if (c->n_runs == c->room_runs) {
        selo_cover_run *more = selo_realloc(c->runs, 2 * c->room_runs, sizeof *more);
        if (!more)
            return false;
        c->runs = more;
        c->room_runs *= 2;
    }
    c->runs[c->n_runs++] = (selo_cover_run){x0, x1, share};
    return true;
}

/* The direction of shells decides the sign; 0 stands for "not covered". */
static double clean_share(double share)
{
    share = fabs(share);
    return share < NOTHING ? 0 : share > 1 - NOTHING ? 1 : share;
}

/* Turns the touched cells, left to right, into runs, and clears them. */
static bool collect_runs(selo_coverage *c)
{
    int64_t height = 0;
    int column = c->col0; /* first one not yet in a run */
    bool ok = true;
    const size_t words = (size_t)(c->col1 - c->col0) / 64 + 1;
    for (size_t w = 0; w < words; w++) {
        for (uint64_t bits = c->touched[w]; bits; bits &= bits - 1) {
            const size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
            const int here = c->col0 + (int)i;
            const double before = clean_share((double)height / UNIT);
            const double share = clean_share((double)height / UNIT + c->cells[i].share);
            if (here > column && before > 0)
                ok = ok && push_run(c, column, here - 1, before);
            if (share > 0)
                ok = ok && push_run(c, here, here, share);
            height += c->cells[i].height;
            c->cells[i] = (selo_coverage_cell){0, 0};
            column = here + 1;
        }
        c->touched[w] = 0;
    }
    const double rest = clean_share((double)height / UNIT);
    return column < c->col1 && rest > 0 ? ok && push_run(c, column, c->col1 - 1, rest) : ok;
}

selo_status selo_coverage_row(selo_coverage *c, int y, const selo_cover_run **runs, size_t *count)
{
    bool here;
    const selo_status status = selo_coverage_enter_row(c, y, &here);
    *runs = NULL;
    *count = 0;
    if (status != SELO_OK || !here)
        return status;
    for (size_t i = 0; i < c->n_active; i++) {
        const selo_coverage_edge *e = c->edges + c->active[i];
        const double top = fmax(e->y0, y), bottom = fmin(e->y1, y + 1.0);
        const double xa = selo_coverage_edge_x(e, top), xb = selo_coverage_edge_x(e, bottom);
        const int64_t height = llrint((bottom - y) * UNIT) - llrint((top - y) * UNIT);
        spread(c, fmin(xa, xb), fmax(xa, xb), height, e->sign);
    }
    c->n_runs = 0;
    if (!collect_runs(c))
        return SELO_E_MEMORY;
    *runs = c->runs;
    *count = c->n_runs;
    return SELO_OK;
}
