#include "selo/length.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from *at on into *value; how many of them stood behind the point. Not strtod(): that follows the locale. */
static int read_digits(const char **at, double *value)
{
    int behind = 0;
    bool point = false;
    for (; is_digit(**at) || (**at == '.' && !point); (*at)++) {
        if (**at == '.') {
            point = true;
            continue;
        }
        *value = *value * 10 + (**at - '0');
        behind += point;
    }
    return behind;
}

/* A power of ten behind a number, if there is one: e5, E-3. "e" alone belongs to the unit. */
static int read_exponent(const char **at)
{
    const char *p = *at;
    int sign = 1, exponent = 0;
    if (*p != 'e' && *p != 'E')
        return 0;
    p++;
    if (*p == '+' || *p == '-')
        sign = *p++ == '-' ? -1 : 1;
    if (!is_digit(*p))
        return 0;
    for (; is_digit(*p); p++)
        exponent = exponent < 1000 ? exponent * 10 + (*p - '0') : exponent;
    *at = p;
    return sign * exponent;
}

static bool read_number(const char **at, double *value)
{
    const char *p = *at;
    if (!is_digit(*p) && !(*p == '.' && is_digit(p[1])))
        return false;
    *value = 0;
    const int behind = read_digits(&p, value);
    const int exponent = read_exponent(&p) - behind;
    *value = exponent < 0 ? *value / pow(10, -exponent) : *value * pow(10, exponent);
    *at = p;
    return true;
}

static bool read_unit(const char *text, size_t n, selo_length *length)
{
    static const struct {
        const char *name;
        selo_unit unit;
        double factor, divisor;
    } units[] = {{"px", SELO_UNIT_PX, 1, 1},
                 {"m", SELO_UNIT_M, 1, 1},
                 {"cm", SELO_UNIT_M, 1, 100},
                 {"km", SELO_UNIT_M, 1000, 1}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == n && strncmp(text, units[i].name, n) == 0) {
            length->unit = units[i].unit;
            length->value = length->value * units[i].factor / units[i].divisor;
            return true;
        }
    return false;
}

selo_status selo_length_parse(const char *text, selo_length *length, const char **problem)
{
    *length = (selo_length){0, SELO_UNIT_PX};
    *problem = "";
    while (is_space(*text))
        text++;
    if (!read_number(&text, &length->value)) {
        *problem = *text == '-' ? "a length cannot be negative"
                                : "not a length: write a number and a unit, such as 50px or 16m";
        return SELO_E_ARGUMENT;
    }
    if (!isfinite(length->value)) {
        *problem = "too large for a length";
        return SELO_E_ARGUMENT;
    }
    while (is_space(*text))
        text++;
    size_t n = strlen(text);
    while (n && is_space(text[n - 1]))
        n--;
    if (n == 0) {
        *problem = "unit missing: write px (pixels) or m (metres) behind the number";
        return SELO_E_ARGUMENT;
    }
    if (!read_unit(text, n, length)) {
        *problem = "unknown unit: use px, m, cm or km";
        return SELO_E_ARGUMENT;
    }
    return SELO_OK;
}

double selo_length_px(selo_length length, double pixel_m)
{
    if (length.unit == SELO_UNIT_PX)
        return length.value;
    return pixel_m > 0 ? length.value / pixel_m : NAN;
}

int selo_odd_window(double size_px)
{
    const double half = round((size_px - 1) / 2);
    return half > 0 ? 2 * (int)fmin(half, 536870911) + 1 : 1;
}
