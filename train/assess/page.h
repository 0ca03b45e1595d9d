// The page of `noggin assess`: five questions, each with figures that say where they come from. As text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::assess {

using Json = nlohmann::ordered_json;

enum class Origin {
  kMeasured,   // here, by this command, from the rows or on this machine
  kGiven,      // by the user: an option, or a key of the recipe
  kEstimated,  // by a rule of thumb, which is named
  kNotKnown    // what would tell is named
};
const char* name_of(Origin origin);  // "measured", "given", "estimated", "not known"

struct Figure {
  std::string key;     // in the JSON, unique within its question
  std::string name;    // on the page
  std::string text{};  // the value, for people; empty if it is not known
  Json value{};        // the same for programs; null if it is not known
  Origin origin = Origin::kNotKnown;
  std::string how{};  // from what, by which formula; or what would tell
};

struct Question {
  std::string key, title;
  std::vector<Figure> figures{};

  void measured(const std::string& figure, const std::string& name, const std::string& text, Json value,
                const std::string& how);
  void given(const std::string& figure, const std::string& name, const std::string& text, Json value,
             const std::string& how);
  void estimated(const std::string& figure, const std::string& name, const std::string& text, Json value,
                 const std::string& how);
  void not_known(const std::string& figure, const std::string& name, const std::string& fix);
};

// {"value", "low", "high"}; an infinite end is null.
Json json_of(const exporter::Interval& interval);
// The two-sided 95 % interval of Clopper and Pearson (export/report/binomial_bound.h) of right / rows.
exporter::Interval share_of(std::uint64_t right, std::uint64_t rows);

// Titles, and below each one line per figure: name, value, origin and how. Line length is not limited.
std::string to_text(const std::vector<Question>& questions);
// {question: {figure: {"value", "origin", "how"}}}
Json to_json(const std::vector<Question>& questions);

}  // namespace noggin::assess
