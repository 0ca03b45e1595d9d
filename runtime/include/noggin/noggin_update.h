/* Updates for a device in C: noggin/update.h explains what they do. Errors, nulls and texts are as in noggin.h.
 *
 *   noggin_update_report report;
 *   if (noggin_update_apply("state", "/media/updates", NULL, &report, &error) != NOGGIN_OK) ...   // a fault here, or
 *                                                                                                // refused: report
 *   char path[4096];
 *   size_t size;
 *   noggin_update_start("state", path, sizeof path, &size, &error);      // open this file with noggin_model_open
 *   noggin_update_confirm("state", &error);                              // it works
 *
 * Link libnoggin_update beside libnoggin.
 */
#ifndef NOGGIN_NOGGIN_UPDATE_H
#define NOGGIN_NOGGIN_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include "noggin/export.h"
#include "noggin/noggin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values never change; new ones are added at the end. The same numbers as noggin::UpdateOutcome. */
typedef enum noggin_update_outcome {
  NOGGIN_UPDATE_UPDATED = 0,
  NOGGIN_UPDATE_UP_TO_DATE = 1,
  NOGGIN_UPDATE_NOT_OFFERED = 2,
  NOGGIN_UPDATE_REFUSED = 3
} noggin_update_outcome;

/* Start from zeros. Texts may be NULL: the default. */
typedef struct noggin_update_options {
  const char* channel;   /* "stable" */
  const char* device_id; /* a random one, kept in the state */
  const char* first_key; /* text of a minisign public key file; needed until the state has one */
  int64_t now;           /* seconds since 1970; 0: the system's clock */
} noggin_update_options;

typedef struct noggin_update_report {
  noggin_update_outcome outcome;
  int refusal;                              /* noggin::Refusal; 0: nothing was refused */
  const char* refusal_name;                 /* such as "signature"; a constant */
  uint64_t serial;                          /* of the manifest, once its signature was right */
  uint64_t read_bytes;                      /* of model or delta */
  int from_delta;                           /* 1: the new model was made from the one before */
  int current_revoked;                      /* 1: the model here has been withdrawn by its signer */
  char message[NOGGIN_ERROR_MESSAGE_BYTES]; /* NUL-terminated; truncated if longer */
} noggin_update_report;

/* NOGGIN_OK: look at report->outcome. NOGGIN_VERIFICATION_FAILED: the folder was refused; the report says why and the
 * model here is as before. Any other status: a fault of this device, and the report is not filled. options: NULL means
 * all zeros. */
NOGGIN_EXPORT noggin_status noggin_update_apply(const char* state, const char* folder,
                                                const noggin_update_options* options, noggin_update_report* report,
                                                noggin_error* error);

/* The file to open now (Updater::start). *size: its bytes without the NUL. If capacity is not above *size, path holds
 * an empty string, the status is NOGGIN_INVALID_ARGUMENT, and the start counts all the same. */
NOGGIN_EXPORT noggin_status noggin_update_start(const char* state, char* path, size_t capacity, size_t* size,
                                                noggin_error* error);
NOGGIN_EXPORT noggin_status noggin_update_confirm(const char* state, noggin_error* error);
NOGGIN_EXPORT noggin_status noggin_update_rollback(const char* state, noggin_error* error);

#ifdef __cplusplus
}
#endif

#endif
