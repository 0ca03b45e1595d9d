#include "export/report/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::pair<std::string_view, std::string_view>;  // gold, answered

double order_of(const AnsweredRow& row) {
  return std::isnan(row.loss) ? std::numeric_limits<double>::infinity() : row.loss;
}

std::vector<ConfusionPair> confusion_pairs(std::span<const AnsweredRow> rows, std::size_t max_pairs) {
  struct Seen {
    std::uint64_t count = 0;
    const AnsweredRow* example = nullptr;
  };
  std::map<Names, Seen> seen;
  std::map<std::string_view, std::uint64_t> gold_counts;
  for (const AnsweredRow& row : rows) {
    ++gold_counts[row.gold];
    if (row.gold == row.answered) continue;
    Seen& pair = seen[{row.gold, row.answered}];
    ++pair.count;
    if (pair.example == nullptr || order_of(row) > order_of(*pair.example)) pair.example = &row;
  }
  std::vector<ConfusionPair> pairs;
  for (const auto& [names, pair] : seen) {
    pairs.push_back({std::string(names.first), std::string(names.second), pair.count, gold_counts[names.first],
                     std::string(pair.example->id)});
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  if (pairs.size() > max_pairs) pairs.resize(max_pairs);
  return pairs;
}

std::vector<WorstRow> worst_rows(std::span<const AnsweredRow> rows, std::size_t max_rows) {
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(std::min(max_rows, order.size()));
  std::partial_sort(order.begin(), middle, order.end(), [&](std::size_t a, std::size_t b) {
    const double loss_a = order_of(rows[a]), loss_b = order_of(rows[b]);
    return loss_a != loss_b ? loss_a > loss_b : a < b;
  });
  std::vector<WorstRow> worst;
  for (auto it = order.begin(); it != middle; ++it) {
    const AnsweredRow& row = rows[*it];
    worst.push_back({std::string(row.id), std::string(row.text), std::string(row.gold), std::string(row.answered),
                     row.gold_probability, row.loss});
  }
  return worst;
}

// Control characters become spaces. Cut before the 73rd character, never inside one (UTF-8).
std::string one_line(const std::string& text) {
  constexpr std::size_t kMaxCharacters = 72;
  std::string line;
  std::size_t characters = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U && ++characters > kMaxCharacters) return line.append("...");
    line += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  return line;
}

// JSON has no infinity: such a loss becomes null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

ConfusionReport confusion_report(std::span<const AnsweredRow> rows, std::size_t max_pairs, std::size_t max_rows) {
  ConfusionReport report;
  report.rows = rows.size();
  report.wrong = static_cast<std::uint64_t>(
      std::count_if(rows.begin(), rows.end(), [](const AnsweredRow& row) { return row.gold != row.answered; }));
  report.pairs = confusion_pairs(rows, max_pairs);
  report.worst = worst_rows(rows, max_rows);
  return report;
}

std::string to_text(std::span<const ConfusionPair> pairs, const std::string& title) {
  if (pairs.empty()) return {};
  TextTable table({title, "answered", "rows", "of gold", "%", "example"}, true);
  for (const ConfusionPair& pair : pairs) {
    table.add({pair.gold, pair.answered, fmt::format("{}", pair.count), fmt::format("{}", pair.gold_count),
               fmt::format("{:.1f}", 100.0 * pair.fraction()), pair.example_id});
  }
  return table.text();
}

std::string to_text(const ConfusionReport& report) {
  std::string text = to_text(report.pairs, fmt::format("gold ({} of {} rows wrong)", report.wrong, report.rows));
  if (report.worst.empty()) return text;
  TextTable table({"worst rows", "loss", "p(gold)", "gold", "answered", "text"}, true);
  for (const WorstRow& row : report.worst) {
    table.add({row.id, fmt::format("{:.3f}", row.loss), fmt::format("{:.4f}", row.gold_probability), row.gold,
               row.answered, one_line(row.text)});
  }
  return text.append(text.empty() ? "" : "\n").append(table.text());
}

Json to_json(std::span<const ConfusionPair> pairs) {
  Json json = Json::array();
  for (const ConfusionPair& pair : pairs) {
    json.push_back({{"gold", pair.gold},
                    {"answered", pair.answered},
                    {"count", pair.count},
                    {"share", pair.fraction()},
                    {"example", pair.example_id}});
  }
  return json;
}

Json to_json(const ConfusionReport& report) {
  Json json = {{"rows", report.rows}, {"wrong", report.wrong}, {"pairs", to_json(report.pairs)}};
  json["worst"] = Json::array();
  for (const WorstRow& row : report.worst) {
    json["worst"].push_back({{"id", row.id},
                             {"text", row.text},
                             {"gold", row.gold},
                             {"answered", row.answered},
                             {"gold_probability", number(row.gold_probability)},
                             {"loss", number(row.loss)}});
  }
  return json;
}

}  // namespace noggin::exporter
