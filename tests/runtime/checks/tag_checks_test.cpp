// How spans of checks and spans of the model become one answer (engine/tag_text.h), against a slow computation of the
// same, and that sessions answer so.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "checks/characters.h"
#include "checks/find.h"
#include "engine/span_text.h"
#include "engine/tag_text.h"
#include "format/reader.h"
#include "tests/support/engine_model.h"
#include "tests/support/tokenizer_rich.h"

namespace noggin::runtime {
namespace {

using spec::Check;
using spec::CheckKind;
using tests::random_text;
using tests::rich_tokenizer;

constexpr std::string_view kLabels[] = {"O", "B-NUMBER", "I-NUMBER", "B-MARK", "I-MARK"};
constexpr Check kChecks[] = {{CheckKind::kCard, 0}, {CheckKind::kEmail, 1}, {CheckKind::kIp, 0}, {CheckKind::kUrl, 1}};

TagRules rules_with(std::span<const Check> checks, std::size_t max_tokens) {
  static const spec::TagScheme scheme = *spec::make_tag_scheme(spec::TaskKind::kTag, kLabels);
  return {rich_tokenizer(), scheme, 1.0F, max_tokens, checks};
}

struct SameClass {  // of every word
  std::uint32_t label;
  std::vector<float> logits = {};
  std::span<const float> operator()(std::span<const std::uint32_t> ids) {
    logits.assign(ids.size() * std::size(kLabels), 0.0F);
    for (std::size_t t = 0; t < ids.size(); ++t) logits[t * std::size(kLabels) + label] = 9.0F;
    return logits;
  }
};

// Any numbers, the same for the same ids; spans of some words.
struct MixedLogits {
  std::vector<float> logits = {};
  std::span<const float> operator()(std::span<const std::uint32_t> ids) {
    std::uint32_t seed = 1;
    for (const std::uint32_t id : ids) seed = seed * 31 + id;
    std::mt19937 random(seed);
    logits.resize(ids.size() * std::size(kLabels));
    for (float& logit : logits) logit = static_cast<float>(random() % 9);
    return logits;
  }
};

std::string text_with_matches(std::mt19937& random) {
  constexpr std::string_view kMatches[] = {"4111 1111 1111 1111",     "a@b.de",           "10.0.0.1",
                                           "http://the.parcel.de/x,", "4111111111111111", "a@b.de\u20DD",
                                           "http://10.0.0.1"};
  std::string text;
  for (std::size_t n = random() % 8; n > 0; --n) {
    text += random_text(random, random() % 8);
    if (random() % 3 != 0) text += ' ';
    text += kMatches[random() % std::size(kMatches)];
    if (random() % 3 != 0) text += ' ';
  }
  return text + random_text(random, random() % 8);
}

std::vector<TaggedSpan> checked_spans(std::string_view text, const WordPieceTokenizer& tokenizer = rich_tokenizer()) {
  std::vector<TaggedSpan> spans;
  TaggedSpan span{};
  for (std::size_t from = 0; checks::find_next(kChecks, text, from, span); from = span.place.end) {
    span.place.end = tokenizer.end_of_marks(text, span.place.end);
    spans.push_back(span);
  }
  return spans;
}

bool is_word_byte(char c) { return checks::is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80; }

std::vector<bool> covered_by(const std::vector<TaggedSpan>& spans, std::size_t size) {
  std::vector<bool> covered(size, false);
  for (const TaggedSpan& span : spans)
    std::fill(covered.begin() + static_cast<std::ptrdiff_t>(span.place.begin),
              covered.begin() + static_cast<std::ptrdiff_t>(span.place.end), true);
  return covered;
}

// Byte by byte: what no check covers of each span, run by run.
std::vector<TaggedSpan> joined(std::string_view text, const std::vector<TaggedSpan>& model,
                               const std::vector<TaggedSpan>& checked) {
  const std::vector<bool> covered = covered_by(checked, text.size());
  std::vector<TaggedSpan> result = checked;
  for (const TaggedSpan& span : model) {
    for (std::size_t begin = span.place.begin; begin < span.place.end; ++begin) {
      std::size_t end = begin;
      while (end < span.place.end && !covered[end]) ++end;
      TaggedSpan part = span;
      part.place = {begin, end};
      if (begin > span.place.begin)
        while (part.place.begin < part.place.end && !is_word_byte(text[part.place.begin])) ++part.place.begin;
      if (end < span.place.end)
        while (part.place.begin < part.place.end && !is_word_byte(text[part.place.end - 1])) --part.place.end;
      if (part.place.begin < part.place.end) result.push_back(part);
      begin = end;
    }
  }
  std::ranges::sort(result, {}, [](const TaggedSpan& span) { return span.place.begin; });
  return result;
}

TEST(TagChecks, CutTheSpansOfTheModel) {
  std::mt19937 random(11);
  std::size_t cut = 0, spans = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = text_with_matches(random);
    const std::size_t max_tokens = 3 + random() % 60;
    const auto answer = [&](std::span<const Check> checks) {
      const TagRules rules = rules_with(checks, max_tokens);
      const auto kind = static_cast<std::uint32_t>(round % 6);
      return kind < 5 ? tag_text(rules, text, SameClass{kind}) : tag_text(rules, text, MixedLogits());
    };
    const std::vector<TaggedSpan> model = answer({}), checked = checked_spans(text), together = answer(kChecks);
    ASSERT_EQ(together, joined(text, model, checked)) << text;
    // What the model alone would mask stays masked, but for punctuation and spaces of ASCII.
    const std::vector<bool> before = covered_by(model, text.size()), after = covered_by(together, text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
      ASSERT_TRUE(after[i] || !before[i] || !is_word_byte(text[i])) << text << " at " << i;
    std::size_t end = 0;
    for (const TaggedSpan& span : together) {
      ASSERT_LE(end, span.place.begin);
      ASSERT_LT(span.place.begin, span.place.end);
      end = span.place.end;
    }
    spans += checked.size();
    cut += together.size() != model.size() + checked.size();
  }
  EXPECT_GT(spans, 3000U);
  EXPECT_GT(cut, 500U);
}

TEST(TagChecks, SayWhatATextBecomes) {
  const auto masked = [](const std::string& text, std::uint32_t label, std::size_t max_tokens = 40) {
    constexpr std::string_view kTypes[] = {"NUMBER", "MARK"};
    return masked_text(text, tag_text(rules_with(kChecks, max_tokens), text, SameClass{label}), kTypes);
  };
  const std::string text = "7 a@b.de, x (10.0.0.1)!";
  EXPECT_EQ(masked(text, 0), "7 [MARK], x ([NUMBER])!");
  EXPECT_EQ(masked(text, 0, 3), "7 [MARK], x ([NUMBER])!");
  EXPECT_EQ(masked("a@b.de\u20DD", 0), "[MARK]");                    // with its mark
  EXPECT_EQ(masked("\u200B a@b.de", 0), "\u200B [MARK]");            // a text without windows before it
  EXPECT_EQ(masked("7 a@b.de, x", 2), "[NUMBER] [MARK], [NUMBER]");  // one span of all words, cut
  EXPECT_EQ(masked("a@b.de", 3), "[MARK]");
}

TEST(TagChecks, SessionsAnswerWithThem) {
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  config.classes = std::size(kLabels);
  format::FrozenModel frozen = test::random_frozen_model(config, 3, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  frozen.task.labels.assign(std::begin(kLabels), std::end(kLabels));
  frozen.task.checks.assign(std::begin(kChecks), std::end(kChecks));
  const test::OpenModel open = test::open_model(frozen);
  Session reference = *Session::create(open.model, "reference");
  const TagRules rules = {open.model.tokenizer(), open.model.view().tags, 1.0F, open.model.max_tokens(), kChecks};
  std::mt19937 random(7);
  for (const std::string& name : test::executable_kernel_sets()) {
    Session session = *Session::create(open.model, name);
    for (int round = 0; round < 20; ++round) {
      const std::string text = text_with_matches(random);
      const std::vector<TaggedSpan> expected =
          tag_text(rules, text, [&](std::span<const std::uint32_t> ids) { return *reference.logits(ids); });
      std::vector<TaggedSpan> spans(expected.size());
      ASSERT_EQ(*session.tag(text, spans), expected.size()) << name << " " << text;
      EXPECT_EQ(spans, expected);
      EXPECT_EQ(*session.mask(text), masked_text(text, expected, open.model.span_types()));
      for (const TaggedSpan& span : checked_spans(text, open.model.tokenizer()))
        EXPECT_EQ(std::ranges::count(spans, span), 1) << text;
    }
  }
}

}  // namespace
}  // namespace noggin::runtime
