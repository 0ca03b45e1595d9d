/* Noggin's C API: open a .nog file, ask it for answers. C99, callable from any language with a C foreign interface.
 *
 *   noggin_error error;
 *   noggin_model* model = NULL;
 *   noggin_session* session = NULL;
 *   noggin_answer answer;
 *   if (noggin_model_open("router.nog", &model, &error) != NOGGIN_OK ||
 *       noggin_session_create(model, NULL, &session, &error) != NOGGIN_OK ||
 *       noggin_session_classify(session, text, strlen(text), &answer, NULL, 0, &error) != NOGGIN_OK) {
 *     fprintf(stderr, "%s\n", error.message);
 *   } else {
 *     printf("%s %g\n", noggin_model_label(model, answer.label), answer.probability);
 *   }
 *   noggin_session_destroy(session);
 *   noggin_model_close(model);
 *
 * Errors: every function that can fail returns a status and, where `error` is not NULL, fills the caller's noggin_error
 * (on success with NOGGIN_OK and an empty text). The text lies in the caller's struct, not in a per-thread variable, so
 * that it survives a change of thread between two calls (coroutines, goroutines) and needs no freeing. Nothing is ever
 * thrown across this border, printed, or aborted; a lack of memory is NOGGIN_OUT_OF_SPACE.
 * Null: output pointers and handles must not be NULL unless stated; where they are, the answer is
 * NOGGIN_INVALID_ARGUMENT, never a crash. Closing or destroying NULL does nothing.
 * Threads: a model is shared freely. A session holds scratch memory: one per thread at a time.
 * Lifetime: model and session may be closed in any order; a session keeps what it needs.
 * Numbers: logits are the same to the last bit on every machine, whatever floating-point mode the caller runs in.
 */
#ifndef NOGGIN_NOGGIN_H
#define NOGGIN_NOGGIN_H

#include <stddef.h>
#include <stdint.h>

#include "noggin/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct noggin_model noggin_model;
typedef struct noggin_session noggin_session;

/* Values never change; new ones are added at the end. */
typedef enum noggin_status {
  NOGGIN_OK = 0,
  NOGGIN_INVALID_ARGUMENT = 1,    /* the caller's value is wrong */
  NOGGIN_NOT_FOUND = 2,           /* a file does not exist */
  NOGGIN_IO = 3,                  /* reading failed */
  NOGGIN_CORRUPT = 4,             /* the file breaks a rule of its format */
  NOGGIN_UNSUPPORTED = 5,         /* well formed, but needs a newer version */
  NOGGIN_OUT_OF_SPACE = 6,        /* memory */
  NOGGIN_VERIFICATION_FAILED = 7, /* self-test: this machine gives other answers than the file promises */
  NOGGIN_INTERNAL = 8             /* a fault of the library: please report it */
} noggin_status;

#define NOGGIN_ERROR_MESSAGE_BYTES 512

typedef struct noggin_error {
  noggin_status status;
  char message[NOGGIN_ERROR_MESSAGE_BYTES]; /* NUL-terminated; what, where, why, what to do; cut when longer */
} noggin_error;

typedef struct noggin_text {
  const char* data; /* any bytes; invalid UTF-8 is read as U+FFFD; may be NULL when length is 0 */
  size_t length;    /* bytes; no terminating NUL needed */
} noggin_text;

typedef struct noggin_answer {
  uint32_t label;    /* below noggin_model_class_count */
  float probability; /* softmax of the logits at `label` */
} noggin_answer;

/* "0.1.0". */
NOGGIN_EXPORT const char* noggin_version(void);
/* The newest layout and the only numerics version that this library reads. */
NOGGIN_EXPORT uint32_t noggin_layout_version(void);
NOGGIN_EXPORT uint32_t noggin_numerics_version(void);

/* Maps the file; checks all of it before use. */
NOGGIN_EXPORT noggin_status noggin_model_open(const char* path, noggin_model** model, noggin_error* error);
/* `bytes` are not copied: they must start at a multiple of 64 and stay until the model and its sessions are closed. */
NOGGIN_EXPORT noggin_status noggin_model_open_memory(const void* bytes, size_t size, noggin_model** model,
                                                     noggin_error* error);
