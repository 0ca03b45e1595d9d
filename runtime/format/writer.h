// The only serializer of .nog files (spec/FORMAT.md).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "noggin/counts.h"

namespace noggin::format {

// The whole file as bytes. Validates first. The same model gives the same bytes on every machine.
// `tokenizer_section` is runtime::serialize_tokenizer(model.tokenizer) (tokenizer/wordpiece.h), or for an n-gram model
// runtime::serialize_ngrams(model.ngrams) (tokenizer/ngram_tokenizer.h): the format stores these bytes and does not
// read them.
// reference: what the file's reference section says (reference_counts.h), of the model's answers; null: it has none.
Result<std::vector<std::byte>> serialize(const FrozenModel& model, std::span<const std::byte> tokenizer_section,
                                         const Counts* reference = nullptr);

// Serializes, then writes so that the file appears whole or not at all (temporary file, fsync, rename).
Status write_model(const FrozenModel& model, std::span<const std::byte> tokenizer_section, const std::string& path,
                   const Counts* reference = nullptr);

}  // namespace noggin::format
