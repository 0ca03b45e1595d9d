// The drawing of a frontier: costs on a logarithmic axis, quality on a linear one, intervals as bars.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "export/html/markup.h"
#include "export/report/frontier.h"

namespace noggin::exporter {
namespace {

constexpr double kWidth = 460, kHeight = 320, kGap = 40;            // of a panel; between panels
constexpr double kLeft = 56, kRight = 16, kTop = 40, kBottom = 48;  // margins of a panel
constexpr double kLegend = 36, kRadius = 4, kFirstFactor = 1.25, kStepFactors[] = {1, 2, 5};

struct Axis {
  double low = 0.0, high = 1.0;
  double share(double value) const { return (value - low) / (high - low); }
};

// 1, 2, 5 times a power of ten within the axis, whose ends are logarithms.
std::vector<double> decades(const Axis& axis) {
  std::vector<double> ticks;
  for (double power = std::pow(10.0, std::floor(axis.low)); power <= std::pow(10.0, axis.high); power *= 10.0)
    for (const double factor : kStepFactors)
      if (std::log10(power * factor) >= axis.low && std::log10(power * factor) <= axis.high)
        ticks.push_back(power * factor);
  return ticks;
}

std::string cost_label(double cost, Cost kind) {
  if (kind == Cost::kTime) return fmt::format("{:g}", cost);
  return cost >= 1e6 ? fmt::format("{:g} MB", cost / 1e6) : fmt::format("{:g} KB", cost / 1e3);
}

class Panel {
 public:
  Panel(const Frontier& frontier, Cost cost, double x) : frontier_(frontier), cost_(cost), x_(x) {
    for (const FrontierPoint& point : frontier.points)
      if (cost_of(point) > 0.0) points_.push_back(point);
    if (points_.empty()) return;
    const auto costs = std::ranges::minmax(points_, {}, [&](const FrontierPoint& point) { return cost_of(point); });
    horizontal_ = {std::log10(cost_of(costs.min) / kFirstFactor), std::log10(cost_of(costs.max) * kFirstFactor)};
    double low = 1.0, high = 0.0;
    for (const FrontierPoint& point : points_) {
      low = std::min(low, point.quality.low);
      high = std::max(high, point.quality.high);
    }
    const double room = std::max(0.01, 0.05 * (high - low));
    vertical_ = {low - room, high + room};
  }

  std::string text() const {
    std::string text = frame();
    if (points_.empty()) return text;
    text += line();
    for (const FrontierPoint& point : points_) text += mark(point);
    return text;
  }

 private:
  double cost_of(const FrontierPoint& point) const {
    return cost_ == Cost::kBytes ? static_cast<double>(point.bytes) : point.microseconds;
  }
  double at_x(double cost) const {
    return x_ + kLeft + horizontal_.share(std::log10(cost)) * (kWidth - kLeft - kRight);
  }
  double at_y(double quality) const {
    return kHeight - kBottom - vertical_.share(quality) * (kHeight - kTop - kBottom);
  }

  std::string frame() const {
    const double left = x_ + kLeft, right = x_ + kWidth - kRight, bottom = kHeight - kBottom;
    std::string text = fmt::format(
        "<text x=\"{:.1f}\" y=\"24\" class=\"head\">{} % on dev over {}</text>\n"
        "<path class=\"axis\" d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}\"/>\n",
        left, html::escaped(frontier_.metric), cost_ == Cost::kBytes ? "bytes" : "microseconds per text", left, kTop,
        bottom, right);
    if (points_.empty()) return text;
    for (const double cost : decades(horizontal_))
      text += fmt::format(
          "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><text x=\"{0:.1f}\" y=\"{3:.1f}\" class=\"x\">{4}"
          "</text>\n",
          at_x(cost), kTop, bottom, bottom + 18, cost_label(cost, cost_));
    const double step = std::pow(10.0, std::floor(std::log10(vertical_.high - vertical_.low)));
    for (double quality = std::ceil(vertical_.low / step) * step; quality <= vertical_.high; quality += step)
      text += fmt::format(
          "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}H{2:.1f}\"/><text x=\"{3:.1f}\" y=\"{4:.1f}\" class=\"y\">{5:g}"
          "</text>\n",
          left, at_y(quality), right, left - 6, at_y(quality) + 4, std::round(1000.0 * quality) / 10.0);
    return text;
  }

  std::string line() const {
    std::string path;
    Frontier measured = frontier_;
    measured.points = points_;
    for (const FrontierPoint& point : undominated(measured, cost_))
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", at_x(cost_of(point)), at_y(point.quality.value));
    return "<path class=\"best\" d=\"" + path + "\"/>\n";
  }

  std::string mark(const FrontierPoint& point) const {
    const double x = at_x(cost_of(point));
    return fmt::format(
        "<g class=\"{}\"><title>{}: {:.2f} %, {} bytes, {:.1f} us</title><path d=\"M{:.1f} {:.1f}V{:.1f}\"/><circle "
        "cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"/></g>\n",
        html::escaped(point.kind), html::escaped(point.name), 100.0 * point.quality.value, point.bytes,
        point.microseconds, x, at_y(point.quality.low), at_y(point.quality.high), x, at_y(point.quality.value),
        kRadius);
  }

  const Frontier& frontier_;
  Cost cost_;
  double x_;
  std::vector<FrontierPoint> points_;
  Axis horizontal_, vertical_;
};

std::string legend() {
  std::string text;
  double x = kLeft;
  for (const char* kind : {"student", "static", "linear"}) {
    text += fmt::format(
        "<g class=\"{0}\"><circle cx=\"{1:.1f}\" cy=\"{2:.1f}\" r=\"{3}\"/></g><text x=\"{4:.1f}\" y=\"{5:.1f}\">{0}"
        "</text>\n",
        kind, x, kHeight + 12, kRadius, x + 10, kHeight + 16);
    x += 90;
  }
  return text + fmt::format(
                    "<path class=\"best\" d=\"M{:.1f} {:.1f}h24\"/><text x=\"{:.1f}\" y=\"{:.1f}\">best so far; bars: "
                    "95 % bootstrap intervals</text>\n",
                    x, kHeight + 12, x + 30, kHeight + 16);
}

// Okabe and Ito's colours, which all readers tell apart; the two darker ones are lighter on a dark page.
constexpr const char* kStyle =
    "<style>\n"
    "text{font:12px system-ui,sans-serif;fill:#222}.head{font-weight:600}.x{text-anchor:middle}.y{text-anchor:end}\n"
    ".axis{stroke:#222;fill:none}.grid{stroke:#888;stroke-opacity:.25}.best{stroke:#666;fill:none;stroke-width:1.5}\n"
    ".student{fill:#0072b2;stroke:#0072b2}.static{fill:#d55e00;stroke:#d55e00}.linear{fill:#009e73;stroke:#009e73}\n"
    "@media(prefers-color-scheme:dark){text{fill:#eee}.axis{stroke:#eee}.best{stroke:#bbb}\n"
    ".student{fill:#56b4e9;stroke:#56b4e9}.linear{fill:#2cc79b;stroke:#2cc79b}}\n"
    "</style>\n";

}  // namespace

std::string to_svg(const Frontier& frontier) {
  const double width = 2 * kWidth + kGap, height = kHeight + kLegend;
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
             "height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n{3}",
             width, height, html::escaped(frontier.title), kStyle) +
         Panel(frontier, Cost::kBytes, 0).text() + Panel(frontier, Cost::kTime, kWidth + kGap).text() + legend() +
         "</svg>\n";
}

}  // namespace noggin::exporter
