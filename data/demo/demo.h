// The built-in demo: a support-desk router. Its texts and its imaginary teacher come from our own generator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::data {

struct DemoOptions {
  std::uint64_t seed = 7;
  std::uint32_t training_texts = 8000;
  std::uint32_t dev_texts = 600;
  std::uint32_t test_texts = 1200;
};

// Writes into `folder` (which must be absent or empty; kExists otherwise): requests.jsonl and output.jsonl (an
// OpenAI batch over the training texts, no gold labels; see demo_log.h for its failed rows), dev.jsonl,
// test.jsonl ({id, text, label}), labels.json; the "none of these" class is kDemoNoneLabel (demo_grammar.h). No text
// is in two of them. Returns the files written. The same options give the same bytes.
Result<std::vector<std::string>> write_demo(const std::string& folder, const DemoOptions& options);

}  // namespace noggin::data
