// A request that cannot be carried out as it stands: labels, a source or a plan of ingest.
#pragma once

#include <string>
#include <utility>

#include "noggin/result.h"

namespace noggin::data {

inline Error invalid(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace noggin::data
