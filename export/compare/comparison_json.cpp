#include <cmath>
#include <nlohmann/json.hpp>

#include "export/compare/comparison.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::ordered_json;

Json of_interval(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Json of_p(double p) { return std::isnan(p) ? Json(nullptr) : Json(p); }

Json of_measures(const Comparison& c) {
  Json list = Json::array();
  for (const MeasureDifference& measure : c.measures) {
    const char* better = measure.neither_is_better ? "neither" : measure.smaller_is_better ? "smaller" : "larger";
    list.push_back({{"name", measure.name},
                    {"primary", list.empty()},
                    {"better", better},
                    {"rows", measure.rows},
                    {"old", measure.before},
                    {"new", measure.after},
                    {"difference", of_interval(measure.difference)}});
  }
  return list;
}

Json of_paired(const PairedRows& paired) {
  return {{"rows", paired.rows},
          {"both_right", paired.both_right},
          {"both_wrong", paired.both_wrong},
          {"mended", paired.discordant.mended},
          {"broken", paired.discordant.broken},
          {"changed_alike", paired.changed_alike}};
}

Json of_equivalence(const Comparison& c) {
  Json json = {{"passed", c.equivalent}, {"by", c.equivalence_by}, {"interval_90", of_interval(c.primary_90)}};
  json["p_above_minus_margin"] = c.equivalence ? Json(c.equivalence->p_above_minus_margin) : Json(nullptr);
  json["p_below_margin"] = c.equivalence ? Json(c.equivalence->p_below_margin) : Json(nullptr);
  return json;
}

Json of_slices(const Comparison& c) {
  Json list = Json::array();
  for (const SliceDifference& slice : c.slices) {
    Json json = {{"dimension", slice.dimension}, {"value", slice.value}};
    json.update(of_paired(slice.paired));
    json["without_gold"] = slice.without_gold;
    json["changed"] = slice.changed;
    json["difference"] = of_interval(slice.difference);
    json["p"] = slice.p;
    json["corrected_p"] = slice.corrected_p;
    list.push_back(std::move(json));
  }
  return list;
}

Json of_changes(const Comparison& c) {
  static constexpr const char* kNames[] = {"broken", "mended", "alike", "unknown"};  // by ChangedRow::Kind
  Json json = Json::object();
  for (const char* name : kNames) json[name] = Json::array();
  for (const ChangedRow& change : c.changes) {
    json[kNames[static_cast<std::size_t>(change.kind)]].push_back({{"row", change.row},
                                                                   {"id", change.id},
                                                                   {"text", change.text},
                                                                   {"gold", change.gold},
                                                                   {"teacher", change.teacher},
                                                                   {"old_answer", change.before},
                                                                   {"new_answer", change.after},
                                                                   {"old", Json::parse(change.before_json)},
                                                                   {"new", Json::parse(change.after_json)},
                                                                   {"certainty", change.certainty}});
  }
  return json;
}

Json of_model(const ModelFacts& model) {
  return {{"path", model.path},
          {"content_hash", model.content_hash},
          {"family", model.family},
          {"kernels", model.kernels},
          {"bytes", model.bytes},
          {"memory_bytes", model.memory_bytes},
          {"max_tokens", model.max_tokens},
          {"temperature", model.temperature},
          {"abstain_below", model.abstain_below},
          {"thresholds", model.thresholds},
          {"labels", model.labels},
          {"vocabulary_hash", model.vocabulary_hash}};
}

Json of_labels(const LabelChanges& labels) {
  return {{"added", labels.added},
          {"gone", labels.gone},
          {"reordered", labels.reordered},
          {"unknown_to_old", labels.unknown_to_old},
          {"unknown_to_new", labels.unknown_to_new}};
}

Json of_latency(const Latency& latency) {
  if (latency.texts == 0) return nullptr;
  return {{"texts", latency.texts},
          {"old_us", latency.before_us},
          {"new_us", latency.after_us},
          {"difference_us", of_interval(latency.difference_us)}};
}

Json of_token_changes(const Comparison& c) {
  Json list = Json::array();
  for (const TokenChange& change : c.token_changes) {
    list.push_back({{"row", change.row},
                    {"text", change.text},
                    {"place", change.place},
                    {"old", change.before},
                    {"new", change.after}});
  }
  return list;
}

Json of_churn(const Comparison& c) {
  return {{"changed", c.changed},
          {"share", of_interval(c.churn)},
          {"negative_flips", of_interval(c.negative_flips)},
          {"same_bits", c.same_bits},
          {"other_token_ids", c.other_tokens},
          {"tokenized", c.tokenized},
          {"token_changes", of_token_changes(c)}};
}

Json of_teacher(const TeacherChanges& teacher) {
  return {
      {"rows", teacher.rows},   {"to_teacher", teacher.to_teacher}, {"from_teacher", teacher.from_teacher},
      {"other", teacher.other}, {"unanswered", teacher.unanswered}, {"unanswered_changed", teacher.unanswered_changed}};
}

}  // namespace

nlohmann::ordered_json to_json(const Comparison& c) {
  Json json = {
      {"schema", "noggin-compare/1"},
      {"verdict", name_of(c.verdict)},
      {"because", c.because},
      {"same_file", c.same_file},
      {"task", c.task},
      {"rows",
       {{"files", c.row_files}, {"total", c.rows}, {"with_gold", c.rows_with_gold}, {"rejected", c.rejected_rows}}},
      {"groups", nullptr},
      {"margin", c.margin},
      {"test", {{"by", c.primary_test}, {"p", of_p(c.primary_p)}, {"detectable_drop", c.detectable}}},
      {"equivalence", of_equivalence(c)},
      {"measures", of_measures(c)},
      {"paired", of_paired(c.paired)}};
  if (!c.group_field.empty()) json["groups"] = {{"field", c.group_field}, {"count", c.groups}};
  json["paired"]["mid_p"] = c.mcnemar.mid_p;
  json["paired"]["exact_p"] = c.mcnemar.exact_p;
  json["churn"] = of_churn(c);
  json["teacher"] = of_teacher(c.teacher);
  json["slices"] = of_slices(c);
  json["changes"] = of_changes(c);
  json["labels"] = of_labels(c.labels);
  json["old"] = of_model(c.before);
  json["new"] = of_model(c.after);
  json["latency"] = of_latency(c.latency);
  return json;
}

}  // namespace noggin::exporter
