#include "data/ingest/ingest_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "data/ingest/ingest_plan.h"
#include "data/metrics/fraction.h"

namespace noggin::data {
namespace {

using Json = nlohmann::ordered_json;

// Outputs are named relative to the output folder, so that a run directory can be moved and compared.
std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

Json to_json(const std::vector<FileFingerprint>& files) {
  Json list = Json::array();
  for (const FileFingerprint& file : files)
    list.push_back({{"path", file.path}, {"bytes", file.bytes}, {"xxh3", hex(file.hash)}});
  return list;
}

Json to_json(const std::array<std::uint64_t, kLengthBuckets>& lengths) {
  Json histogram = Json::object();  // "5-8": rows
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] == 0) continue;
    const std::uint64_t last = std::uint64_t{1} << i, first = i == 0 ? 1 : last / 2 + 1;
    histogram[first == last ? fmt::format("{}", last) : fmt::format("{}-{}", first, last)] = lengths[i];
  }
  return histogram;
}

Json to_json(const ClassCounts& classes) {
  Json json = Json::object();
  for (std::size_t c = 0; c < classes.names.size(); ++c)
    json[classes.names[c]] = {{"gold", classes.gold[c]}, {"teacher", classes.teacher[c]}};
  return json;
}

// tag, edit
void add_spans(const SplitSummary& split, Json& json) {
  const AlignmentCounts& alignment = split.alignment;
  json["spans"] = alignment.spans;
  json["misaligned_spans"] = alignment.misaligned_spans;
  json["cut_spans"] = alignment.cut_spans;
  json["rows_without_span"] = alignment.rows_without_span;
  json["words_without_teacher"] = alignment.words_without_teacher;
  json["teacher_word_agreement"] = fraction(split.agreement.words_agree, split.agreement.words);
  json["teacher_span_precision"] = split.agreement.teacher_spans.precision();
  json["teacher_span_recall"] = split.agreement.teacher_spans.recall();
  json["teacher_span_f1"] = split.agreement.teacher_spans.f1();
}

// Which class the teacher answered where gold is another, most frequent first; null: not this one.
Json confusions(const AgreementCounts& agreement, const LabelSet& labels) {
  const auto name = [&labels](std::int32_t c) {
    return c < 0 ? Json(nullptr) : Json(labels.names()[static_cast<std::size_t>(c)]);
  };
  Json list = Json::array();
  for (const Confusion& pair : top_confusions(agreement))
    list.push_back({{"gold", name(pair.gold)}, {"teacher", name(pair.teacher)}, {"count", pair.count}});
  return list;
}

bool is_training(const SplitSummary& split, const IngestPlan& plan) {
  return std::ranges::any_of(plan.splits,
                             [&](const SplitInput& input) { return input.training && input.name == split.name; });
}

Json to_json(const SourceReport& source) {
  Json json;
  json["path"] = source.path;
  json["documents"] = source.documents();
  json["requests"] = source.requests;
  json["accepted"] = source.accepted;
  json["rejected"] = source.rejected_lines();
  json["rejected_by_reason"] = Json(source.rejected);
  json["retried"] = source.retried;
  json["filtered"] = source.filtered;
  json["duplicates"] = source.duplicates;
  json["joined"] = source.joined;
  json["elsewhere"] = source.elsewhere;
  json["families"] = Json(source.families);
  json["read_as"] = Json(source.read_as);
  return json;
}

Json to_json(const AnswerCounts& answers) {
  return {{"rows", answers.rows},
          {"from_tokens", answers.from_tokens},
          {"from_text_alone", answers.from_text},
          {"from_confidence", answers.from_confidence},
          {"mean_class_mass", fraction(answers.class_mass, answers.from_tokens)},
          {"text_and_tokens_disagree", answers.disagreements},
          {"sampled_above_temperature_0", answers.sampled_warm},
          {"candidates_cut_by_top_p", answers.cuts_candidates},
          {"confidence_unread", answers.confidence_unread}};
}

