// Results as C sees them; also used by the C API of updates, which has no engine of its own.
#include "engine/c_handles.h"

#include <algorithm>
#include <cstring>

namespace noggin::runtime {
namespace {

noggin_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return NOGGIN_INVALID_ARGUMENT;
    case ErrorCode::kNotFound:
      return NOGGIN_NOT_FOUND;
    case ErrorCode::kIo:
      return NOGGIN_IO;
    case ErrorCode::kCorrupt:
      return NOGGIN_CORRUPT;
    case ErrorCode::kUnsupported:
      return NOGGIN_UNSUPPORTED;
    case ErrorCode::kOutOfSpace:
      return NOGGIN_OUT_OF_SPACE;
    case ErrorCode::kBadData:
    case ErrorCode::kExists:
      break;  // reading a model never gives it
  }
  return NOGGIN_INTERNAL;
}

}  // namespace

noggin_status report(noggin_error* error, noggin_status status, const char* message) {
  if (error != nullptr) {
    error->status = status;
    const std::size_t length = std::min(std::strlen(message), sizeof error->message - 1);
    std::memcpy(error->message, message, length);
    error->message[length] = '\0';
  }
  return status;
}

noggin_status fail(noggin_error* error, const Error& why) {
  return report(error, status_of(why.code), why.message.c_str());
}

}  // namespace noggin::runtime
