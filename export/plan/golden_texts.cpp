#include "export/plan/golden_texts.h"

#include "format/file_layout.h"

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

std::vector<std::string> synthetic_golden_texts(const std::vector<std::string>& vocabulary, std::size_t max_tokens,
                                                std::size_t count) {
  WordPicker words(vocabulary);
  std::vector<std::string> texts = {
      "",
      words.next(),
      words.sentence(2 * max_tokens),  // longer than the window
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
