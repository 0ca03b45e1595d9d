// What to say of an exception that no part of this program expected.
#pragma once

#include <exception>
#include <string>

#include "train/run/failure.h"

namespace noggin::tool {

// Out of memory where the message says so (LibTorch throws errors of its own for that), else an internal error: the
// first sentence of the message, without the stack frames that LibTorch adds, marked as a fault of this program.
train::Failure unexpected(const std::exception& error);

}  // namespace noggin::tool
