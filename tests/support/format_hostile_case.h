// One hostile file: a valid small model, modified to break exactly one rule of the reader.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "format/reader.h"
#include "format/writer.h"
#include "tests/support/format_aligned_bytes.h"
#include "tests/support/format_nog_editor.h"
#include "tests/support/format_random_model.h"

namespace noggin::test {

// A fresh copy of one valid file, config test::small_config().
inline Bytes valid_file() {
  static const Bytes bytes = *format::serialize(random_frozen_model(small_config(), 3), Bytes(77, std::byte{0x5A}));
  return bytes;
}

// The same for a tagger with a decision section: classes O, B-type_0, I-type_0.
inline Bytes valid_tagger_file() {
  static const Bytes bytes = [] {
    spec::ModelConfig config = small_config();
    config.pooling = spec::Pooling::kEveryToken;
    return *format::serialize(random_frozen_model(config, 3), Bytes(77, std::byte{0x5A}));
  }();
  return bytes;
}

// The same with two checks, layout version 5.
inline Bytes valid_file_with_checks() {
  static const Bytes bytes = [] {
    spec::ModelConfig config = small_config();
    config.pooling = spec::Pooling::kEveryToken;
    format::FrozenModel model = random_frozen_model(config, 3);
    model.task.checks = {{spec::CheckKind::kEmail, 0}, {spec::CheckKind::kCard, 0}};
    return *format::serialize(model, Bytes(77, std::byte{0x5A}));
  }();
  return bytes;
}

// With reference counts: 3 answers, 5 requests, one of them unanswered.
inline Counts small_reference() {
  Counts counts;
  counts.requests = 5;
  counts.unanswered = 1;
  counts.answers = {3, 0, 1};
  counts.probability[19] = 5;
  counts.tokens[2] = 5;
  counts.unknown[0] = 4;
  counts.unknown[3] = 1;
  return counts;
}
inline Bytes valid_file_with_reference() {
  static const Bytes bytes = [] {
    const Counts reference = small_reference();
    return *format::serialize(random_frozen_model(small_config(), 3), Bytes(77, std::byte{0x5A}), &reference);
  }();
  return bytes;
}

// Layout version 3: a word table of 7 columns with a model width of 20.
inline Bytes valid_narrow_file() {
  static const Bytes bytes = [] {
    spec::ModelConfig config = small_config();
    config.encoder.embedding_width = 7;
    return *format::serialize(random_frozen_model(config, 3), Bytes(77, std::byte{0x5A}));
  }();
  return bytes;
}

// Layout version 4: the same with words of int4, so that a row of the table is 3.5 bytes.
inline Bytes valid_int4_file() {
  static const Bytes bytes = [] {
    spec::ModelConfig config = small_config();
    config.encoder.embedding_width = 7;
    config.encoder.word_type = spec::WeightType::kInt4;
    return *format::serialize(random_frozen_model(config, 3), Bytes(77, std::byte{0x5A}));
  }();
  return bytes;
}

// Layout version 4 too: layer 0 has 64 inputs, 96 neurons and int4 weights; qkv has 30 outputs, padded to 32.
inline spec::ModelConfig int4_layers_config() {
  spec::ModelConfig config = small_config();
  config.encoder.width = 64;
  config.encoder.layers = {{2, 96, 64, 0, 32, 32}, {1, 18}};
  return config;
}
inline Bytes valid_int4_layers_file() {
  static const Bytes bytes =
      *format::serialize(random_frozen_model(int4_layers_config(), 3), Bytes(77, std::byte{0x5A}));
  return bytes;
}

struct HostileCase {
  std::string name;
  std::function<Bytes()> make;
  std::string expected;  // part of the message
  ErrorCode code = ErrorCode::kCorrupt;
};
inline void PrintTo(const HostileCase& hostile, std::ostream* out) { *out << hostile.name; }
inline std::string case_name(const testing::TestParamInfo<HostileCase>& info) { return info.param.name; }

// Changes bytes in place, then repairs all hashes.
inline HostileCase patched(std::string name, std::function<void(Bytes&)> patch, std::string expected,
                           ErrorCode code = ErrorCode::kCorrupt) {
  return {std::move(name),
          [patch = std::move(patch)] {
            Bytes file = valid_file();
            patch(file);
            repair_hashes(file);
            return file;
          },
          std::move(expected), code};
}

// Changes sections, then assembles the file around them.
inline HostileCase rebuilt(std::string name, std::function<void(std::vector<EditedSection>&)> edit,
                           std::string expected, ErrorCode code = ErrorCode::kCorrupt, Bytes (*valid)() = valid_file) {
  return {std::move(name),
          [edit = std::move(edit), valid] {
            const Bytes file = valid();
            std::vector<EditedSection> sections = take_apart(file);
            edit(sections);
            return put_together(file, sections);
          },
          std::move(expected), code};
}

inline HostileCase rewritten(std::string name, format::SectionKind kind, std::function<void(Bytes&)> edit,
                             std::string expected, ErrorCode code = ErrorCode::kCorrupt,
                             Bytes (*valid)() = valid_file) {
  return rebuilt(
      std::move(name),
      [kind, edit = std::move(edit)](std::vector<EditedSection>& sections) { edit(content_of(sections, kind)); },
      std::move(expected), code, valid);
}

inline void expect_refused(const HostileCase& hostile) {
  const AlignedBytes file(hostile.make());
  const Result<format::ModelView> view = format::read_model(file.span());
  ASSERT_FALSE(view) << "the reader accepted it";
  EXPECT_NE(view.error().message.find(hostile.expected), std::string::npos) << view.error().message;
  EXPECT_EQ(view.error().code, hostile.code) << view.error().message;
}

}  // namespace noggin::test
