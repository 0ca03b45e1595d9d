// A log is read once, into part files. What is done with its rows (vocabulary, splits, shards) goes over these: they
// are several times smaller than a log with its candidates, and need no judgement any more.
#include "data/ingest/ingest_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "bytes/atomic_file.h"
#include "data/encoding/align_report.h"
#include "data/encoding/row_encoder.h"
#include "data/ingest/repeated_rows.h"
#include "data/ingest/split_findings.h"
#include "data/lines/raw_file.h"
#include "data/parts/log_parts.h"
#include "data/rows/invalid.h"
#include "data/shards/shard.h"
#include "spec/model_config.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kProgressRows = 8192;

Status check_plan(const IngestPlan& plan) {
  if (plan.labels.names().empty()) return invalid("the ingest plan has no labels. Fix: set data.labels");
  if (plan.output_folder.empty()) return invalid("the ingest plan has no output folder");
  if (plan.max_tokens < 3 || plan.max_tokens > spec::kMaxTokens)
    return invalid(fmt::format("tokenizer.max_tokens is {}, must be in [3, {}]", plan.max_tokens, spec::kMaxTokens));
  if (std::count_if(plan.splits.begin(), plan.splits.end(), [](const SplitInput& split) { return split.training; }) !=
      1)
    return invalid("an ingest needs exactly one training split. Fix: set data.train");
  for (const SplitInput& split : plan.splits) {
    if (split.sources.empty())
      return invalid(
          fmt::format("the split \"{}\" has no source. Fix: name a file in data.{}", split.name, split.name));
    if (split.name.empty() || split.name.find('/') != std::string::npos)
      return invalid(fmt::format("\"{}\" cannot name a split's files", split.name));
  }
  return {};
}

// The output paths, and what an earlier ingest left there.
struct Output {
  std::string parts, shards, vocabulary, quarantine, disagreements, report;
  explicit Output(const std::string& folder)
      : parts(parts_folder(folder)),
        shards(folder + "/shards"),
        vocabulary(folder + "/vocab.txt"),
        quarantine(folder + "/quarantine.jsonl"),
        disagreements(folder + "/disagreements.jsonl"),
        report(folder + "/ingest_report.json") {}

  Status prepare(bool replace) const {
    std::error_code error;
    if (fs::exists(report, error) && !replace)
      return Error{ErrorCode::kExists,
                   report + ": a finished ingest is already here. Fix: choose another folder, or replace it"};
    fs::remove(report, error);
    fs::remove(quarantine, error);
    fs::remove(disagreements, error);
    fs::remove(vocabulary, error);
    fs::create_directories(shards, error);
    if (error)
      return Error{ErrorCode::kIo, fmt::format("{}: cannot be created: {}. Fix: check permissions and free space",
                                               shards, error.message())};
    remove_shards();
    return begin_quarantine();
  }

  // Always there, so that nobody has to ask whether a file that is missing means that nothing was rejected.
  Status begin_quarantine() const { return write_file_atomically(quarantine, "", 0); }

  // Removes only files that an ingest makes.
  void remove_shards() const {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(shards, error)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".h5" || extension == ".partial") fs::remove(entry.path(), error);
    }
  }
};

// A tokenizer and the bytes that it is bound to.
struct Tokenizer {
  std::vector<std::byte> section;
  runtime::WordPieceTokenizer pieces;

  static Result<std::unique_ptr<Tokenizer>> create(const runtime::TokenizerContents& contents) {
    Result<std::vector<std::byte>> section = runtime::serialize_tokenizer(contents);
    if (!section) return section.error();
    // The heap block does not move with the vector that owns it.
    Result<runtime::WordPieceTokenizer> bound = runtime::WordPieceTokenizer::bind(*section);
    if (!bound) return bound.error();
    return std::make_unique<Tokenizer>(Tokenizer{*std::move(section), *std::move(bound)});
  }
};

class Ingest {
 public:
  explicit Ingest(const IngestPlan& plan)
      : plan_(plan),
        output_(plan.output_folder),
        disagreements_(output_.disagreements),
        parts_(parts_options(), plan.options) {}

  Result<IngestReport> run() {
    const auto start = std::chrono::steady_clock::now();
    Status status = output_.prepare(plan_.replace);
    if (status) status = read_logs();
    if (status) status = choose_tokenizer();
    if (status) status = read_all_splits();
    if (status) status = write_outputs();
    if (!status) {
      output_.remove_shards();
      return status.error();
    }
    parts_.remove_others();
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(report_);
  }

 private:
  const SplitInput& training_split() const {
    return *std::find_if(plan_.splits.begin(), plan_.splits.end(),
                         [](const SplitInput& split) { return split.training; });
  }

  LogPartsOptions parts_options() const {
    LogPartsOptions parts{
        .folder = output_.parts, .threads = plan_.threads, .hash_of = plan_.hash_of, .piece_bytes = plan_.piece_bytes};
    if (plan_.progress)
      parts.progress = [this](std::uint64_t documents) { return plan_.progress({{}, "logs", documents}); };
    return parts;
  }

