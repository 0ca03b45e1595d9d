#include "train/augment/tag_augmentation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "data/shards/sampler.h"
#include "data/shards/shard.h"
#include "spec/tag_scheme.h"
#include "train/recipe/nearest_name.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// Streams of data::random_bits, one per purpose.
constexpr std::uint64_t kReservoirStream = 0x5350414EULL;
constexpr std::uint64_t kChanceStream = 0x53574150ULL << 32;
constexpr std::uint64_t kChoiceStream = 0x43484F4FULL << 32;
constexpr std::uint64_t kDigitChanceStream = 0x44494749ULL << 32;
constexpr std::uint64_t kDigitStream = 0x54454E53ULL << 32;

constexpr std::size_t kInside = 1ULL << 20;  // offset, beyond any token of a row, of the random numbers inside a span

constexpr std::size_t kLongestWord = 16;  // tokens, special ones included; longer words are left out

bool is_letters(std::string_view piece) {
  return !piece.empty() &&
         std::ranges::all_of(piece, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}
bool is_digits(std::string_view piece) {
  return !piece.empty() && std::ranges::all_of(piece, [](char c) { return c >= '0' && c <= '9'; });
}
constexpr std::string_view kContinues = "##";
std::string_view without_mark(std::string_view piece) {
  return piece.starts_with(kContinues) ? piece.substr(kContinues.size()) : piece;
}

// The end of the word that begins at `begin`: continuation pieces have no label.
template <typename Labels>
std::size_t word_end(const Labels& labels, std::size_t begin, std::size_t end) {
  std::size_t next = begin + 1;
  while (next < end && labels[next] < 0) ++next;
  return next;
}

// Appends tokens [begin, end) of row `row` unchanged.
void copy_tokens(const data::ExampleTable& from, std::size_t row, std::size_t begin, std::size_t end,
                 data::ExampleTable& to) {
  const auto part = [begin, end](auto values, std::size_t width, auto& out) {
    out.insert(out.end(), values.begin() + static_cast<std::ptrdiff_t>(begin * width),
               values.begin() + static_cast<std::ptrdiff_t>(end * width));
  };
  part(from.tokens_of(row), 1, to.token_ids);
  part(from.label_of(row), 1, to.label);
  part(from.teacher_classes_of(row), from.top_k, to.teacher_classes);
  part(from.teacher_probabilities_of(row), from.top_k, to.teacher_probabilities);
}

}  // namespace

// Random numbers of one row in one epoch: a function of these, of their purpose and of the position.
struct TagAugmentation::RowChance {
  std::uint64_t seed, epoch, key;
  double unit(std::uint64_t stream, std::uint64_t at) const {
    return data::random_unit(seed, stream + epoch, key + at);
  }
  std::uint64_t bits(std::uint64_t stream, std::uint64_t at) const {
    return data::random_bits(seed, stream + epoch, key + at);
  }
};

std::vector<std::vector<std::uint32_t>> spelt_words(const std::vector<std::string>& vocabulary,
                                                    const runtime::WordPieceTokenizer& tokenizer) {
  std::vector<std::vector<std::uint32_t>> words;
  std::vector<std::uint32_t> ids(kLongestWord);
  for (const std::string& piece : vocabulary) {
    if (piece.size() < 2 || !is_letters(piece)) continue;
    const std::size_t count = tokenizer.encode(piece, ids);
    if (count < 3 || count == ids.size()) continue;  // [CLS] and [SEP] are always there
    words.emplace_back(ids.begin() + 1, ids.begin() + static_cast<std::ptrdiff_t>(count) - 1);
  }
  return words;
}

std::vector<std::vector<std::uint32_t>> digit_pieces(const std::vector<std::string>& vocabulary) {
  std::map<std::pair<bool, std::size_t>, std::vector<std::uint32_t>> forms;
  for (std::uint32_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view piece = without_mark(vocabulary[id]);
    if (is_digits(piece)) forms[{vocabulary[id].starts_with(kContinues), piece.size()}].push_back(id);
  }
  std::vector<std::vector<std::uint32_t>> pieces;
  for (auto& [form, ids] : forms) pieces.push_back(std::move(ids));
  return pieces;
}

std::vector<std::uint32_t> letter_pieces(const std::vector<std::string>& vocabulary) {
  std::vector<std::uint32_t> pieces;
  for (std::uint32_t id = 0; id < vocabulary.size(); ++id) {
    if (is_letters(without_mark(vocabulary[id]))) pieces.push_back(id);
  }
  return pieces;
}

