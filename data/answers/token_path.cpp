#include "data/answers/token_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string>

#include "data/answers/word_marks.h"
#include "data/rows/decimals.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

bool ends_in_space(std::string_view text) { return text.back() == ' ' || text.back() == '\n' || text.back() == '\t'; }

// The class that a branch belongs to, or kNoClass.
std::int32_t class_of_branch(std::string_view branch, const LabelSet& labels) {
  if (branch.empty()) return kNoClass;
  if (!ends_in_space(branch)) {
    if (const std::int32_t index = labels.find(branch); index != kNoClass) return index;
  }
  const std::string_view core = without_marks_in_front(branch);
  if (core.empty()) return kNoClass;
  if (!ends_in_space(core) && core.size() < branch.size()) {
    if (const std::int32_t index = labels.find(core); index != kNoClass) return index;
  }
  const std::int32_t begun = labels.prefixes().class_of(core);
  if (begun != kNoClass) return begun == kSeveralClasses ? kNoClass : begun;
  for (std::size_t end = core.size(); end > 0; --end) {
    if (!word_ends(core, end)) continue;
    if (const std::int32_t index = labels.find_loosely(core.substr(0, end)); index != kNoClass) return index;
  }
  return kNoClass;
}

Rejection above_zero(std::span<const double> values) {
  const bool probabilities = std::ranges::all_of(values, [](double value) { return !(value < 0) && value <= 1; });
  return {probabilities ? Reason::kProbabilitiesAsLogprobs : Reason::kPositiveLogprob,
          fmt::format("{}", *std::ranges::max_element(values))};
}

// The first bytes of a text as a number: two texts with different ones are in the order of these.
std::uint64_t beginning_of(std::string_view text) {
  constexpr std::size_t kBytes = 8;
  std::uint64_t beginning = 0;
  const std::size_t count = std::min(text.size(), kBytes);
  for (std::size_t i = 0; i < count; ++i) beginning = beginning << 8U | static_cast<unsigned char>(text[i]);
  return count == 0 ? 0 : beginning << 8U * (kBytes - count);
}

struct Listed {
  std::string_view token;
  double probability;
  std::uint64_t beginning = beginning_of(token);
};

// What was listed at one position, each token once.
struct ListedTokens {
  std::pmr::vector<Listed> entries;
  double sampled = 0;  // the sampled token's probability
};

double probability_of(double logprob) { return logprob > kNoMassLogprob ? std::exp(logprob) : 0.0; }

// A token listed twice is one token: its larger value counts, since the other can only be a rounding or "no mass".
void drop_repeats(std::pmr::vector<Listed>& entries) {
  std::ranges::sort(entries, [](const Listed& a, const Listed& b) {
    if (a.beginning != b.beginning) return a.beginning < b.beginning;
    return a.token != b.token ? a.token < b.token : a.probability > b.probability;
  });
  const auto repeats = std::ranges::unique(
      entries, [](const Listed& a, const Listed& b) { return a.beginning == b.beginning && a.token == b.token; });
  entries.erase(repeats.begin(), repeats.end());
}

Trouble check_logprobs(const LoggedAnswer& answer, const TokenPosition& position) {
  const std::span listed(answer.alternatives.data() + position.first, position.count);
  const auto is_bad = [](double value) { return std::isnan(value) || value > kMaxLogprob; };
  const bool bad = is_bad(position.logprob) ||
                   std::ranges::any_of(listed, [&](const ListedToken& token) { return is_bad(token.logprob); });
  if (!bad) return std::nullopt;
  std::vector<double> values = {position.logprob};
  for (const ListedToken& token : listed) values.push_back(token.logprob);
  for (const double value : values)
    if (std::isnan(value)) return Rejection{Reason::kNotFinite, "a token's log-probability"};
  return above_zero(values);
}

Rejection contradiction(std::string_view token, std::string_view why) {
  return {Reason::kTokensDoNotSpellAnswer,
          fmt::format("the sampled token {} is not in the list of its own position, {}", excerpt(token), why)};
}

// Whether an entry is the sampled token: a server may write its piece in the list, its text beside it.
bool is_sampled(const Listed& entry, std::string_view token, double probability) {
  return entry.token == token || (std::abs(entry.probability - probability) < kMaxLogprob &&
                                  without_marks_in_front(entry.token) == without_marks_in_front(token));
}

