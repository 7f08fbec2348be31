/* Bands that stream by, with work that is easy to foresee: every output row is the sum of the input rows around it. And
 * the crew that does it. */
#include <stdatomic.h>
#include <string.h>

#include "crew.h"
#include "filter.h"
#include "selo_test.h"

enum { WIDTH = 6, HEIGHT = 23, RADIUS = 2, PIECES = 3, NEVER = 1000 };

typedef struct {
    int read_rows, written_rows;
    int fail_read, fail_write; /* at the band that holds this row */
    atomic_int fail_work;
} stream_state;

static stream_state state_of;

static selo_status read_rows(void *user, int row, int n_rows, void *rows)
{
    stream_state *s = user;
    assert_int_equal(row, s->read_rows);
    for (int k = 0; k < n_rows * WIDTH; k++)
        ((uint8_t *)rows)[k] = (uint8_t)(row + k / WIDTH + 5 * (k % WIDTH));
    s->read_rows += n_rows;
    return s->read_rows > s->fail_read ? SELO_E_INPUT : SELO_OK;
}

static selo_status write_rows(void *user, int row, int n_rows, const void *rows)
{
    stream_state *s = user;
    assert_int_equal(row, s->written_rows);
    for (int k = 0; k < n_rows * WIDTH; k++) {
        int expected = 0;
        for (int r = row + k / WIDTH - RADIUS; r <= row + k / WIDTH + RADIUS; r++)
            expected += r >= 0 && r < HEIGHT ? r + 5 * (k % WIDTH) : 0;
        assert_int_equal(((const uint8_t *)rows)[k], expected % 256);
    }
    s->written_rows += n_rows;
    return s->written_rows > s->fail_write ? SELO_E_OUTPUT : SELO_OK;
}

/* A piece has every third column. */
static selo_status add_rows(const selo_band *band, int piece, int worker)
{
    (void)worker;
    for (int row = band->row_start; row < band->row_end; row++)
        for (int x = piece; x < WIDTH; x += PIECES) {
            uint8_t *sum = (uint8_t *)band->output + (row - band->row_start) * WIDTH + x;
            *sum = 0;
            for (int r = row - RADIUS; r <= row + RADIUS; r++)
                if (r >= band->first_row && r <= band->last_row)
                    *sum = (uint8_t)(*sum + ((const uint8_t *)band->input)[(r - band->first_row) * WIDTH + x]);
        }
    return band->row_end > atomic_load(&state_of.fail_work) ? SELO_E_MEMORY : SELO_OK;
}

static selo_status run(int threads, int rows, int fail_read, int fail_work, int fail_write)
{
    const selo_filter_options options = {.method = SELO_FILTER_BOX, .size_x = 1, .size_y = 2 * RADIUS + 1,
                                         .sample = SELO_SAMPLE_BYTE, .width = WIDTH, .height = HEIGHT,
                                         .threads = threads};
    const selo_band band = {.options = &options, .radius_y = RADIUS};
    const selo_band_work work = {PIECES, add_rows};
    state_of = (stream_state){.fail_read = fail_read, .fail_write = fail_write};
    atomic_store(&state_of.fail_work, fail_work);
    return selo_filter_bands(&(selo_row_stream){&state_of, read_rows, write_rows}, &band, rows, &work);
}

static void bands_meet_and_each_row_is_read_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 7; threads++)
        for (int rows = 1; rows <= HEIGHT; rows++) {
            assert_int_equal(run(threads, rows, NEVER, NEVER, NEVER), SELO_OK);
            assert_int_equal(state_of.read_rows, HEIGHT);
            assert_int_equal(state_of.written_rows, HEIGHT);
        }
}

static void what_fails_ends_the_run(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++)
        for (int at = 0; at < HEIGHT; at++) {
            assert_int_equal(run(threads, 4, at, NEVER, NEVER), SELO_E_INPUT);
            assert_true(state_of.read_rows > at && state_of.written_rows <= at);
            assert_int_equal(run(threads, 4, NEVER, at, NEVER), SELO_E_MEMORY);
            assert_true(state_of.written_rows <= at);
            assert_int_equal(run(threads, 4, NEVER, NEVER, at), SELO_E_OUTPUT);
            assert_true(state_of.written_rows > at && state_of.written_rows <= at + 4);
        }
}

static void memory_that_is_short_ends_the_run(void **state)
{
    (void)state;
    selo_status status = SELO_E_MEMORY;
    for (long failing = 0; status != SELO_OK; failing++) {
        test_heap_start(failing);
        status = run(1, 4, NEVER, NEVER, NEVER);
        assert_int_equal(test_heap_end(), 0);
        assert_true(failing < 10 && (status == SELO_OK || status == SELO_E_MEMORY));
    }
}