Result<std::vector<std::uint32_t>> types_of_names(const std::vector<std::string>& labels,
                                                  const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(labels.begin(), labels.end());
  const auto scheme = spec::make_tag_scheme(spec::TaskKind::kTag, views);
  if (!scheme) return scheme.error();
  std::vector<std::uint32_t> types;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(scheme->types, name);
    if (found == scheme->types.end()) {
      const std::string nearest = nearest_name(name, {scheme->types.begin(), scheme->types.end()});
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("train.form_types names \"{}\", which is not a type of the labels{}. Fix: correct it",
                               name, nearest.empty() ? "" : fmt::format(" (nearest: \"{}\")", nearest))};
    }
    types.push_back(static_cast<std::uint32_t>(found - scheme->types.begin()));
  }
  return types;
}

TagAugmentation TagAugmentation::read(const std::vector<std::string>& shards, const std::vector<std::string>& labels,
                                      const AugmentationSources& sources, std::uint32_t max_tokens,
                                      std::uint64_t seed) {
  const std::vector<std::string_view> views(labels.begin(), labels.end());
  const auto scheme = value_or_throw(spec::make_tag_scheme(spec::TaskKind::kTag, views));
  TagAugmentation result;
  result.max_tokens_ = max_tokens;
  for (std::uint32_t c = 0; c < labels.size(); ++c) {
    result.type_of_.push_back(scheme.type_of[c] == spec::TagScheme::kOutside ? kOutside : scheme.type_of[c]);
    result.begins_.push_back(scheme.begins(c) ? 1 : 0);
  }
  for (const std::vector<std::uint32_t>& tokens : sources.words) {
    std::vector<std::int32_t> classes(tokens.size(), -1);
    classes.front() = static_cast<std::int32_t>(scheme.outside);
    result.words_.push_back({tokens, std::move(classes)});
  }
  result.spans_.resize(scheme.types.size());
  result.seen_.resize(scheme.types.size());
  std::set<std::vector<std::uint32_t>> of_spans;
  for (const std::string& path : shards) result.add(value_or_throw(data::read_shard(path)), seed, of_spans);
  std::erase_if(result.words_, [&](const Words& word) { return of_spans.count(word.tokens) > 0; });
  result.has_form_.resize(scheme.types.size());
  for (const std::uint32_t type : value_or_throw(types_of_names(labels, sources.form_types))) {
    result.has_form_[type] = 1;
    if (!result.spans_[type].empty()) result.form_types_.push_back(type);
  }
  result.letters_.insert(sources.letters.begin(), sources.letters.end());
  result.digits_ = sources.digits;
  for (std::uint32_t form = 0; form < result.digits_.size(); ++form) {
    for (const std::uint32_t id : result.digits_[form]) {
      if (id >= result.digits_of_.size()) result.digits_of_.resize(id + 1, kOutside);
      result.digits_of_[id] = form;
    }
  }
  return result;
}

std::size_t TagAugmentation::spans() const {
  std::size_t count = 0;
  for (const std::vector<Words>& spans : spans_) count += spans.size();
  return count;
}

// Continuation pieces have no label and belong to the word before them; the special tokens at both ends belong to none.
std::vector<TagAugmentation::Place> TagAugmentation::places_of(std::span<const std::int32_t> labels) const {
  std::vector<Place> places;
  for (std::size_t t = 1; t + 1 < labels.size(); ++t) {
    if (labels[t] >= 0) {
      const auto c = static_cast<std::size_t>(labels[t]);
      const bool goes_on =
          type_of_[c] != kOutside && begins_[c] == 0 && !places.empty() && places.back().type == type_of_[c];
      if (!goes_on) places.push_back({t, t, type_of_[c]});
    }
    if (!places.empty()) places.back().end = t + 1;
  }
  return places;
}

TagAugmentation::Words TagAugmentation::words_of(const data::ExampleTable& block, std::size_t row, const Place& place) {
  const auto tokens = block.tokens_of(row);
  const auto labels = block.label_of(row);
  const auto begin = static_cast<std::ptrdiff_t>(place.begin), end = static_cast<std::ptrdiff_t>(place.end);
  return {{tokens.begin() + begin, tokens.begin() + end}, {labels.begin() + begin, labels.begin() + end}};
}

void TagAugmentation::add(const data::ExampleTable& block, std::uint64_t seed,
                          std::set<std::vector<std::uint32_t>>& of_spans) {
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const auto tokens = block.tokens_of(row);
    const auto labels = block.label_of(row);
    for (const Place& place : places_of(labels)) {
      if (place.type == kOutside) continue;
      // Reservoir sampling: each span of a type is kept with the same probability.
      const std::uint64_t count = ++seen_[place.type];
      std::vector<Words>& spans = spans_[place.type];
      const std::uint64_t slot =
          count <= kSpansPerType ? count - 1 : data::random_bits(seed ^ place.type, kReservoirStream, count) % count;
      if (slot >= kSpansPerType) continue;
      if (slot == spans.size()) spans.emplace_back();
      spans[slot] = words_of(block, row, place);
      for (std::size_t t = place.begin, next; t < place.end; t = next) {
        next = word_end(labels, t, place.end);
        of_spans.emplace(tokens.begin() + static_cast<std::ptrdiff_t>(t),
                         tokens.begin() + static_cast<std::ptrdiff_t>(next));
      }
    }
  }
}

