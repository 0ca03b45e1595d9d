// One small file per released layout and numerics version lies in tests/golden and stays there for ever: it must open,
// give its golden logits to the last bit, and come out of the writer unchanged. When this fails, the change under way
// breaks files that users have: raise the version (spec/versions.h) and keep this file readable, or undo it.
//
// NOGGIN_WRITE_RELEASED_FILE=1 writes the file of the newest version; only for a new version.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "format/file_bytes.h"
#include "format/reader.h"
#include "format/reference_counts.h"
#include "format/writer.h"
#include "noggin/engine.h"
#include "tests/support/engine_model.h"
#include "tests/support/format_hostile_case.h"
#include "tests/support/format_thaw.h"
#include "tests/support/ngram_model.h"

namespace noggin::test {
namespace {

std::string path_of(const std::string& name) { return std::string(NOGGIN_SOURCE_DIR) + "/tests/golden/" + name; }

// Layout 1: a plain classifier. v1_tiny.nog was made so; the writer still gives its bytes (below).
// Layout 2: a tagger that has a temperature, and a linear model on n-grams. Both are written by the newest version.
Status write_released_ngrams() {
  const std::vector<std::string> texts = {"cancel my order",         "where is it?",  "",
                                          "gr\xC3\xBC\xC3\x9F gott", "nothing known", "order order order"};
  format::FrozenModel model = random_ngram_model({texts[0], texts[1], texts[3]}, 3, 31, 257, 16);
  model.task.labels = {"cancel", "find", "none of these"};
  model = with_ngram_golden(std::move(model), texts);
  return format::write_model(model, *runtime::serialize_ngrams(model.ngrams), path_of("v2_tiny_ngrams.nog"));
}

Status write_released_tagger() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  config.classes = 5;
  config.pooling = spec::Pooling::kEveryToken;
  format::FrozenModel model = frozen_model_with_golden(config, 21);
  model.task.labels = {
      "B-gr\xC3\xB6\xC3\x9F"
      "e",
      "I-where", "O", "B-where",
      "I-gr\xC3\xB6\xC3\x9F"
      "e"};
  model.task.temperature = 1.25F;
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), path_of("v2_tiny_tagger.nog"));
}

// Layout 3: a classifier whose word table is narrower than the model.
Status write_released_narrow_words() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  config.encoder.embedding_width = 6;
  const format::FrozenModel model = frozen_model_with_golden(config, 22);
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer),
                             path_of("v3_tiny_narrow_words.nog"));
}

// Layout 4: a classifier without layers.
Status write_released_static() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  config.encoder.layers.clear();
  config.encoder.layer_norm_epsilon = 0.5F;
  const format::FrozenModel model = frozen_model_with_golden(config, 24);
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), path_of("v4_tiny_static.nog"));
}

// Layout 4: words of int4, an odd number of columns; layers of int4 in groups of every size, and of int8.
Status write_released_int4() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  config.encoder.width = 64;
  config.encoder.head_width = 16;
  config.encoder.embedding_width = 7;
  config.encoder.word_type = spec::WeightType::kInt4;
  config.encoder.layers = {{2, 128, 64, 32, 32, 128}, {1, 32, 0, 0, 0, 32}};
  const format::FrozenModel model = frozen_model_with_golden(config, 23);
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), path_of("v4_tiny_int4.nog"));
}

// Any layout, here 1: reference counts, which are optional.
Status write_released_reference() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  const format::FrozenModel model = frozen_model_with_golden(config, 25);
  const Counts reference = small_reference();
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), path_of("v1_tiny_reference.nog"),
                             &reference);
}

// Layout 5: a tagger with checks.
Status write_released_checks() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  config.classes = 5;
  config.pooling = spec::Pooling::kEveryToken;
  format::FrozenModel model = frozen_model_with_golden(config, 26);
  model.task.labels = {"O", "B-mail", "I-mail", "B-number", "I-number"};
  model.task.checks = {{spec::CheckKind::kUsSsn, 1}, {spec::CheckKind::kEmail, 0}, {spec::CheckKind::kCard, 1}};
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), path_of("v5_tiny_checks.nog"));
}

