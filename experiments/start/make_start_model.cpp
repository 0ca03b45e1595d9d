// make_start_model FOLDER: a model of about 5 MB with random weights, as model.nog and, from the same value,
// model.onnx.
#include <cstdio>
#include <string>

#include "format/writer.h"
#include "tests/support/onnx_models.h"
#include "tokenizer/wordpiece.h"

namespace noggin {
namespace {

spec::ModelConfig five_megabytes() {
  spec::ModelConfig config;
  config.vocabulary_size = 12000;
  config.max_tokens = 64;
  config.encoder.width = 256;
  config.encoder.head_width = 32;
  config.classes = 20;
  config.encoder.layers = {{8, 1024}, {8, 1024}};
  return config;
}

// Made-up pieces of one to three syllables, every second one a continuation: about as long as those of a real
// vocabulary, because checking them is a part of opening.
std::string made_up_piece(std::size_t number) {
  std::string piece = number % 2 == 0 ? "" : "##";
  for (std::size_t rest = number / 2 + 1; rest > 0; rest /= 70) {
    piece += "bcdfghjklmnprt"[rest % 70 / 5];
    piece += "aeiou"[rest % 5];
  }
  return piece;
}

Status make(const std::string& folder) {
  format::FrozenModel model = test::onnx_model(five_megabytes(), 7);
  std::vector<std::string>& vocabulary = model.tokenizer.vocabulary;
  for (std::size_t id = 128; id < vocabulary.size(); ++id) vocabulary[id] = made_up_piece(id);
  const Result<std::vector<std::byte>> tokenizer = runtime::serialize_tokenizer(model.tokenizer);
  if (!tokenizer) return tokenizer.error();
  if (Status status = format::write_model(model, *tokenizer, folder + "/model.nog"); !status) return status;
  return exporter::write_onnx(model, folder + "/model.onnx");
}

}  // namespace
}  // namespace noggin

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: make_start_model FOLDER\n"), 2;
  const noggin::Status status = noggin::make(argv[1]);
  if (!status) std::fprintf(stderr, "make_start_model: %s\n", status.error().message.c_str());
  return status ? 0 : 1;
}
