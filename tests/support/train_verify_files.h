// A random student as the files that verify compares: its checkpoint and its .nog, which a test may modify before it is
// written, and rows of real text.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "export/freeze.h"
#include "export/verify/verify.h"
#include "format/writer.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/tokenizer_tiny.h"
#include "tests/support/train_quantized.h"
#include "tokenizer/wordpiece.h"
#include "train/checkpoint/checkpoint.h"

namespace noggin::test {

inline const std::vector<std::string>& label_words() {
  static const std::vector<std::string> words = {"parcel", "refund", "invoice", "greeting", "none"};
  return words;
}

// Sentences of the tiny vocabulary, tokenized as on the device.
inline data::ExampleTable text_rows(const runtime::TokenizerContents& tokenizer, std::uint32_t max_tokens,
                                    std::size_t count, std::size_t classes) {
  const std::vector<std::byte> section = *runtime::serialize_tokenizer(tokenizer);
  const runtime::WordPieceTokenizer bound = *runtime::WordPieceTokenizer::bind(section);
  const std::vector<std::string> words = {"where", "is",  "my",      "parcel", "not", "how",
                                          "do",    "the", "walking", "7",      "?"};
  Random random(8);
  data::ExampleTable block;
  block.classes = static_cast<std::uint32_t>(classes);
  std::vector<std::uint32_t> ids(max_tokens);
  for (std::size_t i = 0; i < count; ++i) {
    data::Record record;
    record.id = "row-" + std::to_string(i);
    for (std::uint64_t w = random.below(9); w-- > 0;) record.text += words[random.below(words.size())] + " ";
    record.label = i % 10 == 9 ? data::kNoLabel : static_cast<std::int32_t>(random.below(block.classes));
    block.append(record, std::span(ids).first(bound.encode(record.text, ids)));
  }
  return block;
}

class VerifyFiles {
 public:
  using Edit = std::function<void(format::FrozenModel&)>;

  // The last label is the "none" class.
  explicit VerifyFiles(const std::vector<std::string>& labels = label_words(), std::size_t row_count = 70) {
    spec::ModelConfig config = student_config();
    config.classes = static_cast<std::uint32_t>(labels.size());
    bundle.student = calibrated_student(config, 6);
    bundle.tokenizer = tests::tiny_tokenizer(bundle.student.config.vocabulary_size);
    bundle.task = {labels, static_cast<std::int32_t>(labels.size()) - 1};
    bundle.quantized = true;
    bundle.history = {{"phase", "qat"}};
    EXPECT_TRUE(train::write_bundle(bundle, folder.file("student.ckpt")));
    rows = text_rows(bundle.tokenizer, config.max_tokens, row_count, labels.size());
    write_nog({});
  }

  void write_nog(const Edit& edit) const {
    format::FrozenModel model = exporter::freeze(bundle.student, bundle.tokenizer, bundle.task);
    EXPECT_TRUE(exporter::add_golden_vectors(model, {"where is my parcel"}));
    model.provenance = "{}";
    if (edit) edit(model);
    const Status status =
        format::write_model(model, *runtime::serialize_tokenizer(model.tokenizer), folder.file("model.nog"));
    EXPECT_TRUE(status) << (status ? "" : status.error().message);
  }

  exporter::VerifyRequest request(std::vector<std::string> targets = {}) const {
    exporter::VerifyRequest request;
    request.nog_path = folder.file("model.nog");
    request.checkpoint_path = folder.file("student.ckpt");
    request.rows = &rows;
    request.targets = std::move(targets);
    return request;
  }

  TemporaryFolder folder;
  train::StudentBundle bundle;
  data::ExampleTable rows;
};

}  // namespace noggin::test
