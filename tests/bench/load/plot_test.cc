#include "bench/load/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "bench/load/chart.h"

namespace streamhub::load {
namespace {

using testing::HasSubstr;
using testing::Not;

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// Whether every element is closed, in the order of their nesting.
bool WellFormed(const std::string& html) {
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != html.npos; at = html.find('<', at)) {
    const size_t end = html.find('>', at);
    if (end == html.npos) return false;
    const std::string tag = html.substr(at + 1, end - at - 1);
    at = end;
    if (tag.starts_with('!') || tag.ends_with('/')) continue;
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (name == "meta") continue;
    if (!name.starts_with('/')) {
      open.push_back(name);
      continue;
    }
    if (open.empty() || "/" + open.back() != name) return false;
    open.pop_back();
  }
  return open.empty();
}

RunResult Measured(const std::string& label, double value, int64_t latency_us) {
  RunResult result;
  result.spec.label = label;
  result.spec.series = label.substr(0, label.find(','));
  result.spec.value = value;
  result.report.clients = 20;
  result.report.window_s = 2;
  result.report.tally.updates = 1000;
  for (int64_t i = 1; i <= 1000; ++i) {
    result.report.tally.latency_us.Add(latency_us * i);
    result.report.tally.delivery_us.Add(i);
  }
  result.report.server.emplace().end.cpu_s = 0.5;
  return result;
}

TEST(PlotTest, ThePageIsWholeAndLoadsNothing) {
  const std::string html =
      ToHtml({"<hot> & \"cold\"", "version", "streamhub bench"}, {},
             {Measured("ws <json>", 0, 100), Measured("sse", 0, 200)});
  EXPECT_TRUE(WellFormed(html)) << html;
  EXPECT_THAT(html, HasSubstr("<h1>&lt;hot&gt; &amp; &quot;cold&quot;</h1>"));
  EXPECT_THAT(html, HasSubstr(">ws &lt;json&gt;</text>"));
  EXPECT_THAT(html, Not(HasSubstr("ws <json>")));
  for (const char* part : {"<script", "http:", "https:", "url(", "@import",
                           "src=", "href=", "nan", "inf"}) {
    EXPECT_THAT(html, Not(HasSubstr(part))) << part;
  }
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
}

TEST(PlotTest, EveryRunIsACurveOfBothLatenciesAndARow) {
  const std::string html =
      ToHtml({"t", "v", "c"}, {},
             {Measured("ws", 0, 100), Measured("sse", 0, 200),
              Measured("poll", 0, 300)});
  EXPECT_EQ(CountOf(html, "<svg "), 2);
  EXPECT_EQ(CountOf(html, "<polyline "), 6);
  EXPECT_EQ(CountOf(html, "<tr><td>"), 3);
  EXPECT_THAT(html, HasSubstr(">99.9 %<"));
  EXPECT_THAT(html, Not(HasSubstr(">99.99 %<"))) << "1000 values say no more";
  EXPECT_THAT(html, HasSubstr("<td>500.00</td>")) << "us of CPU for an update";
}

TEST(PlotTest, GrowthHasItsOwnChartsAndAChartOfCurvesForEachSeries) {
  std::vector<RunResult> results;
  for (const char* series : {"ws", "sse"}) {
    for (const double clients : {1000.0, 2000.0, 10000.0}) {
      results.push_back(
          Measured(std::string(series) + ", clients", clients, 100));
    }
  }
  const std::string html =
      ToHtml({"t", "v", "c"}, {"clients", {1000, 2000, 10000}}, results);
  EXPECT_TRUE(WellFormed(html));
  // What grows: two charts of two lines. Curves: two each of three lines.
  EXPECT_EQ(CountOf(html, "<svg "), 2 + 2 * 2);
  EXPECT_EQ(CountOf(html, "<polyline "), 2 * 2 + 4 * 3);
  EXPECT_THAT(html, HasSubstr("<title>ws: 500 us at 10000</title>"));
  EXPECT_THAT(html, HasSubstr(">10000 clients</text>"));
  EXPECT_EQ(CountOf(html, "<h3>sse</h3>"), 2);
}

TEST(PlotTest, ManyCurvesHaveALegendAndStayApart) {
  std::vector<RunResult> results;
  for (int i = 0; i < 12; ++i) {
    results.push_back(Measured("run" + std::to_string(i), 0, 100 + i));
  }
  const std::string html = ToHtml({"t", "v", "c"}, {}, results);
  EXPECT_EQ(CountOf(html, "<ul class=\"legend\">"), 2);
  EXPECT_THAT(html, HasSubstr("<g class=\"c3\">"));
  EXPECT_THAT(html, HasSubstr("<g class=\"c3 again\">"));
}

TEST(PlotTest, NothingMeasuredIsNoCurve) {
  RunResult result;
  result.spec.label = "ws";
  const std::string html = ToHtml({"t", "v", "c"}, {"clients", {5}}, {result});
  EXPECT_TRUE(WellFormed(html));
  EXPECT_EQ(CountOf(html, "<svg "), 0);
  EXPECT_THAT(html, HasSubstr("<td>ws</td>"));
}

TEST(ChartTest, AnAxisIsRoundAndHoldsAll) {
  for (const double max : {0.03, 1.0, 7.3, 99.0, 100.0, 101.0, 2.5e6}) {
    const Axis axis = RoundAxis("", max / 50, max);
    EXPECT_FALSE(axis.log);
    EXPECT_EQ(axis.min, 0);
    EXPECT_GE(axis.max, max * (1 - 1e-9));
    EXPECT_LE(axis.max, max * 1.5);
    EXPECT_GE(axis.ticks.size(), 3u) << max;
    EXPECT_LE(axis.ticks.size(), 9u) << max;
    EXPECT_NEAR(axis.ticks.back().value, axis.max, axis.max * 1e-9);
  }
  const Axis wide = RoundAxis("", 0.03, 900);
  EXPECT_TRUE(wide.log);
  EXPECT_NEAR(wide.min, 0.01, 1e-9);
  EXPECT_NEAR(wide.max, 1000, 1e-6);
  EXPECT_EQ(wide.ticks.size(), 6u);
  EXPECT_EQ(wide.ticks.front().label, "0.01");
  EXPECT_EQ(RoundAxis("", 0, 0).max, 1);
}

TEST(ChartTest, NumbersAreShort) {
  EXPECT_EQ(ShortNumber(0), "0");
  EXPECT_EQ(ShortNumber(0.25), "0.25");
  EXPECT_EQ(ShortNumber(19), "19");
  EXPECT_EQ(ShortNumber(5000), "5000");
  EXPECT_EQ(ShortNumber(19'000), "19000");
  EXPECT_EQ(ShortNumber(150'000), "150k");
  EXPECT_EQ(ShortNumber(2'500'000), "2.5M");
}

}  // namespace
}  // namespace streamhub::load
