/* What a call came to. Every function of the library that can fail returns one of these.
 *
 * What holds everywhere is said here once: any of them may be SELO_E_MEMORY, which need not have been reported. Of the
 * rooms, kernels and metrics report nothing; the others report any other failure with CPLError(), in one line that
 * names what is at fault, where a function does not say otherwise. Functions named _free or _abandon take NULL, and
 * those named _clear leave all zero what they are given. */
#ifndef SELO_STATUS_H
#define SELO_STATUS_H

#if defined(__GNUC__)
#define SELO_API __attribute__((visibility("default")))
#else
#define SELO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_status {
    SELO_OK = 0,         /* done */
    SELO_E_ARGUMENT = 1, /* an argument is outside its documented range */
    SELO_E_MEMORY = 2,   /* not enough memory, or a size that no memory can hold */
    SELO_E_INPUT = 3,    /* an input file or array cannot be used; the message says which and why */
    SELO_E_OUTPUT = 4,   /* a result could not be written; nothing half-written is left */
    SELO_E_CANCELLED = 5 /* the caller's progress function asked to stop */
} selo_status;

/* A short English description of a status, never NULL; the string is static. */
SELO_API const char *selo_status_text(selo_status status);

#ifdef __cplusplus
}
#endif
#endif