const TagAugmentation::Words* TagAugmentation::substitute(const Place& place, std::uint64_t choice) const {
  const std::vector<Words>* choices = &words_;
  if (place.type != kOutside) {
    std::uint32_t type = place.type;
    if (has_form_[type] != 0 && !form_types_.empty()) {
      type = form_types_[choice % form_types_.size()];
      choice /= form_types_.size();
    }
    choices = &spans_[type];
  }
  return choices->empty() ? nullptr : &(*choices)[choice % choices->size()];
}

TagAugmentation::Words TagAugmentation::with_other_words(const Words& span, double probability, std::uint64_t at,
                                                         const RowChance& chance) const {
  Words result;
  for (std::size_t t = 0, next; t < span.tokens.size(); t = next) {
    next = word_end(span.labels, t, span.tokens.size());
    std::span<const std::uint32_t> word(span.tokens.data() + t, next - t);
    const bool letters = std::ranges::all_of(word, [&](std::uint32_t id) { return letters_.count(id) > 0; });
    if (letters && !words_.empty() && chance.unit(kChanceStream, at + t) < probability) {
      word = words_[chance.bits(kChoiceStream, at + t) % words_.size()].tokens;
    }
    result.tokens.insert(result.tokens.end(), word.begin(), word.end());
    result.labels.push_back(span.labels[t]);
    result.labels.resize(result.tokens.size(), -1);
  }
  return result;
}

std::optional<TagAugmentation::Words> TagAugmentation::changed_place(const data::ExampleTable& block, std::size_t row,
                                                                     const Place& place,
                                                                     const AugmentationOptions& options,
                                                                     const RowChance& chance) const {
  const bool outside = place.type == kOutside;
  const Words* other = nullptr;
  if (chance.unit(kChanceStream, place.begin) < (outside ? options.word_swap : options.mention_replacement)) {
    other = substitute(place, chance.bits(kChoiceStream, place.begin));
  }
  std::optional<Words> result;
  if (other != nullptr) result = *other;
  if (outside || has_form_[place.type] == 0) return result;
  const Words now = result ? *std::move(result) : words_of(block, row, place);
  result = with_other_words(now, options.word_swap, place.begin + kInside, chance);
  return other != nullptr || result->tokens != now.tokens ? result : std::nullopt;
}

void TagAugmentation::swap_digits(std::span<std::uint32_t> tokens, double probability, const RowChance& chance) const {
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const std::uint32_t form = tokens[t] < digits_of_.size() ? digits_of_[tokens[t]] : kOutside;
    if (form == kOutside || chance.unit(kDigitChanceStream, t) >= probability) continue;
    tokens[t] = digits_[form][chance.bits(kDigitStream, t) % digits_[form].size()];
  }
}

data::ExampleTable TagAugmentation::changed(const data::ExampleTable& block, std::span<const std::uint32_t> rows,
                                            const AugmentationOptions& options, std::uint64_t seed,
                                            std::uint64_t epoch) const {
  data::ExampleTable result;
  result.task = block.task;
  result.classes = block.classes;
  result.top_k = block.top_k;
  for (const std::uint32_t row : rows) {
    const RowChance chance{seed, epoch, block.key[row]};
    const std::size_t first = result.token_ids.size(), tokens = block.tokens_of(row).size();
    std::size_t done = 0;
    for (const Place& place : places_of(block.label_of(row))) {
      const std::optional<Words> other = changed_place(block, row, place, options, chance);
      if (!other) continue;
      copy_tokens(block, row, done, place.begin, result);
      done = place.begin;
      if (result.token_ids.size() - first + other->tokens.size() + (tokens - place.end) > max_tokens_) continue;
      result.token_ids.insert(result.token_ids.end(), other->tokens.begin(), other->tokens.end());
      result.label.insert(result.label.end(), other->labels.begin(), other->labels.end());
      result.teacher_classes.resize(result.token_ids.size() * result.top_k, -1);
      result.teacher_probabilities.resize(result.token_ids.size() * result.top_k, 0.0F);
      done = place.end;
    }
    copy_tokens(block, row, done, tokens, result);
    swap_digits(std::span(result.token_ids).subspan(first), options.digit_swap, chance);
    result.token_offsets.push_back(result.token_ids.size());
    result.key.push_back(chance.key);
  }
  return result;
}

}  // namespace noggin::train