  Status read_logs() {
    std::vector<RowSchema> schemas;
    for (const SplitInput& split : plan_.splits) {
      Result<RowSchema> schema = schema_of(split, plan_.labels, plan_.options, plan_.task);
      if (!schema) return schema.error();
      schemas.push_back(*std::move(schema));
    }
    std::vector<LogParts::Wanted> wanted;
    for (std::size_t i = 0; i < plan_.splits.size(); ++i) {
      for (const Source& source : plan_.splits[i].sources) {
        const Result<std::vector<LogUnit>> units = units_of(source, plan_.task);
        if (!units) return units.error();
        for (const LogUnit& unit : *units) wanted.push_back({unit, &schemas[i]});
      }
    }
    const Status made = parts_.make(wanted);
    report_.log_files = parts_.units();
    report_.read_files = parts_.read_units();
    report_.log_parts = parts_.parts();
    report_.read_parts = parts_.read_parts();
    return made;
  }

  ReadUnit from_parts() const {
    return [this](const LogUnit& unit, const RowSchema& schema, LogSink& sink) -> Result<bool> {
      if (Status status = parts_.replay(unit, schema, sink); !status) return status.error();
      return true;
    };
  }

  Status tick(const std::string& split, const char* stage, std::uint64_t rows) const {
    if (rows % kProgressRows != 0 || !plan_.progress || plan_.progress({split, stage, rows})) return {};
    return Error{ErrorCode::kIo, "ingest was stopped on request; nothing was finished"};
  }

  // Shows all training texts to `counter`.
  template <typename Counter>
  Status count_pieces(Counter& counter) {
    std::uint64_t rows = 0;
    const SplitInput& split = training_split();
    const RowTaker taker{[&](const Record& record, const RowNotes&) -> Status {
      counter.add(record.text);
      return tick(split.name, "vocabulary", ++rows);
    }};
    const Result<SplitReport> counts =
        read_split(split, plan_.labels, plan_.options, output_.quarantine, taker, nullptr, plan_.task, from_parts());
    if (!counts) return counts.error();
    if (Status status = check_budget(split, *counts); !status && counts->accepted == 0) return status;
    rows_in_vocabulary_pass_ = counts->accepted;
    return output_.begin_quarantine();  // the rows come again
  }

  Result<runtime::TokenizerContents> chosen_tokenizer() {
    if (const auto* given = std::get_if<runtime::TokenizerContents>(&plan_.tokenizer)) return *given;
    if (const auto* trimmed = std::get_if<IngestPlan::Trimmed>(&plan_.tokenizer)) {
      Result<VocabularyTrimmer> trimmer = VocabularyTrimmer::create(trimmed->full);
      if (!trimmer) return trimmer.error();
      if (Status status = count_pieces(*trimmer); !status) return status.error();
      Result<runtime::TokenizerContents> kept = trimmer->trim(trimmed->size, trimmed->min_frequency, trimmed->fill);
      if (kept) report_.coverage = trimmer->coverage(*kept);
      return kept;
    }
    VocabularyTrainer trainer(std::get<VocabularyOptions>(plan_.tokenizer));
    if (Status status = count_pieces(trainer); !status) return status.error();
    return trainer.train();
  }

  Status choose_tokenizer() {
    Result<runtime::TokenizerContents> chosen = chosen_tokenizer();
    if (!chosen) return chosen.error();
    report_.tokenizer = *std::move(chosen);
    report_.vocabulary_hash = vocabulary_hash(report_.tokenizer);
    Result<std::unique_ptr<Tokenizer>> tokenizer = Tokenizer::create(report_.tokenizer);
    if (!tokenizer) return tokenizer.error();
    tokenizer_ = *std::move(tokenizer);
    return {};
  }

  // The training split comes first, because the others are compared with it; reported in the plan's order.
  Status read_all_splits() {
    report_.splits.resize(plan_.splits.size());
    for (const bool training : {true, false})
      for (std::size_t i = 0; i < plan_.splits.size(); ++i)
        if (plan_.splits[i].training == training)
          if (Status status = read_one_split(plan_.splits[i], report_.splits[i]); !status) return status;
    return {};
  }

