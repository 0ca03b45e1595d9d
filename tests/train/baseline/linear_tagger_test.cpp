#include "train/baseline/linear_tagger.h"

#include <gmock/gmock.h>

#include <cmath>

#include "data/encoding/row_encoder.h"
#include "engine/tag_text.h"
#include "tests/support/tokenizer_tiny.h"

namespace noggin::train {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kMaxTokens = 24;

// Rows of a per-token task, and what taggers of them need.
class TaggerRows {
 public:
  explicit TaggerRows(spec::TaskKind task, std::vector<std::string> names = {})
      : labels_(*data::LabelSet::create(std::move(names), {}, {}, task)),
        section_(*runtime::serialize_tokenizer(tests::tiny_tokenizer(120))),
        tokenizer_(*runtime::WordPieceTokenizer::bind(section_)),
        encoder_(*data::RowSchema::create(task, labels_, 3), tokenizer_, kMaxTokens) {
    for (const std::string& name : labels_.names()) names_.emplace_back(name);
    scheme_ = *spec::make_tag_scheme(task, names_);
    encoder_.prepare(rows_);
  }
  TaggerRows(const TaggerRows&) = delete;

  // spans: gold. teacher: of every word of the text, or nothing.
  void add(const std::string& text, std::optional<std::vector<data::TypedSpan>> spans,
           const data::TeacherDistribution& teacher = {}) {
    data::Record record;
    record.text = text;
    record.has_spans = spans.has_value();
    record.spans = spans.value_or(std::vector<data::TypedSpan>{});
    if (!teacher.empty()) record.teacher_tokens.push_back({{0, text.find(' ')}, teacher});
    const data::EncodedRow& row = encoder_.encode(record);
    rows_.append(record, row.tokens, row.targets);
  }

  LinearTagger train(const LinearTaggerOptions& options = {}) const {
    return LinearTagger::train(rows_, tokenizer_, kMaxTokens, options);
  }
  // As every tagger's logits become answers.
  std::vector<data::TypedSpan> answer(const LinearTagger& tagger, const std::string& text) const {
    const std::vector<std::vector<float>> windows = tagger.logits(text);
    std::size_t next = 0;
    std::vector<data::TypedSpan> answer;
    for (const TaggedSpan& span :
         runtime::tag_text({tokenizer_, scheme_, 1.0F, kMaxTokens}, text,
                           [&](std::span<const std::uint32_t>) { return std::span(windows.at(next++)); })) {
      answer.push_back(
          {static_cast<std::uint32_t>(span.place.begin), static_cast<std::uint32_t>(span.place.end), span.type});
    }
    EXPECT_EQ(next, windows.size());
    return answer;
  }

