#include "bench/load/plot.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "bench/load/chart.h"

namespace streamhub::load {
namespace {

// Colours that eyes of all kinds tell apart, in this order: c0 to c7. Steps of
// one hue for values that grow: g0 to g6.
constexpr int kColours = 8;
constexpr int kSteps = 7;

constexpr char kStyle[] = R"(
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fdfdfc;--line:#e4e3dd;
--ink:#14140f;--soft:#55544e;--faint:#85837b;--grid:#e6e5df;--axis:#bdbbb2;
--bad:#c0322f;
--c0:#2a78d6;--c1:#e06a1b;--c2:#12966a;--c3:#b78a00;--c4:#d1588a;--c5:#4a3aa7;
--c6:#5b7f1a;--c7:#d03b3b;
--g0:#9cc3f0;--g1:#74aae9;--g2:#4f92e0;--g3:#2f7ad2;--g4:#2362b0;--g5:#1a4b8c;
--g6:#123768}
@media(prefers-color-scheme:dark){:root{--page:#0f0f0e;--card:#1a1a19;
--line:#2e2e2b;--ink:#f4f3ef;--soft:#c0beb6;--faint:#8d8b83;--grid:#2b2b29;
--axis:#4c4b47;--bad:#f07f7c;
--c0:#4a94ea;--c1:#ea7a30;--c2:#2bb183;--c3:#d0a526;--c4:#e377a3;--c5:#9b8ff0;
--c6:#8fb63f;--c7:#ec6b6b;
--g0:#1f4f8f;--g1:#2a64ad;--g2:#367acb;--g3:#4a90e2;--g4:#74abeb;--g5:#9fc6f3;
--g6:#cbe0fa}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:980px;margin:0 auto;padding:36px 20px 56px}
h1{font-size:25px;line-height:1.25;margin:0 0 4px}
h2{font-size:17px;margin:0 0 2px}
p{margin:0;color:var(--soft)}
header p{font-size:13px}
header code{display:block;margin-top:8px;font-size:12px;color:var(--soft);
font-family:ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:18px 20px 14px;margin-top:20px}
section>p{font-size:13px}
h3{font-size:14px;margin:16px 0 0;font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;
margin:10px 0 0;font-size:13px;color:var(--soft)}
.legend i{display:inline-block;width:16px;height:3px;border-radius:2px;
margin-right:7px;vertical-align:middle;background:var(--k)}
.legend .again i{background:repeating-linear-gradient(90deg,var(--k) 0 6px,
transparent 6px 10px)}
svg{display:block;width:100%;height:auto;margin-top:10px;
font-family:inherit;overflow:visible}
svg .grid{stroke:var(--grid)}
svg .axis{stroke:var(--axis)}
svg .tick{fill:var(--faint);font-size:11.5px;font-variant-numeric:tabular-nums}
svg .title{fill:var(--faint);font-size:11.5px}
svg .name{fill:var(--soft);font-size:12px}
svg polyline{fill:none;stroke:var(--k);stroke-width:2;stroke-linejoin:round;
stroke-linecap:round}
svg circle{fill:var(--k);stroke:var(--card);stroke-width:2}
svg .end{stroke:none}
svg .lead{fill:none;stroke:var(--k);opacity:.35}
svg g:hover polyline{stroke-width:3.5}
.again polyline{stroke-dasharray:7 5}
.scroll{overflow-x:auto;margin-top:10px}
table{border-collapse:collapse;width:100%;font-size:12.5px;
font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:6px 8px;text-align:right;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;vertical-align:bottom}
th:first-child,td:first-child{text-align:left;padding-left:0}
th:last-child,td:last-child{padding-right:0}
th[colspan]{text-align:center}
thead tr:first-child th{border-bottom:0;padding-bottom:0}
tr:last-child td{border-bottom:0}
.bad{color:var(--bad);font-weight:600}
)";

double Milliseconds(const Histogram& histogram, double percent) {
  return static_cast<double>(histogram.Percentile(percent)) / 1e3;
}

std::string TimeText(const Histogram& histogram, double percent) {
  return histogram.count() > 0
             ? absl::StrFormat("%.2f", Milliseconds(histogram, percent))
             : "-";
}

// Where a percentile stands: each power of ten of what is above it is as wide
// as the one before.
double PlaceOf(double percent) { return -std::log10(1 - percent / 100); }

struct Curve {
  std::string label;
  std::string style;
  const Histogram* histogram;
};

constexpr double kStep = 0.02;  // between points of a curve, in its places

// From the low end to where one value alone is left.
Line ToLine(const Curve& curve, double floor_ms) {
  Line line{curve.label, curve.style, {}, false};
  const double end = std::log10(static_cast<double>(curve.histogram->count()));
  for (double place = kStep; place < end; place += kStep) {
    const double percent = 100 * (1 - std::pow(10, -place));
    line.points.emplace_back(
        place, std::max(Milliseconds(*curve.histogram, percent), floor_ms));
  }
  line.points.emplace_back(
      end, std::max(Milliseconds(*curve.histogram, 100), floor_ms));
  return line;
}

// For more lines than have their names at their ends.
std::string Legend(const Chart& chart) {
  if (chart.lines.size() <= kNamedLinesMax) return "";
  std::string html = "<ul class=\"legend\">";
  for (const Line& line : chart.lines) {
    absl::StrAppend(&html, "<li class=\"", line.style, "\"><i></i>",
                    EscapeHtml(line.label), "</li>");
  }
  return html + "</ul>\n";
}

// Nothing if nothing was timed.
std::string LatencyChart(const std::string& name, std::vector<Curve> curves) {
  std::erase_if(curves,
                [](const Curve& c) { return c.histogram->count() == 0; });
  if (curves.empty()) return "";
  constexpr double kFloorMs = 0.001;  // as exact as the clocks are told
  double low = std::numeric_limits<double>::max(), high = 0, end = 1;
  Chart chart;
  chart.name = name;
  for (const Curve& curve : curves) {
    chart.lines.push_back(ToLine(curve, kFloorMs));
    low = std::min(low, chart.lines.back().points.front().second);
    high = std::max(high, chart.lines.back().points.back().second);
    end = std::max(end, chart.lines.back().points.back().first);
  }
  chart.y = RoundAxis("", low, high);
  chart.x.title = "percentile";
  chart.x.max = end;
  for (const auto& [percent, label] : {std::pair{0.0, "0 %"},
                                       {50.0, "50 %"},
                                       {90.0, "90 %"},
                                       {99.0, "99 %"},
                                       {99.9, "99.9 %"},
                                       {99.99, "99.99 %"},
                                       {99.999, "99.999 %"},
                                       {99.9999, "99.9999 %"}}) {
    if (PlaceOf(percent) > end + 1e-9) break;
    chart.x.ticks.push_back({PlaceOf(percent), label});
  }
  return Legend(chart) + ToSvg(chart);
}

std::string ColourOf(size_t series) {
  std::string style = absl::StrCat("c", series % kColours);
  // A second round of the colours is dashed.
  if (series / kColours % 2 == 1) style += " again";
  return style;
}

std::string ValueText(const Growth& growth, double value) {
  return growth.variable == "rate"
             ? absl::StrCat("rate times ", ShortNumber(value))
             : absl::StrCat(ShortNumber(value), " ", growth.variable);
}

std::string StepOf(size_t i, size_t of) {
  const size_t step = of < 2 ? kSteps / 2 : i * (kSteps - 1) / (of - 1);
  return absl::StrCat("g", step);
}

std::vector<std::string> SeriesOf(const std::vector<RunResult>& results) {
  std::vector<std::string> series;
  for (const RunResult& result : results) {
    if (std::find(series.begin(), series.end(), result.spec.series) ==
        series.end()) {
      series.push_back(result.spec.series);
    }
  }
  return series;
}

// All runs in one chart, or, where something grows, a chart for each series.
std::string LatencySection(const char* title, const char* text,
                           Histogram Tally::*which, const Growth& growth,
                           const std::vector<RunResult>& results) {
  std::string charts;
  if (growth.variable.empty()) {
    std::vector<Curve> curves;
    for (const RunResult& result : results) {
      curves.push_back({result.spec.label, ColourOf(curves.size()),
                        &(result.report.tally.*which)});
    }
    charts = LatencyChart(title, std::move(curves));
  } else {
    const std::vector<std::string> all = SeriesOf(results);
    for (const std::string& series : all) {
      std::vector<Curve> curves;
      for (const RunResult& result : results) {
        if (result.spec.series != series) continue;
        curves.push_back({ValueText(growth, result.spec.value),
                          StepOf(curves.size(), growth.values.size()),
                          &(result.report.tally.*which)});
      }
      if (all.size() > 1) {
        absl::StrAppend(&charts, "<h3>", EscapeHtml(series), "</h3>\n");
      }
      charts += LatencyChart(absl::StrCat(title, ": ", series), curves);
    }
  }
  if (charts.empty()) return "";
  return absl::StrCat("<section><h2>", title, "</h2>\n<p>", text, "</p>\n",
                      charts, "</section>\n");
}

// What each value of the variable costs.
template <typename ValueOf>
std::string GrowthSection(const char* title, const char* text, const char* unit,
                          const Growth& growth,
                          const std::vector<RunResult>& results,
                          const ValueOf& value_of) {
  Chart chart;
  chart.name = title;
  chart.unit = unit;
  double low = std::numeric_limits<double>::max(), high = 0;
  for (const std::string& series : SeriesOf(results)) {
    Line line{series, ColourOf(chart.lines.size()), {}, true};
    for (const RunResult& result : results) {
      if (result.spec.series != series) continue;
      const double value = value_of(result.report);
      if (value <= 0) continue;
      line.points.emplace_back(result.spec.value, value);
      low = std::min(low, value);
      high = std::max(high, value);
    }
    std::sort(line.points.begin(), line.points.end());
    chart.lines.push_back(std::move(line));
  }
  if (high == 0) return "";
  const auto [least, most] =
      std::minmax_element(growth.values.begin(), growth.values.end());
  chart.x.title = growth.variable == "rate"      ? "times the ticks per second"
                  : growth.variable == "symbols" ? "symbols of each client"
                                                 : "clients";
  chart.x.log = *most / *least >= 8;
  chart.x.min = chart.x.log ? *least / 1.15 : 0;
  chart.x.max = chart.x.log ? *most * 1.15 : *most * 1.05;
  for (const double value : growth.values) {
    chart.x.ticks.push_back({value, ShortNumber(value)});
  }
  chart.y = RoundAxis("", low, high);
  return absl::StrCat("<section><h2>", title, "</h2>\n<p>", text, "</p>\n",
                      Legend(chart), ToSvg(chart), "</section>\n");
}

std::string TableSection(const std::vector<RunResult>& results) {
  std::string html =
      "<section><h2>All figures</h2>\n<p>Times in milliseconds; CPU of the "
      "gateway's process, in microseconds.</p>\n<div class=\"scroll\"><table>"
      "<thead><tr><th></th><th></th><th></th><th></th>"
      "<th colspan=\"4\">tick to client</th>"
      "<th colspan=\"2\">server to client</th><th>CPU per</th><th>times</th>"
      "<th></th></tr>\n"
      "<tr><th>run</th><th>clients</th><th>updates/s</th><th>MB/s</th>"
      "<th>p50</th><th>p99</th><th>p99.9</th><th>max</th><th>p50</th>"
      "<th>p99</th><th>update</th><th>floor</th><th></th></tr></"
      "thead><tbody>\n";
  for (const RunResult& result : results) {
    const LoadReport& report = result.report;
    const Tally& tally = report.tally;
    const double seconds = std::max(report.window_s, 1e-9);
    const double ratio = TimesFloor(report);
    const double cpu_us = CpuMicrosPerUpdate(report);
    absl::StrAppendFormat(
        &html, "<tr><td>%s</td><td>%d</td><td>%.0f</td><td>%.2f</td>",
        EscapeHtml(result.spec.label), report.clients,
        static_cast<double>(tally.updates) / seconds,
        static_cast<double>(tally.bytes) / seconds / 1e6);
    for (const double percent : {50.0, 99.0, 99.9, 100.0}) {
      absl::StrAppend(&html, "<td>", TimeText(tally.latency_us, percent),
                      "</td>");
    }
    absl::StrAppendFormat(
        &html, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td>%s</tr>\n",
        TimeText(tally.delivery_us, 50), TimeText(tally.delivery_us, 99),
        cpu_us > 0 ? absl::StrFormat("%.2f", cpu_us) : "-",
        ratio > 0 ? absl::StrFormat("%.2f", ratio) : "",
        report.Good() ? "<td>good</td>" : "<td class=\"bad\">not good</td>");
  }
  return html + "</tbody></table></div></section>\n";
}

std::string Style() {
  std::string style = kStyle;
  for (int i = 0; i < kColours; ++i) {
    absl::StrAppend(&style, ".c", i, "{--k:var(--c", i, ")}");
  }
  for (int i = 0; i < kSteps; ++i) {
    absl::StrAppend(&style, ".g", i, "{--k:var(--g", i, ")}");
  }
  return style;
}

}  // namespace

std::string ToHtml(const PlotTitle& title, const Growth& growth,
                   const std::vector<RunResult>& results) {
  const std::string name = EscapeHtml(title.title);
  std::string html = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
      name, " - streamhub bench</title>\n<style>", Style(),
      "</style></head>\n<body><main>\n<header><h1>", name, "</h1>\n<p>",
      EscapeHtml(title.made_with), "</p><code>", EscapeHtml(title.command),
      "</code></header>\n");
  if (!growth.variable.empty()) {
    html += GrowthSection(
        "CPU per update, in microseconds",
        "Of the gateway's process, user and system together, divided by the "
        "updates that its clients read.",
        "us", growth, results, CpuMicrosPerUpdate);
    html += GrowthSection(
        "CPU, times the floor",
        "What the gateway's process used to what bare writes of the same "
        "messages used in the same minutes.",
        "times the floor", growth, results, TimesFloor);
    html += GrowthSection("99th percentile of tick to client, in milliseconds",
                          "How old a price is when a client has read it; one "
                          "of a hundred is older.",
                          "ms", growth, results, [](const LoadReport& report) {
                            return Milliseconds(report.tally.latency_us, 99);
                          });
  }
  html += LatencySection(
      "Tick to client, in milliseconds",
      "From the feed's receive of a tick to the client's read of its socket. "
      "It contains the wait for the beat of max_rate, which is on purpose.",
      &Tally::latency_us, growth, results);
  html += LatencySection("Server to client, in milliseconds",
                         "From the turn of the server that sent an update to "
                         "the client's read: without the wait for a beat.",
                         &Tally::delivery_us, growth, results);
  html += TableSection(results);
  return html + "</main></body></html>\n";
}

}  // namespace streamhub::load
