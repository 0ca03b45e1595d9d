#include "train/cli/known_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>
#include <variant>

#include "data/ingest/ingest_plan.h"
#include "data/shards/shard.h"
#include "spec/task.h"
#include "tokenizer/wordpiece.h"
#include "train/cli/ingest_vocabulary.h"
#include "train/cli/recipe_check.h"
#include "train/run/failure.h"
#include "train/run/progress.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

constexpr std::uint64_t kTextsRead = 100'000;
constexpr std::size_t kSamples = 2'000;
constexpr std::size_t kMadeUpLetters = 10;  // of a piece that stands for an unknown one: few have more

// Shows the training texts to `take`, at most kTextsRead; returns whether these were all.
template <typename Take>
bool each_training_text(const train::Recipe& recipe, const data::LabelSet& labels, const Take& take) {
  std::uint64_t rows = 0;
  bool enough = false;
  const auto accept = [&](data::Record&& record) -> Status {
    enough = rows++ == kTextsRead;
    if (enough) return Error{ErrorCode::kBadData, "enough was read"};
    take(record.text);
    return {};
  };
  for (const data::SplitInput& split : splits_of(recipe)) {
    if (!split.training) continue;
    const auto counts = data::read_split(split, labels, recipe.data.ingest, {}, accept, nullptr, recipe.task);
    if (!counts && !enough) throw train::Failure(counts.error());
  }
  return !enough;
}

// A trained vocabulary of `size` pieces, of which those that were not found, and the last tenth of those that were, are
// made-up ones: longer than most, and so different that the trie can hardly share nodes.
runtime::TokenizerContents with_made_up_pieces(runtime::TokenizerContents tokenizer, std::size_t size) {
  std::uint64_t state = 1;
  tokenizer.vocabulary.resize(tokenizer.vocabulary.size() - tokenizer.vocabulary.size() / 10);
  while (tokenizer.vocabulary.size() < size) {
    std::string piece = "##";
    for (std::size_t i = 0; i < kMadeUpLetters; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      piece += static_cast<char>('a' + (state >> 33) % 26);
    }
    tokenizer.vocabulary.push_back(piece);
  }
  return tokenizer;
}

// Special pieces and the longest others: no `size` pieces of the full vocabulary take more.
runtime::TokenizerContents longest_pieces(const runtime::TokenizerContents& full, std::size_t size) {
  const std::uint32_t specials[] = {full.pad_id, full.unknown_id, full.cls_id, full.sep_id};
  std::vector<std::uint32_t> ids(full.vocabulary.size());
  std::iota(ids.begin(), ids.end(), 0U);
  std::ranges::stable_sort(ids, {}, [&](std::uint32_t id) {
    return std::pair(std::ranges::find(specials, id) == std::end(specials),
                     -static_cast<std::ptrdiff_t>(full.vocabulary[id].size()));
  });
  ids.resize(std::min(ids.size(), size));
  std::vector<std::string> pieces;
  for (const std::uint32_t id : ids) pieces.push_back(full.vocabulary[id]);
  data::VocabularyOptions options;
  options.lowercase = full.lowercase;
  options.strip_accents = full.strip_accents;
  options.max_word_characters = full.max_word_characters;
  return value_or_throw(data::contents_of(std::move(pieces), "the longest pieces", options));
}

std::uint64_t tokens_of(const runtime::TokenizerContents& tokenizer, const std::vector<std::string>& texts,
                        std::uint32_t max_tokens) {
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(tokenizer));
  const runtime::WordPieceTokenizer bound = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  std::vector<std::uint32_t> ids(max_tokens);
  std::uint64_t tokens = 0;
  for (const std::string& text : texts) tokens += bound.encode(text, ids);
  return tokens;
}

// The shards of tag and edit end by tokens: more than one of each set adds names to the provenance.
void judge_shards(const train::Recipe& recipe, KnownTexts& known) {
  if (!spec::traits_of(recipe.task).per_token() || known.samples.empty()) return;
  const std::uint64_t tokens =
      tokens_of(known.tokenizer, known.samples, recipe.tokenizer.max_tokens) * known.rows / known.samples.size();
  if (tokens >= data::IngestPlan().rows_per_shard)
    known.unknown.push_back("how many shards ingest writes, each of which adds some 34 bytes");
}

}  // namespace

KnownTexts look_at_texts(const train::Recipe& recipe, const data::LabelSet& labels) {
  KnownTexts known;
  known.ingest_files = {"train-00000.h5", "dev-00000.h5", "test-00000.h5", "vocab.txt", "ingest_report.json"};
  const VocabularyChoice choice = vocabulary_choice(recipe);
  const auto* given = std::get_if<runtime::TokenizerContents>(&choice);
  const auto* trimmed = std::get_if<data::IngestPlan::Trimmed>(&choice);
  std::optional<data::VocabularyTrainer> trainer;
  if (trimmed != nullptr) known.trimmer = value_or_throw(data::VocabularyTrimmer::create(trimmed->full));
  if (const auto* options = std::get_if<data::VocabularyOptions>(&choice)) trainer.emplace(*options);
  const bool all = each_training_text(recipe, labels, [&](const std::string& text) {
    ++known.rows;
    if (known.samples.size() < kSamples) known.samples.push_back(text);
    if (known.trimmer) known.trimmer->add(text);
    if (trainer) trainer->add(text);
  });
  if (given != nullptr) known.tokenizer = *given;
  if (trainer) known.tokenizer = value_or_throw(trainer->train());
  if (trimmed != nullptr)
    known.tokenizer = value_or_throw(known.trimmer->trim(trimmed->size, trimmed->min_frequency, trimmed->fill));
  if (!all && given == nullptr) {
    known.unknown.push_back(fmt::format("the vocabulary: it was made from the first {} texts, ingest reads all",
                                        train::format_count(known.rows)));
    known.largest_tokenizer = trimmed != nullptr ? longest_pieces(trimmed->full, trimmed->size)
                                                 : with_made_up_pieces(known.tokenizer, recipe.tokenizer.training.size);
  }
  if (recipe.exports.golden_from_data)
    known.unknown.push_back("the held-out texts in golden vectors, for which others of the same number were counted");
  judge_shards(recipe, known);
  return known;
}

KnownTexts texts_of(const train::Recipe& recipe, const IngestedData& data, bool with_samples) {
  KnownTexts known;
  known.tokenizer = data.tokenizer;
  for (const std::string& path : data.outputs)
    known.ingest_files.push_back(std::filesystem::path(path).filename().string());
  if (recipe.exports.golden_from_data)
    known.golden_texts = golden_texts(recipe.exports, data.tokenizer.vocabulary, recipe.tokenizer.max_tokens,
                                      value_or_throw(data::read_shards(data.dev_shards)));
  if (!with_samples) return known;
  const data::ExampleTable rows = value_or_throw(data::read_shard(data.train_shards.front()));
  known.rows = std::min(rows.rows(), kSamples);
  for (std::size_t row = 0; row < known.rows; ++row) known.samples.emplace_back(rows.text_of(row));
  return known;
}

}  // namespace noggin::tool
