// The C API over update.h. Every function uses guarded(): no exception crosses the boundary.
#include <algorithm>
#include <cstring>

#include "engine/c_handles.h"
#include "noggin/noggin_update.h"
#include "noggin/update.h"

namespace {

using noggin::Result;
using noggin::Status;
using noggin::Updater;
using noggin::runtime::fail;
using noggin::runtime::guarded;
using noggin::runtime::invalid;
using noggin::runtime::report;
using noggin::runtime::succeed;

std::string text_or(const char* text, const char* otherwise) { return text != nullptr ? text : otherwise; }

void fill(const noggin::UpdateReport& from, noggin_update_report* to) {
  *to = {};
  to->outcome = static_cast<noggin_update_outcome>(from.outcome);
  to->refusal = static_cast<int>(from.refusal);
  to->refusal_name = noggin::refusal_name(from.refusal);
  to->serial = from.serial;
  to->read_bytes = from.read_bytes;
  to->from_delta = from.from_delta ? 1 : 0;
  to->current_revoked = from.current_revoked ? 1 : 0;
  std::memcpy(to->message, from.message.data(), std::min(from.message.size(), sizeof to->message - 1));
}

noggin_status outcome(const Status& status, noggin_error* error) {
  return status ? succeed(error) : fail(error, status.error());
}

}  // namespace

noggin_status noggin_update_apply(const char* state, const char* folder, const noggin_update_options* options,
                                  noggin_update_report* result, noggin_error* error) {
  if (state == nullptr || folder == nullptr || result == nullptr)
    return invalid(error, "noggin_update_apply: state, folder and report must not be NULL");
  return guarded(error, [&] {
    noggin::UpdateOptions given;
    if (options != nullptr)
      given = {text_or(options->channel, "stable"), text_or(options->device_id, ""), text_or(options->first_key, ""),
               options->now};
    const Result<noggin::UpdateReport> updated = Updater(state).update(folder, given);
    if (!updated) return fail(error, updated.error());
    fill(*updated, result);
    if (updated->outcome != noggin::UpdateOutcome::kRefused) return succeed(error);
    return report(error, NOGGIN_VERIFICATION_FAILED, result->message);
  });
}

noggin_status noggin_update_start(const char* state, char* path, size_t capacity, size_t* size, noggin_error* error) {
  if (state == nullptr || path == nullptr || size == nullptr || capacity == 0)
    return invalid(error, "noggin_update_start: state, path and size must not be NULL, nor capacity 0");
  path[0] = '\0';
  *size = 0;
  return guarded(error, [&] {
    const Result<std::string> started = Updater(state).start();
    if (!started) return fail(error, started.error());
    *size = started->size();
    if (started->size() >= capacity)
      return invalid(error, "noggin_update_start: path is too short for the file's name");
    std::memcpy(path, started->c_str(), started->size() + 1);
    return succeed(error);
  });
}

noggin_status noggin_update_confirm(const char* state, noggin_error* error) {
  if (state == nullptr) return invalid(error, "noggin_update_confirm: state must not be NULL");
  return guarded(error, [&] { return outcome(Updater(state).confirm(), error); });
}

noggin_status noggin_update_rollback(const char* state, noggin_error* error) {
  if (state == nullptr) return invalid(error, "noggin_update_rollback: state must not be NULL");
  return guarded(error, [&] {
    const Result<std::string> previous = Updater(state).rollback();
    return previous ? succeed(error) : fail(error, previous.error());
  });
}
