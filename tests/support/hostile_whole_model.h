// A small valid file that Model::open accepts, with every kind of section and every part of the tokenizer's tables in
// use: the starting point of the tokenizer section's tests and of the fuzzer.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bytes/float_hash.h"
#include "format/reader.h"
#include "tests/support/engine_model.h"
#include "tests/support/format_nog_editor.h"
#include "tokenizer/unicode_tables.h"

namespace noggin::test {

// Characters that are dropped, stripped to one, to three and to none, lowercased, punctuation, and single-character
// words.
inline runtime::CharacterFacts rich_character_facts(std::uint32_t code_point) {
  switch (code_point) {
    case 0xC9:
      return {0, true, {'E'}, 0xE9};
    case 0xE9:
      return {0, true, {'e'}, 0};
    case 0x130:
      return {0, true, {'I', 0x41, 0x42}, 'i'};
    case 0x301:
      return {0, true, {}, 0};
    case 0x37E:
      return {runtime::kPunctuation, true, {';'}, 0};
    case 0x2003:
      return {runtime::kWhitespace, false, {}, 0};
    case 0x4E2D:
      return {runtime::kCjk, false, {}, 0};
    default:
      return {code_point > 0x10FF00 ? std::uint32_t{runtime::kDropped} : 0U, false, {}, 0};
  }
}

inline std::vector<std::byte> whole_file_of(spec::Pooling pooling) {
  spec::ModelConfig config = small_config();
  config.pooling = pooling;
  config.vocabulary_size = 90;  // holds "t" and "the": one piece is the beginning of another
  format::FrozenModel model = random_frozen_model(config, 5);
  model.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  model.tokenizer.unicode_tables = *runtime::encode_unicode_tables(rich_character_facts);
  if (pooling == spec::Pooling::kEveryToken)
    model.task.checks = {{spec::CheckKind::kEmail, 0}, {spec::CheckKind::kCard, 0}, {spec::CheckKind::kUrl, 0}};
  Counts reference;
  reference.answers.resize(pooling == spec::Pooling::kEveryToken ? 1 : config.classes, 2);
  reference.requests = reference.tokens[1] = reference.unknown[0] = 4;
  return *format::serialize(model, *runtime::serialize_tokenizer(model.tokenizer), &reference);
}

inline const std::vector<std::byte>& whole_model_file() {
  static const std::vector<std::byte> file = whole_file_of(spec::Pooling::kMean);
  return file;
}

// The same in layout version 5, with decision and checks sections.
inline const std::vector<std::byte>& whole_tagger_file() {
  static const std::vector<std::byte> file = whole_file_of(spec::Pooling::kEveryToken);
  return file;
}

// The plain one with all its golden vectors as hashes, too.
inline const std::vector<std::byte>& whole_hashed_file() {
  static const std::vector<std::byte> file = [] {
    const AlignedBytes plain(whole_model_file());
    const auto view = *format::read_model(plain.span());
    Bytes content(4);
    store_u32(content.data(), static_cast<std::uint32_t>(view.golden.size()));
    for (const format::GoldenView& golden : view.golden) {
      append_little_endian(content, static_cast<std::uint32_t>(golden.text.size()));
      append_little_endian(content, static_cast<std::uint32_t>(golden.token_ids.size()));
      for (const std::uint32_t id : golden.token_ids) append_little_endian(content, id);
      append_little_endian(content, float_hash(golden.logits));
      for (const char c : golden.text) content.push_back(static_cast<std::byte>(c));
      content.resize((content.size() + 3) / 4 * 4);
    }
    std::vector<EditedSection> sections = take_apart(whole_model_file());
    add_golden_hashes(sections, std::move(content));
    std::swap(sections.back(), sections[sections.size() - 2]);  // in front of the reference: kinds ascend
    return put_together(whole_model_file(), sections);
  }();
  return file;
}

}  // namespace noggin::test
