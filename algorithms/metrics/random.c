#include "random.h"

static const uint64_t golden_gamma = 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio, odd */

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

selo_random selo_random_start(uint64_t seed, uint64_t stream)
{
    /* Mixed twice, so that neighbouring seeds and streams do not walk the same sequence shifted by a step. */
    return (selo_random){mixed(mixed(seed + golden_gamma) ^ (stream * 0xd1342543de82ef95u + golden_gamma))};
}

uint64_t selo_random_next(selo_random *random)
{
    random->state += golden_gamma;
    return mixed(random->state);
}

uint32_t selo_random_below(selo_random *random, uint32_t bound)
{
    const uint32_t short_of_fair = (uint32_t)(-bound) % bound;
    for (;;) {
        const uint64_t product = (selo_random_next(random) >> 32) * bound;
        if ((uint32_t)product >= short_of_fair)
            return (uint32_t)(product >> 32);
    }
}
