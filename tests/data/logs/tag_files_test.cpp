// Tags in files of their own formats: CoNLL and BRAT.
#include <gmock/gmock.h>

#include <sstream>

#include "data/logs/adapter_brat.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kNameTag = 0, kPlaceTag = 1;

LabelSet name_and_place() {
  Result<LabelSet> labels = LabelSet::create({"O", "B-PER", "I-PER", "B-LOC", "I-LOC"}, {}, {}, spec::TaskKind::kTag);
  EXPECT_TRUE(labels);
  return *labels;
}

tests::LogRead read_tag_file(const test::TemporaryFolder& folder, const Source& source) {
  return tests::read_log(folder, {"split", {source}, false}, name_and_place(), {}, nullptr, spec::TaskKind::kTag);
}

tests::LogRead read_conll_text(const std::string& text, std::vector<std::string> columns = {}) {
  const test::TemporaryFolder folder;
  return read_tag_file(
      folder, {.adapter = Adapter::kConll, .path = folder.write("tags.conll", text), .columns = std::move(columns)});
}

TEST(Conll, ReadsSentences) {
  const auto read = read_conll_text(
      "\xef\xbb\xbf-DOCSTART- -X- -X- O\n\n"
      "# text = Zoë Li in Bern\n"
      "Zoë NN I-NP B-PER\r\nLi NN I-NP I-PER\r\nin NN I-NP O\r\nBern NN I-NP B-LOC\r\n \r\n\n\n"
      "# NN O O\nBern  NN  I-NP  B-LOC");
  EXPECT_THAT(read.reasons(), IsEmpty());
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[0].text, "Zoë Li in Bern");
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 7, kNameTag}, TypedSpan{11, 15, kPlaceTag}));
  EXPECT_EQ(read.records[0].id, "tags-4");
  EXPECT_EQ(read.records[1].text, "# Bern") << "# with a tag is a token";
  EXPECT_EQ(read.records[1].line, 11U);
}

TEST(Conll, ReadsTheSchemesOfTags) {
  for (const std::string& tags : {std::string("I-PER I-PER O I-LOC B-LOC"), std::string("B-PER I-PER O B-LOC B-LOC"),
                                  std::string("B-PER E-PER O S-LOC S-LOC"), std::string("B-PER L-PER O U-LOC U-LOC")}) {
    std::istringstream words("Zoë Li in Bern Graz"), marks(tags);
    std::string text;
    for (std::string word, tag; words >> word && marks >> tag;) text.append(word).append("\t").append(tag).append("\n");
    const auto read = read_conll_text(text);
    ASSERT_EQ(read.records.size(), 1U) << tags;
    EXPECT_THAT(read.records[0].spans,
                ElementsAre(TypedSpan{0, 7, kNameTag}, TypedSpan{11, 15, kPlaceTag}, TypedSpan{16, 20, kPlaceTag}))
        << tags;
  }
}

TEST(Conll, ReadsNamedColumns) {
  const auto read = read_conll_text("1\tB-LOC\tBern\t_\n2\tO\tis\t_\n", {"id", "tags", "tokens", "rest"});
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "Bern is");
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 4, kPlaceTag}));
}

TEST(Conll, RejectsAWholeSentence) {
  const auto read =
      read_conll_text("Bern B-LOC\nis O\n\nBern X O\nis O\n\nBern B-RIVER\nis O\n\nB\xff O\n\nalone\n\nlast O\n");
  EXPECT_THAT(read.reasons(), ElementsAre("column_count", "unknown_tag", "invalid_utf8", "column_count"));
  EXPECT_EQ(read.quarantine[0]["line"], 4);
  EXPECT_THAT(read.quarantine[1]["message"].get<std::string>(), HasSubstr("\"B-RIVER\" in line 7"));
  EXPECT_THAT(read.ids(), ElementsAre("tags-1", "tags-14"));
}

