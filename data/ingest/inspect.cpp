#include "data/ingest/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "bytes/hex.h"
#include "data/json/json_row.h"
#include "data/metrics/fraction.h"
#include "data/shards/shard.h"

namespace noggin::data {
namespace {

constexpr std::size_t kShownEntries = 12;
constexpr std::size_t kMaxDistinct = 10000;  // names kept per table; a log of free text must not fill memory

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

void count(Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  if (found != counts.end())
    ++found->second;
  else if (counts.size() < kMaxDistinct)
    counts.emplace(name, 1);
  else
    ++counts["(others)"];
}

// "  title      n    name" lines, the most frequent first.
void append_table(std::string& out, std::string_view title, const Counts& counts) {
  if (counts.empty()) return;
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  fmt::format_to(std::back_inserter(out), "{} ({} different)\n", title, rows.size());
  for (std::size_t i = 0; i < std::min(rows.size(), kShownEntries); ++i)
    fmt::format_to(std::back_inserter(out), "  {:>10}  {}\n", rows[i].second, rows[i].first);
  if (rows.size() > kShownEntries) fmt::format_to(std::back_inserter(out), "  {:>10}  ...\n", "");
}

std::string_view type_name(JsonValue value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "array";
    case simdjson::dom::element_type::OBJECT:
      return "object";
    case simdjson::dom::element_type::STRING:
      return "string";
    case simdjson::dom::element_type::BOOL:
      return "boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "number";
  }
}

struct LogCounts {
  std::uint64_t lines = 0, text_bytes = 0;
  Counts faults, fields, labels, words, status_codes, choice_fields;
};

bool is_distribution(std::string_view key) { return key == "logprobs" || key == "probs" || key == "logits"; }

// Batch rows: response.status_code and what choices[0].logprobs is.
Trouble look_into_response(JsonRow::Value& value, LogCounts& log) {
  return for_each_field(value, "response", [&log](std::string_view key, JsonRow::Value field) -> Trouble {
    if (key == "status_code") {
      const Checked<double> status = read_number(field, key);
      count(log.status_codes,
            std::holds_alternative<double>(status) ? fmt::format("{}", std::get<double>(status)) : "?");
      return std::nullopt;
    }
    if (key != "body" || type_name(field) != "object") return std::nullopt;
    return for_each_field(field, "body", [&log](std::string_view name, JsonRow::Value part) -> Trouble {
      if (name != "choices" || type_name(part) != "array") return std::nullopt;
      return for_each_element(part, "choices", [&log](JsonRow::Value& choice) -> Trouble {
        return for_each_field(choice, "choice", [&log](std::string_view inner, JsonRow::Value item) -> Trouble {
          count(log.choice_fields, fmt::format("{}: {}", inner, type_name(item)));
          return std::nullopt;
        });
      });
    });
  });
}

Trouble look_into(std::string_view key, JsonRow::Value& value, LogCounts& log) {
  const std::string_view type = type_name(value);
  count(log.fields, fmt::format("{}: {}", key, type));
  if (type == "string" && (key == "text" || key == "label")) {
    const Checked<std::string_view> text = read_string(value, key);
    if (const auto* bad = std::get_if<Rejection>(&text)) return *bad;
    if (key == "label")
      count(log.labels, std::get<std::string_view>(text));
    else
      log.text_bytes += std::get<std::string_view>(text).size();
  } else if (is_distribution(key) && type == "object") {
    return for_each_field(value, key, [&log](std::string_view word, JsonRow::Value) -> Trouble {
      count(log.words, word);
      return std::nullopt;
    });
  } else if (key == "response" && type == "object") {
    return look_into_response(value, log);
  }
  return std::nullopt;
}

Counts label_counts(const ExampleTable& block) {
  Counts counts;
  for (const std::int32_t label : block.label) count(counts, label < 0 ? "none" : fmt::format("class {}", label));
  return counts;
}

}  // namespace

Result<std::string> describe_log(const std::string& path) {
  Result<LineReader> reader = LineReader::open(path);
  if (!reader) return reader.error();
  LogCounts log;
  JsonRow row;
  while (true) {
    const Result<std::optional<Line>> line = reader->next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    ++log.lines;
    const Trouble trouble =
        row.read(**line, [&log](std::string_view key, JsonRow::Value value) { return look_into(key, value, log); });
    if (trouble) count(log.faults, fmt::format("{} (first at line {})", reason_code(trouble->reason), (*line)->number));
  }
  std::string out = fmt::format("{}: {} rows, {} bytes{}, xxh3 {}\n", path, log.lines, reader->stream().file_bytes(),
                                reader->stream().compressed() ? " compressed" : "", hex(reader->stream().file_hash()));
  if (reader->cut()) fmt::format_to(std::back_inserter(out), "the file {}: rows are missing\n", reader->cut_reason());
  if (log.text_bytes > 0) out += fmt::format("text: {} bytes\n", log.text_bytes);
  append_table(out, "faults", log.faults);
  append_table(out, "fields", log.fields);
  append_table(out, "status codes", log.status_codes);
  append_table(out, "in choices", log.choice_fields);
  append_table(out, "labels", log.labels);
  append_table(out, "teacher words", log.words);
  return out;
}

Result<std::string> describe_shard(const std::string& path) {
  const Result<ExampleTable> block = read_shard(path);
  if (!block) return block.error();
  const std::size_t rows = block->rows(), entries = block->label.size(), top_k = block->top_k;
  std::size_t longest = 0;
  for (std::size_t row = 0; row < rows; ++row) longest = std::max(longest, block->tokens_of(row).size());
  std::uint64_t with_teacher = 0, agree = 0, both = 0;
  double mass = 0;
  for (std::size_t entry = 0; entry < entries; ++entry) {
    const std::int32_t teacher = block->teacher_classes[entry * top_k], gold = block->label[entry];
    if (teacher < 0) continue;
    ++with_teacher;
    for (std::size_t k = 0; k < top_k; ++k)
      mass += static_cast<double>(block->teacher_probabilities[entry * top_k + k]);
    both += gold >= 0 ? 1 : 0;
    agree += gold >= 0 && gold == teacher ? 1 : 0;
  }
  const char* entry_name = block->per_token() ? "words" : "rows";
  std::string out = fmt::format("{}: {}, {} rows, {} classes, top {}, vocabulary {}\n", path,
                                spec::task_name(block->task), rows, block->classes, top_k, hex(block->vocabulary_hash));
  out += fmt::format("tokens: {} in all, {:.1f} per row, longest {}\n", block->token_ids.size(),
                     fraction(block->token_ids.size(), rows), longest);
  out += fmt::format("text: {} bytes\n", block->text.size());
  out +=
      fmt::format("teacher: {} {}, listed mass {:.4f} of each", with_teacher, entry_name, fraction(mass, with_teacher));
  if (!block->has_values()) out += fmt::format(", agrees with gold on {} of {}", agree, both);
  out += '\n';
  if (block->has_values()) {
    double sum = 0;
    for (const float value : block->gold_values) sum += static_cast<double>(value);
    const auto gold = std::count(block->label.begin(), block->label.end(), 0);
    out += fmt::format("gold: {} rows, values sum to {:.4f} per row\n", gold,
                       fraction(sum, static_cast<std::uint64_t>(gold)));
    return out;
  }
  if (block->per_token())
    out += fmt::format("gold: {} rows, {} spans\n", std::count(block->gold_rows.begin(), block->gold_rows.end(), 1),
                       block->span_begin.size());
  append_table(out, "labels", label_counts(*block));
  return out;
}

}  // namespace noggin::data
