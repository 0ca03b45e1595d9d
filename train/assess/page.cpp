#include "train/assess/page.h"

#include <cmath>
#include <utility>

#include "export/report/binomial_bound.h"
#include "export/report/text_table.h"

namespace noggin::assess {
namespace {

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

const char* name_of(Origin origin) {
  switch (origin) {
    case Origin::kMeasured:
      return "measured";
    case Origin::kGiven:
      return "given";
    case Origin::kEstimated:
      return "estimated";
    case Origin::kNotKnown:
      break;
  }
  return "not known";
}

void Question::measured(const std::string& figure, const std::string& name, const std::string& text, Json value,
                        const std::string& how) {
  figures.push_back({figure, name, text, std::move(value), Origin::kMeasured, how});
}

void Question::given(const std::string& figure, const std::string& name, const std::string& text, Json value,
                     const std::string& how) {
  figures.push_back({figure, name, text, std::move(value), Origin::kGiven, how});
}

void Question::estimated(const std::string& figure, const std::string& name, const std::string& text, Json value,
                         const std::string& how) {
  figures.push_back({figure, name, text, std::move(value), Origin::kEstimated, how});
}

void Question::not_known(const std::string& figure, const std::string& name, const std::string& fix) {
  figures.push_back({figure, name, {}, nullptr, Origin::kNotKnown, fix});
}

Json json_of(const exporter::Interval& interval) {
  return {{"value", finite(interval.value)}, {"low", finite(interval.low)}, {"high", finite(interval.high)}};
}

exporter::Interval share_of(std::uint64_t right, std::uint64_t rows) {
  constexpr double kEachSide = 0.975;
  if (rows == 0) return {0.0, 0.0, 1.0};
  return {static_cast<double>(right) / static_cast<double>(rows),
          exporter::accuracy_lower_bound(right, rows, kEachSide),
          1.0 - exporter::accuracy_lower_bound(rows - right, rows, kEachSide)};
}

std::string to_text(const std::vector<Question>& questions) {
  std::string text;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    text += (i == 0 ? "" : "\n") + std::to_string(i + 1) + ". " + questions[i].title + "\n";
    exporter::TextTable table({}, true);
    for (const Figure& figure : questions[i].figures) {
      const bool known = figure.origin != Origin::kNotKnown;
      const std::string origin = known ? std::string(name_of(figure.origin)) : std::string();
      table.add({"   " + figure.name, known ? figure.text : name_of(figure.origin),
                 origin + (known && !figure.how.empty() ? ": " : "") + figure.how});
    }
    text += table.text();
  }
  return text;
}

Json to_json(const std::vector<Question>& questions) {
  Json json = Json::object();
  for (const Question& question : questions) {
    Json& figures = json[question.key] = Json::object();
    for (const Figure& figure : question.figures)
      figures[figure.key] = {{"value", figure.value}, {"origin", name_of(figure.origin)}, {"how", figure.how}};
  }
  return json;
}

}  // namespace noggin::assess
