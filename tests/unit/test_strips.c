/* Strips that several threads make: all are taken once, in order; what fails is returned, and nothing is taken after
 * it. */
#include <string.h>

#include "selo/strips.h"
#include "selo_test.h"

enum { N_STRIPS = 40, STRIP_BYTES = 1000, NEVER = -1 };

typedef struct {
    int fails_to_make, fails_to_take; /* strip; NEVER: none */
    int n_taken;
} job;

/* The first strips take longest, so that with threads later ones are ready before them. */
static selo_status make(void *user, int k, void *strip)
{
    const job *j = user;
    for (int pass = 0; pass < (k % 5 ? 1 : 50); pass++)
        memset(strip, k, STRIP_BYTES);
    return k == j->fails_to_make ? SELO_E_INPUT : SELO_OK;
}

static selo_status take(void *user, int k, const void *strip)
{
    job *j = user;
    const uint8_t *bytes = strip;
    assert_int_equal(k, j->n_taken);
    for (int i = 0; i < STRIP_BYTES; i++)
        assert_int_equal(bytes[i], k);
    j->n_taken++;
    return k == j->fails_to_take ? SELO_E_OUTPUT : SELO_OK;
}

static selo_status run(job *j, int n_strips, int threads)
{
    const selo_strips strips = {.n_strips = n_strips, .strip_bytes = STRIP_BYTES, .threads = threads, .user = j,
                                .make = make, .take = take};
    return selo_strips_run(&strips);
}

static void strips_are_taken_in_order(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 5; threads++)
        for (int n_strips = 0; n_strips <= N_STRIPS; n_strips++) {
            job j = {NEVER, NEVER, 0};
            assert_int_equal(run(&j, n_strips, threads), SELO_OK);
            assert_int_equal(j.n_taken, n_strips);
        }
}

static void what_fails_is_returned(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++)
        for (int k = 0; k < N_STRIPS; k += 13) {
            job making = {k, NEVER, 0}, taking = {NEVER, k, 0};
            assert_int_equal(run(&making, N_STRIPS, threads), SELO_E_INPUT);
            assert_true(making.n_taken <= k);
            assert_int_equal(run(&taking, N_STRIPS, threads), SELO_E_OUTPUT);
            assert_int_equal(taking.n_taken, k + 1);
        }
}

static void short_memory_is_survived(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        selo_status status = SELO_E_MEMORY;
        for (long failing = 0; status != SELO_OK; failing++) {
            job j = {NEVER, NEVER, 0};
            test_heap_start(failing);
            status = run(&j, N_STRIPS, threads);
            assert_int_equal(test_heap_end(), 0);
            assert_true(failing < 10 && (status == SELO_OK || status == SELO_E_MEMORY));
            assert_int_equal(j.n_taken, status == SELO_OK ? N_STRIPS : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_are_taken_in_order),
        cmocka_unit_test(what_fails_is_returned),
        cmocka_unit_test(short_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
