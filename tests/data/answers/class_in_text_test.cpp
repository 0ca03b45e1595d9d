#include "data/answers/class_in_text.h"

#include <gmock/gmock.h>

#include "data/answers/json_fields.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using tests::labels_of;

LabelSet desks() {
  return labels_of({"billing", "delivery", "account", "other"},
                   {{"billing", {"A"}}, {"delivery", {"B"}}, {"account", {"C"}}, {"other", {"D"}}});
}

// The class's name and the word in brackets, or the reason's code.
std::string read(const std::string& text, const LabelSet& labels) {
  bool unclosed = false;
  const std::string_view answer = without_reasoning(text, unclosed);
  const Checked<ClassInText> found = find_class(answer, labels);
  if (const auto* bad = std::get_if<Rejection>(&found)) return std::string(reason_code(bad->reason));
  const auto& word = std::get<ClassInText>(found);
  EXPECT_TRUE(word.word.data() >= text.data() && word.word.data() + word.word.size() <= text.data() + text.size());
  return labels.names()[static_cast<std::size_t>(word.class_index)];
}
std::string read(const std::string& text) { return read(text, desks()); }

constexpr const char* kNone = "no_class_in_answer";
constexpr const char* kSeveral = "several_classes_in_answer";
constexpr const char* kNegated = "negated_class";
constexpr const char* kRefused = "teacher_refused";

struct Case {
  const char* text;
  const char* right;
};

void expect_all(const std::vector<Case>& cases, const LabelSet& labels) {
  for (const auto& [text, right] : cases) EXPECT_EQ(read(text, labels), right) << text;
}

TEST(ClassInText, MarksAroundTheWordAreNoPartOfIt) {
  expect_all({{"billing", "billing"},
              {" Billing.\n", "billing"},
              {"\"A\"", "billing"},
              {"**B**", "delivery"},
              {"**Billing.**", "billing"},
              {"`account`", "account"},
              {"'other'", "other"},
              {"A.", "billing"},
              {"B)", "delivery"},
              {"(C)", "account"},
              {"[D]", "other"},
              {"{A}", "billing"},
              {"<billing>", "billing"},
              {"<answer>B</answer>", "delivery"},
              {"A<|im_end|>", "billing"},
              {"<s> A</s>", "billing"},
              {"\\boxed{A}", "billing"},
              {"$\\boxed{\\text{B}}$", "delivery"},
              {"```\nA\n```", "billing"},
              {"```json\n{\"label\": \"B\"}\n```", "delivery"},
              {"```billing```", "billing"},
              {"- billing", "billing"},
              {"# Billing", "billing"},
              {"“Billing”", "billing"},
              {"«billing»", "billing"},
              {"「billing」。", "billing"},
              {"▁A", "billing"},
              {"ĠbillingĊ", "billing"},
              {"\uFEFFA", "billing"},
              {"\uFF21", "billing"},
              {"\uFF42\uFF49\uFF4C\uFF4C\uFF49\uFF4E\uFF47", "billing"},
              {"", kNone},
              {"**", kNone},
              {"E", kNone},
              {"10", kNone}},
             desks());
}

TEST(ClassInText, ReasoningIsLeftOut) {
  expect_all({{"<think>A would do</think>B", "delivery"},
              {"<think>\nbilling? no.\n</think>\n\ndelivery", "delivery"},
              {"it is A</think>B", "delivery"},
              {"<THINKING>A</THINKING> B", "delivery"},
              {"[THINK]A[/THINK]B", "delivery"},
              {"<reasoning>A</reasoning><think>C</think>B", "delivery"},
              {"<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>B", "delivery"},
              {"◁think▷A◁/think▷B", "delivery"},
              {"B<think>A", "delivery"},
              {"<think>A or", kNone},
              {"<think>A</think>", kNone}},
             desks());
}

TEST(ClassInText, JsonNamesTheClassInOneField) {
  expect_all({{R"({"label": "C"})", "account"},
              {R"({"label":"other","confidence":0.9})", "other"},
              {R"({"reason": "D would be shop", "label": "C"})", "account"},
              {R"({"label": "C", "reason": "not billing, not delivery"})", "account"},
              {R"({"anything": "billing"})", "billing"},
              {R"({'category': 'billing'})", "billing"},
              {R"({category: billing})", "billing"},
              {R"({"result": {"label": "B", "score": 0.5}})", "delivery"},
              {R"({"labels": ["B"]})", "delivery"},
              {R"(["billing"])", "billing"},
              {R"(["billing", "delivery"])", kSeveral},
              {R"({"label": "A", "intent": "delivery"})", kSeveral},
              {R"({"label": "A"} {"label": "B"})", kSeveral},
              {R"({"a": "billing", "b": "delivery"})", kSeveral},
              {R"({"language": "en", "topic_name": "billing"})", "billing"},
              {R"({"label": "not billing"})", kNegated},
              {R"({"label": null})", kNone},
              {R"({"label": ""})", kNone},
              {R"({"billing": 0.9, "delivery": 0.1})", kNone},
              {R"(Here it is: {"label": "A"}. Nothing else.)", "billing"},
              {R"({"label": "billing"
)",
               "billing"},
              {R"({"label": "bil)", kNone},
              {R"({"label": "b\u0069lling"})", "billing"},
              {R"({"answer": "The answer is B"})", "delivery"}},
             desks());
  const LabelSet stars = labels_of({"1", "2", "3", "4", "5"});
  expect_all({{R"({"stars": 4})", "4"},
              {R"({"score": 4})", "4"},
              {R"({"label": 4, "confidence": 1})", "4"},
              {"4", "4"},
              {"4 stars", "4"},
              {"I rate this 4.", "4"},
              {"4.5", kNone},
              {"-1", kNone},
              {"3 or 4", kSeveral},
              {"14", kNone},
              {"5%", kNone}},
             stars);
}

