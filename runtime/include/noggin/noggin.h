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
 * Errors: every function that can fail returns a status and, if `error` is not NULL, fills the caller's noggin_error
 * (on success with NOGGIN_OK and an empty text). The text is stored in the caller's struct, not in a per-thread
 * variable, so that it survives a change of thread between two calls (coroutines, goroutines) and needs no freeing. The
 * library never prints, never aborts, and lets no exception cross this boundary; running out of memory is
 * NOGGIN_OUT_OF_SPACE.
 * Null: output pointers and handles must not be NULL unless stated; if one is, the call returns
 * NOGGIN_INVALID_ARGUMENT and never crashes. Closing or destroying NULL does nothing.
 * Threads: a model may be shared freely. A session holds scratch memory: one thread at a time may use it.
 * Processes: after fork() the child may use what was open: a session answers with the calling thread alone, the same
 * bits. A fork() during a call of the same session is not allowed.
 * Stack: no call needs more than 64 KiB.
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
  NOGGIN_CORRUPT = 4,             /* the file violates a rule of its format */
  NOGGIN_UNSUPPORTED = 5,         /* well formed, but needs a newer version */
  NOGGIN_OUT_OF_SPACE = 6,        /* memory */
  NOGGIN_VERIFICATION_FAILED = 7, /* self-test: this machine's answers differ from those the file promises */
  NOGGIN_INTERNAL = 8             /* a bug in the library: please report it */
} noggin_status;

#define NOGGIN_ERROR_MESSAGE_BYTES 512

typedef struct noggin_error {
  noggin_status status;
  char message[NOGGIN_ERROR_MESSAGE_BYTES]; /* NUL-terminated; what, where, why, what to do; truncated if longer */
} noggin_error;

typedef struct noggin_text {
  const char* data; /* any bytes; invalid UTF-8 is read as U+FFFD; may be NULL if length is 0 */
  size_t length;    /* bytes; no terminating NUL needed */
} noggin_text;

/* What a model answers. Values never change; new ones are added at the end. */
typedef enum noggin_task {
  NOGGIN_TASK_NONE = 0,         /* the model is NULL */
  NOGGIN_TASK_SINGLE_LABEL = 1, /* one class: noggin_session_classify */
  NOGGIN_TASK_MULTI_LABEL = 2,  /* any of the classes: noggin_session_probabilities */
  NOGGIN_TASK_TAG = 3,          /* spans of a type */
  NOGGIN_TASK_SCORE = 4,        /* a number from 0 to 1: noggin_session_classify, in `probability` */
  NOGGIN_TASK_EDIT = 5          /* what to keep and what to delete */
} noggin_task;

typedef struct noggin_answer {
  uint32_t label;    /* below noggin_model_class_count */
  float probability; /* of `label`; for a score task, the score */
  int abstained;     /* 1: the probability is below noggin_model_abstain_below, pass the text on; else 0 */
} noggin_answer;

/* Such as "0.1.0". */
NOGGIN_EXPORT const char* noggin_version(void);
/* The newest layout and the only numerics version that this library reads. */
NOGGIN_EXPORT uint32_t noggin_layout_version(void);
NOGGIN_EXPORT uint32_t noggin_numerics_version(void);

/* Reads the file into memory of its own and checks all of it before use; later changes of the file do not matter. */
NOGGIN_EXPORT noggin_status noggin_model_open(const char* path, noggin_model** model, noggin_error* error);
/* The same, but maps the file: processes share its pages, and a large file is read page by page. The caller promises
 * that nobody writes to the file or cuts it while the model is open: answers would come from unchecked bytes, or the
 * system would end the process. Ship a new model under another name and rename it over the old one. */
NOGGIN_EXPORT noggin_status noggin_model_open_mapped(const char* path, noggin_model** model, noggin_error* error);
/* `bytes` are not copied: they must start at a multiple of 64 and stay until the model and its sessions are closed. */
NOGGIN_EXPORT noggin_status noggin_model_open_memory(const void* bytes, size_t size, noggin_model** model,
                                                     noggin_error* error);
NOGGIN_EXPORT void noggin_model_close(noggin_model* model);

