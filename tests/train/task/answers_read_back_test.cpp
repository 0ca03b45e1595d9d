// What noggin-run and `noggin predict` print is read by ingest as it was meant: places of spans in each unit, and every
// other kind of answer.
#include <gmock/gmock.h>

#include <array>

#include "prediction/prediction_text.h"
#include "tests/support/data_read_log.h"

namespace noggin {
namespace {

using runtime::Prediction;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<std::string_view, 1> kTypes = {"NAME"};

tests::LogRead read_back(const std::string& text, const Prediction& prediction, spec::TaskKind task,
                         std::vector<std::string> labels, TextUnit unit = TextUnit::kByte) {
  const data::LabelSet set = *data::LabelSet::create(std::move(labels), {}, {}, task);
  const std::vector<std::string_view> names(set.names().begin(), set.names().end());
  const runtime::Head head{{}, {task, 1.0F, 0.5F}, names, kTypes};
  std::string row;
  append_json(text, std::span(&head, 1), std::span(&prediction, 1), {.unit = unit}, row);
  return tests::read_jsonl_text(row + "\n", set, false, {}, task);
}

TEST(AnswersReadBack, SpansKeepTheirPlacesInEveryUnit) {
  // Bytes of the name in each text; what is not UTF-8 is printed and read as U+FFFD.
  const struct {
    std::string text;
    std::size_t begin, end;
  } cases[] = {{"hi anna", 3, 7},
               {"Gr\xC3\xBC\xC3\x9F"
                "e, \xC5\x81ukasz lives",
                9, 16},
               {"\xF0\x9F\x98\x80 \xE6\x9D\x8E\xE9\x9B\xB7 x", 5, 11},
               {"Bjo\xCC\x88rn \xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 0, 7},
               {"\xFF\xFE bad \xE2\x82 anna", 10, 14},
               {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 4, 8}};
  for (const auto& one : cases) {
    for (const TextUnit unit : {TextUnit::kByte, TextUnit::kCodePoint, TextUnit::kUtf16}) {
      const runtime::SpanAnswer answer{{{{one.begin, one.end}, 0, 0.5F}}};
      const auto read = read_back(one.text, answer, spec::TaskKind::kTag, {"O", "B-NAME"}, unit);
      EXPECT_THAT(read.reasons(), IsEmpty()) << one.text;
      ASSERT_EQ(read.records.size(), 1U);
      ASSERT_EQ(read.records[0].spans.size(), 1U);
      const data::TypedSpan& span = read.records[0].spans[0];
      EXPECT_EQ(read.records[0].text.substr(span.begin, span.end - span.begin),
                one.text.substr(one.begin, one.end - one.begin))
          << one.text << " in " << text_unit_name(unit);
    }
  }
}

TEST(AnswersReadBack, OtherKindsKeepTheirAnswers) {
  using spec::TaskKind;
  const auto label = read_back("a", runtime::ClassAnswer{1, 0.75F, false}, TaskKind::kSingleLabel, {"x", "y"});
  ASSERT_EQ(label.records.size(), 1U);
  EXPECT_THAT(label.records[0].teacher.classes, ElementsAre(1)) << "an answer with its confidence is a teacher's";
  EXPECT_THAT(label.records[0].teacher.probabilities, ElementsAre(0.75F));
  const auto labels =
      read_back("a", runtime::LabelSetAnswer{{{0, 0.75F}, {2, 0.5F}}}, TaskKind::kMultiLabel, {"x", "y", "z"});
  ASSERT_EQ(labels.records.size(), 1U);
  EXPECT_THAT(labels.records[0].gold_values, ElementsAre(1, 0, 1));
  const auto score = read_back("a", runtime::ScoreAnswer{0.25F, false}, TaskKind::kScore, {});
  ASSERT_EQ(score.records.size(), 1U);
  EXPECT_THAT(score.records[0].gold_values, ElementsAre(0.25F));
}

}  // namespace
}  // namespace noggin
