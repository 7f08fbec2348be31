#include "hash_block.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>

bool selo_hash_block_is_fast(void)
{
    unsigned a, b, c, d;
    const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1);
    return sse41 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* Four words of the message, after the sixteen of w[0] ... w[3]. */
__attribute__((target("sha,sse4.1"))) static __m128i next_words(const __m128i w[4])
{
    const __m128i older = _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]), _mm_alignr_epi8(w[3], w[2], 4));
    return _mm_sha256msg2_epu32(older, w[3]);
}

/* The instructions hold a to h as {f, e, b, a} and {h, g, d, c}, lowest first. */
__attribute__((target("sha,sse4.1"))) void selo_hash_block_fast(uint32_t state[8], const uint8_t *block)
{
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    const __m128i feba = _mm_alignr_epi8(badc, hgfe, 8), hgdc = _mm_blend_epi16(hgfe, badc, 0xF0);
    __m128i w[4], even = feba, odd = hgdc;
    for (int i = 0; i < 4; i++)
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), big_endian);
    for (int i = 0; i < 16; i++) {
        const __m128i words = _mm_add_epi32(w[0], _mm_loadu_si128((const __m128i *)(selo_hash_constants + 4 * i)));
        odd = _mm_sha256rnds2_epu32(odd, even, words);
        even = _mm_sha256rnds2_epu32(even, odd, _mm_shuffle_epi32(words, 0x0E));
        const __m128i next = next_words(w);
        w[0] = w[1];
        w[1] = w[2];
        w[2] = w[3];
        w[3] = next;
    }
    even = _mm_shuffle_epi32(_mm_add_epi32(even, feba), 0x1B); /* {a, b, e, f} */
    odd = _mm_shuffle_epi32(_mm_add_epi32(odd, hgdc), 0xB1);   /* {g, h, c, d} */
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(even, odd, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(odd, even, 8));
}

#else

bool selo_hash_block_is_fast(void)
{
    return false;
}

void selo_hash_block_fast(uint32_t state[8], const uint8_t *block)
{
    (void)state;
    (void)block;
}

#endif
