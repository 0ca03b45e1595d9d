#include "data/demo/demo_teacher.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

namespace noggin::data {
namespace {

constexpr std::size_t kListedTokens = 20;

// How much mass goes to the teacher's preferred answer, and how often that is plausible but wrong.
struct Confidence {
  double lowest_doubt, highest_doubt;  // doubt = 1 - p(preferred), drawn evenly on a log scale
  double wrong;
};

Confidence confidence_of(DemoDifficulty difficulty) {
  switch (difficulty) {
    case DemoDifficulty::kPlain:
      return {0.0005, 0.05, 0.008};
    case DemoDifficulty::kComposed:
      return {0.004, 0.20, 0.030};
    case DemoDifficulty::kAmbiguous:
      break;
  }
  return {0.45, 0.68, 0.50};
}

// [C]: the preferred intent, then most of the doubt on the plausible ones, a long tail on the rest.
std::vector<double> class_probabilities(const DemoText& text, DemoRandom& random) {
  const Confidence confidence = confidence_of(text.difficulty);
  std::int32_t preferred = text.label;
  std::vector<std::int32_t> rivals = text.plausible;
  const bool wrong = random.chance(confidence.wrong);
  if (wrong) std::swap(preferred, rivals[0]);
  double doubt =
      confidence.lowest_doubt * std::pow(confidence.highest_doubt / confidence.lowest_doubt, random.uniform());
  if (wrong && text.difficulty != DemoDifficulty::kAmbiguous) doubt = random.between(0.1, 0.45);  // errs with doubt

  std::vector<double> probabilities(demo_labels().size());
  for (double& probability : probabilities) probability = std::exp(random.between(-5.0, 0.0));
  double rest = 0.0;
  for (const double probability : probabilities) rest += probability;
  for (double& probability : probabilities) probability *= 0.15 * doubt / rest;
  double remaining = 0.85 * doubt;
  for (std::size_t i = 0; i < rivals.size(); ++i) {
    const double part = i + 1 == rivals.size() ? remaining : remaining * random.between(0.5, 0.8);
    probabilities[static_cast<std::size_t>(rivals[i])] += part;
    remaining -= part;
  }
  probabilities[static_cast<std::size_t>(preferred)] += 1.0 - doubt;
  return probabilities;
}

std::string capitalised(std::string word) {
  word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  return word;
}

// Divides a class's mass among the spellings that a tokenizer knows for it. A reader must add them up again.
void add_spellings(const std::string& name, double probability, DemoRandom& random, std::vector<DemoToken>& tokens) {
  const double spaced = random.chance(0.3) ? random.between(0.02, 0.30) : 0.002;
  const double capital = random.chance(0.2) ? random.between(0.01, 0.15) : 0.001;
  tokens.push_back({name, probability * (1.0 - spaced - capital)});
  tokens.push_back({" " + name, probability * spaced});
  tokens.push_back({capitalised(name), probability * capital});
}

}  // namespace

std::vector<DemoToken> ask_demo_teacher(const DemoText& text, DemoRandom& random) {
  static constexpr std::array<const char*, 5> kNoClass = {"The", "I", "Based", "\n", "\""};
  const std::vector<double> probabilities = class_probabilities(text, random);
  const double no_class = random.chance(0.2) ? random.between(0.001, 0.01) : 0.0001;
  std::vector<DemoToken> tokens;
  for (std::size_t c = 0; c < probabilities.size(); ++c) {
    add_spellings(demo_labels()[c], probabilities[c] * (1.0 - no_class), random, tokens);
  }
  for (const char* word : kNoClass) tokens.push_back({word, no_class / kNoClass.size() * random.between(0.2, 1.0)});
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const DemoToken& a, const DemoToken& b) { return a.probability > b.probability; });
  tokens.resize(std::min(tokens.size(), kListedTokens));
  return tokens;
}

}  // namespace noggin::data