/* Properties of a model. Pointers live as long as the model handle. For a NULL model: 0, -1 or NULL. */
NOGGIN_EXPORT noggin_task noggin_model_task(const noggin_model* model);
NOGGIN_EXPORT size_t noggin_model_class_count(const noggin_model* model);                 /* C */
NOGGIN_EXPORT const char* noggin_model_label(const noggin_model* model, size_t label);    /* NULL when too large */
NOGGIN_EXPORT int32_t noggin_model_none_class(const noggin_model* model);                 /* or -1 */
NOGGIN_EXPORT size_t noggin_model_span_type_count(const noggin_model* model);             /* 0: not tag or edit */
NOGGIN_EXPORT const char* noggin_model_span_type(const noggin_model* model, size_t type); /* NULL when too large */
NOGGIN_EXPORT float noggin_model_temperature(const noggin_model* model);                  /* divides the logits */
NOGGIN_EXPORT float noggin_model_abstain_below(const noggin_model* model);                /* single label; 0: never */
/* Multi-label and score tasks: the label is positive if its probability is at least this. */
NOGGIN_EXPORT float noggin_model_threshold(const noggin_model* model, size_t label);
NOGGIN_EXPORT size_t noggin_model_max_tokens(const noggin_model* model);
NOGGIN_EXPORT uint64_t noggin_model_content_hash(const noggin_model* model);
NOGGIN_EXPORT const char* noggin_model_provenance(const noggin_model* model); /* a JSON object */

/* Start from zeros: noggin_session_options options = {0}. No option changes an answer. */
typedef struct noggin_session_options {
  const char* kernel_set; /* NULL or "": the best this machine runs, else a name such as "reference" */
  size_t threads;         /* 0 or 1: the caller's thread alone; up to 64 that work on one call together */
  size_t batch_tokens;    /* most tokens in one pass; 0: the model's max_tokens, which is the minimum */
} noggin_session_options;

/* options: NULL means all zeros. Allocates all the memory the session will ever use. */
NOGGIN_EXPORT noggin_status noggin_session_create(noggin_model* model, const noggin_session_options* options,
                                                  noggin_session** session, noggin_error* error);
/* The memory that such a session would take, without creating it. */
NOGGIN_EXPORT noggin_status noggin_session_memory_needed(const noggin_model* model,
                                                         const noggin_session_options* options, size_t* bytes,
                                                         noggin_error* error);
NOGGIN_EXPORT void noggin_session_destroy(noggin_session* session);
NOGGIN_EXPORT const char* noggin_session_kernel_set(const noggin_session* session); /* NULL for NULL */
NOGGIN_EXPORT size_t noggin_session_memory_bytes(const noggin_session* session);

/* One text, for a single-label or score task; else NOGGIN_INVALID_ARGUMENT. logits: logits[logits_count], where
 * logits_count is the class count; or NULL and 0. Allocates nothing. */
NOGGIN_EXPORT noggin_status noggin_session_classify(noggin_session* session, const char* text, size_t length,
                                                    noggin_answer* answer, float* logits, size_t logits_count,
                                                    noggin_error* error);
/* `count` texts, answers[count], and logits [count, class count] row-major (logits_count = count * class count) or NULL
 * and 0. The same bits as one by one. Checks all arguments before the first answer. */
NOGGIN_EXPORT noggin_status noggin_session_classify_batch(noggin_session* session, const noggin_text* texts,
                                                          size_t count, noggin_answer* answers, float* logits,
                                                          size_t logits_count, noggin_error* error);

/* For a single-label, multi-label or score task: the probability of each class. count: noggin_model_class_count. */
NOGGIN_EXPORT noggin_status noggin_session_probabilities(noggin_session* session, const char* text, size_t length,
                                                         float* probabilities, size_t count, noggin_error* error);

typedef struct noggin_span {
  size_t begin, end; /* bytes begin .. end - 1 of the text; equal for a special token */
} noggin_span;

typedef struct noggin_tagged_span {
  size_t begin, end; /* bytes begin .. end - 1 of the text */
  uint32_t type;     /* below noggin_model_span_type_count */
  float probability; /* that of its least probable word; 1 where a check of the model has found it */
} noggin_tagged_span;

/* For a tag or edit task: the spans of a text of any length, in order; each ends behind the combining marks and
 * invisible characters that follow it directly. *count: how many there are; the first `capacity`
 * of them are written to spans[capacity], which may be NULL if capacity is 0. Allocates nothing. */
