// One small file per released layout and numerics version lies in tests/golden and stays there for ever: it must open,
// give its golden logits to the last bit, and come out of the writer unchanged. When this fails, the change under way
// breaks files that users have: raise the version (spec/versions.h) and keep this file readable, or undo it.
//
// NOGGIN_WRITE_RELEASED_FILE=1 writes the file of the current version; only for a new version.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "format/mapped_file.h"
#include "format/reader.h"
#include "format/writer.h"
#include "noggin/engine.h"
#include "tests/support/engine_model.h"
#include "tests/support/format_thaw.h"

namespace noggin::test {
namespace {

const std::string kReleasedFile = std::string(NOGGIN_SOURCE_DIR) + "/tests/golden/v1_tiny.nog";

Status write_released_file() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 70;
  format::FrozenModel model = frozen_model_with_golden(config, 20);
  model.task.labels = {"where", "gr\xC3\xB6\xC3\x9F" "e", "none of these"};
  return format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), kReleasedFile);
}

TEST(ReleasedFile, OpensAndGivesItsGoldenLogits) {
  if (std::getenv("NOGGIN_WRITE_RELEASED_FILE") != nullptr) {
    ASSERT_TRUE(write_released_file());
  }
  Result<Model> model = Model::open(kReleasedFile);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->labels()[2], "none of these");
  for (const char* kernel_set : {"reference", ""}) {  // the definition, and the best set of this machine
    Result<Session> session = Session::create(*model, kernel_set);
    ASSERT_TRUE(session) << session.error().message;
    const SelfTest result = session->self_test();
    EXPECT_EQ(result.checked, 6U);
    EXPECT_EQ(result.failed, 0U) << session->kernel_set() << ": " << result.first_failure;
  }
}

TEST(ReleasedFile, TheWriterGivesTheSameBytes) {
  const Result<format::MappedFile> file = format::MappedFile::open(kReleasedFile);
  ASSERT_TRUE(file) << file.error().message;
  const Result<format::ModelView> view = format::read_model(file->bytes());
  ASSERT_TRUE(view) << view.error().message;
  const Result<std::vector<std::byte>> again = format::serialize(thaw(*view), view->tokenizer);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::ranges::equal(*again, file->bytes()));
}

}  // namespace
}  // namespace noggin::test
