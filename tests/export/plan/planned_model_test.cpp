#include "export/plan/planned_model.h"

#include <gtest/gtest.h>

#include <chrono>

#include "export/plan/golden_texts.h"
#include "export/plan/latency.h"
#include "format/writer.h"
#include "noggin/engine.h"
#include "tests/support/format_random_model.h"
#include "tests/support/tokenizer_ascii_tables.h"
#include "tokenizer/wordpiece.h"

namespace noggin::exporter {
namespace {

FileContents small_contents(bool tagger, std::uint32_t embedding_width = 0) {
  FileContents contents;
  contents.config = test::small_config();
  contents.config.encoder.embedding_width = embedding_width;
  if (tagger) contents.config.pooling = spec::Pooling::kEveryToken;
  contents.tokenizer = test::random_tokenizer(contents.config.vocabulary_size);
  contents.tokenizer.unicode_tables = tests::ascii_tables();
  contents.task = test::task_for(contents.config);
  contents.golden_texts = synthetic_golden_texts(contents.tokenizer.vocabulary, contents.config.max_tokens, 12);
  contents.provenance = R"({"made_by": "a test"})";
  return contents;
}

// The file of a model with other weights and the same contents.
std::vector<std::byte> finished_file(const FileContents& contents) {
  format::FrozenModel model = test::random_frozen_model(contents.config, 7, 0);
  model.tokenizer = contents.tokenizer;
  model.task = contents.task;
  model.provenance = contents.provenance;
  const std::vector<std::byte> section = *runtime::serialize_tokenizer(model.tokenizer);
  const auto tokenizer = *runtime::WordPieceTokenizer::bind(section);
  std::vector<std::uint32_t> ids(contents.config.max_tokens);
  for (const std::string& text : contents.golden_texts) {
    const std::size_t count = tokenizer.encode(text, ids);
    std::vector<float> logits(spec::logit_rows(contents.config, count) * contents.config.classes, 0.25F);
    model.golden.push_back({text, {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)}, std::move(logits)});
  }
  Counts reference;  // of any values
  reference.answers.resize(model.task.kind == spec::TaskKind::kTag ? 1 : model.task.labels.size(), 7);
  return *format::serialize(model, section, &reference);
}

TEST(PlannedModel, HasTheSizeOfAFinishedOne) {
  FileContents int4 = small_contents(false);
  int4.config.encoder.word_type = spec::WeightType::kInt4;
  FileContents layers = small_contents(false);
  layers.config.encoder.width = 64;
  layers.config.encoder.layers = {{2, 13, 32, 0, 64, 0}, {1, 64, 0, 0, 0, 64}};
  for (const FileContents& contents :
       {small_contents(false), small_contents(true), small_contents(false, 8), int4, layers}) {
    const Result<PlannedFile> planned = planned_file(contents);
    ASSERT_TRUE(planned) << planned.error().message;
    EXPECT_EQ(planned->bytes.size(), finished_file(contents).size());
    EXPECT_EQ(planned->parts.total, planned->bytes.size());
  }
}

TEST(PlannedModel, SaysWhereTheBytesGo) {
  FileContents contents = small_contents(false);
  const FileParts before = planned_file(contents)->parts;
  EXPECT_EQ(before.words + before.layers + before.classifier + before.vocabulary + before.rest, before.total);
  contents.config.encoder.layers.push_back(contents.config.encoder.layers.back());
  const FileParts after = planned_file(contents)->parts;
  EXPECT_GT(after.layers, before.layers);
  EXPECT_EQ(after.words, before.words);
  EXPECT_EQ(after.classifier, before.classifier);
  EXPECT_EQ(after.vocabulary, before.vocabulary);
  EXPECT_GE(before.words, std::uint64_t{contents.config.vocabulary_size} * contents.config.encoder.width);
}

TEST(PlannedModel, RefusesAShapeThatNoFileHas) {
  FileContents contents = small_contents(false);
  contents.config.encoder.layers.clear();
  EXPECT_TRUE(planned_file(contents)) << "a static student";
  contents.config.pooling = spec::Pooling::kFirstToken;
  EXPECT_FALSE(planned_file(contents));
  contents = small_contents(false);
  contents.tokenizer.vocabulary.pop_back();  // fewer pieces than rows
  EXPECT_FALSE(planned_file(contents));
}

TEST(Latency, OfTextsInTheirOrder) {
  const FileContents contents = small_contents(false);
  const PlannedFile file = *planned_file(contents);
  const std::vector<std::string> texts = {"a", "a b a b a b a b a b a b"};
  const Result<TimedSession> timed = time_session(file.bytes, texts, std::chrono::milliseconds(5));
  ASSERT_TRUE(timed) << timed.error().message;
  ASSERT_EQ(timed->texts.size(), 2U);
  EXPECT_EQ(timed->texts[0].tokens, 3U);
  EXPECT_EQ(timed->texts[1].tokens, contents.config.max_tokens);
  for (const TimedText& text : timed->texts) {
    EXPECT_GE(text.answers, 5U);
    EXPECT_GT(text.lower_quartile_us, 0.0);
    EXPECT_LE(text.lower_quartile_us, text.median_us);
    EXPECT_LE(text.median_us, text.upper_quartile_us);
  }
  EXPECT_FALSE(timed->kernel_set.empty());
  EXPECT_GT(timed->session_bytes, 0U);
}

TEST(Latency, OfBytesThatAreNoModel) {
  const std::vector<std::byte> bytes(256);
  EXPECT_FALSE(time_session(bytes, std::vector<std::string>{"a"}, std::chrono::milliseconds(1)));
}

}  // namespace
}  // namespace noggin::exporter
