#include "data/demo/demo_grammar.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <stdexcept>
#include <string_view>

#include "data/demo/demo_rules.h"

namespace noggin::data {
namespace {

using Rules = std::map<std::string, std::vector<std::string>, std::less<>>;
using Bindings = std::map<std::string, std::string, std::less<>>;  // "T" -> "refund", "X" -> "basic"

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

void append_alternatives(std::string_view list, std::vector<std::string>& alternatives) {
  for (std::size_t bar = list.find('|'); bar != std::string_view::npos; bar = list.find('|')) {
    alternatives.emplace_back(trim(list.substr(0, bar)));
    list.remove_prefix(bar + 1);
  }
  alternatives.emplace_back(trim(list));
}

Rules parse_rules(std::string_view source) {
  Rules rules;
  std::vector<std::string>* current = nullptr;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size() - 1);
    std::string_view line = trim(source.substr(0, end));
    source.remove_prefix(end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '|') {
      line.remove_prefix(1);
    } else {
      const std::size_t equals = line.find('=');
      current = &rules[std::string(trim(line.substr(0, equals)))];
      line.remove_prefix(equals + 1);
    }
    append_alternatives(line, *current);
  }
  return rules;
}

const Rules& rules() {
  static const Rules parsed = parse_rules(demo_rules());
  return parsed;
}

std::string expand(std::string_view pattern, const Bindings& bindings, DemoRandom& random);

// "item" -> one of its alternatives; "T.do" -> one of "refund.do" when T is bound to refund; "X" -> what X is bound to.
std::string expand_slot(std::string_view slot, const Bindings& bindings, DemoRandom& random) {
  const std::size_t dot = slot.find('.');
  const auto bound = bindings.find(slot.substr(0, dot));
  std::string name(slot);
  if (bound != bindings.end()) {
    if (dot == std::string_view::npos) return expand(bound->second, bindings, random);
    name = bound->second + std::string(slot.substr(dot));
  }
  const std::vector<std::string>& alternatives = rules().at(name);
  return expand(alternatives[random.below(alternatives.size())], bindings, random);
}

std::string expand(std::string_view pattern, const Bindings& bindings, DemoRandom& random) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    text += pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const std::size_t close = pattern.find('}');
    text += expand_slot(pattern.substr(1, close - 1), bindings, random);
    pattern.remove_prefix(close + 1);
  }
  return text;
}

std::int32_t class_of(std::string_view name) {
  const std::vector<std::string>& labels = demo_labels();
  return static_cast<std::int32_t>(std::find(labels.begin(), labels.end(), name) - labels.begin());
}

std::int32_t none_class() { return static_cast<std::int32_t>(demo_labels().size()) - 1; }

// `count` different intents, except "none of these".
std::vector<std::int32_t> draw_intents(std::size_t count, DemoRandom& random) {
  std::vector<std::int32_t> drawn;
  while (drawn.size() < count) {
    const auto intent = static_cast<std::int32_t>(random.below(demo_labels().size() - 1));
    if (std::find(drawn.begin(), drawn.end(), intent) == drawn.end()) drawn.push_back(intent);
  }
  return drawn;
}

const std::string& name_of(std::int32_t intent) { return demo_labels()[static_cast<std::size_t>(intent)]; }

DemoText draw_simple(DemoRandom& random) {
  const std::vector<std::int32_t> intents = draw_intents(2, random);
  return {expand("{simple}", {{"T", name_of(intents[0])}}, random), intents[0], {intents[1]}, DemoDifficulty::kPlain};
}

DemoText draw_contrast(DemoRandom& random) {
  const std::vector<std::int32_t> intents = draw_intents(3, random);
  const Bindings bindings{{"T", name_of(intents[0])}, {"D", name_of(intents[1])}, {"E", name_of(intents[2])}};
  return {expand("{contrast}", bindings, random), intents[0], {intents[1]}, DemoDifficulty::kComposed};
}

DemoText draw_nothing(DemoRandom& random) {
  const std::vector<std::int32_t> intents = draw_intents(2, random);
  const Bindings bindings{{"D", name_of(intents[0])}, {"E", name_of(intents[1])}};
  return {expand("{nothing}", bindings, random), none_class(), intents, DemoDifficulty::kComposed};
}

DemoText draw_news(DemoRandom& random) {
  const bool wanted = random.chance(0.5);
  const std::int32_t subscribe = class_of("subscribe"), unsubscribe = class_of("unsubscribe");
  return {expand(wanted ? "{news.subscribe}" : "{news.unsubscribe}", {}, random),
          wanted ? subscribe : unsubscribe,
          {wanted ? unsubscribe : subscribe},
          DemoDifficulty::kComposed};
}

