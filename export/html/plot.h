// The frame of a chart as inline SVG: axes with round ticks, and marks in the units of the data. About 360 wide, so
// that its letters keep their size on a narrow screen and two or three charts stand side by side on a wide one.
#pragma once

#include <string>
#include <vector>

#include "export/html/markup.h"

namespace noggin::html {

struct Point {
  double x = 0.0, y = 0.0;
};

struct Axis {
  double low = 0.0, high = 1.0;  // low < high
  std::string title{};
  bool percent = false;  // ticks are shown times 100
};

// An axis that holds all of these values with some room, also if they are equal or none; it does not go below 0 if
// none of them does. Values that are not finite do not count.
Axis axis_around(const std::vector<double>& values, std::string title, bool percent = false);

// Multiples of 1, 2 or 5 times a power of ten within the axis; about `wanted` of them, at least two.
std::vector<double> ticks_of(const Axis& axis, int wanted = 5);

class Plot {
 public:
  // `description`: what a reader who cannot see it is told.
  Plot(std::string title, std::string description, Axis x, Axis y);

  // `kind`: 1 to 5, a colour and dash of its own (stylesheet.h). Points that are not finite interrupt a line.
  void line(const std::vector<Point>& points, int kind);
  void dot(Point at, int kind, const std::string& tooltip = {});
  void interval(double x, double low, double high, int kind);  // a vertical bar
  void diagonal();                                             // y = x
  void vertical(double x, const std::string& label);           // a dashed line with a label
  void band(double from, double to, double height, int kind);  // a rectangle that stands on the x axis

  Markup markup() const;  // <figure>

 private:
  double at_x(double x) const;
  double at_y(double y) const;
  Markup frame() const;

  std::string title_, description_;
  Axis x_, y_;
  Markup marks_;
};

// A swatch and a name for each kind, to stand below charts.
Markup legend(const std::vector<std::string>& names);

}  // namespace noggin::html
