/* Scores an array against one region: cc score_array.c $(pkg-config --cflags --libs selo) */
#include <selo/score.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 700, HEIGHT = 600 };

int main(void)
{
    /* A map of 8-bit attention with one bright square ... */
    uint8_t *map = calloc(WIDTH, HEIGHT);
    if (!map)
        return 1;
    for (int y = 150; y < 250; y++)
        for (int x = 150; x < 250; x++)
            map[y * WIDTH + x] = 255;

    /* ... and a region around it: pixel coordinates, the last vertex joins the first. */
    const selo_point square[] = {{100, 100}, {300, 100}, {300, 300}, {100, 300}};
    const selo_contour region = {.vertices = square, .n = 4, .hole = false};

    selo_score score;
    const selo_status status = selo_score_array(map, WIDTH, HEIGHT, &region, 1, &score);
    if (status == SELO_OK) {
        printf("rsu %.4f  ras %.4f  rda %.4f  rmi %.4f\n", score.rsu, score.ras, score.rda, score.rmi);
        selo_score_clear(&score);
    } else {
        fprintf(stderr, "not scored: %s\n", selo_status_text(status));
    }
    free(map);
    return status;
}