  Status read_one_split(const SplitInput& split, SplitSummary& summary) {
    summary.name = split.name;
    Result<ShardWriter> shards = ShardWriter::create(
        output_.shards + "/" + split.name, static_cast<std::uint32_t>(plan_.labels.names().size()), plan_.options.top_k,
        report_.vocabulary_hash, plan_.rows_per_shard, plan_.task, plan_.gold_threshold);
    if (!shards) return shards.error();
    const Result<RowSchema> schema = RowSchema::create(plan_.task, plan_.labels, plan_.options.top_k);
    if (!schema) return schema.error();
    RowEncoder encoder(*schema, tokenizer_->pieces, plan_.max_tokens);
    ContentCounter contents(*schema, plan_.gold_threshold);
    std::uint64_t rows = 0;
    RowEncoder encoder_of_repeats(*schema, tokenizer_->pieces, plan_.max_tokens);  // `encoder` counts each text once
    ExampleTable empty;
    encoder.prepare(empty);
    RepeatedRows repeats(std::move(empty));
    RowTaker taker;
    taker.accept = [&](Record&& record, const RowNotes&) -> Status {
      const EncodedRow& row = encoder.encode(record);
      contents.add(record, &row);
      count_tokens(row, encoder, summary);
      if (Status status = disagreements_.add(split.name, record, row, *schema, summary.agreement); !status)
        return status;
      if (Status status = shards->append(record, row.tokens, row.targets); !status) return status;
      return tick(split.name, "shards", ++rows);
    };
    taker.join = [&](Record&& record, const RepeatOf& repeat) -> Status {
      const EncodedRow& row = encoder_of_repeats.encode(record);
      contents.join(record, &row, repeat);
      repeats.add(record, row, repeat);
      return tick(split.name, "shards", ++rows);
    };
    Result<SplitReport> counts =
        read_split(split, plan_.labels, plan_.options, output_.quarantine, taker, &texts_, plan_.task, from_parts());
    if (!counts) return counts.error();
    summary.alignment = encoder.counts();
    summary.targets = contents.targets();
    summary.classes = contents.classes();
    summary.counts = *std::move(counts);
    if (Status status = check_budget(split, summary.counts); !status) return status;
    if (Status status = check_spans(split.name, summary.alignment); !status) return status;
    if (!split.training)
      if (Status status = check_has_gold(split.name, summary.counts.accepted, summary.counts.with_label); !status)
        return status;
    if (split.training && rows_in_vocabulary_pass_ && *rows_in_vocabulary_pass_ != summary.counts.accepted)
      return Error{ErrorCode::kIo,
                   fmt::format("the sources of \"{}\" changed while they were read. Fix: run again when they are "
                               "complete",
                               split.name)};
    const Result<std::vector<std::string>> paths = shards->finish();
    if (!paths) return paths.error();
    if (Status status = repeats.merge_into(*paths, shards->rows_of_shards()); !status) return status;
    summary.spread = repeats.spread();
    for (const std::string& path : *paths) {
      const Result<FileDigest> digest = digest_of_file(path);
      if (!digest) return digest.error();
      summary.shards.push_back({path, digest->bytes, digest->hash});
    }
    return {};
  }

  void count_tokens(const EncodedRow& row, const RowEncoder& encoder, SplitSummary& summary) const {
    const std::span<const std::uint32_t> tokens = row.tokens;
    summary.truncated += row.cut ? 1 : 0;
    summary.tokens += tokens.size();
    summary.content_tokens += tokens.size() - 2;
    summary.words += static_cast<std::uint64_t>(std::count_if(
        tokens.begin() + 1, tokens.end() - 1, [&encoder](std::uint32_t id) { return !encoder.continues_word(id); }));
    summary.unknown_tokens +=
        static_cast<std::uint64_t>(std::count(tokens.begin(), tokens.end(), report_.tokenizer.unknown_id));
    summary.longest = std::max(summary.longest, static_cast<std::uint32_t>(tokens.size()));
    ++summary.lengths[std::min<std::size_t>(std::bit_width(tokens.size() - 1), kLengthBuckets - 1)];
  }

  Status check_budget(const SplitInput& split, const SplitReport& counts) const {
    return check_split(split, counts, plan_.options,
                       counts.rejected_lines() == 0 ? "" : "; every rejected line is in " + output_.quarantine);
  }

  Status check_spans(const std::string& split, const AlignmentCounts& counts) const {
    if (static_cast<double>(counts.misaligned_spans) <= plan_.options.span_budget * static_cast<double>(counts.spans))
      return {};
    return Error{ErrorCode::kBadData,
                 fmt::format("more gold spans are lost than data.span_budget allows ({:.2f} %): {}",
                             100.0 * plan_.options.span_budget, describe_misaligned(counts, split))};
  }

  Status write_outputs() {
    report_.vocabulary_path = output_.vocabulary;
    report_.report_path = output_.report;
    if (Status status = disagreements_.flush(); !status) return status;
    if (fs::exists(output_.disagreements)) report_.disagreements_path = output_.disagreements;
    report_.quarantine_path = output_.quarantine;
    report_.findings = findings_of(report_, plan_);
    std::string pieces;
    for (const std::string& piece : report_.tokenizer.vocabulary) pieces += piece + "\n";
    if (Status status = write_file_atomically(output_.vocabulary, pieces.data(), pieces.size()); !status) return status;
    const std::string json = to_json(report_, plan_);
    return write_file_atomically(output_.report, json.data(), json.size());
  }

  const IngestPlan& plan_;
  Output output_;
  DisagreementFile disagreements_;
  LogParts parts_;
  IngestReport report_;
  std::unique_ptr<Tokenizer> tokenizer_;
  SplitTexts texts_;
  std::optional<std::uint64_t> rows_in_vocabulary_pass_;
};

}  // namespace

std::string parts_folder(const std::string& output_folder) { return output_folder + "/parts"; }

Result<IngestReport> ingest(const IngestPlan& plan) {
  if (Status status = check_plan(plan); !status) return status.error();
  return Ingest(plan).run();
}

}  // namespace noggin::data
