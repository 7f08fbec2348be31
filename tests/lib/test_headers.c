/* selo.h holds every public header: what a program can include it can find there. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "selo_test.h"

static bool includes(const char *umbrella, const char *header)
{
    char line[256], wanted[256];
    (void)snprintf(wanted, sizeof wanted, "#include \"selo/%s\"\n", header);
    FILE *file = fopen(umbrella, "r");
    assert_non_null(file);
    bool found = false;
    while (fgets(line, sizeof line, file))
        found = found || strcmp(line, wanted) == 0;
    fclose(file);
    return found;
}

static void test_umbrella(void **state)
{
    (void)state;
    DIR *folder = opendir(SELO_HEADERS);
    assert_non_null(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        const size_t length = strlen(entry->d_name);
        if (length < 3 || strcmp(entry->d_name + length - 2, ".h") != 0 || strcmp(entry->d_name, "selo.h") == 0)
            continue;
        if (!includes(SELO_HEADERS "/selo.h", entry->d_name))
            fail_msg("selo.h lacks %s", entry->d_name);
        n++;
    }
    closedir(folder);
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_umbrella)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