class ReleasedFile : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Files, ReleasedFile,
                         testing::Values("v1_tiny.nog", "v2_tiny_tagger.nog", "v2_tiny_ngrams.nog",
                                         "v3_tiny_narrow_words.nog", "v4_tiny_static.nog", "v4_tiny_int4.nog",
                                         "v1_tiny_reference.nog", "v5_tiny_checks.nog"),
                         [](const auto& file) { return std::string(file.param, std::strlen(file.param) - 4); });

TEST_P(ReleasedFile, OpensAndGivesItsGoldenLogits) {
  if (std::getenv("NOGGIN_WRITE_RELEASED_FILE") != nullptr) {
    ASSERT_TRUE(write_released_tagger());
    ASSERT_TRUE(write_released_ngrams());
    ASSERT_TRUE(write_released_narrow_words());
    ASSERT_TRUE(write_released_static());
    ASSERT_TRUE(write_released_int4());
    ASSERT_TRUE(write_released_reference());
    ASSERT_TRUE(write_released_checks());
  }
  Result<Model> model = Model::open(path_of(GetParam()));
  ASSERT_TRUE(model) << model.error().message;
  for (const char* kernel_set : {"reference", ""}) {  // the definition, and the best set of this machine
    Result<Session> session = Session::create(*model, kernel_set);
    ASSERT_TRUE(session) << session.error().message;
    const SelfTest result = session->self_test();
    EXPECT_EQ(result.checked, 6U);
    EXPECT_EQ(result.failed, 0U) << session->kernel_set() << ": " << result.first_failure;
  }
}

TEST(ReleasedFiles, SayWhatTheySaid) {
  const Result<Model> classifier = Model::open(path_of("v1_tiny.nog"));
  ASSERT_TRUE(classifier) << classifier.error().message;
  EXPECT_EQ(classifier->task(), TaskKind::kSingleLabel);
  EXPECT_EQ(classifier->labels()[2], "none of these");
  EXPECT_EQ(classifier->temperature(), 1.0F);
  const Result<Model> tagger = Model::open(path_of("v2_tiny_tagger.nog"));
  ASSERT_TRUE(tagger) << tagger.error().message;
  EXPECT_EQ(tagger->task(), TaskKind::kTag);
  EXPECT_EQ(tagger->temperature(), 1.25F);
  EXPECT_EQ(tagger->span_types()[1], "where");
  const Result<Model> ngrams = Model::open(path_of("v2_tiny_ngrams.nog"));
  ASSERT_TRUE(ngrams) << ngrams.error().message;
  EXPECT_EQ(ngrams->task(), TaskKind::kSingleLabel);
  EXPECT_EQ(ngrams->labels()[0], "cancel");
  const Result<Model> counted = Model::open(path_of("v1_tiny_reference.nog"));
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(format::counts_of(counted->view().reference), small_reference());
  const Result<Model> checked = Model::open(path_of("v5_tiny_checks.nog"));
  ASSERT_TRUE(checked) << checked.error().message;
  const std::span<const spec::Check> checks = checked->view().decision.checks;
  EXPECT_EQ(std::vector<spec::Check>(checks.begin(), checks.end()),
            (std::vector<spec::Check>{
                {spec::CheckKind::kUsSsn, 1}, {spec::CheckKind::kEmail, 0}, {spec::CheckKind::kCard, 1}}));
}

TEST_P(ReleasedFile, TheWriterGivesTheSameBytes) {
  const Result<format::FileBytes> file = format::FileBytes::open(path_of(GetParam()));
  ASSERT_TRUE(file) << file.error().message;
  const Result<format::ModelView> view = format::read_model(file->bytes());
  ASSERT_TRUE(view) << view.error().message;
  const Counts reference = view->reference.empty() ? Counts() : format::counts_of(view->reference);
  const Result<std::vector<std::byte>> again =
      format::serialize(thaw(*view), view->tokenizer, view->reference.empty() ? nullptr : &reference);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::ranges::equal(*again, file->bytes()));
}

}  // namespace
}  // namespace noggin::test
