#include <algorithm>
#include <string>
#include <variant>

#include "data/answers/token_path.h"
#include "data/answers/word_marks.h"
#include "data/rows/class_name.h"

namespace noggin::data {
namespace {

constexpr std::string_view kPieceSpaces[] = {"▁", "Ġ"};
constexpr std::string_view kPieceLineEnd = "Ċ", kPieceGoesOn = "##";

struct JoinedTokens {
  std::string text;
  std::vector<std::size_t> begins;  // per token

  WordPlace place(std::size_t at, std::size_t bytes, bool plain) const {
    const auto next = std::ranges::upper_bound(begins, at);
    const std::size_t position = static_cast<std::size_t>(next - begins.begin()) - 1;
    return {.position = position, .offset = at - begins[position], .bytes = bytes, .plain = plain};
  }
};

JoinedTokens join(const std::vector<TokenPosition>& positions, bool plain) {
  JoinedTokens joined;
  joined.begins.reserve(positions.size());
  for (const TokenPosition& position : positions) {
    joined.begins.push_back(joined.text.size());
    append_token(position.token, plain, joined.text);
  }
  return joined;
}

bool is_whole_word(std::string_view text, std::size_t begin, std::size_t bytes) {
  return word_begins(text, begin) && word_ends(text, begin + bytes);
}

constexpr std::size_t kNowhere = std::string_view::npos;

// How often `word` stands whole in `text` from `from` on.
std::size_t count_words(std::string_view text, std::string_view word, std::size_t from) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word, from); at != kNowhere; at = text.find(word, at + 1))
    count += is_whole_word(text, at, word.size()) ? 1 : 0;
  return count;
}

// Where in `spelled` the word at text[begin] stands. `spelled` may have more in front (reasoning, the frame of a tool
// call) and behind (special tokens), or may have been logged for the first tokens only.
std::size_t corresponding(std::string_view spelled, std::string_view text, std::size_t begin, std::string_view word) {
  for (std::size_t at = spelled.rfind(text); at != kNowhere; at = at == 0 ? kNowhere : spelled.rfind(text, at - 1))
    if (is_whole_word(spelled, at + begin, word.size())) return at + begin;
  const std::string_view bare = trimmed_name(spelled);
  const std::size_t cut = static_cast<std::size_t>(bare.data() - spelled.data());
  if (!bare.empty() && text.starts_with(bare) && begin < bare.size()) return cut + begin;
  // Neither holds the other: the same occurrence, counted from the end.
  std::size_t behind = count_words(text, word, begin);
  bool unclosed = false;
  const std::string_view answer = without_reasoning(spelled, unclosed);
  const std::size_t first = static_cast<std::size_t>(answer.data() - spelled.data());
  if (behind == 0) return kNowhere;
  for (std::size_t at = spelled.rfind(word); at != kNowhere && at >= first;
       at = at == 0 ? kNowhere : spelled.rfind(word, at - 1)) {
    if (is_whole_word(spelled, at, word.size()) && --behind == 0) return at;
  }
  return kNowhere;
}

constexpr std::string_view kHalfCharacter = "\uFFFD";

// The bytes of `spelled` that spell `word` from its beginning, where U+FFFD stands for one to three bytes of a
// character that was cut between tokens, as few as possible; 0: it begins otherwise. tries: how many steps back are
// left.
std::size_t spelled_in_halves(std::string_view spelled, std::string_view word, int& tries) {
  std::size_t same = 0;
  while (same < word.size() && same < spelled.size() && spelled[same] == word[same]) ++same;
  spelled.remove_prefix(same);
  word.remove_prefix(same);
  if (word.empty()) return same;
  if (!spelled.starts_with(kHalfCharacter)) return 0;
  spelled.remove_prefix(kHalfCharacter.size());
  for (std::size_t bytes = 1; bytes <= 3 && bytes <= word.size(); ++bytes) {
    if (static_cast<unsigned char>(word[bytes - 1]) < 0x80 || --tries < 0) return 0;
    const bool last = bytes == word.size();
    const std::size_t rest = last ? 0 : spelled_in_halves(spelled, word.substr(bytes), tries);
    if (last || rest > 0) return same + kHalfCharacter.size() + rest;
  }
  return 0;
}

