#include "data/answers/prose.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "bytes/utf8.h"
#include "data/answers/word_marks.h"

namespace noggin::data {
namespace {

using Words = std::span<const std::string_view>;

// English, and the plain negations of the languages that logs are often written in.
constexpr std::string_view kNegations[] = {
    "not",     "no",     "never",   "neither", "nor",   "without", "unlike", "except", "excluding", "cannot",
    "instead", "rather", "than",    "isnt",    "nicht", "kein",    "keine",  "keinen", "pas",       "nunca",
    "não",     "non",    "against", "niet",    "inte",  "ikke",    "geen",   "nie",    "нет",       "не"};
constexpr std::string_view kDenials[] = {"wrong", "incorrect",  "unlikely", "excluded",
                                         "ruled", "irrelevant", "false",    "out"};
constexpr std::string_view kVerbs[] = {"is",      "are",      "was",   "be",     "would", "can",   "could",  "does",
                                       "do",      "should",   "seems", "cannot", "isn't", "isn’t", "wasn't", "doesn't",
                                       "doesn’t", "wouldn't", "can't", "can’t",  "must",  "may"};
constexpr std::string_view kJoiners[] = {"or", "and", "nor", "vs", "versus", "oder", "und", "ou", "et"};
constexpr std::string_view kAnswerNouns[] = {
    "answer",     "label",    "class",    "category", "classification", "intent",     "option",     "choice",
    "prediction", "verdict",  "decision", "result",   "output",         "topic",      "response",   "sentiment",
    "rating",     "score",    "tag",      "letter",   "classify",       "classified", "categorize", "categorized",
    "labeled",    "labelled", "antwort",  "réponse",  "respuesta"};
constexpr std::string_view kArticles[] = {"the",      "a",         "an",      "option", "letter", "class",
                                          "category", "label",     "choice",  "intent", "tag",    "final",
                                          "answer",   "therefore", "clearly", "most",   "likely"};
constexpr std::string_view kCopulas[] = {"is", "be", "was", "are", "as", "would", "should", "ist", "est", "es"};
constexpr std::string_view kPointers[] = {"option", "choice", "class",  "category", "letter", "label", "choose",
                                          "select", "pick",   "answer", "chose",    "is",     "be",    "as"};
constexpr std::string_view kCorrections[] = {"wait",   "actually",   "correction",   "sorry",
                                             "rather", "instead",    "mistake",      "changed",
                                             "hmm",    "reconsider", "reconsidering"};

// What follows a letter that is an answer ("B because", "A is"), never the article.
constexpr std::string_view kAfterLetter[] = {"because", "since", "is",  "seems", "fits",
                                             "applies", "due",   "but", "given"};

bool is_one_of(std::string_view word, Words words) {
  return std::ranges::any_of(words, [&](std::string_view other) { return equal_without_case(word, other); });
}

bool is_negation(std::string_view word) {
  return is_one_of(word, kNegations) || word.ends_with("n't") || word.ends_with("n’t");
}

bool ends_clause(std::uint32_t c) {
  return c == '.' || c == ';' || c == '!' || c == '?' || c == '\n' || c == ':' || c == 0x3002 || c == 0x2014;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_apostrophe(std::uint32_t c) { return c == '\'' || c == 0x2019; }

// The run of word characters (and apostrophes inside) that ends before text[at]; `at` moves to its beginning. "" if a
// clause ends first, or the text begins; a comma counts as a clause's end unless `over_commas`.
std::string_view word_before(std::string_view text, std::size_t& at, bool over_commas) {
  std::size_t end = at;
  while (end > 0) {
    std::size_t begin = end;
    const std::uint32_t c = decode_backwards(text, begin);
    if (is_word_character(c)) break;
    if (ends_clause(c) || (c == ',' && !over_commas)) return {};
    end = begin;
  }
  std::size_t begin = end;
  while (begin > 0) {
    std::size_t before = begin;
    const std::uint32_t c = decode_backwards(text, before);
    if (!is_word_character(c) && !is_apostrophe(c)) break;
    begin = before;
  }
  at = begin;
  return text.substr(begin, end - begin);
}

// The same after text[at]; `at` moves behind it.
std::string_view word_after(std::string_view text, std::size_t& at) {
  std::size_t begin = at;
  while (begin < text.size()) {
    std::size_t next = begin;
    const std::uint32_t c = decode_utf8(text, next);
    if (is_word_character(c)) break;
    if (ends_clause(c) || c == ',') return {};
    begin = next;
  }
  std::size_t end = begin;
  while (end < text.size()) {
    std::size_t next = end;
    const std::uint32_t c = decode_utf8(text, next);
    if (!is_word_character(c) && !is_apostrophe(c)) break;
    end = next;
  }
  at = end;
  return text.substr(begin, end - begin);
}

// `from`: where the mention before ends; its own words ("not spam") negate nothing.
bool is_negated(std::string_view text, const Mention& mention, std::size_t from) {
  constexpr int kWords = 4;
  std::size_t at = mention.begin;
  for (int i = 0; i < kWords; ++i) {
    const std::string_view word = word_before(text, at, false);
    if (word.empty() || at < from || equal_without_case(word, "but")) break;
    if (is_negation(word)) return true;
  }
  return false;
}

// "billing is wrong", "billing does not fit"
bool is_denied(std::string_view text, const Mention& mention) {
  constexpr int kWords = 4;
  std::size_t at = mention.end;
  std::string_view word = word_after(text, at);
  if (!is_one_of(word, kVerbs)) return false;
  for (int i = 0; i < kWords && !word.empty(); ++i, word = word_after(text, at)) {
    if (is_negation(word) || is_one_of(word, kDenials)) return true;
  }
  return false;
}

// The text before `at`, without spaces, quotes and emphasis.
std::string_view bare_before(std::string_view text, std::size_t at) {
  std::string_view head = text.substr(0, at);
  while (!head.empty() && std::string_view(" \t\r\n\"'`*_([{<$").find(head.back()) != std::string_view::npos)
    head.remove_suffix(1);
  for (const std::string_view quote : {"“", "‘", "«", "「", "【"}) {
    if (head.ends_with(quote)) head.remove_suffix(quote.size());
  }
  return head;
}

// Bytes of the sign at the end of `head` that announces what follows; 0: none.
std::size_t sign_behind(std::string_view head) {
  for (const std::string_view sign : {":", "=>", "=", "→", "->", "："}) {
    if (head.ends_with(sign)) return sign.size();
  }
  return 0;
}

// "answer is", "Category:", "final answer is therefore the".
bool is_announced(std::string_view text, std::size_t begin) {
  bool linked = false;
  constexpr int kWords = 8;
  for (int i = 0; i < kWords; ++i) {
    const std::string_view head = bare_before(text, begin);
    begin = head.size();
    if (const std::size_t sign = linked ? 0 : sign_behind(head)) {
      linked = true;
      begin -= sign;
      continue;
    }
    const std::string_view word = word_before(head, begin, false);
    if (word.empty() || is_negation(word)) return false;
    if (linked && is_one_of(word, kAnswerNouns)) return true;
    if (is_one_of(word, kCopulas))
      linked = true;
    else if (!linked && !is_one_of(word, kArticles))
      return false;
  }
  return false;
}

bool joins_classes(std::string_view text, const Mention& mention) {
  std::size_t at = mention.begin;
  if (is_one_of(word_before(text, at, false), kJoiners)) return true;
  at = mention.end;
  if (is_one_of(word_after(text, at), kJoiners)) return true;
  const std::string_view behind = text.substr(mention.end), before = text.substr(0, mention.begin);
  return behind.starts_with("/") || behind.starts_with(" /") || before.ends_with("/") || before.ends_with("/ ");
}

// Quotes, emphasis or brackets on both sides; "(A" alone may be "(A customer ...)".
bool is_marked(std::string_view text, const Mention& mention) {
  const std::string_view head = text.substr(0, mention.begin), tail = text.substr(mention.end);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kPairs = {{{"\"", "\""},
                                                                                     {"'", "'"},
                                                                                     {"`", "`"},
                                                                                     {"*", "*"},
                                                                                     {"_", "_"},
                                                                                     {"(", ")"},
                                                                                     {"[", "]"},
                                                                                     {"{", "}"},
                                                                                     {"<", ">"},
                                                                                     {">", "<"},
                                                                                     {"$", "$"},
                                                                                     {"“", "”"},
                                                                                     {"‘", "’"},
                                                                                     {"«", "»"},
                                                                                     {"「", "」"},
                                                                                     {"【", "】"}}};
  return std::ranges::any_of(kPairs, [&](const auto& pair) {
    if (!head.ends_with(pair.first)) return false;
    std::string_view rest = tail;
    while (!rest.empty() && (rest[0] == '.' || rest[0] == ')' || rest[0] == ':') && !rest.starts_with(pair.second))
      rest.remove_prefix(1);
    return rest.starts_with(pair.second);
  });
}

// Punctuation or a dash behind the word, perhaps after a closing mark.
bool is_set_off(std::string_view text, const Mention& mention) {
  std::string_view tail = text.substr(mention.end);
  while (!tail.empty() && std::string_view("\"'`*_)]}>").find(tail[0]) != std::string_view::npos) {
    if (tail[0] == ')' || tail[0] == ']') return true;
    tail.remove_prefix(1);
  }
  if (tail.empty() || std::string_view(".,:;!?(\n\r").find(tail[0]) != std::string_view::npos) return true;
  while (tail.starts_with(' ')) tail.remove_prefix(1);
  return std::ranges::any_of(
      std::array<std::string_view, 11>{"-", "–", "—", "(", "\n", "|", "：", "。", "，", "→", "="},
      [&](std::string_view sign) { return tail.starts_with(sign); });
}

// last: where the text ends, but for marks.
bool one_letter_counts(std::string_view text, const Mention& mention, std::size_t last) {
  const char letter = text[mention.begin];
  const bool lower_case = letter >= 'a' && letter <= 'z';
  const bool is_word = std::string_view("AaIi").find(letter) != std::string_view::npos;  // an article, a pronoun
  if (is_marked(text, mention) || mention.end >= last) return true;
  if (mention.leads) {
    std::string_view tail = text.substr(mention.end);
    while (tail.starts_with(' ')) tail.remove_prefix(1);
    return !is_word || !(tail.starts_with('(') || (letter == 'I' && tail.starts_with(',')));
  }
  std::size_t behind = mention.end;
  if (!lower_case && letter != 'I' && is_one_of(word_after(text, behind), kAfterLetter)) return true;
  if (lower_case && is_word) return false;
  if (mention.announced || joins_classes(text, mention)) return true;
  if (lower_case) return false;
  const std::string_view head = bare_before(text, mention.begin);
  if (sign_behind(head) > 0) return true;
  std::size_t at = head.size();
  return is_one_of(word_before(head, at, false), kPointers);
}

std::optional<Mention> longest_at(std::string_view text, std::size_t begin, const LabelSet& labels) {
  // A compatibility form takes at most three bytes for one of a word's.
  const std::size_t limit = std::min(text.size(), begin + 3 * labels.prefixes().longest_bytes() + 1);
  std::optional<Mention> longest;
  for (std::size_t end = begin; end < limit;) {
    const std::uint32_t last = decode_utf8(text, end);
    if (last == ' ' || last == '\n' || last == '\t' || !word_ends(text, end)) continue;
    const std::int32_t index = labels.find_loosely(text.substr(begin, end - begin));
    if (index != kNoClass) longest = Mention{.class_index = index, .begin = begin, .end = end};
  }
  return longest;
}

// Where a mention may begin. A compatibility form (a full-width letter) is a word character beyond ASCII.
bool may_begin(std::string_view text, std::size_t at, std::uint32_t first, const LabelSet& labels) {
  return (labels.prefixes().may_begin_with(text[at]) || (first >= 0x80 && is_word_character(first))) &&
         word_begins(text, at);
}

// "not billing or delivery", "billing and delivery are wrong": what is said of one is said of all that are joined to
// it.
void share_negations(std::string_view text, std::vector<Mention>& mentions) {
  std::vector<Mention*> counting;
  for (Mention& mention : mentions)
    if (mention.counts) counting.push_back(&mention);
  const auto share = [](const Mention& from, Mention& to) {
    to.negated = to.negated || from.negated;
    to.announced = to.announced && !to.negated;
  };
  std::vector<bool> joined(counting.size());  // to the one before
  for (std::size_t i = 1; i < counting.size(); ++i) {
    joined[i] = are_joined(text, *counting[i - 1], *counting[i]);
    if (joined[i]) share(*counting[i - 1], *counting[i]);
  }
  for (std::size_t i = counting.size(); i-- > 1;)
    if (joined[i] && counting[i]->denied) share(*counting[i], *counting[i - 1]);
}

}  // namespace

std::vector<Mention> mentions_in(std::string_view text, const LabelSet& labels) {
  std::vector<Mention> mentions;
  const std::size_t lead = text.size() - without_marks_in_front(text).size();
  std::string_view until_marks = text;
  while (const std::size_t bytes = mark_behind(until_marks)) until_marks.remove_suffix(bytes);
  std::size_t from = 0;  // where the mention before that counts ends
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at;
    const std::uint32_t first = decode_utf8(text, next);
    const std::optional<Mention> found =
        may_begin(text, at, first, labels) ? longest_at(text, at, labels) : std::nullopt;
    at = found ? found->end : next;
    if (!found) continue;
    Mention mention = *found;
    mention.denied = is_denied(text, mention);
    mention.negated = mention.denied || is_negated(text, mention, from);
    mention.announced = !mention.negated && is_announced(text, mention.begin);
    mention.leads = mention.begin <= lead && is_set_off(text, mention);
    const bool one_letter = mention.end - mention.begin == 1 && is_letter(text[mention.begin]);
    mention.counts = !one_letter || one_letter_counts(text, mention, until_marks.size());
    mention.doubtful = !mention.counts &&
                       std::string_view("AaIi").find(text[mention.begin]) == std::string_view::npos &&
                       text[mention.begin] < 'a';
    if (mention.counts) from = mention.end;
    mentions.push_back(mention);
  }
  share_negations(text, mentions);
  return mentions;
}

bool are_joined(std::string_view text, const Mention& a, const Mention& b) {
  std::string_view between = text.substr(a.end, b.begin - a.end);
  while (true) {
    between = without_marks_in_front(between);
    if (between.empty()) return true;
    std::size_t bytes = std::string_view(",;/:.|-&").find(between[0]) != std::string_view::npos ? 1 : 0;
    if (bytes == 0) {
      while (bytes < between.size() && is_letter(between[bytes])) ++bytes;
      if (!is_one_of(between.substr(0, bytes), kJoiners)) return false;
    }
    between.remove_prefix(bytes);
  }
}

bool begins_with_refusal(std::string_view text) {
  constexpr std::string_view kOpenings[] = {"i cannot",
                                            "i can't",
                                            "i can’t",
                                            "i can not",
                                            "i'm sorry",
                                            "i’m sorry",
                                            "i am sorry",
                                            "sorry,",
                                            "i'm unable",
                                            "i’m unable",
                                            "i am unable",
                                            "i'm not able",
                                            "i’m not able",
                                            "i am not able",
                                            "i won't",
                                            "i won’t",
                                            "i will not",
                                            "as an ai",
                                            "i must decline",
                                            "i apologize",
                                            "i'm afraid",
                                            "i’m afraid",
                                            "unfortunately, i",
                                            "i do not feel comfortable",
                                            "i don't feel comfortable",
                                            "we cannot",
                                            "we can't",
                                            "i refuse",
                                            "i'm not going to",
                                            "i am not going to"};
  const std::string_view bare = without_marks_in_front(text);
  return std::ranges::any_of(kOpenings, [&](std::string_view opening) {
    return bare.size() >= opening.size() && equal_without_case(bare.substr(0, opening.size()), opening);
  });
}

bool has_correction(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool inside =
        at < text.size() && is_word_character(static_cast<unsigned char>(text[at]) < 0x80 ? text[at] : ' ');
    if (inside) continue;
    if (is_one_of(text.substr(begin, at - begin), kCorrections)) return true;
    begin = at + 1;
  }
  return false;
}

}  // namespace noggin::data
