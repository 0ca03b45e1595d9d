#include "data/pretrained/reachable_pieces.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "data/pretrained/piece_ids.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode_tables.h"

namespace noggin::data {
namespace {

// Whether `text` is a word that normalization leaves as it is. A piece that is part of such a word is one itself:
// normalization works character by character.
bool is_normal_word(const runtime::UnicodeTables& tables, const runtime::NormalizerOptions& options,
                    std::string_view text) {
  runtime::WordReader reader(tables, options, text);
  return reader.next() && !reader.too_long() && reader.word() == text && !reader.next();
}

}  // namespace

std::string note_on_unreachable_pieces(const std::string& folder, const runtime::TokenizerContents& tokenizer) {
  if (!tokenizer.lowercase && !tokenizer.strip_accents) return {};
  const Result<runtime::UnicodeTables> tables = runtime::UnicodeTables::bind(tokenizer.unicode_tables);
  if (!tables) return {};
  const runtime::NormalizerOptions folding{tokenizer.lowercase, tokenizer.strip_accents, runtime::kMaxWordCharacters};
  const runtime::NormalizerOptions plain{false, false, runtime::kMaxWordCharacters};
  std::vector<std::string> unreachable;
  for (const std::string& piece : tokenizer.vocabulary) {
    std::string_view body = piece;
    if (body.starts_with("##")) body.remove_prefix(2);
    if (!is_normal_word(*tables, folding, body) && is_normal_word(*tables, plain, body)) unreachable.push_back(piece);
  }
  if (unreachable.empty()) return {};
  return fmt::format(
      "{}: no text reaches {} of {} pieces ({:.2f} %), because the tokenizer {}: {}. Fix: if the encoder was trained "
      "on "
      "text that keeps these, say so in tokenizer_config.json: {{\"do_lower_case\": false, \"strip_accents\": false}}",
      folder, unreachable.size(), tokenizer.vocabulary.size(),
      100.0 * static_cast<double>(unreachable.size()) / static_cast<double>(tokenizer.vocabulary.size()),
      !tokenizer.strip_accents ? "folds case"
      : tokenizer.lowercase    ? "folds case and strips accents"
                               : "strips accents",
      examples_of(unreachable));
}

}  // namespace noggin::data
