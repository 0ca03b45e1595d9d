// The tensors section -> the pointers of a ModelView.
#pragma once

#include <cstddef>
#include <span>

#include "bytes/content_hash.h"
#include "format/reader.h"
#include "noggin/result.h"

namespace noggin::format {

// Walks spec::visit_tensors(view.config) over the section, checks every tensor and points `view` at it. `view.config`
// must be valid. The section must hold exactly tensors_section_bytes(view.config) bytes. On success `hasher` has seen
// all of them: each block is hashed right before it is checked, so that a large file is read from memory only once.
Status bind_tensors(std::span<const std::byte> section, ModelView& view, ContentHasher& hasher);

}  // namespace noggin::format