Json to_json(const SplitSummary& split, const IngestPlan& plan) {
  const SplitReport& counts = split.counts;
  Json json;
  json["name"] = split.name;
  json["training"] = is_training(split, plan);
  json["lines"] = counts.lines;
  json["accepted"] = counts.accepted;
  json["rejected"] = counts.rejected_lines();
  json["rejected_by_reason"] = Json(counts.rejected);
  json["retried"] = counts.retried;
  json["duplicates"] = counts.duplicates;
  json["joined"] = counts.joined;
  json["measured_by_teacher"] = counts.measured_by_teacher;
  json["contradictions"] = counts.repeats.at(split.name).contradictions;
  for (const auto& [other, repeats] : counts.repeats) {
    if (other == split.name) continue;
    json["overlap_with_" + other] = repeats.rows;
    json["contradictions_with_" + other] = repeats.contradictions;
    json["near_duplicates_of_" + other] = repeats.near;
  }
  json["with_label"] = counts.with_label;
  json["with_teacher"] = counts.with_teacher;
  json["renormalised"] = counts.renormalized;
  json["unmapped_words"] = counts.unmapped_words;
  json["normalised_tags"] = counts.normalized_tags;
  json["filtered"] = counts.filtered;
  json["filtered_words"] = counts.filtered_words;
  json["teacher_with_gold"] = split.agreement.rows;
  json["teacher_agreement"] = fraction(split.agreement.rows_agree, split.agreement.rows);
  json["teacher_confusions"] = confusions(split.agreement, plan.labels);
  json["targets"] = {{"all", split.targets.all},
                     {"gold", split.targets.gold},
                     {"teacher", split.targets.teacher},
                     {"both", split.targets.both}};
  json["classes"] = to_json(split.classes);
  if (spec::traits_of(plan.task).per_token()) add_spans(split, json);
  json["tokens"] = split.tokens;
  json["words"] = split.words;
  json["unknown_word_rate"] = fraction(split.unknown_tokens, split.words);
  json["unknown_token_rate"] = fraction(split.unknown_tokens, split.content_tokens);
  json["truncated"] = split.truncated;
  json["longest"] = split.longest;
  json["token_lengths"] = to_json(split.lengths);
  json["certain"] = counts.answers.certain;
  if (counts.answers.rows > 0) json["answers"] = to_json(counts.answers);
  if (split.spread.texts > 0)
    json["repeated_answers"] = {{"texts", split.spread.texts},
                                {"answers", split.spread.answers},
                                {"mean_distance", split.spread.mean},
                                {"largest_distance", split.spread.largest}};
  json["sources"] = Json::array();
  for (const SourceReport& source : counts.sources) json["sources"].push_back(to_json(source));
  json["inputs"] = to_json(counts.files);
  json["shards"] = to_json(split.shards);
  for (Json& shard : json["shards"]) shard["path"] = "shards/" + file_name(shard["path"].get<std::string>());
  return json;
}

}  // namespace

std::string to_json(const IngestReport& report, const IngestPlan& plan) {
  Json json;
  json["noggin_ingest"] = 1;
  json["task"] = spec::task_name(plan.task);
  json["labels"] = plan.labels.names();
  json["none_class"] = plan.labels.none_class();
  json["max_tokens"] = plan.max_tokens;
  json["top_k"] = plan.options.top_k;
  json["vocabulary"] = {{"path", file_name(report.vocabulary_path)},
                        {"pieces", report.tokenizer.vocabulary.size()},
                        {"hash", hex(report.vocabulary_hash)}};
  if (const auto& coverage = report.coverage) {
    json["vocabulary"]["trimmed_from"] = coverage->full_pieces;
    json["vocabulary"]["corpus_tokens"] = coverage->corpus_tokens;
    json["vocabulary"]["kept_token_share"] = fraction(coverage->kept_tokens, coverage->corpus_tokens);
  }
  json["quarantine"] = file_name(report.quarantine_path);
  json["disagreements"] =
      report.disagreements_path.empty() ? Json(nullptr) : Json(file_name(report.disagreements_path));
  json["splits"] = Json::array();
  for (const SplitSummary& split : report.splits) json["splits"].push_back(to_json(split, plan));
  json["findings"] = report.findings;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<IngestFacts> read_ingest_facts(const std::string& report_path) {
  std::ifstream file(report_path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, report_path + ": cannot be opened. Fix: run `noggin ingest` again"};
  const Json json = Json::parse(file, nullptr, false);
  const auto corrupt = [&report_path] {
    return Error{ErrorCode::kCorrupt, report_path + ": is not the report of an ingest. Fix: run `noggin ingest` again"};
  };
  if (!json.is_object() || !json.contains("splits") || !json["splits"].is_array() || json["splits"].empty())
    return corrupt();
  IngestFacts facts;
  for (const Json& finding : json.value("findings", Json::array()))
    if (finding.is_string()) facts.findings.push_back(finding.get<std::string>());
  const auto training = std::ranges::find_if(
      json["splits"], [](const Json& split) { return split.is_object() && split.value("training", Json()) == true; });
  if (training == json["splits"].end() || !training->contains("targets")) return facts;
  const Json& targets = (*training)["targets"];
  TargetCounts counts;
  for (const auto& [name, count] : {std::pair{"all", &counts.all}, std::pair{"gold", &counts.gold},
                                    std::pair{"teacher", &counts.teacher}, std::pair{"both", &counts.both}}) {
    if (!targets.is_object() || !targets.contains(name) || !targets[name].is_number_unsigned()) return corrupt();
    *count = targets[name].get<std::uint64_t>();
  }
  facts.training = counts;
  return facts;
}

}  // namespace noggin::data