DemoText draw_plan_move(DemoRandom& random) {
  static constexpr std::array<const char*, 4> kPlans = {"starter", "basic", "standard", "premium"};  // rising
  const std::size_t from = random.below(kPlans.size());
  const std::size_t to = (from + 1 + random.below(kPlans.size() - 1)) % kPlans.size();
  const std::int32_t upgrade = class_of("upgrade"), downgrade = class_of("downgrade");
  return {expand("{plan_move}", {{"X", kPlans[from]}, {"Y", kPlans[to]}}, random),
          from < to ? upgrade : downgrade,
          {from < to ? downgrade : upgrade},
          DemoDifficulty::kComposed};
}

DemoText draw_money_move(DemoRandom& random) {
  const bool out = random.chance(0.5);
  const std::int32_t payout = class_of("payout"), top_up = class_of("top_up");
  const Bindings bindings{{"X", out ? "{shop_side}" : "{bank_side}"}, {"Y", out ? "{bank_side}" : "{shop_side}"}};
  return {expand("{money_move}", bindings, random),
          out ? payout : top_up,
          {out ? top_up : payout},
          DemoDifficulty::kComposed};
}

DemoText draw_chatter(DemoRandom& random) {
  return {expand("{chatter}", {}, random), none_class(), draw_intents(1, random), DemoDifficulty::kPlain};
}

DemoText draw_unclear(DemoRandom& random) {
  struct Unclear {
    const char* rule;
    std::array<const char*, 3> intents;
  };
  static constexpr std::array<Unclear, 4> kUnclear = {{{"{unclear.broken}", {"repair", "exchange", "refund"}},
                                                       {"{unclear.missing}", {"delivery", "refund", "cancel"}},
                                                       {"{unclear.size}", {"exchange", "refund", "cancel"}},
                                                       {"{unclear.paid}", {"charge", "invoice", "refund"}}}};
  const Unclear& unclear = kUnclear[random.below(kUnclear.size())];
  const std::size_t meant = random.below(unclear.intents.size());
  DemoText drawn{expand(unclear.rule, {}, random), class_of(unclear.intents[meant]), {}, DemoDifficulty::kAmbiguous};
  for (const char* intent : unclear.intents) {
    if (class_of(intent) != drawn.label) drawn.plausible.push_back(class_of(intent));
  }
  return drawn;
}

DemoText draw_core(DemoRandom& random) {
  struct Kind {
    double fraction;
    DemoText (*draw)(DemoRandom&);
  };
  static constexpr std::array<Kind, 8> kKinds = {{{0.36, draw_simple},
                                                  {0.30, draw_contrast},
                                                  {0.04, draw_nothing},
                                                  {0.08, draw_news},
                                                  {0.08, draw_plan_move},
                                                  {0.06, draw_money_move},
                                                  {0.05, draw_chatter},
                                                  {0.03, draw_unclear}}};
  double point = random.uniform();
  for (const Kind& kind : kKinds) {
    if (point < kind.fraction) return kind.draw(random);
    point -= kind.fraction;
  }
  return kKinds.front().draw(random);
}

// One typo in a word of five letters or more: a letter dropped, doubled, or swapped with the next.
void add_typo(std::string& text, DemoRandom& random) {
  std::vector<std::size_t> places;  // inside long words, not at their edges
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] >= 'a' && text[i] <= 'z') continue;
    for (std::size_t place = start + 1; i - start >= 5 && place + 2 < i; ++place) places.push_back(place);
    start = i + 1;
  }
  if (places.empty()) return;
  const std::size_t place = places[random.below(places.size())];
  switch (random.below(3)) {
    case 0:
      text.erase(place, 1);
      break;
    case 1:
      text.insert(place, 1, text[place]);
      break;
    default:
      std::swap(text[place], text[place + 1]);
  }
}

// "hi ,  i want" -> "hi, i want"
std::string tidy_spaces(std::string_view text) {
  std::string tidy;
  for (const char letter : text) {
    if (letter == ' ' && (tidy.empty() || tidy.back() == ' ')) continue;
    if (letter == ',' && !tidy.empty() && tidy.back() == ' ') tidy.pop_back();
    tidy.push_back(letter);
  }
  while (!tidy.empty() && tidy.back() == ' ') tidy.pop_back();
  return tidy;
}

}  // namespace

const std::vector<std::string>& demo_labels() {
  static const std::vector<std::string> labels = {
      "refund",  "cancel",  "exchange",  "address", "delivery", "invoice",   "password",    "repair",      "charge",
      "voucher", "upgrade", "downgrade", "payout",  "top_up",   "subscribe", "unsubscribe", kDemoNoneLabel};
  return labels;
}

DemoText draw_demo_text(DemoRandom& random) {
  DemoText drawn = draw_core(random);
  const std::string hello = expand("{hello}", {}, random), bye = expand("{bye}", {}, random);
  drawn.text = tidy_spaces(hello + " " + drawn.text + (bye.empty() ? "" : " , " + bye));
  if (random.chance(0.08)) add_typo(drawn.text, random);
  if (random.chance(0.35)) {
    drawn.text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(drawn.text[0])));
    drawn.text += '.';
  }
  return drawn;
}

}  // namespace noggin::data
