/* Colours: the published JET and blend by their formulas, ends and middles of the even maps by their published
 * tables. */
#include <math.h>

#include "selo/colour.h"
#include "selo_test.h"

static void names_are_found(void **state)
{
    (void)state;
    selo_colour_map map = SELO_COLOUR_GREY;
    assert_true(selo_colour_map_find("Jet", &map) && map == SELO_COLOUR_JET);
    assert_true(selo_colour_map_find("magma", &map) && map == SELO_COLOUR_MAGMA);
    assert_false(selo_colour_map_find("je", &map) || selo_colour_map_find("jets", &map) ||
                 selo_colour_map_find(NULL, &map));
}

static void jet_is_the_published_one(void **state)
{
    (void)state;
    selo_colour jet[256];
    selo_colour_table(SELO_COLOUR_JET, jet);
    assert_memory_equal(&jet[0], ((uint8_t[]){0, 0, 128}), 3);
    assert_memory_equal(&jet[32], ((uint8_t[]){0, 0, 255}), 3);
    assert_memory_equal(&jet[33], ((uint8_t[]){0, 4, 255}), 3);
    assert_memory_equal(&jet[96], ((uint8_t[]){2, 255, 254}), 3);
    assert_memory_equal(&jet[128], ((uint8_t[]){130, 255, 126}), 3);
    assert_memory_equal(&jet[159], ((uint8_t[]){254, 255, 1}), 3);
    assert_memory_equal(&jet[222], ((uint8_t[]){255, 4, 0}), 3);
    assert_memory_equal(&jet[224], ((uint8_t[]){252, 0, 0}), 3);
    assert_memory_equal(&jet[255], ((uint8_t[]){128, 0, 0}), 3);
}

static void even_maps_are_near_their_tables(void **state)
{
    (void)state;
    static const struct {
        selo_colour_map map;
        int at, red, green, blue;
    } rows[] = {{SELO_COLOUR_VIRIDIS, 0, 68, 1, 84},    {SELO_COLOUR_VIRIDIS, 128, 33, 145, 140},
                {SELO_COLOUR_VIRIDIS, 255, 253, 231, 37}, {SELO_COLOUR_MAGMA, 0, 0, 0, 4},
                {SELO_COLOUR_MAGMA, 128, 183, 55, 121},  {SELO_COLOUR_INFERNO, 128, 188, 55, 84},
                {SELO_COLOUR_INFERNO, 255, 252, 255, 164}};
    for (size_t k = 0; k < COUNT(rows); k++) {
        selo_colour table[256];
        selo_colour_table(rows[k].map, table);
        const selo_colour c = table[rows[k].at];
        assert_true(abs(c.red - rows[k].red) <= 5 && abs(c.green - rows[k].green) <= 5 &&
                    abs(c.blue - rows[k].blue) <= 5);
    }
}

static void values_find_their_place(void **state)
{
    (void)state;
    for (int g = 0; g < 256; g++) {
        assert_int_equal(selo_colour_index(g, 0, 255), g);
        assert_int_equal(selo_colour_index(g / 255.0, 0, 1), g);
    }
    assert_int_equal(selo_colour_index(-20, -30, -10), 127);
    assert_int_equal(selo_colour_index(-10.5, -30, -10), 248);
    assert_int_equal(selo_colour_index(-1e30, 0, 1), 0);
    assert_int_equal(selo_colour_index(1e30, 0, 1), 255);
    assert_int_equal(selo_colour_index((double)NAN, 0, 1), 0);
}

/* Ties of the blend go as the fused multiplication of the published library lets them. */
static void the_blend_rounds_once(void **state)
{
    (void)state;
    for (int image = 0; image < 256; image++)
        for (int colour = 0; colour < 256; colour++) {
            const int exact_tenths = 7 * image + 3 * colour;
            const int got = selo_colour_blend((uint8_t)image, (uint8_t)colour, 0.7F, 0.3F);
            assert_true(abs(10 * got - exact_tenths) <= 5);
        }
    assert_int_equal(selo_colour_blend(255, 255, 1.0F, 1.0F), 255);
    assert_int_equal(selo_colour_blend(90, 200, 1.0F, 0.0F), 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),        cmocka_unit_test(jet_is_the_published_one),
        cmocka_unit_test(even_maps_are_near_their_tables), cmocka_unit_test(values_find_their_place),
        cmocka_unit_test(the_blend_rounds_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
