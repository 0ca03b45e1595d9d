// One row of training or evaluation data, whatever log it came from and whatever the task.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes/text_unit.h"
#include "noggin/text_span.h"

namespace noggin::data {

// The teacher's answer for one text (or one token): the classes it listed, most probable first, as probabilities at
// temperature 1. Exclusive classes (single_label, tag, edit): mass that it did not list is the tail, 1 - sum, one
// bucket for the losses (distill/). Independent classes (multi_label, score): no sum rule; a class that is not listed
// has 0.
struct TeacherDistribution {
  std::vector<std::int32_t> classes{};
  std::vector<float> probabilities{};  // same length; each in [0, 1]; exclusive: sum <= 1 after renormalization
  bool empty() const { return classes.empty(); }
  void clear() {
    classes.clear();
    probabilities.clear();
  }
};

// A span of a text: bytes, and the index of its type in spec::TagScheme::types.
struct TypedSpan {
  std::uint32_t begin = 0, end = 0, type = 0;
  auto operator<=>(const TypedSpan&) const = default;  // by place
};

// One token of a log: its place in the text, and the teacher's answer for it (empty: none).
struct TeacherToken {
  TextSpan place{};
  TeacherDistribution teacher{};
};

inline constexpr std::int32_t kNoLabel = -1;

struct Record {
  std::string id{};
  std::string text{};             // UTF-8, as logged
  std::int32_t label = kNoLabel;  // single_label: gold class, or kNoLabel
  TeacherDistribution teacher{};  // single_label, multi_label, score; empty when the row has no teacher
  std::string file{};             // where it was read, for messages
  std::uint64_t line = 0;         // from 1; 0: not from a file
  // multi_label [C], score [1]: gold, each in [0, 1]; empty when the row has none.
  std::vector<float> gold_values{};
  TextUnit unit = TextUnit::kCodePoint;  // tag, edit: what offsets counted in the log; here they are in bytes
  // tag, edit: gold spans, ascending and disjoint; valid if has_spans (a text may have none). edit: what to delete.
  bool has_spans = false;
  bool is_written = false;  // they are what a teacher wrote (written_answer.h): others' gold counts before them
  std::vector<TypedSpan> spans{};
  std::vector<TeacherToken> teacher_tokens{};  // tag, edit: ascending and disjoint; empty when the row has no teacher
  std::string target{};                        // edit: the wanted text; empty: not given

  // Makes it as new, but keeps the memory of its texts and lists, for readers of many rows.
  void clear() {
    id.clear();
    text.clear();
    label = kNoLabel;
    teacher.clear();
    file.clear();
    line = 0;
    gold_values.clear();
    unit = TextUnit::kCodePoint;
    has_spans = is_written = false;
    spans.clear();
    teacher_tokens.clear();
    target.clear();
  }
  bool has_gold() const { return label != kNoLabel || !gold_values.empty() || has_spans || !target.empty(); }
  bool has_teacher() const {
    for (const TeacherToken& token : teacher_tokens) {
      if (!token.teacher.empty()) return true;
    }
    return !teacher.empty();
  }
};

}  // namespace noggin::data