TEST(Conll, SaysWhatItCannotRead) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("tags.conll", "Bern B-LOC\n");
  const auto report_of = [&](const Source& source, const LabelSet& labels, spec::TaskKind task) {
    const auto report =
        read_split({"split", {source}, false}, labels, {}, {}, [](Record&&) { return Status(); }, nullptr, task);
    return report ? std::string("no error") : report.error().message;
  };
  EXPECT_THAT(
      report_of({.adapter = Adapter::kConll, .path = path}, tests::labels_of({"a", "b"}), spec::TaskKind::kSingleLabel),
      HasSubstr("task: tag"));
  EXPECT_THAT(report_of({.adapter = Adapter::kConll, .path = path, .columns = {"tokens", "ner"}}, name_and_place(),
                        spec::TaskKind::kTag),
              HasSubstr("columns"));
  EXPECT_THAT(
      report_of({.adapter = Adapter::kBrat, .path = path}, tests::labels_of({"a", "b"}), spec::TaskKind::kSingleLabel),
      HasSubstr("task: tag"));
  EXPECT_THAT(report_of({.adapter = Adapter::kBrat, .path = folder.file("")}, name_and_place(), spec::TaskKind::kTag),
              HasSubstr("no .ann file"));
  EXPECT_THAT(
      report_of({.adapter = Adapter::kBrat, .path = folder.write("a.ann", "")}, name_and_place(), spec::TaskKind::kTag),
      HasSubstr("a.txt"));
}

TEST(Brat, ReadsTextsWithTheirAnnotations) {
  const test::TemporaryFolder folder;
  folder.write("a.txt", "😀 Zoë Li\nin Bern\n");
  const std::string first = folder.write(
      "a.ann", "T2\tLOC 12 16\tBern\nT1\tPER 2 8\tZoë Li\nR1\tLives Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tsure\n");
  folder.write("b.txt", "nobody");
  folder.write("b.ann", "");
  const auto one = read_tag_file(folder, {.adapter = Adapter::kBrat, .path = first});
  ASSERT_EQ(one.records.size(), 1U) << testing::PrintToString(one.quarantine);
  EXPECT_EQ(one.records[0].id, "a");
  EXPECT_THAT(one.records[0].spans, ElementsAre(TypedSpan{5, 12, kNameTag}, TypedSpan{16, 20, kPlaceTag}));
  const auto both = read_tag_file(folder, {.adapter = Adapter::kBrat, .path = folder.file("")});
  EXPECT_THAT(both.ids(), ElementsAre("a", "b"));
  EXPECT_TRUE(both.records[1].has_spans);
  ASSERT_EQ(both.report.sources.size(), 1U);
  EXPECT_EQ(both.report.sources[0].documents(), 2U);
  EXPECT_EQ(both.report.files.size(), 1U);
  EXPECT_THAT(files_of({.adapter = Adapter::kBrat, .path = folder.file("")}),
              ElementsAre(testing::EndsWith("a.ann"), testing::EndsWith("a.txt"), testing::EndsWith("b.ann"),
                          testing::EndsWith("b.txt")));
  EXPECT_THAT(files_of({.path = first}), ElementsAre(first));
}

TEST(Brat, RejectsATextWithASpanThatDoesNotFit) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"span_mismatch", "T1\tLOC 0 4\tBern\n"},  {"bad_offset", "T1\tLOC 3 5;6 7\tBe n\n"},
      {"unknown_tag", "T1\tRIVER 3 7\tBern\n"},  {"wrong_type", "T1\tLOC 3\tBern\n"},
      {"missing_field", "T1\tLOC 3 7\n"},        {"missing_field", "T1\n"},
      {"bad_offset", "T1\tLOC 3 70\tBern\n"},    {"bad_offset", "T1\tLOC 3 7\tBern\nT2\tPER 4 7\tern\n"},
      {"invalid_utf8", "T1\tLOC 3 7\tBer\xff\n"}};
  for (const auto& [reason, annotations] : faults) {
    const test::TemporaryFolder folder;
    folder.write("a.txt", "in Bern");
    const auto read = read_tag_file(folder, {.adapter = Adapter::kBrat, .path = folder.write("a.ann", annotations)});
    EXPECT_THAT(read.reasons(), ElementsAre(reason)) << annotations;
    ASSERT_EQ(read.quarantine.size(), 1U);
    EXPECT_THAT(read.quarantine[0]["message"].get<std::string>(), HasSubstr("a.ann: ")) << annotations;
  }
}

}  // namespace
}  // namespace noggin::data
