#include "train/augment/tag_augmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "data/shards/shard.h"
#include "tests/support/cli_temporary_folder.h"
#include "train/loop/batch_stream.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

// The last two are words of names and cities too: they are never put in as words outside.
const std::vector<std::vector<std::uint32_t>> kWords = {{3}, {4, 5}, {8, 5, 6}, {112}, {221, 222}};
const std::vector<std::string> kLabels = {"O", "B-name", "I-name", "B-city", "I-city"};
constexpr std::uint32_t kMaxTokens = 16;
constexpr AugmentationOptions kEverySpan{1.0, 0.0}, kEveryWord{0.0, 1.0}, kHalf{0.5, 0.5};
constexpr std::int32_t kNone = -1;

// Three rows. Ids below 100 are words around the spans, 1xx pieces of names, 2xx of cities; x01, x02, ... say the row.
//   0  [CLS] hello <101 ##102> from <201> [SEP]
//   1  [CLS] <111> <112> [SEP]                    one name of two words
//   2  [CLS] in <221 ##222> <223> [SEP]           one city; 223 begins a second city right behind it
class TagRows : public testing::Test {
 protected:
  TagRows() {
    auto writer = data::ShardWriter::create(folder_.file("train"), 5, 2, 1, 100, spec::TaskKind::kTag);
    append(*writer, {1, 50, 101, 102, 51, 201, 2}, {kNone, 0, 1, kNone, 0, 3, kNone});
    append(*writer, {1, 111, 112, 2}, {kNone, 1, 2, kNone});
    append(*writer, {1, 52, 221, 222, 223, 2}, {kNone, 0, 3, kNone, 3, kNone});
    shards_ = *writer->finish();
    block_ = *data::read_shards(shards_);
  }

  void append(data::ShardWriter& writer, const std::vector<std::uint32_t>& tokens,
              const std::vector<std::int32_t>& labels) {
    data::Record record;
    record.id = std::to_string(rows_);
    record.text = "row " + std::to_string(rows_++);
    record.has_spans = true;
    data::TokenTargets targets;
    targets.label = labels;
    for (const std::int32_t label : labels) {
      targets.teacher_classes.insert(targets.teacher_classes.end(), {label, kNone});
      targets.teacher_probabilities.insert(targets.teacher_probabilities.end(), {label < 0 ? 0.0F : 0.75F, 0.0F});
    }
    ASSERT_TRUE(writer.append(record, tokens, targets));
  }

  TagAugmentation augmentation(std::uint32_t max_tokens = kMaxTokens) const {
    return TagAugmentation::read(shards_, kLabels, {kWords, {}, {}, {}}, max_tokens, 7);
  }
  // One row with one seed.
  data::ExampleTable changed(std::uint32_t row, const AugmentationOptions& options, std::uint64_t epoch) const {
    return augmentation().changed(block_, std::vector<std::uint32_t>{row}, options, 1, epoch);
  }
  std::vector<std::uint32_t> tokens(const data::ExampleTable& rows, std::size_t row) const {
    return {rows.tokens_of(row).begin(), rows.tokens_of(row).end()};
  }

  test::TemporaryFolder folder_;
  int rows_ = 0;
  std::vector<std::string> shards_;
  data::ExampleTable block_;
};

TEST_F(TagRows, GiveEverySpan) { EXPECT_EQ(augmentation().spans(), 5U); }

TEST_F(TagRows, StayAsTheyAreAtProbabilityZero) {
  const data::ExampleTable rows = augmentation().changed(block_, std::vector<std::uint32_t>{2, 0}, {}, 1, 1);
  EXPECT_EQ(tokens(rows, 0), tokens(block_, 2));
  EXPECT_EQ(tokens(rows, 1), tokens(block_, 0));
  EXPECT_THAT(rows.label_of(1), ElementsAreArray(block_.label_of(0)));
  EXPECT_THAT(rows.teacher_classes_of(1), ElementsAreArray(block_.teacher_classes_of(0)));
  EXPECT_THAT(rows.teacher_probabilities_of(1), ElementsAreArray(block_.teacher_probabilities_of(0)));
  EXPECT_THAT(rows.key, ElementsAre(block_.key[2], block_.key[0]));
}

