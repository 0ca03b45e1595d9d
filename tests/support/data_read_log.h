// Reads a log written by a test with read_split and keeps all results.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/ingest/ingest.h"
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

// Reads and checks the invariant of SplitReport: every line is in exactly one place.
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
