#include "export/report/frontier.h"

#include <fmt/format.h>

#include <algorithm>

#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

constexpr const char* kKinds[] = {"student", "static", "linear"};

double cost_of(const FrontierPoint& point, Cost cost) {
  return cost == Cost::kBytes ? static_cast<double>(point.bytes) : point.microseconds;
}

bool is_better(const FrontierPoint& a, const FrontierPoint& b) {
  return a.quality.value != b.quality.value ? a.quality.value > b.quality.value : a.bytes < b.bytes;
}

std::string cell(const FrontierPoint* point) { return point == nullptr ? "-" : percent(point->quality); }

// RFC 4180.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

const FrontierPoint* best_within(const Frontier& frontier, std::uint64_t bytes, const std::string& kind) {
  const FrontierPoint* best = nullptr;
  for (const FrontierPoint& point : frontier.points) {
    if (point.bytes > bytes || (!kind.empty() && point.kind != kind)) continue;
    if (best == nullptr || is_better(point, *best)) best = &point;
  }
  return best;
}

std::vector<FrontierPoint> undominated(const Frontier& frontier, Cost cost) {
  std::vector<FrontierPoint> points = frontier.points;
  std::ranges::stable_sort(points, [&](const FrontierPoint& a, const FrontierPoint& b) {
    const double first = cost_of(a, cost), second = cost_of(b, cost);
    return first != second ? first < second : is_better(a, b);
  });
  std::vector<FrontierPoint> kept;
  for (FrontierPoint& point : points)
    if (kept.empty() || point.quality.value > kept.back().quality.value) kept.push_back(std::move(point));
  return kept;
}

std::string to_markdown(const Frontier& frontier) {
  std::string text = fmt::format(
      "# {}\n\nThe best file of at most so many bytes, by {} on dev in percent with its 95 % bootstrap interval.\n\n"
      "| at most | best | bytes | us | {} % | student % | static student % | linear model % |\n"
      "|---|---|---|---|---|---|---|---|\n",
      frontier.title, frontier.metric, frontier.metric);
  for (const double size : frontier.sizes_mb) {
    const auto bytes = static_cast<std::uint64_t>(size * 1e6);
    const FrontierPoint* best = best_within(frontier, bytes);
    text += best == nullptr
                ? fmt::format("| {} MB | nothing fits | - | - |", size)
                : fmt::format("| {} MB | {} | {} | {:.1f} |", size, best->name, best->bytes, best->microseconds);
    text += fmt::format(" {} | {} | {} | {} |\n", cell(best), cell(best_within(frontier, bytes, kKinds[0])),
                        cell(best_within(frontier, bytes, kKinds[1])), cell(best_within(frontier, bytes, kKinds[2])));
  }
  return text;
}

std::string to_csv(const Frontier& frontier) {
  const std::vector<FrontierPoint> best = undominated(frontier, Cost::kBytes);
  std::string text = "name,kind,bytes,microseconds,quality,low,high,on_frontier\r\n";
  for (const FrontierPoint& point : frontier.points) {
    const bool on = std::ranges::find(best, point.name, &FrontierPoint::name) != best.end();
    text +=
        fmt::format("{},{},{},{:.2f},{:.6f},{:.6f},{:.6f},{}\r\n", quoted(point.name), quoted(point.kind), point.bytes,
                    point.microseconds, point.quality.value, point.quality.low, point.quality.high, on ? 1 : 0);
  }
  return text;
}

}  // namespace noggin::exporter