// Every span of row 0 is replaced: what stands around it stays, with its teacher; what comes is a whole span of its
// type, with its gold classes and no teacher.
TEST_F(TagRows, SwapSpansForOthersOfTheirType) {
  const std::set<std::vector<std::uint32_t>> names = {{101, 102}, {111, 112}}, cities = {{201}, {221, 222}, {223}};
  std::set<std::vector<std::uint32_t>> seen_names, seen_cities;
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows = changed(0, kEverySpan, epoch);
    const std::vector<std::uint32_t> row = tokens(rows, 0);
    ASSERT_EQ(rows.label_of(0).size(), row.size());
    ASSERT_EQ(rows.teacher_classes_of(0).size(), 2 * row.size());
    ASSERT_EQ(rows.teacher_probabilities_of(0).size(), 2 * row.size());
    const std::vector<std::uint32_t> name(row.begin() + 2, row.begin() + 4), city(row.begin() + 5, row.end() - 1);
    seen_names.insert(name);
    seen_cities.insert(city);
    EXPECT_THAT(std::vector(row.begin(), row.begin() + 2), ElementsAre(1, 50));
    EXPECT_EQ(row[4], 51U);
    EXPECT_EQ(row.back(), 2U);
    EXPECT_EQ(rows.label_of(0)[2], 1);
    EXPECT_EQ(rows.label_of(0)[3], name[0] == 101 ? kNone : 2);
    EXPECT_EQ(rows.teacher_classes_of(0)[2 * 2], kNone);
    EXPECT_EQ(rows.teacher_classes_of(0)[2 * 4], 0);
    EXPECT_EQ(rows.teacher_probabilities_of(0)[2 * 4], 0.75F);
  }
  EXPECT_EQ(seen_names, names);
  EXPECT_EQ(seen_cities, cities);
}

// Names and cities told by their form: each becomes either, each as often, however many spans a type has (here 2 and
// 3).
TEST_F(TagRows, SwapSpansOfFormTypesForOneAnother) {
  const TagAugmentation augmentation =
      TagAugmentation::read(shards_, kLabels, {kWords, {}, {}, {"city", "name"}}, kMaxTokens, 7);
  int names = 0, cities = 0;
  for (std::uint64_t epoch = 0; epoch < 500; ++epoch) {
    const data::ExampleTable rows = augmentation.changed(block_, std::vector<std::uint32_t>{1}, kEverySpan, 1, epoch);
    const auto labels = rows.label_of(0);
    const bool name = labels[1] == 1;
    (name ? names : cities) += 1;
    EXPECT_EQ(name, rows.tokens_of(0)[1] < 200) << "a span has come with the classes of another type";
  }
  EXPECT_NEAR(names, 250, 45);  // four standard deviations
  EXPECT_EQ(names + cities, 500);
}

TEST_F(TagRows, LeaveOtherTypesToTheirOwnWhenOneHasAForm) {
  const TagAugmentation augmentation =
      TagAugmentation::read(shards_, kLabels, {kWords, {}, {}, {"city"}}, kMaxTokens, 7);
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows = augmentation.changed(block_, std::vector<std::uint32_t>{0}, kEverySpan, 1, epoch);
    EXPECT_EQ(std::ranges::count(rows.label_of(0), 1), 1);
    EXPECT_EQ(std::ranges::count(rows.label_of(0), 3), 1);
  }
}

TEST_F(TagRows, RefuseAFormTypeThatLabelsDoNotName) {
  const auto types = types_of_names(kLabels, {"city", "nmae"});
  ASSERT_FALSE(types);
  EXPECT_THAT(
      types.error().message,
      testing::HasSubstr("train.form_types names \"nmae\", which is not a type of the labels (nearest: \"name\")"));
  EXPECT_THROW(TagAugmentation::read(shards_, kLabels, {kWords, {}, {}, {"nmae"}}, kMaxTokens, 7), Failure);
  EXPECT_THAT(*types_of_names(kLabels, {"city", "name"}), ElementsAre(1, 0));
}

