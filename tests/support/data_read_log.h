// Reads a log written by a test with read_split and keeps all results.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/ingest/ingest.h"
#include "data/logs/log_events.h"
#include "data/parts/log_parts.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::tests {

struct LogRead {
  std::vector<data::Record> records;
  data::SplitReport report;
  std::vector<nlohmann::json> quarantine;

  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const data::Record& record : records) ids.push_back(record.id);
    return ids;
  }
  // The reason of each quarantined line, in order.
  std::vector<std::string> reasons() const {
    std::vector<std::string> reasons;
    for (const nlohmann::json& row : quarantine) reasons.push_back(row["reason"]);
    return reasons;
  }
};

inline std::vector<nlohmann::json> read_json_lines(const std::string& path) {
  std::vector<nlohmann::json> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line));
  return rows;
}

inline data::LabelSet labels_of(std::vector<std::string> names,
                                const std::map<std::string, std::vector<std::string>>& words = {}) {
  Result<data::LabelSet> labels = data::LabelSet::create(std::move(names), words);
  EXPECT_TRUE(labels) << labels.error().message;
  return *labels;
}

// What a reader of rows is told, as text to compare.
class ToldRows {
 public:
  data::RowTaker taker() {
    data::RowTaker taker;
    taker.accept = [this](data::Record&& record, const data::RowNotes& notes) {
      return writer_.accept(std::move(record), notes);
    };
    taker.join = [this](data::Record&& record, const data::RepeatOf& repeat) {
      told_ += fmt::format("joined {} {} {}\n", repeat.row, repeat.adds_gold, repeat.adds_teacher);
      return writer_.accept(std::move(record), {});
    };
    return taker;
  }
  std::string with(const data::SplitReport& report) const {
    std::string all = told_;
    for (const std::string& remark : report.remarks) all.append(remark).append("\n");
    for (const data::SourceReport& source : report.sources) {
      all += fmt::format("{}: {} requests, {} accepted, {} retried, {} filtered, {} duplicates, {} joined\n",
                         source.path, source.requests, source.accepted, source.retried, source.filtered,
                         source.duplicates, source.joined);
      for (const auto& [reason, count] : source.rejected) all += fmt::format("  {} {}\n", reason, count);
      for (const auto& [family, count] : source.families) all += fmt::format("  {} {}\n", family, count);
      for (const std::string& example : source.examples) all.append("  ").append(example).append("\n");
    }
    for (const data::FileFingerprint& file : report.files)
      all += fmt::format("{} {} {}\n", file.path, file.bytes, file.hash);
    return all;
  }

 private:
  std::string told_;
  data::LogEventWriter writer_{[this](std::string_view event) {
    told_.append(event).append("\n");
    return Status();
  }};
};

// A fraction of the largest file of the sources, another one from log to log: tests cut files that nobody else would.
inline std::uint64_t some_piece_bytes(const data::SplitInput& input) {
  std::uint64_t largest = 1;
  std::error_code error;
  for (const data::Source& source : input.sources)
    for (const std::string& path : {source.path, source.requests_path})
      if (std::filesystem::is_regular_file(path, error))
        largest = std::max<std::uint64_t>(largest, std::filesystem::file_size(path));
  return largest / (2 + largest % 7) + 1;
}

// What the split is when it is read from part files.
inline std::string told_by_parts(data::LogPartsOptions of_parts, const data::SplitInput& input,
                                 const data::LabelSet& labels, const data::IngestOptions& options,
                                 spec::TaskKind task) {
  data::LogParts parts(std::move(of_parts), options);
  const auto schema = data::schema_of(input, labels, options, task);
  if (!schema) return schema.error().message;
  std::vector<data::LogParts::Wanted> wanted;
  for (const data::Source& source : input.sources) {
    const auto units = data::units_of(source, task);
    if (!units) return units.error().message;
    for (const data::LogUnit& unit : *units) wanted.push_back({unit, &*schema});
  }
  if (const Status made = parts.make(wanted); !made) return made.error().message;
  ToldRows told;
  const auto replayed = data::read_split(
      input, labels, options, {}, told.taker(), nullptr, task,
      [&parts](const data::LogUnit& unit, const data::RowSchema& read_as, data::LogSink& sink) -> Result<bool> {
        if (Status status = parts.replay(unit, read_as, sink); !status) return status.error();
        return true;
      });
  return replayed ? told.with(*replayed) : replayed.error().message;
}

// Whether the split, read from part files, of whole files and of pieces of them, is what it is when its logs are read.
inline void expect_equal_from_parts(const test::TemporaryFolder& folder, const data::SplitInput& input,
                                    const data::LabelSet& labels, const data::IngestOptions& options,
                                    spec::TaskKind task) {
  ToldRows directly;
  const auto direct = data::read_split(input, labels, options, {}, directly.taker(), nullptr, task);
  ASSERT_TRUE(direct);
  const std::string expected = directly.with(*direct);
  EXPECT_EQ(told_by_parts({.folder = folder.file("parts")}, input, labels, options, task), expected);
  const std::uint64_t piece_bytes = some_piece_bytes(input);
  EXPECT_EQ(told_by_parts({.folder = folder.file("pieces"), .threads = 2, .piece_bytes = piece_bytes}, input, labels,
                          options, task),
            expected)
      << "in pieces of " << piece_bytes << " bytes";
}

// Reads and checks the invariant of SplitReport: every line is in exactly one place. And that neither part files nor
// pieces change anything.
inline LogRead read_log(const test::TemporaryFolder& folder, const data::SplitInput& input,
                        const data::LabelSet& labels, const data::IngestOptions& options = {},
                        data::SplitTexts* texts = nullptr, spec::TaskKind task = spec::TaskKind::kSingleLabel) {
  LogRead read;
  const std::string quarantine = folder.file("quarantine.jsonl");
  std::filesystem::remove(quarantine);
  const auto accept = [&read](data::Record&& record) -> Status {
    read.records.push_back(std::move(record));
    return {};
  };
  Result<data::SplitReport> report = data::read_split(input, labels, options, quarantine, accept, texts, task);
  EXPECT_TRUE(report) << report.error().message;
  if (!report) return read;
  read.report = *std::move(report);
  read.quarantine = read_json_lines(quarantine);
  EXPECT_EQ(read.report.accepted, read.records.size());
  EXPECT_EQ(read.report.rejected_lines(), read.quarantine.size());
  EXPECT_EQ(read.report.lines, read.report.accepted + read.report.rejected_lines() + read.report.retried +
                                   read.report.filtered + read.report.joined +
                                   (input.training ? read.report.duplicates : 0));
  expect_equal_from_parts(folder, input, labels, options, task);
  return read;
}

inline LogRead read_jsonl_text(const std::string& text, const data::LabelSet& labels, bool training = false,
                               const data::IngestOptions& options = {},
                               spec::TaskKind task = spec::TaskKind::kSingleLabel) {
  const test::TemporaryFolder folder;
  const data::Source source{data::Adapter::kJsonl, folder.write("log.jsonl", text), {}};
  return read_log(folder, {"split", {source}, training}, labels, options, nullptr, task);
}

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

}  // namespace noggin::tests