// Fills `listed` from one position, sampled token included.
Trouble list_position(const LoggedAnswer& answer, const TokenPosition& position, ListedTokens& listed) {
  if (Trouble bad = check_logprobs(answer, position)) return bad;
  std::pmr::vector<Listed>& entries = listed.entries;
  entries.clear();
  for (std::size_t i = position.first; i < position.first + position.count; ++i)
    entries.push_back({answer.alternatives[i].token, probability_of(answer.alternatives[i].logprob)});
  drop_repeats(entries);
  double sum = 0, least = 1;
  Listed* known = nullptr;
  const double probability = probability_of(position.logprob);
  for (Listed& entry : entries) {
    sum += entry.probability;
    least = std::min(least, entry.probability);
    if (entry.token == position.token || (known == nullptr && is_sampled(entry, position.token, probability)))
      known = &entry;
  }
  constexpr double kNothingLeft = 1e-6;
  if (known == nullptr && position.count > 0) {
    if (probability > least + kMaxLogprob) return contradiction(position.token, "although it is more probable");
    if (sum > 1 - kNothingLeft && probability < kNothingLeft)
      return contradiction(position.token, "which leaves nothing to it");
  }
  if (known != nullptr) {
    sum -= known->probability;
    known->token = position.token;
    known->probability = std::max(known->probability, probability);
  } else {
    known = &entries.emplace_back(Listed{position.token, probability});
  }
  sum += known->probability;
  if (sum > kMaxSum) return Rejection{Reason::kSumAboveOne, fmt::format("sum {:.6g}", sum)};
  const double scale = sum > 1 ? 1 / sum : 1;
  for (Listed& entry : entries) entry.probability *= scale;
  listed.sampled = known->probability;
  return std::nullopt;
}

void add_mass(std::vector<ClassMass>& classes, std::int32_t index, double probability) {
  if (!(static_cast<float>(probability) > 0)) return;
  const auto known = std::ranges::find(classes, index, &ClassMass::class_index);
  if (known == classes.end())
    classes.push_back({index, probability});
  else
    known->probability += probability;
}

}  // namespace

Trouble add_masses(const LoggedAnswer& answer, const WordPlace& place, std::int32_t text_class, const LabelSet& labels,
                   BranchClasses& known, std::vector<ClassMass>& classes, double& other) {
  const auto class_of = [&](std::string_view branch) {
    return known.of(branch, labels, [&](std::string_view text) { return class_of_branch(text, labels); });
  };
  const auto add = [&](std::int32_t index, double probability) {
    if (index == kNoClass)
      other += probability;
    else
      add_mass(classes, index, probability);
  };
  std::array<std::byte, 1024> few;  // enough for the usual list of twenty without an allocation
  std::pmr::monotonic_buffer_resource memory(few.data(), few.size());
  ListedTokens listed{.entries = std::pmr::vector<Listed>(&memory)};
  listed.entries.reserve(24);
  std::string path, next_path, branch;  // sampled since the word's beginning; with the token sampled next; with another
  std::string start;                    // what the first token has in front of the word
  append_token(answer.positions[place.position].token, place.plain, start);
  start.resize(place.offset);
  double mass = 1;
  bool undecided = true;
  for (std::size_t i = place.position; undecided && i < answer.positions.size(); ++i) {
    const TokenPosition& position = answer.positions[i];
    if (Trouble bad = list_position(answer, position, listed)) return bad;
    const bool is_token = path.empty() && start.empty() && !place.plain;  // nothing to put in front or to change
    for (const Listed& entry : listed.entries) {
      if (!is_token) {
        branch.assign(path);
        append_token(entry.token, place.plain, branch);
        if (i == place.position && branch.starts_with(start)) branch.erase(0, start.size());
      }
      const std::string_view spelled = is_token ? entry.token : std::string_view(branch);
      if (entry.token == position.token)
        next_path = spelled;
      else
        add(class_of(spelled), mass * entry.probability);
    }
    mass *= listed.sampled;
    path.swap(next_path);
    undecided =
        !place.alone && (path.size() < place.bytes || labels.prefixes().continues_into_another(path, text_class));
  }
  const bool complete = place.alone || path.size() >= place.bytes;
  add(complete ? text_class : class_of(path), mass);
  return std::nullopt;
}

}  // namespace noggin::data