NOGGIN_EXPORT noggin_status noggin_session_tag(noggin_session* session, const char* text, size_t length,
                                               noggin_tagged_span* spans, size_t capacity, size_t* count,
                                               noggin_error* error);
/* mask, for a tag task: the text with each span replaced by "[TYPE]". edit, for an edit task: the text without its
 * spans, the white space around them tidied. *size: the bytes of the answer, without the NUL that ends it. If capacity
 * is not above *size, or on an error, out holds an empty string: never part of an answer, never text that the model has
 * not read.
 * out may be NULL if capacity is 0. Allocates nothing. */
NOGGIN_EXPORT noggin_status noggin_session_mask(noggin_session* session, const char* text, size_t length, char* out,
                                                size_t capacity, size_t* size, noggin_error* error);
NOGGIN_EXPORT noggin_status noggin_session_edit(noggin_session* session, const char* text, size_t length, char* out,
                                                size_t capacity, size_t* size, noggin_error* error);

/* Token ids of a text, special tokens included, and the position of each in it. ids[capacity], spans[capacity] or NULL;
 * capacity at least noggin_model_max_tokens; *count: how many were written. */
NOGGIN_EXPORT noggin_status noggin_session_tokenize(noggin_session* session, const char* text, size_t length,
                                                    uint32_t* ids, noggin_span* spans, size_t capacity, size_t* count,
                                                    noggin_error* error);
/* Logits of `count` texts given as token ids, one after the other, text i with lengths[i] of them (1 to
 * noggin_model_max_tokens): logits [rows, class count], logits_count = rows * class count. A text has one row; for tag
 * and edit tasks it has one per id. */
NOGGIN_EXPORT noggin_status noggin_session_logits(noggin_session* session, const uint32_t* ids, const uint32_t* lengths,
                                                  size_t count, float* logits, size_t logits_count,
                                                  noggin_error* error);

/* Runs the file's golden vectors through this session and compares bit for bit. checked and failed may be NULL. A file
 * without golden vectors is NOGGIN_VERIFICATION_FAILED too: nothing was verified. */
NOGGIN_EXPORT noggin_status noggin_session_self_test(noggin_session* session, size_t* checked, size_t* failed,
                                                     noggin_error* error);

/* Opt-in counts of what is asked and answered: no text, no ids, nothing of a single request. engine's counters.h says
 * what each bin holds. Counting costs an answer two relaxed atomic additions. */
typedef struct noggin_counters noggin_counters;

#define NOGGIN_PROBABILITY_BINS 20
#define NOGGIN_TOKEN_BINS 20
#define NOGGIN_UNKNOWN_BINS 11

typedef struct noggin_counts {
  uint64_t requests;                             /* texts that were answered */
  uint64_t unanswered;                           /* of them: abstained, no positive label, no span */
  uint64_t errors;                               /* calls that the session has refused */
  uint64_t probability[NOGGIN_PROBABILITY_BINS]; /* bin i: probabilities from i / 20 to below (i + 1) / 20 */
  uint64_t tokens[NOGGIN_TOKEN_BINS];            /* texts by their number of tokens */
  uint64_t unknown[NOGGIN_UNKNOWN_BINS];         /* texts by the part of their tokens that is the unknown word */
} noggin_counts;

/* For this model alone. May be destroyed before or after the sessions that use it. */
NOGGIN_EXPORT noggin_status noggin_counters_create(const noggin_model* model, noggin_counters** counters,
                                                   noggin_error* error);
NOGGIN_EXPORT void noggin_counters_destroy(noggin_counters* counters);
/* How many different answers are counted: noggin_model_class_count, for tag and edit noggin_model_span_type_count. */
NOGGIN_EXPORT size_t noggin_counters_answer_count(const noggin_counters* counters);
/* From now on; counters may be NULL: no longer. Several sessions may share them, on any threads. */
NOGGIN_EXPORT noggin_status noggin_session_set_counters(noggin_session* session, noggin_counters* counters,
                                                        noggin_error* error);
/* answers[answer_count]: how often each label or type was answered; answer_count is noggin_counters_answer_count.
 * reset: not 0 sets all counts to 0; nothing that is counted meanwhile is lost. From any thread. */
NOGGIN_EXPORT noggin_status noggin_counters_read(noggin_counters* counters, int reset, noggin_counts* counts,
                                                 uint64_t* answers, size_t answer_count, noggin_error* error);

#ifdef __cplusplus
}
#endif

#endif
