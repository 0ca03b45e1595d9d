// What the handles of noggin.h hold, and how results are passed to C; for the files of the C APIs only.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/counters.h"
#include "noggin/engine.h"
#include "noggin/noggin.h"

namespace noggin::runtime {

// What a model handle and the sessions made from it share.
struct SharedModel {
  Model model;
  std::vector<std::string> labels, span_types;  // NUL-terminated copies
  std::string provenance;
};

}  // namespace noggin::runtime

struct noggin_model {
  std::shared_ptr<const noggin::runtime::SharedModel> shared;
};

struct noggin_counters {
  std::shared_ptr<noggin::Counters> shared;
  std::size_t answers;
};

struct noggin_session {
  std::shared_ptr<const noggin::runtime::SharedModel> shared;
  noggin::Session session;  // destroyed before the model it reads
  std::shared_ptr<noggin::Counters> counters{};
};

namespace noggin::runtime {

// Each fills the caller's struct, unless it is null, and returns its status.
noggin_status report(noggin_error* error, noggin_status status, const char* message);
noggin_status fail(noggin_error* error, const Error& why);
inline noggin_status invalid(noggin_error* error, const char* message) {
  return report(error, NOGGIN_INVALID_ARGUMENT, message);
}
inline noggin_status succeed(noggin_error* error) { return report(error, NOGGIN_OK, ""); }

// Runs `work`, which returns a noggin_status after its own report(), and turns exceptions into statuses.
template <typename Work>
noggin_status guarded(noggin_error* error, const Work& work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return report(error, NOGGIN_OUT_OF_SPACE, "out of memory");
  } catch (...) {
    return report(error, NOGGIN_INTERNAL, "an unexpected exception inside libnoggin: please report it");
  }
}

inline std::string_view view_of(noggin_text text) {
  return text.length == 0 ? "" : std::string_view(text.data, text.length);
}

}  // namespace noggin::runtime
