#include "data/vocabulary/vocabulary.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include "data/vocabulary/vocabulary_merges.h"
#include "spec/model_config.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode_tables.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

const char* const kSpecialPieces[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

// Lets the map look up a string_view without creating a string.
struct WordHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>{}(word); }
};
using WordCounts = std::unordered_map<std::string, std::uint64_t, WordHash, std::equal_to<>>;

// Forgets all words of count 1, then 2, ..., until at most half of the limit is left.
void forget_rare_words(WordCounts& counts, std::size_t limit) {
  for (std::uint64_t rare = 1; counts.size() > limit / 2; ++rare) {
    std::erase_if(counts, [&](const auto& entry) { return entry.second <= rare; });
  }
}

Error out_of_range(const std::string& option, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  return {ErrorCode::kInvalidArgument, "vocabulary: " + option + " is " + std::to_string(value) + ", must be " +
                                           std::to_string(low) + ".." + std::to_string(high) + "."};
}

Status check_options(const VocabularyOptions& options) {
  const std::uint32_t smallest = std::size(kSpecialPieces) + 1;
  if (options.size < smallest || options.size > spec::kMaxVocabulary) {
    return out_of_range("size", options.size, smallest, spec::kMaxVocabulary);
  }
  if (options.max_word_characters < 1 || options.max_word_characters > runtime::kMaxWordCharacters) {
    return out_of_range("max_word_characters", options.max_word_characters, 1, runtime::kMaxWordCharacters);
  }
  return {};
}

}  // namespace

struct VocabularyTrainer::State {
  std::vector<std::byte> unicode_bytes = build_unicode_tables();
  runtime::UnicodeTables unicode = *runtime::UnicodeTables::bind(unicode_bytes);
  WordCounts counts;
};

VocabularyTrainer::VocabularyTrainer(VocabularyOptions options) : options_(options), state_(std::make_shared<State>()) {
  // The reader's buffer is sized for this; train() reports the wrong value.
  options_.max_word_characters = std::min(options_.max_word_characters, runtime::kMaxWordCharacters + 1);
}

void VocabularyTrainer::add(std::string_view text) {
  if (options_.max_word_characters > runtime::kMaxWordCharacters) return;
  WordCounts& counts = state_->counts;
  runtime::WordReader reader(state_->unicode,
                             {options_.lowercase, options_.strip_accents, options_.max_word_characters}, text);
  while (reader.next()) {
    if (reader.too_long()) continue;
    const auto found = counts.find(reader.word());
    if (found != counts.end()) {
      ++found->second;
      continue;
    }
    if (counts.size() >= options_.max_distinct_words) forget_rare_words(counts, options_.max_distinct_words);
    counts.emplace(reader.word(), 1);
  }
}

Result<runtime::TokenizerContents> VocabularyTrainer::train() const {
  if (Status checked = check_options(options_); !checked) return checked.error();
  std::vector<CountedWord> words;
  words.reserve(state_->counts.size());
  for (const auto& [word, count] : state_->counts) words.push_back({word, count});
  // The order of a hash map is unspecified.
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.word < b.word; });
  const std::vector<std::string> learned =
      learn_pieces(words, {options_.size - std::size(kSpecialPieces), options_.min_frequency, runtime::kMaxPieceBytes});
  if (learned.empty()) {
    return Error{ErrorCode::kBadData, "vocabulary: none of the corpus's " + std::to_string(words.size()) +
                                          " different words holds a character seen at least " +
                                          std::to_string(options_.min_frequency) +
                                          " times. Add texts or lower min_frequency."};
  }
  runtime::TokenizerContents contents;
  contents.vocabulary.assign(std::begin(kSpecialPieces), std::end(kSpecialPieces));
  contents.vocabulary.insert(contents.vocabulary.end(), learned.begin(), learned.end());
  contents.lowercase = options_.lowercase;
  contents.strip_accents = options_.strip_accents;
  contents.pad_id = 0;
  contents.unknown_id = 1;
  contents.cls_id = 2;
  contents.sep_id = 3;
  contents.max_word_characters = options_.max_word_characters;
  contents.unicode_tables = state_->unicode_bytes;
  return contents;
}

}  // namespace noggin::data
