#include "data/rows/deletion.h"

namespace noggin::data {
namespace {

// Marks what is kept of a text, from its end.
class Keeper {
 public:
  Keeper(const std::vector<FoldedWord>& text, const std::vector<FoldedWord>& target)
      : text_(text), target_(target), kept_(text.size(), false) {}

  // False if a word of the target is missing.
  bool keep_words() {
    std::size_t text_end = text_.size(), target_end = target_.size();
    for (std::size_t t = target_.size(); t-- > 0;) {
      if (target_[t].punctuation) continue;
      std::size_t at = text_end;
      while (at > 0 && (text_[at - 1].punctuation || text_[at - 1].letters != target_[t].letters)) --at;
      if (at == 0) return false;
      keep_punctuation(t + 1, target_end, at, text_end);
      kept_[at - 1] = true;
      text_end = at - 1;
      target_end = t;
    }
    keep_punctuation(0, target_end, 0, text_end);
    return true;
  }
  const std::vector<bool>& kept() const { return kept_; }

 private:
  // Keeps punctuation of target[begin, end) that is in text[low, high), in the same order.
  void keep_punctuation(std::size_t begin, std::size_t end, std::size_t low, std::size_t high) {
    while (end > begin) {
      --end;
      std::size_t at = high;
      while (at > low && !(text_[at - 1].punctuation && text_[at - 1].letters == target_[end].letters)) --at;
      if (at == low) continue;  // the target adds it
      high = at - 1;
      kept_[high] = true;
    }
  }

  const std::vector<FoldedWord>& text_;
  const std::vector<FoldedWord>& target_;
  std::vector<bool> kept_;
};

}  // namespace

std::optional<std::vector<TypedSpan>> DeletionFinder::find(std::string_view text, std::string_view target) const {
  const std::vector<FoldedWord> words = folder_.words(text), wanted = folder_.words(target);
  Keeper keeper(words, wanted);
  if (!keeper.keep_words()) return std::nullopt;
  const std::vector<bool>& kept = keeper.kept();
  std::vector<TypedSpan> spans;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (kept[i]) continue;
    if (i == 0 || kept[i - 1]) spans.push_back({static_cast<std::uint32_t>(words[i].place.begin), 0, 0});
    spans.back().end = static_cast<std::uint32_t>(words[i].place.end);
  }
  return spans;
}

}  // namespace noggin::data