NOGGIN_EXPORT void noggin_model_close(noggin_model* model);

/* Facts about a model. Pointers live as long as the model handle. On NULL: 0, -1 or NULL. */
NOGGIN_EXPORT size_t noggin_model_class_count(const noggin_model* model);                     /* C */
NOGGIN_EXPORT const char* noggin_model_label(const noggin_model* model, size_t label);        /* NULL when too large */
NOGGIN_EXPORT int32_t noggin_model_none_class(const noggin_model* model);                     /* or -1 */
NOGGIN_EXPORT size_t noggin_model_max_tokens(const noggin_model* model);
NOGGIN_EXPORT uint64_t noggin_model_content_hash(const noggin_model* model);
NOGGIN_EXPORT const char* noggin_model_provenance(const noggin_model* model);                 /* a JSON object */

/* Start from zeros: noggin_session_options options = {0}. Nothing here changes an answer. */
typedef struct noggin_session_options {
  const char* kernel_set; /* NULL or "": the best this machine runs, else a name such as "reference" */
  size_t threads;         /* 0 or 1: the caller's alone; up to 64 that work on one call together */
  size_t batch_tokens;    /* tokens that one pass takes together; 0: max_tokens of the model, which is the least */
} noggin_session_options;

/* options: NULL for zeros. Allocates all the memory the session will ever use. */
NOGGIN_EXPORT noggin_status noggin_session_create(noggin_model* model, const noggin_session_options* options,
                                                  noggin_session** session, noggin_error* error);
/* The memory that such a session takes, before it is made. */
NOGGIN_EXPORT noggin_status noggin_session_memory_needed(const noggin_model* model,
                                                         const noggin_session_options* options, size_t* bytes,
                                                         noggin_error* error);
NOGGIN_EXPORT void noggin_session_destroy(noggin_session* session);
NOGGIN_EXPORT const char* noggin_session_kernel_set(const noggin_session* session); /* NULL on NULL */
NOGGIN_EXPORT size_t noggin_session_memory_bytes(const noggin_session* session);

/* One text. logits: room for logits_count floats, which must be the class count, or NULL and 0. Allocates nothing. */
NOGGIN_EXPORT noggin_status noggin_session_classify(noggin_session* session, const char* text, size_t length,
                                                    noggin_answer* answer, float* logits, size_t logits_count,
                                                    noggin_error* error);
/* `count` texts, answers[count], and logits [count, class count] row-major (logits_count = count * class count) or NULL
 * and 0. The same bits as one by one. Checks all arguments before the first answer. */
NOGGIN_EXPORT noggin_status noggin_session_classify_batch(noggin_session* session, const noggin_text* texts,
                                                          size_t count, noggin_answer* answers, float* logits,
                                                          size_t logits_count, noggin_error* error);

typedef struct noggin_span {
  size_t begin, end; /* bytes begin .. end - 1 of the text; equal for a special token */
} noggin_span;

/* Token ids of a text, special tokens included, and where each lies in it. ids[capacity], spans[capacity] or NULL;
 * capacity at least noggin_model_max_tokens; *count: how many were written. */
NOGGIN_EXPORT noggin_status noggin_session_tokenize(noggin_session* session, const char* text, size_t length,
                                                    uint32_t* ids, noggin_span* spans, size_t capacity, size_t* count,
                                                    noggin_error* error);
/* Logits of `count` texts given as token ids, one after the other, text i with lengths[i] of them (1 to
 * noggin_model_max_tokens): logits [count, class count], logits_count = count * class count. */
NOGGIN_EXPORT noggin_status noggin_session_logits(noggin_session* session, const uint32_t* ids, const uint32_t* lengths,
                                                  size_t count, float* logits, size_t logits_count,
                                                  noggin_error* error);

/* The golden vectors in the file through this session, bit for bit. checked and failed may be NULL. A file without
 * golden vectors is NOGGIN_VERIFICATION_FAILED too: nothing was verified. */
NOGGIN_EXPORT noggin_status noggin_session_self_test(noggin_session* session, size_t* checked, size_t* failed,
                                                     noggin_error* error);

#ifdef __cplusplus
}
#endif

#endif
