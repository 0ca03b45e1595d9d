#include "train/cli/compare_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "export/compare/judged_rows.h"
#include "train/cli/compare/joint_answers.h"
#include "train/cli/compare/joint_rows.h"
#include "train/cli/compare/joint_task.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

// Without hashes, whose equality would only make it likely.
bool same_bytes(const std::string& a, const std::string& b) {
  std::ifstream one(a, std::ios::binary), other(b, std::ios::binary);
  using Bytes = std::istreambuf_iterator<char>;
  return one && other && std::equal(Bytes(one), Bytes(), Bytes(other), Bytes());
}

// The classes and types that gold of a row has, by name.
std::set<std::string> names_in_gold(const train::TaskReader& reader, const data::ExampleTable& rows, std::size_t row) {
  std::set<std::string> names;
  if (!rows.has_gold(row)) return names;
  const train::Prediction gold = exporter::gold_answer(rows, row);
  if (const auto* one = std::get_if<runtime::ClassAnswer>(&gold)) names.insert(reader.task().labels[one->label]);
  if (const auto* several = std::get_if<runtime::LabelSetAnswer>(&gold)) {
    for (const auto& given : several->labels) names.insert(reader.task().labels[given.label]);
  }
  if (const auto* spans = std::get_if<runtime::SpanAnswer>(&gold)) {
    for (const TaggedSpan& span : spans->spans) names.emplace(reader.types()[span.type]);
  }
  return names;
}

std::set<std::string> names_of(const Model& model) {
  const auto names = spec::traits_of(model.task()).per_token() ? model.span_types() : model.labels();
  return {names.begin(), names.end()};
}

void count_unknown_gold(const JointTask& joint, const data::ExampleTable& rows, const Model& before, const Model& after,
                        exporter::LabelChanges& changes) {
  if (joint.reader->traits().is_number()) return;
  const std::set<std::string> old_names = names_of(before), new_names = names_of(after);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    for (const std::string& name : names_in_gold(*joint.reader, rows, row)) {
      if (!old_names.contains(name)) ++changes.unknown_to_old[name];
      if (!new_names.contains(name)) ++changes.unknown_to_new[name];
    }
  }
}

void warn_of_unknown_gold(const exporter::LabelChanges& changes, train::Progress& progress) {
  for (const auto& [model, rows_of] :
       {std::pair("old", &changes.unknown_to_old), std::pair("new", &changes.unknown_to_new)}) {
    for (const auto& [label, rows] : *rows_of) {
      progress.warn(
          fmt::format("{} rows have the gold \"{}\", which the {} model cannot answer: they count as wrong for it",
                      rows, label, model));
    }
  }
}

void add_file(const std::string& path, exporter::ModelFacts& facts) {
  std::error_code error;
  facts.path = path;
  facts.bytes = std::filesystem::file_size(path, error);
  facts.memory_bytes += facts.bytes;
}

}  // namespace

std::string file_with_fields(const std::vector<data::Source>& sources) {
  if (sources.size() != 1) return {};
  const data::Source& source = sources.front();
  const bool is_plain = source.adapter == data::Adapter::kJsonl && source.requests_path.empty() &&
                        source.fields.empty() && source.text_template.empty();
  return is_plain ? source.path : std::string();
}

exporter::Comparison compare_models(const CompareRequest& request, train::Progress& progress) {
  const Model before = value_or_throw(Model::open(request.old_nog)),
              after = value_or_throw(Model::open(request.new_nog));
  const JointTask joint = joint_task(before, after);
  JointRows rows = read_joint_rows(request, joint, before, after, progress);
  JointAnswers answers = answer_rows(before, after, joint, rows.table, progress);
  answers.facts.fields = std::move(rows.fields);
  exporter::Comparison result = exporter::compare({.reader = *joint.reader,
                                                   .rows = rows.table,
                                                   .before = answers.before,
                                                   .after = answers.after,
                                                   .facts = answers.facts,
                                                   .groups = std::move(rows.groups),
                                                   .group_field = request.rules.group,
                                                   .margin = request.rules.margin,
                                                   .same_file = same_bytes(request.old_nog, request.new_nog)});
  result.row_files = std::move(rows.files);
  result.rejected_rows = rows.rejected;
  result.other_tokens = answers.other_tokens;
  result.token_changes = std::move(answers.token_changes);
  result.tokenized = answers.tokenized;
  result.latency = answers.latency;
  result.labels = joint.changes;
  count_unknown_gold(joint, rows.table, before, after, result.labels);
  warn_of_unknown_gold(result.labels, progress);
  result.before = std::move(answers.before_facts);
  result.after = std::move(answers.after_facts);
  add_file(request.old_nog, result.before);
  add_file(request.new_nog, result.after);
  return result;
}

bool accepted(const exporter::Comparison& comparison, const train::CompareRecipe& rules) {
  return std::ranges::find(rules.accept, exporter::name_of(comparison.verdict)) != rules.accept.end();
}

Json comparison_json(const exporter::Comparison& comparison, const train::CompareRecipe& rules) {
  Json json = {
      {"schema", nullptr}, {"verdict", nullptr}, {"accepted", accepted(comparison, rules)}, {"accept", rules.accept}};
  json.update(exporter::to_json(comparison));
  return json;
}

}  // namespace noggin::tool