// The last place where the tokens spell the word in halves of characters. Two halves in a row may each be taken for the
// whole character: the earlier one begins it.
std::optional<WordPlace> find_halves(const LoggedAnswer& answer, std::string_view word) {
  const JoinedTokens joined = join(answer.positions, false);
  const std::string_view text = joined.text;
  int tries = 10'000;
  const auto spelled_at = [&](std::size_t at) { return spelled_in_halves(text.substr(at), word, tries); };
  std::size_t begin = text.find(kHalfCharacter) == kNowhere ? 0 : text.size();
  while (begin > 0 && !(word_begins(text, begin - 1) && spelled_at(begin - 1) > 0)) --begin;
  if (begin-- == 0) return std::nullopt;
  while (text.substr(0, begin).ends_with(kHalfCharacter) && spelled_at(begin - kHalfCharacter.size()) > 0)
    begin -= kHalfCharacter.size();
  return joined.place(begin, spelled_at(begin), false);
}

}  // namespace

void append_token(std::string_view token, bool plain, std::string& text) {
  if (!plain) {
    text.append(token);
    return;
  }
  if (token.starts_with(kPieceGoesOn) && token.size() > kPieceGoesOn.size()) token.remove_prefix(kPieceGoesOn.size());
  while (!token.empty()) {
    const std::string_view* space =
        std::ranges::find_if(kPieceSpaces, [&](std::string_view mark) { return token.starts_with(mark); });
    if (space != std::end(kPieceSpaces)) {
      text.push_back(' ');
      token.remove_prefix(space->size());
    } else if (token.starts_with(kPieceLineEnd)) {
      text.push_back('\n');
      token.remove_prefix(kPieceLineEnd.size());
    } else {
      text.push_back(token[0]);
      token.remove_prefix(1);
    }
  }
}

std::optional<WordPlace> find_word(const LoggedAnswer& answer, std::string_view text, const ClassInText& found,
                                   const LabelSet& labels) {
  const std::vector<TokenPosition>& positions = answer.positions;
  const std::string_view bare = trimmed_name(text);
  // The plain case, and the fast one: the first token is the whole answer.
  if (!positions.empty() && found.word == bare && trimmed_name(positions[0].token) == bare)
    return WordPlace{.position = 0, .offset = positions[0].token.find(bare), .bytes = bare.size()};
  const std::size_t begin = static_cast<std::size_t>(found.word.data() - bare.data());
  for (const bool plain : {false, true}) {
    const JoinedTokens joined = join(positions, plain);
    if (const std::size_t at = corresponding(joined.text, bare, begin, found.word); at != kNowhere)
      return joined.place(at, found.word.size(), plain);
  }
  for (const bool plain : {false, true}) {  // spelled otherwise than in the text
    const JoinedTokens joined = join(positions, plain);
    bool unclosed = false;
    const Checked<ClassInText> again = find_class(without_reasoning(joined.text, unclosed), labels);
    const auto* spelled = std::get_if<ClassInText>(&again);
    if (spelled != nullptr && spelled->class_index == found.class_index)
      return joined.place(static_cast<std::size_t>(spelled->word.data() - joined.text.data()), spelled->word.size(),
                          plain);
  }
  if (const std::optional<WordPlace> place = find_halves(answer, found.word)) return place;
  for (std::size_t i = positions.size(); i-- > 0;) {
    const std::optional<ClassInText> word = whole_word(positions[i].token, labels);
    if (word && word->class_index == found.class_index) return WordPlace{.position = i, .alone = true};
  }
  return std::nullopt;
}

}  // namespace noggin::data
