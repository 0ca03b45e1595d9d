// Random changes to the training rows of a tagger, so that it learns the context of names and numbers instead of
// memorizing its few training sentences:
//   span swap   a gold span becomes another one of its type: mention replacement, Dai and Adel 2020, "An Analysis of
//               Simple Data Augmentation for Named Entity Recognition"
//   form swap   a gold span of a type that is recognized by its form in any context (an IP address, a card number)
//               becomes a span of any such type. All types are equally likely: one of five spans is seen as often as
//               one of five hundred
//   word swap   a word outside spans becomes a random word of a list and stays outside. Otherwise the model takes
//               unseen words for names, because in few sentences names are what is new and split into small pieces.
//               Words of letters inside a span recognized by its form are swapped too and stay inside: any word may
//               precede an @
//   digit swap  a piece of digits becomes another one with as many digits, inside and outside spans: numbers change,
//               forms stay
// Swapped spans and words have gold classes and no teacher; everything else, swapped digits included, keeps the
// teacher's answer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "data/shards/example_table.h"
#include "tokenizer/wordpiece.h"

namespace noggin::train {

struct AugmentationOptions {
  double mention_replacement = 0.0, word_swap = 0.0,
         digit_swap = 0.0;  // probability per gold span, word, piece of digits
  bool any() const { return mention_replacement > 0.0 || word_swap > 0.0 || digit_swap > 0.0; }
  bool operator==(const AugmentationOptions&) const = default;
};

// The whole words of two or more ASCII letters in `vocabulary`, as pieces of the student's tokenizer. With the full
// vocabulary of a pretrained encoder, of which the student's is a subset, these are the words of a language.
std::vector<std::vector<std::uint32_t>> spelt_words(const std::vector<std::string>& vocabulary,
                                                    const runtime::WordPieceTokenizer& tokenizer);

// Ids of the pieces of a vocabulary that consist of ASCII digits only, grouped by number of digits and by whether they
// begin or continue a word.
std::vector<std::vector<std::uint32_t>> digit_pieces(const std::vector<std::string>& vocabulary);

// The pieces that consist of ASCII letters only, both those that begin and those that continue a word.
std::vector<std::uint32_t> letter_pieces(const std::vector<std::string>& vocabulary);

// The span types in the labels of a tag task. Error when one of `names` is not among them; suggests the nearest.
Result<std::vector<std::uint32_t>> types_of_names(const std::vector<std::string>& labels,
                                                  const std::vector<std::string>& names);

// Replacement material in addition to the spans of the rows.
struct AugmentationSources {
  std::vector<std::vector<std::uint32_t>> words{};   // words that occur in no kept span
  std::vector<std::vector<std::uint32_t>> digits{};  // digit_pieces()
  std::vector<std::uint32_t> letters{};              // letter_pieces()
  std::vector<std::string> form_types{};             // types recognized by their form
};

// Spans of the training rows as tokens, by type, and replacement words. Memory: at most kSpansPerType spans per type, a
// uniform sample, whatever the size of the set. Immutable after reading; may be shared by threads.
class TagAugmentation {
 public:
  static constexpr std::uint32_t kSpansPerType = 4096;

  // Reads every shard once. labels: those of a tag task, in the class order of the shards; max_tokens: no row grows
  // beyond it.
  // Throws Failure on an unreadable shard, on labels that are not of a tag task and on an unknown form type.
  static TagAugmentation read(const std::vector<std::string>& shards, const std::vector<std::string>& labels,
                              const AugmentationSources& sources, std::uint32_t max_tokens, std::uint64_t seed);

  // These rows of `block`, changed, with only what training needs: tokens, keys, labels and teacher, no texts or spans.
  // The changes are a function of seed, epoch and the row's key.
  data::ExampleTable changed(const data::ExampleTable& block, std::span<const std::uint32_t> rows,
                             const AugmentationOptions& options, std::uint64_t seed, std::uint64_t epoch) const;

  std::size_t spans() const;  // of all types

 private:
  // Some words of a row: their tokens with their classes, -1 for continuation pieces.
  struct Words {
    std::vector<std::uint32_t> tokens{};
    std::vector<std::int32_t> labels{};
  };
  static constexpr std::uint32_t kOutside = 0xFFFFFFFF;
  // Tokens [begin, end) of a row: one span of this type, or one word outside.
  struct Place {
    std::size_t begin, end;
    std::uint32_t type;
  };

  TagAugmentation() = default;
  void add(const data::ExampleTable& block, std::uint64_t seed, std::set<std::vector<std::uint32_t>>& of_spans);
  std::vector<Place> places_of(std::span<const std::int32_t> labels) const;
  static Words words_of(const data::ExampleTable& block, std::size_t row, const Place& place);
  // A replacement for a place, chosen by the random number `choice`; null: none.
  const Words* substitute(const Place& place, std::uint64_t choice) const;
  struct RowChance;
  // A span with its words of letters replaced; `at`: offset of its random numbers.
  Words with_other_words(const Words& span, double probability, std::uint64_t at, const RowChance& chance) const;
  // The replacement for a place of a row; nullopt: unchanged.
  std::optional<Words> changed_place(const data::ExampleTable& block, std::size_t row, const Place& place,
                                     const AugmentationOptions& options, const RowChance& chance) const;
  void swap_digits(std::span<std::uint32_t> tokens, double probability, const RowChance& chance) const;

  std::uint32_t max_tokens_ = 0;
  std::vector<std::uint32_t> type_of_;     // [C], kOutside for the outside class
  std::vector<char> begins_;               // [C]
  std::vector<std::vector<Words>> spans_;  // [types]
  std::vector<std::uint64_t> seen_;        // [types]: spans of all rows
  std::vector<std::uint32_t> form_types_;  // with spans
  std::vector<char> has_form_;             // [types]
  std::vector<Words> words_;               // outside
  std::set<std::uint32_t> letters_;
  std::vector<std::vector<std::uint32_t>> digits_;
  std::vector<std::uint32_t> digits_of_;  // [highest id of a piece of digits + 1]: its place in digits_, or kOutside
};

}  // namespace noggin::train
