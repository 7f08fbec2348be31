#include "terminal_progress.h"

#include <stdio.h>

int CPL_STDCALL selo_terminal_progress(double done, const char *message, void *data)
{
    int *shown = data;
    const double share = done > 0 ? done < 1 ? done : 1 : 0;
    (void)message;
    if (share <= 0) /* nothing is done yet, and an error of what is only checked so far has a line of its own */
        return 1;
    for (const int now = (int)(share * (double)SELO_TERMINAL_TICKS + 1e-9); *shown <= now; ++*shown) {
        if (*shown % 4 == 0)
            fprintf(stderr, "%d", *shown * 100 / SELO_TERMINAL_TICKS);
        else
            fputc('.', stderr);
        if (*shown == SELO_TERMINAL_TICKS)
            fputs(" - done.\n", stderr);
    }
    fflush(stderr);
    return 1;
}
