// A line chart as an <svg> element of an HTML page, which has the colours:
// every line, dot and swatch is of a class that the page's style knows. Pure.

#ifndef STREAMHUB_BENCH_LOAD_CHART_H_
#define STREAMHUB_BENCH_LOAD_CHART_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub::load {

// One mark of an axis.
struct Tick {
  double value;
  std::string label;
};

struct Axis {
  std::string title;
  double min = 0;
  double max = 1;
  bool log = false;  // then min is above 0
  std::vector<Tick> ticks;
};

struct Line {
  std::string label;
  std::string style;  // class of its colour
  std::vector<std::pair<double, double>> points;
  bool dots = false;  // at every point, each with its value
};

struct Chart {
  std::string name;  // what it shows, for those who cannot see it
  std::string unit;  // of the values, as told at a dot
  Axis x, y;
  std::vector<Line> lines;
};

// An axis that holds all of [min, max] and has a few round marks. A logarithmic
// one if that spans more than two powers of ten; then min is above 0.
Axis RoundAxis(std::string title, double min, double max);

// A number as short as it can be said: three digits.
std::string ShortNumber(double value);

// Text between tags and in attributes.
std::string EscapeHtml(std::string_view text);

// More lines than that are not named where they end: they need a legend.
inline constexpr size_t kNamedLinesMax = 8;

std::string ToSvg(const Chart& chart);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CHART_H_