// 101 and 102 are letters, 201 is not: of the name either stays or becomes a word, with its class and no teacher; the
// city stays.
TEST_F(TagRows, SwapWordsOfLettersInsideSpansOfFormTypes) {
  const AugmentationSources sources{kWords, {}, {101, 102}, {"name", "city"}};
  const TagAugmentation augmentation = TagAugmentation::read(shards_, kLabels, sources, kMaxTokens, 7);
  std::set<std::vector<std::uint32_t>> names;
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows =
        augmentation.changed(block_, std::vector<std::uint32_t>{0}, {0.0, 0.5, 0.0}, 1, epoch);
    const std::vector<std::uint32_t> row = tokens(rows, 0);
    const auto labels = rows.label_of(0);
    const auto begin = std::ranges::find(labels, 1) - labels.begin(),
               end = std::ranges::find(labels.subspan(2), 0) - labels.begin();
    names.emplace(row.begin() + begin, row.begin() + end);
    EXPECT_EQ(std::ranges::count(row, 201U), 1);
    EXPECT_EQ(std::ranges::count(labels, 1), 1);
    EXPECT_EQ(rows.teacher_classes_of(0)[static_cast<std::size_t>(2 * begin)],
              row[static_cast<std::size_t>(begin)] == 101 ? 1 : kNone);
  }
  EXPECT_THAT(names, ElementsAre(std::vector<std::uint32_t>{3}, std::vector<std::uint32_t>{4, 5},
                                 std::vector<std::uint32_t>{8, 5, 6}, std::vector<std::uint32_t>{101, 102}));
}

// A name of two words begins once, whatever its words become; where names have no form of their own, theirs stay.
TEST_F(TagRows, KeepTheClassesOfWordsInsideSpansAndOtherTypesTheirWords) {
  const std::vector<std::uint32_t> letters = {101, 102, 111, 112}, row = {1};
  const TagAugmentation forms = TagAugmentation::read(shards_, kLabels, {kWords, {}, letters, {"name"}}, kMaxTokens, 7);
  const TagAugmentation others =
      TagAugmentation::read(shards_, kLabels, {kWords, {}, letters, {"city"}}, kMaxTokens, 7);
  for (std::uint64_t epoch = 0; epoch < 32; ++epoch) {
    const data::ExampleTable changed = forms.changed(block_, row, {0.0, 1.0, 0.0}, 1, epoch);
    std::vector<std::int32_t> classes(changed.label_of(0).begin(), changed.label_of(0).end());
    std::erase(classes, kNone);
    EXPECT_THAT(classes, ElementsAre(1, 2));
    EXPECT_EQ(std::ranges::count(changed.tokens_of(0), 111U) + std::ranges::count(changed.tokens_of(0), 112U), 0);
    EXPECT_EQ(tokens(others.changed(block_, row, {0.0, 1.0, 0.0}, 1, epoch), 0), tokens(block_, 1));
  }
}

TEST(LetterPieces, AreThoseOfAsciiLettersWhereverTheyStand) {
  EXPECT_THAT(letter_pieces({"7", "a", "12", "##Bc", "1a", "##", "\xC3\xA4", "."}), ElementsAre(1, 3));
}

TEST(DigitPieces, AreThoseOfDigitsByFormAndPlaceInAWord) {
  EXPECT_THAT(digit_pieces({"7", "a", "12", "##3", "34", "1a", "##", "8", "\xD9\xA3", "##56"}),
              ElementsAre(ElementsAre(0, 7), ElementsAre(2, 4), ElementsAre(3), ElementsAre(9)));
}

// 101 and 201 stand for pieces of digits; 102 is a number of its own form. Nothing else changes, the teacher neither.
TEST_F(TagRows, SwapDigitsForAsMany) {
  const TagAugmentation augmentation =
      TagAugmentation::read(shards_, kLabels, {kWords, {{101, 201, 301}, {102}}, {}, {}}, kMaxTokens, 7);
  std::set<std::uint32_t> first, last;
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows =
        augmentation.changed(block_, std::vector<std::uint32_t>{0}, {0.0, 0.0, 0.5}, 1, epoch);
    const std::vector<std::uint32_t> row = tokens(rows, 0);
    first.insert(row[2]);
    last.insert(row[5]);
    EXPECT_THAT(row, ElementsAre(1, 50, row[2], 102, 51, row[5], 2));
    EXPECT_THAT(rows.label_of(0), ElementsAreArray(block_.label_of(0)));
    EXPECT_THAT(rows.teacher_probabilities_of(0), ElementsAreArray(block_.teacher_probabilities_of(0)));
  }
  EXPECT_THAT(first, ElementsAre(101, 201, 301));
  EXPECT_THAT(last, ElementsAre(101, 201, 301));
}