TEST(ClassInText, ConfidenceIsReadWhereItIsAProbability) {
  const auto confidence = [](const std::string& text) {
    const LabelSet labels = desks();
    const auto found = std::get<ClassInText>(find_class(text, labels));
    return std::pair(found.confidence, found.confidence_unread);
  };
  using Confidence = std::pair<std::optional<double>, bool>;
  EXPECT_EQ(confidence(R"({"label": "B", "confidence": 0.9})"), Confidence(0.9, false));
  EXPECT_EQ(confidence(R"({"confidence": "0.25", "label": "B"})"), Confidence(0.25, false));
  EXPECT_EQ(confidence(R"({"label": "B", "probability": "92 %"})"), Confidence(0.92, false));
  EXPECT_EQ(confidence(R"({"label": "B", "confidence": 92})"), Confidence(std::nullopt, true));
  EXPECT_EQ(confidence(R"({"label": "B", "confidence": "high"})"), Confidence(std::nullopt, true));
  EXPECT_EQ(confidence(R"({"label": "B"})"), Confidence(std::nullopt, false));
}

TEST(ClassInText, RunningTextNamesOneClass) {
  expect_all({{"The answer is A", "billing"},
              {"The answer is (B).", "delivery"},
              {"Category: billing", "billing"},
              {"**Label:** delivery", "delivery"},
              {"The correct label for this message is clearly account.", "account"},
              {"I would classify this as billing, though it mentions a delivery.", "billing"},
              {"It is about the customer's account", "account"},
              {"This goes to BILLING.", "billing"},
              {"Option C", "account"},
              {"Option C seems best here", "account"},
              {"B. delivery", "delivery"},
              {"B) delivery", "delivery"},
              {"It is a B", "delivery"},
              {"It is a \"B\" because of the parcel", "delivery"},
              {"A) because the customer pays", "billing"},
              {"A, because the customer pays", "billing"},
              {"A (late) parcel", kNone},
              {"billing department", "billing"},
              {"the customer wants a parcel", kNone},
              {"A parcel is late", kNone},
              {"I think so", kNone},
              {"billings", kNone},
              {"prebilling", kNone},
              {"non-billing", kNone},
              {"B because of the parcel", "delivery"},
              {"A is the best fit", "billing"},
              {"B because of A", kSeveral},
              {"I looked at plan B and it must be A", kSeveral},
              {"A or B? B", kSeveral},
              {"A or B", kSeveral},
              {"A/B", kSeveral},
              {"either billing or delivery", kSeveral},
              {"billing, delivery", kSeveral},
              {"billing and delivery", kSeveral},
              {"A. delivery", kSeveral},
              {"The answer is A. No: the answer is B.", kSeveral}},
             desks());
}

TEST(ClassInText, AnExplanationBehindTheAnswerDoesNotCount) {
  expect_all({{"billing\n\nBecause the customer mentions an invoice, not a delivery.", "billing"},
              {"billing - because it is not about the delivery", "billing"},
              {"**billing** — the delivery is fine", "billing"},
              {"Billing. The delivery was on time.", "billing"},
              {"A: the invoice is wrong; B would be a parcel", "billing"},
              {"The customer asks where the delivery is and mentions the account.\n\ndelivery", "delivery"},
              {"Possible: billing, delivery.\nAnswer: delivery", "delivery"},
              {"billing\n\nWait, it is about a delivery.", kSeveral},
              {"billing. Actually, delivery.", kSeveral},
              {"billing\n\nFinal answer: delivery", kSeveral},
              {"billing\ndelivery", kSeveral}},
             desks());
}

