#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "export/verify/targets.h"
#include "kernels/kernel_set.h"
#include "train/cli/assess/questions.h"
#include "train/run/progress.h"

namespace noggin::tool {
namespace {

using assess::Question;
using train::format_count;

std::string stability_text(const assess::Stability& moved) {
  return fmt::format("{:.3f} (chance {:.3f})", moved.index, moved.chance);
}

assess::Json json_of(const assess::Stability (&moves)[2]) {
  assess::Json json = assess::Json::array();
  for (const assess::Stability& moved : moves)
    json.push_back(
        {{"index", moved.index}, {"chance", moved.chance}, {"before", moved.before}, {"after", moved.after}});
  return json;
}

// What a third of the log is: days, or rows.
std::string third_of(const assess::Course& course) {
  return course.by_time ? fmt::format("{:.3g} days", course.days / 3.0)
                        : format_count(course.answers[0].before) + " rows";
}

void add_course(const AssessedJob& subject, Question& question) {
  const std::optional<assess::Course> course = assess::course_of(subject.log.rows);
  if (!course)
    return question.not_known("cadence", "update cadence",
                              fmt::format("the log has fewer than {} rows with an answer", assess::kFewestRows));
  if (course->sorted)
    return question.not_known("cadence", "update cadence",
                              "rows have no time, and stand sorted by answer: their order says nothing of one; log a "
                              "\"timestamp\"");
  const std::string order = course->by_time ? "ordered by the rows' time" : "in the order of the files, not of a time";
  const auto add = [&](const char* key, const char* name, const assess::Stability(&moves)[2], const char* of) {
    question.measured(key, name, stability_text(moves[0]) + ", " + stability_text(moves[1]), json_of(moves),
                      fmt::format("population stability index of {}, thirds 1 to 2 and 2 to 3 of n = {}, {}", of,
                                  format_count(subject.log.rows.size()), order));
  };
  add("answers_moved", "drift of answers", course->answers, "answers");
  add("lengths_moved", "drift of lengths", course->lengths, "text lengths");
  const double limit = subject.recipe.drift.max_psi;
  bool moved = false;
  for (std::size_t i = 0; i < 2; ++i) moved |= course->answers[i].moved(limit) || course->lengths[i].moved(limit);
  question.estimated("cadence", "update cadence",
                     fmt::format("{} {}", moved ? "at least every" : "no need seen within", third_of(*course)),
                     {{"moved", moved}, {"by_time", course->by_time}, {"days", course->days}},
                     fmt::format("{} moved past drift.max_psi {:g} and chance between thirds of the log",
                                 moved ? "something" : "nothing", limit));
}

void add_sizes(const std::vector<ShapeFile>& shapes, Question& question) {
  for (const ShapeFile& shape : shapes) {
    const std::string text = shape.least == shape.most
                                 ? format_count(shape.most) + " bytes"
                                 : fmt::format("{} to {} bytes", format_count(shape.least), format_count(shape.most));
    const assess::Json value{{"least", shape.least}, {"most", shape.most}, {"exact", shape.exact}};
    if (shape.key == "linear")
      question.measured("linear_bytes", shape.name, text, value,
                        shape.shape + "; made of this log, a run's adds its provenance");
    else
      question.measured(shape.key + "_bytes", shape.name, text, value,
                        fmt::format("{}; planned with made-up weights{}", shape.shape,
                                    shape.exact ? ", exactly" : "; vocabulary and pruning decide"));
  }
}

void add_targets(const Assessment& given, Question& question) {
  const std::vector<std::string>& required = given.subject.recipe.gates.required_targets;
  const std::vector<std::string>& targets = given.options.targets.empty() ? required : given.options.targets;
  std::vector<std::string> here;
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i)
    if (sets.entries[i].executable) here.emplace_back(sets.entries[i].kernels->name);
  question.measured("targets_here", "targets of this machine", fmt::format("{}", fmt::join(here, ", ")), here,
                    "kernel sets that it executes");
  if (targets.empty())
    return question.not_known("targets", "targets of the devices", "give --targets LIST, or gates.required_targets");
  std::vector<std::string> elsewhere;
  for (const std::string& target : targets)
    if (std::ranges::find(here, target) == here.end()) elsewhere.push_back(target);
  question.given("targets", "targets of the devices", fmt::format("{}", fmt::join(targets, ", ")), targets,
                 given.options.targets.empty() ? "gates.required_targets" : "--targets");
  if (!elsewhere.empty())
    question.measured("verify_elsewhere", "to verify elsewhere", fmt::format("{}", fmt::join(elsewhere, ", ")),
                      elsewhere,
                      "not a kernel set of this machine: `noggin-run MODEL.nog --verify parity.jsonl` there");
}

}  // namespace

Question what_to_own(const Assessment& given) {
  Question question{"ownership", "What must be owned?"};
  add_course(given.subject, question);
  add_sizes(given.shapes, question);
  add_targets(given, question);
  return question;
}

}  // namespace noggin::tool
