// The one table of recipe keys: dotted key, where the value is stored, its range and a line of explanation. The parser,
// the resolved copy, `check --explain` and `init` walk this table; a key that is not in it does not exist.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::train {

// How to access a value of `Owner` (Recipe or Phase). The alternative says which YAML it takes.
template <class Owner>
struct PathAccess {
  std::string& (*get)(Owner&);
};  // text, resolved against a folder, may hold "${root}"
template <class Owner>
struct ChoiceAccess {  // one of a few names
  std::vector<std::string> names;
  std::size_t (*get)(const Owner&);
  void (*set)(Owner&, std::size_t);
};
template <class Owner>
using Access =
    std::variant<bool& (*)(Owner&), std::uint32_t& (*)(Owner&), std::uint64_t& (*)(Owner&), double& (*)(Owner&),
                 std::string& (*)(Owner&), std::vector<std::string>& (*)(Owner&),
                 std::vector<std::uint32_t>& (*)(Owner&), std::map<std::string, std::vector<std::string>>& (*)(Owner&),
                 std::vector<data::Source>& (*)(Owner&), PathAccess<Owner>, ChoiceAccess<Owner>>;

// Both ends are inclusive. Numbers only.
struct Range {
  double low = 0.0;
  double high = 1.0;
};

// Which phase kinds use a key, as bits.
inline constexpr unsigned kDistilPhase = 1U << static_cast<unsigned>(PhaseKind::kDistil);
inline constexpr unsigned kPrunePhase = 1U << static_cast<unsigned>(PhaseKind::kPrune);
inline constexpr unsigned kQatPhase = 1U << static_cast<unsigned>(PhaseKind::kQat);
inline constexpr unsigned kEveryPhase = kDistilPhase | kPrunePhase | kQatPhase;

template <class Owner>
struct Field {
  std::string key;
  Access<Owner> access;
  Range range;
  std::string meaning;
  unsigned used_by = kEveryPhase;  // phase keys only
  bool changes_results = true;     // false: not part of a stage's settings (stage_sections.h)
};

const std::vector<Field<Recipe>>& recipe_fields();  // all but the list "phases"
const std::vector<Field<Phase>>& phase_fields();    // keys of one item of "phases"

// The first part of a dotted key -> what that section is about, for comments.
const std::map<std::string, std::string>& section_meanings();

// A key of an older version: its value is still read as `successor` (if not empty), with a warning.
struct RemovedKey {
  std::string key;
  std::string successor;
  std::string reason;
};
const std::vector<RemovedKey>& removed_keys();

std::string phase_kind_name(PhaseKind kind);

// Whether a phase needs a live teacher.
bool asks_online_teacher(const Phase& phase);

// Whether there is a shipped.model, and any phase learns from it.
bool asks_shipped_model(const Recipe& recipe);

// The recipe's spellings, in the order of data::Adapter.
const std::vector<std::string>& adapter_names();

}  // namespace noggin::train
