/* Answers from a GPU, by Vulkan: the C API over gpu.h. Sessions made here take all calls of noggin.h, with the same
 * bits.
 *
 *   noggin_gpu* gpu = NULL;
 *   noggin_session* session = NULL;
 *   if (noggin_gpu_open(model, NULL, &gpu, &error) != NOGGIN_OK ||
 *       noggin_gpu_session_create(gpu, &session, &error) != NOGGIN_OK) {
 *     fprintf(stderr, "%s\n", error.message);        // noggin_session_create(model, ...) answers the same
 *   }
 *
 * Errors, null and threads as in noggin.h; what opening tests, and what happens when a GPU fails later, as in gpu.h.
 * Lifetime: model, gpu and session may be closed in any order; each keeps what it needs.
 * After fork() the child's calls are answered by the CPU. */
#ifndef NOGGIN_NOGGIN_GPU_H
#define NOGGIN_NOGGIN_GPU_H

#include "noggin/noggin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct noggin_gpu noggin_gpu;

typedef struct noggin_gpu_device {
  char name[256];    /* as its driver gives it */
  const char* kind;  /* "discrete GPU", "integrated GPU", "virtual GPU", "software" or "other" */
  int usable;        /* 1, or 0 and: */
  char why_not[256]; /* what it lacks; else empty */
} noggin_gpu_device;

/* Fills `device` with the index-th device of this machine, best first. NOGGIN_NOT_FOUND: there are not so many;
 * NOGGIN_UNSUPPORTED: there is no Vulkan. */
NOGGIN_EXPORT noggin_status noggin_gpu_device_at(size_t index, noggin_gpu_device* device, noggin_error* error);

/* Start from zeros. No option changes an answer. */
typedef struct noggin_gpu_options {
  const char* device;   /* part of its name; NULL or "": the best one */
  size_t batch_tokens;  /* most tokens in one pass; 0: 4096 */
  size_t batch_texts;   /* most texts in one pass; 0: 1024 */
  uint32_t time_out_ms; /* how long a pass may take before the driver counts as hanging; 0: 60,000 */
} noggin_gpu_options;

/* Chooses a device, tests its arithmetic and the file's golden vectors, copies the weights. options: NULL means
 * zeros. */
NOGGIN_EXPORT noggin_status noggin_gpu_open(noggin_model* model, const noggin_gpu_options* options, noggin_gpu** gpu,
                                            noggin_error* error);
NOGGIN_EXPORT void noggin_gpu_close(noggin_gpu* gpu);
NOGGIN_EXPORT const char* noggin_gpu_name(const noggin_gpu* gpu); /* of the device; NULL for NULL */
/* Allocates all the memory the session will ever use. */
NOGGIN_EXPORT noggin_status noggin_gpu_session_create(const noggin_gpu* gpu, noggin_session** session,
                                                      noggin_error* error);
/* NOGGIN_OK while the GPU has computed everything; else why it did not, from when on the CPU did. */
NOGGIN_EXPORT noggin_status noggin_gpu_failure(const noggin_gpu* gpu, noggin_error* error);

#ifdef __cplusplus
}
#endif

#endif
