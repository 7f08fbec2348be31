/* Pixels whose centres an area covers. */
#include "coverage_state.h"

#include <stdlib.h>

static int by_x(const void *a, const void *b)
{
    const selo_coverage_crossing *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : p->sign - q->sign;
}

selo_status selo_coverage_centres(selo_coverage *c, int y, const selo_span **spans, size_t *count)
{
    bool here;
    const selo_status status = selo_coverage_enter_row(c, y, &here);
    *spans = NULL;
    *count = 0;
    if (status != SELO_OK || !here)
        return status;
    const double centre = y + 0.5;
    size_t n = 0, found = 0;
    for (size_t i = 0; i < c->n_active; i++) {
        const selo_coverage_edge *e = c->edges + c->active[i];
        if (e->y0 <= centre && centre < e->y1)
            c->crossings[n++] = (selo_coverage_crossing){selo_coverage_edge_x(e, centre), e->sign};
    }
    qsort(c->crossings, n, sizeof *c->crossings, by_x);
    for (size_t i = 0, winding = 0; i + 1 < n; i++) {
        winding += (size_t)c->crossings[i].sign;
        const int x0 = (int)ceil(selo_coverage_clamp(c->crossings[i].x - 0.5, c->col0, c->col1));
        const int x1 = (int)ceil(selo_coverage_clamp(c->crossings[i + 1].x - 0.5, c->col0, c->col1)) - 1;
        if (winding == 0 || x0 > x1)
            continue;
        if (found && c->spans[found - 1].x1 == x0 - 1)
            c->spans[found - 1].x1 = x1;
        else
            c->spans[found++] = (selo_span){x0, x1};
    }
    *spans = c->spans;
    *count = found;
    return SELO_OK;
}
