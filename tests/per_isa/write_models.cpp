// Writes models of odd and usual shapes into a folder, each with golden vectors: texts, token ids and the logits that
// this machine's best kernel set gives. Usage: write_isa_models FOLDER
#include <iostream>

#include "tests/support/engine_model.h"

namespace {

using namespace noggin;

// One text that fills the model's longest sequence, and an empty one, are among the samples.
std::string text_of_words(std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) text += i % 3 == 0 ? "where " : i % 3 == 1 ? "parcel " : "not ";
  return text;
}

std::vector<spec::ModelConfig> configs() {
  std::vector<spec::ModelConfig> all = test::odd_configs();
  spec::ModelConfig longer = all.back();
  longer.max_tokens = 130;
  all.push_back(longer);
  return all;
}

Status write(const spec::ModelConfig& config, std::uint64_t seed, const std::string& path) {
  format::FrozenModel frozen = test::random_frozen_model(config, seed, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  {
    const test::OpenModel open = test::open_model(frozen);
    Session session = *Session::create(open.model);
    for (const std::string& text : test::sample_texts()) frozen.golden.push_back(test::golden_vector(session, text));
    for (const std::size_t words : {1U, 15U, 16U, 17U, 63U, 500U}) {
      frozen.golden.push_back(test::golden_vector(session, text_of_words(words)));
    }
  }
  const auto tokenizer = runtime::serialize_tokenizer(frozen.tokenizer);
  if (!tokenizer) return tokenizer.error();
  return format::write_model(frozen, *tokenizer, path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_isa_models FOLDER\n";
    return 2;
  }
  std::uint64_t seed = 71;
  for (const spec::ModelConfig& config : configs()) {
    const std::string path = std::string(argv[1]) + "/model_" + std::to_string(seed) + ".nog";
    if (const Status status = write(config, seed++, path); !status) {
      std::cerr << status.error().message << '\n';
      return 1;
    }
  }
  return 0;
}
