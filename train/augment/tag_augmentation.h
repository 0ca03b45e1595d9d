// Training rows of a tagger, changed at random, so that it learns what stands around a name or a number and not its few
// training sentences by heart:
//   span swap   a gold span becomes another one of its type: mention replacement, Dai and Adel 2020, "An Analysis of Simple
//               Data Augmentation for Named Entity Recognition"
//   form swap   a gold span of a type that is told by its form wherever it stands (an address of a computer, a card's number)
//               becomes one of any such type, each type as often: a type of five spans is seen as often as one of five hundred
//   word swap   a word outside spans becomes a random one of a list and stays outside. Otherwise a word that training never
//               showed is taken for a name, because in few sentences names are what is new and spelt in small pieces. So does a
//               word of letters inside a span told by its form, and stays inside: any word may stand before an @
//   digit swap  a piece of digits becomes another one of as many digits, inside spans and outside: numbers differ, forms stay
// What was swapped for another span or word has gold classes and no teacher; everything else, digits too, keeps what the teacher
// said of it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "data/shards/row_block.h"
#include "tokenizer/wordpiece.h"

namespace noggin::train {

struct AugmentationOptions {
  double span_swap = 0.0, word_swap = 0.0, digit_swap = 0.0;  // probabilities: of each gold span, word, piece of digits
  bool any() const { return span_swap > 0.0 || word_swap > 0.0 || digit_swap > 0.0; }
  bool operator==(const AugmentationOptions&) const = default;
};

// The whole words of ASCII letters, two or more, that `vocabulary` holds, as the student's tokenizer spells them. Of a pretrained
// encoder's own vocabulary, which a student's is cut from, they are the words of a language.
std::vector<std::vector<std::uint32_t>> spelt_words(const std::vector<std::string>& vocabulary,
                                                    const runtime::WordPieceTokenizer& tokenizer);

// The pieces of a vocabulary that are nothing but ASCII digits, as ids: those of as many digits together, and those that begin a
// word apart from those that continue one.
std::vector<std::vector<std::uint32_t>> digit_pieces(const std::vector<std::string>& vocabulary);

// The pieces that are nothing but ASCII letters, whether they begin a word or continue one.
std::vector<std::uint32_t> letter_pieces(const std::vector<std::string>& vocabulary);

// The types that a tag task's labels name. Error: one of `names` is none of them; says which is nearest.
Result<std::vector<std::uint32_t>> types_of_names(const std::vector<std::string>& labels, const std::vector<std::string>& names);

// What may be put in, beside the spans of the rows.
struct AugmentationSources {
  std::vector<std::vector<std::uint32_t>> words{};   // those that no kept span has
  std::vector<std::vector<std::uint32_t>> digits{};  // digit_pieces()
  std::vector<std::uint32_t> letters{};              // letter_pieces()
  std::vector<std::string> form_types{};             // types told by their form
};

// Spans of the training rows as tokens, by type, and words to put in. Memory: at most kSpansPerType spans a type,
// a fair sample of all, whatever the size of the set. Immutable after reading; may be shared by threads.
class TagAugmentation {
 public:
  static constexpr std::uint32_t kSpansPerType = 4096;

  // Reads every shard once. labels: of a tag task, as the shards' classes; max_tokens: no row grows beyond it. Throws Failure on
  // an unreadable shard, on labels that are not of a tag task and on a form type that they do not name.
  static TagAugmentation read(const std::vector<std::string>& shards, const std::vector<std::string>& labels,
                              const AugmentationSources& sources, std::uint32_t max_tokens, std::uint64_t seed);

  // These rows of `block`, what training needs of them: tokens, keys, labels and teacher, no texts and spans. What changes is
  // a function of seed, epoch and the row's key.
  data::RowBlock changed(const data::RowBlock& block, std::span<const std::uint32_t> rows, const AugmentationOptions& options,
                         std::uint64_t seed, std::uint64_t epoch) const;

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
  void add(const data::RowBlock& block, std::uint64_t seed, std::set<std::vector<std::uint32_t>>& of_spans);
  std::vector<Place> places_of(std::span<const std::int32_t> labels) const;
  static Words words_of(const data::RowBlock& block, std::size_t row, const Place& place);
  // What may be put for a place, `choice` a random number; null: nothing.
  const Words* substitute(const Place& place, std::uint64_t choice) const;
  struct RowChance;
  // A span with other words of letters; `at`: where its random numbers begin.
  Words with_other_words(const Words& span, double probability, std::uint64_t at, const RowChance& chance) const;
  // What a place of a row becomes; nullopt: it stays.
  std::optional<Words> changed_place(const data::RowBlock& block, std::size_t row, const Place& place,
                                     const AugmentationOptions& options, const RowChance& chance) const;
  void swap_digits(std::span<std::uint32_t> tokens, double probability, const RowChance& chance) const;

  std::uint32_t max_tokens_ = 0;
  std::vector<std::uint32_t> type_of_;         // [C], kOutside for the outside class
  std::vector<char> begins_;                   // [C]
  std::vector<std::vector<Words>> spans_;      // [types]
  std::vector<std::uint64_t> seen_;            // [types]: spans of all rows
  std::vector<std::uint32_t> form_types_;      // with spans
  std::vector<char> has_form_;                 // [types]
  std::vector<Words> words_;                   // outside
  std::set<std::uint32_t> letters_;
  std::vector<std::vector<std::uint32_t>> digits_;
  std::vector<std::uint32_t> digits_of_;       // [highest id of a piece of digits + 1]: its place in digits_, or kOutside
};

}  // namespace noggin::train