 private:
  data::LabelSet labels_;
  std::vector<std::byte> section_;
  runtime::WordPieceTokenizer tokenizer_;
  data::RowEncoder encoder_;
  std::vector<std::string_view> names_;
  spec::TagScheme scheme_;
  data::ExampleTable rows_;
};

// "call NAME on NUMBER": the name is what follows "call", the number digits.
class ToyTags : public TaggerRows {
 public:
  ToyTags() : TaggerRows(spec::TaskKind::kTag, {"O", "B-NAME", "I-NAME", "B-PHONE", "I-PHONE"}) {
    for (const std::string name : {"anna lee", "ben ray", "carla fox", "david orr", "erin may", "hugo zed"}) {
      const auto end = static_cast<std::uint32_t>(5 + name.size());
      add("call " + name + " on 555", {{{5, end, 0}, {end + 4, end + 7, 1}}});
      add("we call " + name, {{{8, end + 3, 0}}});
      add("where is the parcel on the desk", {{}});
    }
  }
};

// Probabilities of the first word of a text.
std::vector<float> first_word(const LinearTagger& tagger, const std::string& text) {
  const std::vector<float> window = tagger.logits(text).at(0);
  std::vector<float> p(window.begin() + tagger.classes(), window.begin() + 2 * tagger.classes());  // behind [CLS]
  float sum = 0.0F;
  for (float& value : p) sum += value = std::exp(value);
  for (float& value : p) value /= sum;
  return p;
}

TEST(LinearTagger, LearnsAToyProblemAndGeneralises) {
  const ToyTags rows;
  const LinearTagger tagger = rows.train();
  EXPECT_EQ(tagger.classes(), 5U);
  EXPECT_THAT(rows.answer(tagger, "call frank poe on 777"),
              ElementsAre(data::TypedSpan{5, 14, 0}, data::TypedSpan{18, 21, 1}));
  EXPECT_THAT(rows.answer(tagger, "where is the watch"), IsEmpty());
}

TEST(LinearTagger, LogitsAreOfFirstPiecesAndZeroElsewhere) {
  const ToyTags rows;
  const std::vector<std::vector<float>> windows = rows.train().logits("call the");  // [CLS] c ##a ##l ##l the [SEP]
  ASSERT_THAT(windows, testing::SizeIs(1));
  ASSERT_EQ(windows[0].size(), 7U * 5U);
  for (std::size_t token = 0; token < 7; ++token) {
    const auto row = std::span(windows[0]).subspan(token * 5, 5);
    EXPECT_EQ(std::ranges::any_of(row, [](float x) { return x != 0.0F; }), token == 1 || token == 5) << token;
  }
}

TEST(LinearTagger, LongTextsAreReadInWindows) {
  const ToyTags rows;
  std::string text;
  std::vector<data::TypedSpan> expected;
  for (int i = 0; i < 12; ++i) {
    const auto start = static_cast<std::uint32_t>(text.size());
    expected.push_back({start + 5, start + 12, 0});
    expected.push_back({start + 16, start + 19, 1});
    text += "call ben ray on 555 ";
  }
  EXPECT_EQ(rows.answer(rows.train(), text), expected);
}

TEST(LinearTagger, SameRowsSameBits) {
  const ToyTags rows;
  LinearTaggerOptions other_seed;
  other_seed.seed = 2;
  const auto logits = rows.train().logits("call anna lee on 555");
  EXPECT_EQ(logits, rows.train().logits("call anna lee on 555"));
  EXPECT_NE(logits, rows.train(other_seed).logits("call anna lee on 555"));
}

TEST(LinearTagger, FollowsTheTeacherAndSharesTheTail) {
  TaggerRows rows(spec::TaskKind::kTag, {"O", "B-NAME", "I-NAME"});
  for (int i = 0; i < 60; ++i) rows.add("anna", std::nullopt, {{1}, {0.7F}});
  const std::vector<float> p = first_word(rows.train(), "anna");
  EXPECT_NEAR(p[1], 0.7F, 0.02F);
  EXPECT_FLOAT_EQ(p[0], p[2]);
}

TEST(LinearTagger, GoldWeightDecidesBetweenTeacherAndGold) {
  TaggerRows rows(spec::TaskKind::kTag, {"O", "B-NAME", "I-NAME"});
  for (int i = 0; i < 60; ++i) rows.add("anna", {{{0, 4, 0}}}, {{0, 1}, {0.9F, 0.1F}});
  LinearTaggerOptions options;
  options.gold_weight = 0.0F;
  EXPECT_NEAR(first_word(rows.train(options), "anna")[1], 0.1F, 0.02F);
  options.gold_weight = 0.5F;
  EXPECT_NEAR(first_word(rows.train(options), "anna")[1], 0.55F, 0.02F);
}

TEST(LinearTagger, WordsWithoutTeacherAndGoldTeachNothing) {
  TaggerRows rows(spec::TaskKind::kTag, {"O", "B-NAME", "I-NAME"});
  rows.add("anna", {{{0, 4, 0}}});
  const std::size_t weights = rows.train().nonzero_weights();
  rows.add("unheard words", std::nullopt);
  EXPECT_EQ(rows.train().nonzero_weights(), weights);
  rows.add("half known", std::nullopt, {{0}, {1.0F}});  // the first word alone
  const std::size_t more = rows.train().nonzero_weights();
  EXPECT_GT(more, weights);
  EXPECT_LT(more, weights + 3U * 60U);
}

TEST(LinearTagger, DeletesWhatIsSaidAgainWhateverTheWord) {
  TaggerRows rows(spec::TaskKind::kEdit);
  for (const std::string word : {"ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st", "uv", "wx"}) {
    rows.add("where is " + word + " " + word + " now", {{{9, 11, 0}}});
    rows.add("where is " + word + " not now", {{}});
  }
  const LinearTagger tagger = rows.train();
  EXPECT_THAT(rows.answer(tagger, "where is yz yz now"), ElementsAre(data::TypedSpan{9, 11, 0}));
  EXPECT_THAT(rows.answer(tagger, "where is yz my now"), IsEmpty());
}

TEST(LinearTagger, AnEmptyTextAndNoRowsGiveAnAnswerAllTheSame) {
  const ToyTags rows;
  EXPECT_THAT(rows.answer(rows.train(), ""), IsEmpty());
  const TaggerRows none(spec::TaskKind::kEdit);
  EXPECT_THAT(none.answer(none.train(), "where is it"), IsEmpty());
}

}  // namespace
}  // namespace noggin::train