TEST(ClassInText, ANegatedClassIsNotTheClass) {
  expect_all({{"not billing", kNegated},
              {"It is not billing.", kNegated},
              {"This isn't about billing", kNegated},
              {"This isn’t a billing matter", kNegated},
              {"no delivery", kNegated},
              {"billing is wrong", kNegated},
              {"neither billing, delivery nor account", kNegated},
              {"not billing or delivery", kNegated},
              {"billing and delivery are wrong", kNegated},
              {"not billing but delivery", "delivery"},
              {"delivery rather than billing", "delivery"},
              {"delivery, not billing", "delivery"},
              {"It's not billing; it's delivery", "delivery"}},
             desks());
  const LabelSet spam = labels_of({"spam", "ham"});
  expect_all({{"not spam", kNegated}, {"isn't spam", kNegated}, {"ham", "ham"}, {"no spam here", kNegated}}, spam);
  const LabelSet named = labels_of({"spam", "not spam"});
  expect_all({{"not spam", "not spam"},
              {"This is not spam.", "not spam"},
              {"This is spam.", "spam"},
              {"Not-spam", "not spam"},
              {"never spam", kNegated}},
             named);
}

TEST(ClassInText, ARefusalNamesNoClass) {
  expect_all({{"I cannot help with that.", kRefused},
              {"I'm sorry, but I can't help with billing questions.", kRefused},
              {"As an AI, I do not do account work", kRefused},
              {"I'm sorry for the wait. The answer is A", "billing"},
              {"I'm afraid I can’t say", kRefused}},
             labels_of({"billing", "account", "first"}, {{"billing", {"A"}}, {"account", {"C"}}, {"first", {"I"}}}));
}

TEST(ClassInText, TheLongestWordWins) {
  const LabelSet labels =
      labels_of({"refund", "refund_status", "refund status late", "cancel", "not_applicable", "n/a"});
  expect_all({{"refund_status", "refund_status"},
              {"refund", "refund"},
              {"Refund status", "refund_status"},
              {"the answer is refund-status", "refund_status"},
              {"It is refund_status.", "refund_status"},
              {"refund status late", "refund status late"},
              {"refund_statuses", kNone},
              {"refund_x", kNone},
              {"_refund_", "refund"},
              {"it is _refund_ I think", "refund"},
              {"Not applicable", "not_applicable"},
              {"This is not applicable", "not_applicable"},
              {"N/A", "n/a"},
              {"the class is n/a.", "n/a"}},
             labels);
}

TEST(ClassInText, WordsOfManyKinds) {
  expect_all({{"Yes, because there is no doubt", "yes"},
              {"No.", "no"},
              {"no - a yes would need a date", "no"},
              {"Yes", "yes"},
              {"yes and no", kSeveral}},
             labels_of({"yes", "no"}));
  expect_all({{"m", "m"}, {"M", "M"}, {" M. ", "M"}, {"The answer is \"m\"", "m"}}, labels_of({"m", "M"}));
  expect_all({{"C++", "C++"}, {"C", "C"}, {"The language is C++.", "C++"}, {"The language is C.", "C"}, {"C#", kNone}},
             labels_of({"C", "C++"}));
  expect_all({{"Änderung", "Änderung"},
              {"änderung", "Änderung"},
              {"Die Antwort ist Änderung.", "Änderung"},
              {"退款。", "退款"},
              {"答案：退款", "退款"},
              {"不退款", kNone},
              {"жалоба.", "жалоба"},
              {"жалобами", kNone}},
             labels_of({"Änderung", "退款", "жалоба"}));
  expect_all({{"+1", "+1"}, {"1", "1"}, {"10", "10"}, {"I'd say 10", "10"}}, labels_of({"1", "10", "+1"}));
}

// Marks, braces and letters without end are read in linear time.
TEST(ClassInText, HostileTextsTakeLinearTime) {
  for (const char* piece : {"*", "{", "[", "<", "{\"a\":", "A ", " ", "\u3000", "not ", "(A ", "<a", "billing, ", "\n",
                            "<think>", "</think>", "\"", "-", "A or ", "\\"}) {
    std::string text;
    while (text.size() < 10'000) text += piece;
    for (const char* end : {"", "!", "\u3000.", "x"}) EXPECT_NE(read(text + end), "account");
    while (text.size() < 1'000'000) text += text;
    EXPECT_NE(read(text), "account");
  }
}

TEST(JsonFields, GiveNamesValuesAndPlaces) {
  const std::string text = R"({"a": "x\"y", "b": [1, true], "c": {"d": {"e": 1}, "f": null}} rest)";
  std::vector<JsonField> fields;
  EXPECT_EQ(read_json_fields(text, fields), text.find(" rest"));
  std::vector<std::string> seen;
  for (const JsonField& field : fields) {
    std::string line(field.parent);
    line.append(".").append(field.name).append("=").append(field.value);
    seen.push_back(line);
  }
  EXPECT_THAT(seen, testing::ElementsAre(".a=x\"y", "b.b=1", "b.b=true", "c.f=null"));
  EXPECT_EQ(fields[0].raw, "x\\\"y");
  EXPECT_EQ(undo_escapes("\\ud83d\\ude00\\n\\u00e9\\ud83d\\x\\"), "\U0001F600\n\u00e9\uFFFD\\x\\");
}

}  // namespace
}  // namespace noggin::data