TEST_F(TagRows, TakeNeighbouringSpansOfOneTypeApart) {
  std::set<std::size_t> lengths;
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows = changed(2, kEverySpan, epoch);
    EXPECT_EQ(std::ranges::count(rows.label_of(0), 3), 2);  // two cities begin, however long they are
    lengths.insert(rows.tokens_of(0).size());
  }
  EXPECT_THAT(lengths, ElementsAre(5, 6, 7));
}

// Both words outside are replaced, by whole words; the spans between them stay.
TEST_F(TagRows, SwapWordsOutsideForOthers) {
  std::set<std::uint32_t> first, rest;
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows = changed(0, kEveryWord, epoch);
    const auto labels = rows.label_of(0);
    const auto row = rows.tokens_of(0);
    ASSERT_EQ(std::ranges::count(labels, 0), 2);
    EXPECT_EQ(std::ranges::count(row, 101U) + std::ranges::count(row, 102U) + std::ranges::count(row, 201U), 3);
    EXPECT_EQ(std::ranges::count(row, 50U) + std::ranges::count(row, 51U), 0);
    for (std::size_t t = 1; t + 1 < row.size(); ++t) {
      if (labels[t] == 0) first.insert(row[t]);
      if (labels[t] == kNone && row[t] < 100) rest.insert(row[t]);
      if (labels[t] == 0) {
        EXPECT_EQ(rows.teacher_classes_of(0)[2 * t], kNone);
      }
    }
  }
  EXPECT_THAT(first, ElementsAre(3, 4, 8));
  EXPECT_THAT(rest, ElementsAre(5, 6));
}

TEST_F(TagRows, ChangeByProbabilitySeedEpochAndRowAlone) {
  const TagAugmentation augmentation = this->augmentation();
  const std::vector<std::uint32_t> all = {0, 1, 2}, one = {0};
  EXPECT_EQ(tokens(augmentation.changed(block_, all, kHalf, 3, 9), 0),
            tokens(augmentation.changed(block_, one, kHalf, 3, 9), 0));
  std::set<std::vector<std::uint32_t>> seeds;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    seeds.insert(tokens(augmentation.changed(block_, one, kHalf, seed, 9), 0));
  EXPECT_GT(seeds.size(), 4U);
  EXPECT_EQ(seeds.count(tokens(block_, 0)), 1U);  // one in sixteen stays as it is
}

TEST_F(TagRows, NeverGrowBeyondTheLongest) {
  const TagAugmentation narrow = augmentation(7);
  for (std::uint64_t epoch = 0; epoch < 64; ++epoch) {
    const data::ExampleTable rows = narrow.changed(block_, std::vector<std::uint32_t>{0}, {1.0, 1.0}, 1, epoch);
    EXPECT_LE(rows.tokens_of(0).size(), 7U);
    EXPECT_EQ(rows.tokens_of(0).back(), 2U);
    EXPECT_EQ(rows.label_of(0).size(), rows.tokens_of(0).size());
  }
}

// The way training takes: the same batch with and without, every token with its class and its teacher.
TEST_F(TagRows, ReachTheBatchesOfAStream) {
  BatchStream stream(shards_);
  const TagAugmentation augmentation = this->augmentation();
  BatchOptions options;
  options.sampler.batch_rows = 3;
  const TrainingBatch plain = stream.batch(0, 0, options);
  options.augmentation = {1.0, 1.0};
  options.augment = &augmentation;
  const TrainingBatch batch = stream.batch(0, 0, options);
  EXPECT_EQ(plain.labels.numel(), 17);
  EXPECT_FALSE(torch::equal(batch.packed.token_ids, stream.batch(1, 0, options).packed.token_ids));
  EXPECT_EQ(batch.packed.token_ids.numel(), batch.labels.numel());
  EXPECT_EQ(batch.teacher.classes.size(0), batch.labels.numel());
  EXPECT_EQ(batch.packed.texts, 3);
  EXPECT_EQ(batch.teacher.classes.ge(0).sum().item<std::int64_t>(), 0);  // every word was swapped
  EXPECT_EQ(batch.labels.eq(0).sum().item<std::int64_t>(), plain.labels.eq(0).sum().item<std::int64_t>());
}

TEST_F(TagRows, RefuseLabelsOfAnotherTask) {
  EXPECT_THROW(TagAugmentation::read(shards_, {"yes", "no"}, {kWords, {}, {}, {}}, kMaxTokens, 7), Failure);
}

}  // namespace
}  // namespace noggin::train
