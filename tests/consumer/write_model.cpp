// Writes a small model with golden vectors to the path given: what the consumer programs are run on.
#include <iostream>

#include "tests/support/engine_model.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const noggin::format::FrozenModel frozen =
      noggin::test::frozen_model_with_golden(noggin::test::engine_config(), 51);
  const auto tokenizer = noggin::runtime::serialize_tokenizer(frozen.tokenizer);
  if (!tokenizer) return 1;
  if (const noggin::Status status = noggin::format::write_model(frozen, *tokenizer, argv[1]); !status) {
    std::cerr << status.error().message << '\n';
    return 1;
  }
  return 0;
}
