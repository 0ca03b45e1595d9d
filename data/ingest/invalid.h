// A request to ingest that cannot be carried out as it stands.
#pragma once

#include <string>
#include <utility>

#include "noggin/result.h"

namespace noggin::data {

inline Error invalid(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace noggin::data
