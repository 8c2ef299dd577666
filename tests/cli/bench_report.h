// What a test asks a report of bench --json.

#ifndef STREAMHUB_TESTS_CLI_BENCH_REPORT_H_
#define STREAMHUB_TESTS_CLI_BENCH_REPORT_H_

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

namespace streamhub {

class Report {
 public:
  explicit Report(const std::string& text) : text_(text) {
    EXPECT_EQ(parser_.parse(text_).get(json_), simdjson::SUCCESS) << text_;
  }

  double Number(const char* pointer) const {
    double number = -1;
    EXPECT_EQ(json_.at_pointer(pointer).get(number), simdjson::SUCCESS)
        << pointer << " in " << text_;
    return number;
  }
  bool Has(const char* pointer) const {
    return json_.at_pointer(pointer).error() == simdjson::SUCCESS;
  }

 private:
  const std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element json_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_CLI_BENCH_REPORT_H_
