#include "export/html/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace noggin::html {
namespace {

constexpr double kWidth = 360, kHeight = 240;
constexpr double kLeft = 46, kRight = 12, kTop = 12, kBottom = 40;  // margins
constexpr double kRadius = 3;

std::string number(double value) { return fmt::format("{:.1f}", value); }

// As few digits as tell the ticks apart.
std::string tick_text(double value, double step, bool percent) {
  const double scale = percent ? 100.0 : 1.0;
  const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(step * scale) - 1e-9)), 0, 9);
  const double shown = std::abs(value) < 1e-9 * step ? 0.0 : value * scale;
  if (!percent && std::abs(shown) >= 10'000.0) return fmt::format("{:.4g}k", shown / 1000.0);
  return fmt::format("{:.{}f}", shown, digits);
}

Markup label(double x, double y, std::string_view css_class, const std::string& content) {
  return element("text", {{"x", number(x)}, {"y", number(y)}, {"class", std::string(css_class)}}, text(content));
}

Markup path(std::string_view css_class, const std::string& drawing) {
  return leaf("path", {{"class", std::string(css_class)}, {"d", drawing}});
}

}  // namespace

Axis axis_around(const std::vector<double>& values, std::string title, bool percent) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) low = 0.0, high = 1.0;
  // Values that are nearly equal get ticks of four digits, not of seven.
  const double least = 0.001 * std::max(std::abs(low), std::abs(high));
  const double room = high > low ? std::max(0.06 * (high - low), least) : std::max(0.01, 0.05 * std::abs(high));
  const double below = low >= 0.0 ? std::max(0.0, low - room) : low - room;  // what cannot be negative begins at 0
  return {below, high + room, std::move(title), percent};
}

std::vector<double> ticks_of(const Axis& axis, int wanted) {
  const double range = axis.high - axis.low;
  const double power = std::pow(10.0, std::floor(std::log10(range / wanted)));
  double step = power;
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    step = power * factor;
    if (range / step <= wanted) break;
  }
  std::vector<double> ticks;
  const auto fill = [&] {
    ticks.clear();
    const double slack = 1e-9 * step;
    for (double k = std::ceil((axis.low - slack) / step); k * step <= axis.high + slack; k += 1.0)
      ticks.push_back(k * step);
  };
  fill();
  while (ticks.size() < 2) {  // a short axis between two multiples
    step /= 2.0;
    fill();
  }
  return ticks;
}

Plot::Plot(std::string title, std::string description, Axis x, Axis y)
    : title_(std::move(title)), description_(std::move(description)), x_(std::move(x)), y_(std::move(y)) {}

double Plot::at_x(double x) const {
  const double share = std::clamp((x - x_.low) / (x_.high - x_.low), 0.0, 1.0);
  return kLeft + share * (kWidth - kLeft - kRight);
}

double Plot::at_y(double y) const {
  const double share = std::clamp((y - y_.low) / (y_.high - y_.low), 0.0, 1.0);
  return kHeight - kBottom - share * (kHeight - kTop - kBottom);
}

void Plot::line(const std::vector<Point>& points, int kind) {
  std::string drawing;
  bool pen_down = false;
  for (const Point& point : points) {
    const bool drawn = std::isfinite(point.x) && std::isfinite(point.y);
    if (drawn) drawing += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", at_x(point.x), at_y(point.y));
    pen_down = drawn;
  }
  if (!drawing.empty()) marks_ += path(fmt::format("line line{}", kind), drawing);
}

void Plot::dot(Point at, int kind, const std::string& tooltip) {
  if (!std::isfinite(at.x) || !std::isfinite(at.y)) return;
  const Attributes circle = {{"class", fmt::format("fill{}", kind)},
                             {"cx", number(at_x(at.x))},
                             {"cy", number(at_y(at.y))},
                             {"r", number(kRadius)}};
  marks_ += tooltip.empty() ? leaf("circle", circle) : element("circle", circle, element("title", text(tooltip)));
}

void Plot::interval(double x, double low, double high, int kind) {
  marks_ +=
      path(fmt::format("line line{}", kind), fmt::format("M{:.1f} {:.1f}V{:.1f}", at_x(x), at_y(low), at_y(high)));
}

void Plot::diagonal() {
  const double low = std::max(x_.low, y_.low), high = std::min(x_.high, y_.high);
  marks_ += path("guide", fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", at_x(low), at_y(low), at_x(high), at_y(high)));
}

void Plot::vertical(double x, const std::string& name) {
  marks_ += path("guide", fmt::format("M{:.1f} {:.1f}V{:.1f}", at_x(x), kTop, kHeight - kBottom));
  const bool right_half = at_x(x) > kWidth / 2;
  marks_ += label(at_x(x) + (right_half ? -4 : 4), kTop + 10, right_half ? "note end" : "note", name);
}

void Plot::band(double from, double to, double height, int kind) {
  const double left = at_x(from), top = at_y(height);
  marks_ += leaf("rect", {{"class", fmt::format("fill{} faint", kind)},
                          {"x", number(left)},
                          {"y", number(top)},
                          {"width", number(std::max(0.5, at_x(to) - left - 1.0))},
                          {"height", number(std::max(0.0, kHeight - kBottom - top))}});
}

Markup Plot::frame() const {
  const double bottom = kHeight - kBottom, right = kWidth - kRight;
  Markup frame;
  const std::vector<double> across = ticks_of(x_), up = ticks_of(y_);
  for (const double value : up) {
    frame += path("grid", fmt::format("M{:.1f} {:.1f}H{:.1f}", kLeft, at_y(value), right));
    frame += label(kLeft - 5, at_y(value) + 4, "tick end", tick_text(value, up[1] - up[0], y_.percent));
  }
  for (const double value : across) {
    frame += path("grid", fmt::format("M{:.1f} {:.1f}V{:.1f}", at_x(value), kTop, bottom));
    frame += label(at_x(value), bottom + 15, "tick middle", tick_text(value, across[1] - across[0], x_.percent));
  }
  frame += path("axis", fmt::format("M{:.1f} {:.1f}V{:.1f}H{:.1f}", kLeft, kTop, bottom, right));
  frame += label((kLeft + right) / 2, kHeight - 8, "title middle", x_.title);
  return frame;
}

Markup Plot::markup() const {
  const Markup drawing = element(
      "svg", {{"viewBox", fmt::format("0 0 {:.0f} {:.0f}", kWidth, kHeight)}, {"role", "img"}, {"class", "chart"}},
      element("title", text(title_)) + element("desc", text(description_)) + frame() + marks_);
  const Markup caption = element("b", text(title_)) + (y_.title.empty() ? Markup() : text(": " + y_.title));
  return element("figure", element("figcaption", caption) + drawing);
}

Markup legend(const std::vector<std::string>& names) {
  Markup items;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Markup swatch = element("svg", {{"class", "swatch"}, {"viewBox", "0 0 24 10"}, {"aria-hidden", "true"}},
                                  path(fmt::format("line line{}", i + 1), "M1 5H23"));
    items += element("span", swatch + text(" " + names[i]));
  }
  return element("p", {{"class", "legend"}}, items);
}

}  // namespace noggin::html
