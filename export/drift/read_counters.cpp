// Readings of counters from files that devices have sent: nothing in them is trusted.
#include <fmt/format.h>

#include <numeric>
#include <optional>

#include "bytes/hex.h"
#include "data/files/json_document.h"
#include "export/drift/drift.h"
#include "format/reference_counts.h"
#include "prediction/counts_json.h"
#include "streams/line_input.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::json;

Error bad(std::string message) { return {ErrorCode::kBadData, std::move(message)}; }

Status read_count(const Json& value, const std::string& name, std::uint64_t& count) {
  if (value.is_number_unsigned()) count = value.get<std::uint64_t>();
  if (value.is_number_unsigned() && count <= format::kLargestCount) return {};
  return bad(fmt::format("\"{}\" must be a count from 0 to 2^48", name));
}

template <typename Bins>
Status read_bins(const Json& object, const std::string& name, Bins& bins) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array() || found->size() != bins.size()) {
    return bad(fmt::format("\"{}\" must be an array of {} counts", name, bins.size()));
  }
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (Status status = read_count((*found)[i], name, bins[i]); !status) return status;
  }
  return {};
}

// The reading is of these counters, and of this model.
Status check_origin(const Json& object, const Model& model) {
  const Json version = object.value("counters", Json());
  if (version.is_null())
    return bad("has no \"counters\". Fix: give what noggin-run --counters or the host has written");
  if (version != 1) {
    return Error{ErrorCode::kUnsupported, "\"counters\" is of another version. Fix: use the noggin that came with it"};
  }
  const Json hash = object.value("model_content_hash", Json());
  if (hash == hex(model.content_hash())) return {};
  return bad(fmt::format("was counted by the model {}, not by {}. Fix: give the model that the devices ran",
                         hash.is_string() ? hash.get<std::string>() : "without a hash", hex(model.content_hash())));
}

template <typename Bins>
std::uint64_t sum(const Bins& bins) {
  return std::accumulate(bins.begin(), bins.end(), std::uint64_t{0});
}

Result<Counts> parse_reading(std::string_view line, const Model& model) {
  const auto object = data::parse_json<Json>(line);
  if (!object || !object->is_object()) return bad("is not a JSON object on one line");
  if (Status status = check_origin(*object, model); !status) return status.error();
  Counts counts;
  counts.answers.resize(runtime::counted_labels(model).size());
  const std::pair<const char*, std::uint64_t*> numbers[] = {
      {"requests", &counts.requests}, {"unanswered", &counts.unanswered}, {"errors", &counts.errors}};
  for (const auto& [name, count] : numbers) {
    if (Status status = read_count(object->value(name, Json()), name, *count); !status) return status.error();
  }
  if (Status status = read_bins(*object, "answers", counts.answers); !status) return status.error();
  if (Status status = read_bins(*object, "probability", counts.probability); !status) return status.error();
  if (Status status = read_bins(*object, "tokens", counts.tokens); !status) return status.error();
  if (Status status = read_bins(*object, "unknown_words", counts.unknown); !status) return status.error();
  if (sum(counts.tokens) != counts.requests || sum(counts.unknown) != counts.requests) {
    return bad("\"tokens\" and \"unknown_words\" must each add up to \"requests\"");
  }
  return counts;
}

Status add_file(const Model& model, const std::string& path, Readings& readings) {
  const Result<ReadableDescriptor> file = ReadableDescriptor::open(path);
  if (!file) return file.error();
  LineInput lines(file->descriptor(), path);
  std::string_view line;
  const std::size_t before = readings.count;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const Result<Counts> counts = parse_reading(line, model);
    if (!counts)
      return Error{counts.error().code, fmt::format("{}:{}: {}", path, lines.line_number(), counts.error().message)};
    readings.sum += *counts;
    ++readings.count;
  }
  if (!lines.status()) return lines.status();
  return readings.count > before ? Status() : bad(path + ": has no readings of counters");
}

}  // namespace

Result<Readings> read_counters(const Model& model, const std::vector<std::string>& files) {
  Readings readings;
  readings.sum.answers.resize(runtime::counted_labels(model).size());
  for (const std::string& path : files) {
    if (Status status = add_file(model, path, readings); !status) return status.error();
  }
  return readings;
}

}  // namespace noggin::exporter
