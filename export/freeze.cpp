#include "export/freeze.h"

#include <span>

#include "format/file_layout.h"
#include "kernels/float_environment.h"
#include "tokenizer/wordpiece.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_forward.h"

namespace noggin::exporter {
namespace {

// Steps through the vocabulary in a fixed, scattered order.
class WordPicker {
 public:
  explicit WordPicker(const std::vector<std::string>& vocabulary) {
    for (const std::string& piece : vocabulary) {
      if (piece.size() > 1 && piece[0] != '#' && piece[0] != '[') words_.push_back(&piece);
    }
  }
  std::string next() {
    if (words_.empty()) return "word";
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return *words_[(state_ >> 33) % words_.size()];
  }
  std::string sentence(std::size_t words) {
    std::string text = next();
    for (std::size_t i = 1; i < words; ++i) {
      const std::string word = next();
      if (text.size() + 1 + word.size() > format::kMaxGoldenTextBytes) break;
      text += ' ';
      text += word;
    }
    return text;
  }

 private:
  std::vector<const std::string*> words_;
  std::uint64_t state_ = 1;
};

}  // namespace

format::FrozenModel freeze(const train::Student& student, const runtime::TokenizerContents& tokenizer,
                           const format::TaskContents& task) {
  format::FrozenModel model;
  model.config = student.config;
  model.tensors = train::quantize_student(student);
  model.tokenizer = tokenizer;
  model.task = task;
  return model;
}

Status add_golden_vectors(format::FrozenModel& model, const std::vector<std::string>& texts) {
  const runtime::FloatEnvironment environment;
  const Result<std::vector<std::byte>> section = runtime::serialize_tokenizer(model.tokenizer);
  if (!section) return section.error();
  const Result<runtime::WordPieceTokenizer> tokenizer = runtime::WordPieceTokenizer::bind(*section);
  if (!tokenizer) return tokenizer.error();
  const train::QuantizedStudent student(model.config, model.tensors);
  std::vector<std::uint32_t> ids(model.config.max_tokens);
  for (const std::string& text : texts) {
    const std::size_t count = tokenizer->encode(text, ids);
    const std::span<const std::uint32_t> used(ids.data(), count);
    model.golden.push_back({text, {used.begin(), used.end()}, student.logits(used, runtime::reference_kernels())});
  }
  return {};
}

std::vector<std::string> synthetic_golden_texts(const format::FrozenModel& model, std::size_t count) {
  WordPicker words(model.tokenizer.vocabulary);
  std::vector<std::string> texts = {
      "",
      words.next(),
      words.sentence(2 * model.config.max_tokens),  // longer than the window
      "aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa",
      "0123 4567-89 $10.50 50%",
      "\xC3\x89t\xC3\xA9 na\xC3\xAFve \xC3\xBC"
      "ber stra\xC3\x9F"
      "e",                                                                                          // accents
      "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95\x8C",                                           // Chinese
      "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82 \xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",  // Cyrillic, Arabic
      "\xF0\x9F\x98\x80\xF0\x9F\x91\x8D " + words.sentence(3),                                      // emoji
      "tab\there\nline \x01\x7F end",
  };
  for (std::size_t length = 3; texts.size() < count; length = length % 23 + 2) texts.push_back(words.sentence(length));
  texts.resize(count);
  return texts;
}

}  // namespace noggin::exporter
