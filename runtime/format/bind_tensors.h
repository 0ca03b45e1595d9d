// The tensors section -> the pointers of a ModelView.
#pragma once

#include <cstddef>
#include <span>

#include "format/reader.h"
#include "noggin/result.h"

namespace noggin::format {

// Walks spec::for_each_tensor(view.config) over the section, checks every tensor and points `view` at it. `view.config`
// must be valid. The section must hold exactly tensors_section_bytes(view.config) bytes.
Status bind_tensors(std::span<const std::byte> section, ModelView& view);

}  // namespace noggin::format
