// How the classes of a task that answers per token name spans. Data, trainer, format and engine share this one
// interpretation of label names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::spec {

// Keeps reading label names and decoding, which looks at pairs of classes, fast whatever a file claims.
inline constexpr std::uint32_t kMaxTagClasses = 1024;

// The classes of a per-token task, read from their names.
//   kIob2: "O" once, and for each type "B-type" and "I-type" (IOB2: B starts a span, I continues it).
//   kKeepDelete: exactly "keep", "delete": one type "delete" without a B class, so adjacent words are always one span.
struct TagScheme {
  static constexpr std::uint32_t kOutside = 0xFFFFFFFF;

  std::uint32_t outside = 0;                             // class of "O" or "keep"
  std::vector<std::string_view> types;                   // in order of their first class; views of the labels
  std::vector<std::uint32_t> type_of;                    // [C], kOutside for the outside class
  std::vector<std::uint32_t> begin_class, inside_class;  // [types]; begin_class = inside_class if there is no B

  bool begins(std::uint32_t c) const { return type_of[c] != kOutside && begin_class[type_of[c]] == c; }
  // May class `to` follow class `from` in one text? `from` = outside at the start of a text.
  bool may_follow(std::uint32_t from, std::uint32_t to) const {
    return type_of[to] == kOutside || begins(to) || type_of[from] == type_of[to];
  }
};

// Without types for a task that answers per text. Errors (kInvalidArgument) name the offending label. `labels` must
// outlive the scheme.
Result<TagScheme> make_tag_scheme(TaskKind kind, std::span<const std::string_view> labels);

}  // namespace noggin::spec
