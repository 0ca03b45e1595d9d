// Writes two small models to the paths given, a classifier with golden vectors and a tagger: what the consumer programs
// are run on.
#include <iostream>

#include "tests/support/engine_model.h"

namespace {

bool write(const noggin::format::FrozenModel& frozen, const char* path) {
  const auto tokenizer = noggin::runtime::serialize_tokenizer(frozen.tokenizer);
  if (!tokenizer) return false;
  const noggin::Status status = noggin::format::write_model(frozen, *tokenizer, path);
  if (!status) std::cerr << status.error().message << '\n';
  return static_cast<bool>(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  noggin::spec::ModelConfig config = noggin::test::engine_config();
  const bool classifier = write(noggin::test::frozen_model_with_golden(config, 51), argv[1]);
  config.pooling = noggin::spec::Pooling::kEveryToken;
  return classifier && write(noggin::test::frozen_model_with_golden(config, 51), argv[2]) ? 0 : 1;
}