/* ---- sizes near the end of what an int holds --------------------------------------------------------------------- */

static void rows_and_columns_beyond_the_edge_are_mirrored(void **state)
{
    (void)state;
    const int expected[] = {2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2};
    for (int at = -2; at <= 8; at++)
        assert_int_equal(selo_mirror(at, 4), expected[at + 2]);
    assert_int_equal(selo_mirror(-7, 1), 0);
    assert_int_equal(selo_mirror((int64_t)INT32_MAX + 4, INT32_MAX), INT32_MAX - 6);
    assert_int_equal(selo_mirror(2000000003, 2000000000), 1999999995);
}

static selo_status refuse_rows(void *user, int row, int n_rows, void *rows)
{
    (void)rows;
    assert_int_equal(row, 0);
    assert_true(n_rows > 0);
    ++*(int *)user;
    return SELO_E_INPUT;
}

static selo_status take_no_rows(void *user, int row, int n_rows, const void *rows)
{
    (void)user, (void)row, (void)n_rows, (void)rows;
    return SELO_E_OUTPUT;
}

/* What ends the run is the first band: so there is one. */
static void the_tallest_map_has_bands(void **state)
{
    (void)state;
    for (int method = SELO_FILTER_NONE; method <= SELO_FILTER_BOX; method++)
        for (int size = 1; size <= SELO_FILTER_SIZE_MAX; size += SELO_FILTER_SIZE_MAX - 1) {
            const selo_filter_options options = {.method = (selo_filter_method)method, .size_x = 1, .size_y = size,
                                                 .width = 1, .height = INT32_MAX, .threads = 2};
            int n_read = 0;
            assert_int_equal(selo_filter_run(&options, &(selo_row_stream){&n_read, refuse_rows, take_no_rows}),
                             SELO_E_INPUT);
            assert_int_equal(n_read, 1);
        }
}

static void the_widest_map_has_stripes(void **state)
{
    (void)state;
    for (int size = 3; size <= SELO_FILTER_SIZE_MAX; size += SELO_FILTER_SIZE_MAX - 3) {
        const selo_filter_options options = {.method = SELO_FILTER_MEDIAN, .size_x = size, .size_y = 1,
                                             .width = INT32_MAX, .height = 1, .threads = 1};
        const selo_band band = {.options = &options, .radius_x = size / 2};
        selo_median *median;
        assert_int_equal(selo_median_new(&band, 1, &median), SELO_OK);
        const int n = selo_median_stripes(median), columns = size == 3 ? 2998 : 4 * (size / 2);
        assert_true(n >= INT32_MAX / columns && n <= INT32_MAX / columns + 2);
        selo_median_free(median);
    }
}

/* ---- the crew ---------------------------------------------------------------------------------------------------- */

enum { N_PIECES = 200, WORKERS = 3 };

typedef struct {
    atomic_int times[N_PIECES], workers_at_work[WORKERS];
    atomic_bool two_at_once; /* pieces of one worker */
} tally;

static void count_piece(void *context, size_t piece, int worker)
{
    tally *t = context;
    if (atomic_fetch_add(&t->workers_at_work[worker], 1) > 0)
        atomic_store(&t->two_at_once, true);
    atomic_fetch_add(&t->times[piece], 1);
    atomic_fetch_sub(&t->workers_at_work[worker], 1);
}

static void a_crew_does_what_is_released_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= WORKERS; threads++) {
        static tally t;
        memset(&t, 0, sizeof t);
        selo_crew *crew = selo_crew_new(threads, count_piece, &t);
        assert_non_null(crew);
        for (size_t end = 0; end <= N_PIECES; end += 40) {
            selo_crew_release(crew, end);
            selo_crew_wait(crew, end / 2);
            for (size_t k = 0; k < N_PIECES; k++)
                assert_true(k < end / 2 ? t.times[k] == 1 : k < end ? t.times[k] <= 1 : t.times[k] == 0);
        }
        selo_crew_free(crew);
        for (size_t k = 0; k < N_PIECES; k++)
            assert_int_equal(t.times[k], 1);
        assert_false(t.two_at_once);
    }
    selo_crew_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_meet_and_each_row_is_read_once),
        cmocka_unit_test(what_fails_ends_the_run),
        cmocka_unit_test(memory_that_is_short_ends_the_run),
        cmocka_unit_test(rows_and_columns_beyond_the_edge_are_mirrored),
        cmocka_unit_test(the_tallest_map_has_bands),
        cmocka_unit_test(the_widest_map_has_stripes),
        cmocka_unit_test(a_crew_does_what_is_released_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
