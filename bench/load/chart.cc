#include "bench/load/chart.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <cmath>

namespace streamhub::load {
namespace {

// Of the drawing, in its own units; the page scales it.
constexpr double kWidth = 760, kHeight = 340;
constexpr double kLeft = 58, kRight = 150, kTop = 16, kBottom = 46;
constexpr double kPlotRight = kWidth - kRight, kPlotBottom = kHeight - kBottom;
// Between names at the ends of lines.
constexpr double kLineHeight = 15;

double Place(const Axis& axis, double value, double from, double to) {
  const auto scaled = [&axis](double v) { return axis.log ? std::log(v) : v; };
  const double low = scaled(axis.min), high = scaled(axis.max);
  const double bounded = std::clamp(value, axis.min, axis.max);
  return high > low
             ? from + (scaled(bounded) - low) / (high - low) * (to - from)
             : from;
}

double X(const Chart& chart, double value) {
  return Place(chart.x, value, kLeft, kPlotRight);
}

double Y(const Chart& chart, double value) {
  return Place(chart.y, value, kPlotBottom, kTop);
}

void AppendAxes(const Chart& chart, std::string* svg) {
  for (const Tick& tick : chart.y.ticks) {
    const double y = Y(chart, tick.value);
    absl::StrAppendFormat(
        svg,
        "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
        "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s"
        "</text>\n",
        kLeft, y, kPlotRight, y, kLeft - 8, y + 4, EscapeHtml(tick.label));
  }
  for (const Tick& tick : chart.x.ticks) {
    const double x = X(chart, tick.value);
    absl::StrAppendFormat(
        svg,
        "<line class=\"axis\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
        "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s"
        "</text>\n",
        x, kPlotBottom, x, kPlotBottom + 4, x, kPlotBottom + 18,
        EscapeHtml(tick.label));
  }
  absl::StrAppendFormat(
      svg,
      "<line class=\"axis\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
      "<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s"
      "</text>\n",
      kLeft, kPlotBottom, kPlotRight, kPlotBottom, kPlotRight, kHeight - 8,
      EscapeHtml(chart.x.title));
}

void AppendLine(const Chart& chart, const Line& line, std::string* svg) {
  if (line.points.empty()) return;
  absl::StrAppend(svg, "<g class=\"", line.style, "\"><polyline points=\"");
  for (const auto& [x, y] : line.points) {
    absl::StrAppendFormat(svg, "%s%.1f,%.1f", svg->back() == '"' ? "" : " ",
                          X(chart, x), Y(chart, y));
  }
  absl::StrAppend(svg, "\"><title>", EscapeHtml(line.label),
                  "</title></polyline>");
  if (line.dots) {
    for (const auto& [x, y] : line.points) {
      absl::StrAppendFormat(
          svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"><title>%s: %s %s at %s"
          "</title></circle>",
          X(chart, x), Y(chart, y), EscapeHtml(line.label), ShortNumber(y),
          EscapeHtml(chart.unit), ShortNumber(x));
    }
  }
  absl::StrAppend(svg, "</g>\n");
}

// The names at the ends of the lines, moved apart where they would touch.
void AppendNames(const Chart& chart, std::string* svg) {
  struct Name {
    const Line* line;
    double x, y;  // where its line ends
    double text_y;
  };
  std::vector<Name> names;
  for (const Line& line : chart.lines) {
    if (line.points.empty()) continue;
    const auto& [x, y] = line.points.back();
    names.push_back({&line, X(chart, x), Y(chart, y), Y(chart, y)});
  }
  if (names.size() > kNamedLinesMax) return;
  std::stable_sort(names.begin(), names.end(),
                   [](const Name& a, const Name& b) { return a.y < b.y; });
  for (size_t i = 1; i < names.size(); ++i) {
    names[i].text_y =
        std::max(names[i].text_y, names[i - 1].text_y + kLineHeight);
  }
  // What was pushed below the plot goes up again.
  double bottom = kPlotBottom + kLineHeight;
  for (size_t i = names.size(); i-- > 0;) {
    bottom -= kLineHeight;
    names[i].text_y = std::min(names[i].text_y, bottom);
    bottom = names[i].text_y;
  }
  for (const Name& name : names) {
    absl::StrAppendFormat(
        svg,
        "<g class=\"%s\"><path class=\"lead\" d=\"M%.1f %.1fL%.1f %.1f\"/>"
        "<circle class=\"end\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/></g>"
        "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
        name.line->style, name.x, name.y, kPlotRight + 10, name.text_y,
        kPlotRight + 14, name.text_y, kPlotRight + 22, name.text_y + 4,
        EscapeHtml(name.line->label));
  }
}

}  // namespace

std::string ShortNumber(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size >= 1e6) return absl::StrFormat("%.3gM", value / 1e6);
  if (size >= 1e5) return absl::StrFormat("%.0fk", value / 1e3);
  if (size >= 1e3) return absl::StrFormat("%.0f", value);
  return absl::StrFormat("%.3g", value);
}

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

Axis RoundAxis(std::string title, double min, double max) {
  Axis axis;
  axis.title = std::move(title);
  if (min > 0 && max / min > 100) {
    axis.log = true;
    axis.min = std::pow(10, std::floor(std::log10(min)));
    axis.max = std::pow(10, std::ceil(std::log10(max)));
    for (double mark = axis.min; mark <= axis.max * 1.001; mark *= 10) {
      axis.ticks.push_back({mark, ShortNumber(mark)});
    }
    return axis;
  }
  if (!(max > 0)) max = 1;
  // Four to eight steps of 1, 2 or 5 times a power of ten.
  const double rough = max / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power * 10;
  for (const double factor : {1, 2, 5}) {
    if (power * factor >= rough) {
      step = power * factor;
      break;
    }
  }
  axis.max = std::ceil(max / step - 1e-9) * step;
  for (int i = 0; i * step <= axis.max * 1.001; ++i) {
    axis.ticks.push_back({i * step, ShortNumber(i * step)});
  }
  return axis;
}

std::string ToSvg(const Chart& chart) {
  std::string svg = absl::StrFormat(
      "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
      kWidth, kHeight, EscapeHtml(chart.name));
  AppendAxes(chart, &svg);
  for (const Line& line : chart.lines) AppendLine(chart, line, &svg);
  AppendNames(chart, &svg);
  svg += "</svg>\n";
  return svg;
}

}  // namespace streamhub::load
