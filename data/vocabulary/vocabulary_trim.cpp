#include "data/vocabulary/vocabulary_trim.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "spec/model_config.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

// "x" or "##x" for one printable ASCII character: with these any ASCII word can be spelt.
bool is_spelling_piece(std::string_view piece) {
  if (piece.starts_with("##") && piece.size() == 3) piece.remove_prefix(2);
  return piece.size() == 1 && piece[0] > ' ' && piece[0] < 0x7F;
}

// [CLS], [MASK] and the like, but not [unused7], a reserved place.
bool is_special(std::string_view piece) {
  return piece.size() > 2 && piece.starts_with('[') && piece.ends_with(']') && !piece.starts_with("[unused");
}

bool has_several_characters(std::string_view piece) {
  if (piece.starts_with("##")) piece.remove_prefix(2);
  if (piece.starts_with("[unused")) return false;
  // UTF-8: the bytes that begin a character.
  return std::ranges::count_if(piece, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }) > 1;
}

}  // namespace

struct VocabularyTrimmer::State {
  runtime::TokenizerContents full;
  std::vector<std::byte> section;  // the tokenizer is bound to this: its heap block stays in place when this is moved
  runtime::WordPieceTokenizer tokenizer;
  std::vector<std::uint64_t> counts;
  std::vector<std::uint32_t> ids = std::vector<std::uint32_t>(spec::kMaxTokens);
};

Result<VocabularyTrimmer> VocabularyTrimmer::create(runtime::TokenizerContents full) {
  Result<std::vector<std::byte>> section = runtime::serialize_tokenizer(full);
  if (!section) return section.error();
  Result<runtime::WordPieceTokenizer> tokenizer = runtime::WordPieceTokenizer::bind(*section);
  if (!tokenizer) return tokenizer.error();
  const std::size_t size = full.vocabulary.size();
  return VocabularyTrimmer(std::make_shared<State>(
      State{std::move(full), *std::move(section), *std::move(tokenizer), std::vector<std::uint64_t>(size)}));
}

void VocabularyTrimmer::add(std::string_view text) {
  const std::size_t count = state_->tokenizer.encode(text, state_->ids);
  for (std::size_t t = 0; t < count; ++t) ++state_->counts[state_->ids[t]];
}

Result<runtime::TokenizerContents> VocabularyTrimmer::trim(std::uint32_t size, std::uint32_t min_frequency,
                                                           bool fill) const {
  const std::vector<std::string>& full = state_->full.vocabulary;
  std::vector<std::uint32_t> kept, counted, others;
  for (std::uint32_t id = 0; id < full.size(); ++id) {
    if (is_special(full[id]) || is_spelling_piece(full[id])) {
      kept.push_back(id);
    } else if (state_->counts[id] >= std::max(1U, min_frequency)) {
      counted.push_back(id);
    } else if (fill && has_several_characters(full[id])) {
      others.push_back(id);
    }
  }
  if (size < kept.size()) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format(
            "tokenizer.size is {}, but the special pieces and single ASCII characters, which are kept, are {}. Fix: "
            "raise it to at least that",
            size, kept.size())};
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return state_->counts[a] > state_->counts[b]; });
  counted.insert(counted.end(), others.begin(), others.end());
  counted.resize(std::min<std::size_t>(counted.size(), size - kept.size()));
  kept.insert(kept.end(), counted.begin(), counted.end());
  std::sort(kept.begin(), kept.end());
  std::vector<std::string> pieces;
  for (const std::uint32_t id : kept) pieces.push_back(full[id]);
  VocabularyOptions options;
  options.lowercase = state_->full.lowercase;
  options.strip_accents = state_->full.strip_accents;
  options.max_word_characters = state_->full.max_word_characters;
  return contents_of(std::move(pieces), "trimmed vocabulary", options);
}

TrimCoverage VocabularyTrimmer::coverage(const runtime::TokenizerContents& trimmed) const {
  const std::unordered_set<std::string_view> kept(trimmed.vocabulary.begin(), trimmed.vocabulary.end());
  const runtime::TokenizerContents& full = state_->full;
  TrimCoverage coverage{full.vocabulary.size(), trimmed.vocabulary.size(), 0, 0};
  for (std::uint32_t id = 0; id < full.vocabulary.size(); ++id) {
    if (id == full.cls_id || id == full.sep_id) continue;
    coverage.corpus_tokens += state_->counts[id];
    if (kept.count(full.vocabulary[id]) > 0) coverage.kept_tokens += state_->counts[id];
  }
  return coverage;
}

}  // namespace noggin::data
