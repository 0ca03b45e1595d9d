#include "train/assess/log_facts.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"

namespace noggin::assess {
namespace {

// Where chat servers, batch files and gateways write them.
struct Places {
  data::JsonPaths input{
      "usage.prompt_tokens|usage.input_tokens|response.usage.prompt_tokens|response.usage.input_tokens|"
      "response.body.usage.prompt_tokens|response.body.usage.input_tokens|response.usage.total_input_tokens|"
      "usageMetadata.promptTokenCount|response.usageMetadata.promptTokenCount"};
  data::JsonPaths output{
      "usage.completion_tokens|usage.output_tokens|response.usage.completion_tokens|response.usage.output_tokens|"
      "response.body.usage.completion_tokens|response.body.usage.output_tokens|response.usage.total_output_tokens|"
      "usageMetadata.candidatesTokenCount|response.usageMetadata.candidatesTokenCount"};
  data::JsonPaths cost{"usage.cost|response.usage.cost|response.body.usage.cost"};
  data::JsonPaths time{
      "timestamp|created_at|created|time|ts|date|response.body.created_at|response.body.created|"
      "response.created_at|response.created|createTime|startTime|start_time"};
};

void add(const data::JsonPaths& place, data::JsonValue root, data::EmbeddedJson& inner, MeanOf& mean) {
  const std::optional<data::JsonValue> value = place.find(root, inner);
  double number = 0.0;
  if (!value || value->get_double().get(number) != simdjson::SUCCESS || !(number >= 0.0)) return;
  mean.sum += number;
  ++mean.documents;
}

std::optional<double> time_in(const data::JsonPaths& place, data::JsonValue root, data::EmbeddedJson& inner) {
  const std::optional<data::JsonValue> value = place.find(root, inner);
  if (!value) return std::nullopt;
  double number = 0.0;
  if (value->get_double().get(number) == simdjson::SUCCESS) return seconds_of(std::to_string(number));
  return seconds_of(data::string_of(*value));
}

Status read_file(const std::string& path, const Places& places, LogFacts& facts) {
  Result<data::LineReader> reader = data::LineReader::open_any(path);
  if (!reader) return reader.error();
  data::JsonRow row;
  data::EmbeddedJson inner;
  auto& times = facts.times[path];
  while (true) {
    const Result<std::optional<data::Line>> line = reader->next();
    if (!line) return line.error();
    if (!line->has_value()) return {};
    facts.is_whole = facts.documents < LogFacts::kMostDocuments;
    if (!facts.is_whole) return {};
    ++facts.documents;
    const data::Checked<data::JsonValue> parsed = row.parse(**line);
    const auto* root = std::get_if<data::JsonValue>(&parsed);
    if (root == nullptr) continue;
    inner.clear();
    add(places.input, *root, inner, facts.input_tokens);
    add(places.output, *root, inner, facts.output_tokens);
    add(places.cost, *root, inner, facts.cost);
    if (const auto time = time_in(places.time, *root, inner)) times.emplace_back((*line)->number, *time);
  }
}

// The digits text[begin .. begin + count - 1] as a number; nothing if they are not all digits.
std::optional<int> digits(std::string_view text, std::size_t begin, std::size_t count) {
  if (begin + count > text.size()) return std::nullopt;
  int number = 0;
  const char* first = text.data() + begin;
  const auto [end, error] = std::from_chars(first, first + count, number);
  if (error != std::errc() || end != first + count || *first == '-') return std::nullopt;
  return number;
}

std::optional<double> seconds_of_date(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  double seconds = 86400.0 * static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
  if (text.size() > 10 && text[10] != 'T' && text[10] != ' ') return std::nullopt;
  seconds += 3600.0 * digits(text, 11, 2).value_or(0) + 60.0 * digits(text, 14, 2).value_or(0) +
             digits(text, 17, 2).value_or(0);
  return seconds;
}

}  // namespace

std::optional<double> seconds_of(std::string_view text) {
  constexpr double kLatestSecond = 1e11, kThousand = 1e3;  // the year 5138: larger numbers count smaller units
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return seconds_of_date(text);
  if (!(number > 0.0) || number > 1e21) return std::nullopt;
  while (number >= kLatestSecond) number /= kThousand;
  return number;
}

std::optional<double> LogFacts::time_of(const std::string& file, std::uint64_t line) const {
  const auto found = times.find(file);
  if (found == times.end()) return std::nullopt;
  const auto at = std::ranges::lower_bound(found->second, line, {}, &std::pair<std::uint64_t, double>::first);
  if (at == found->second.end() || at->first != line) return std::nullopt;
  return at->second;
}

Result<LogFacts> read_log_facts(const std::vector<std::string>& files) {
  const Places places;
  LogFacts facts;
  for (const std::string& file : files) {
    const Status read = read_file(file, places, facts);
    if (!read) return read.error();
    if (!facts.is_whole) break;
  }
  return facts;
}

}  // namespace noggin::assess
