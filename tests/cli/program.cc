#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include "tests/support/http_client.h"

namespace streamhub {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> Line(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kProgram);
  return arguments;
}

Process::Ended RunToEnd(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& variables) {
  return Process(Line(arguments), {.variables = variables}).Wait();
}

std::vector<std::string> ToFullDisk(std::vector<std::string> arguments) {
  arguments = Line(std::move(arguments));
  arguments.insert(arguments.begin(),
                   {"/bin/sh", "-c", "exec \"$0\" \"$@\" > /dev/full"});
  return arguments;
}

void ExpectUsageError(const std::vector<std::string>& arguments,
                      const std::string& why,
                      const std::vector<std::string>& variables) {
  const Process::Ended ended = RunToEnd(arguments, variables);
  EXPECT_EQ(ended.status, 2) << why;
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_THAT(ended.err, StartsWith("streamhub: "));
  EXPECT_THAT(ended.err, HasSubstr(why));
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1)
      << ended.err;
}

Served::Served(std::vector<std::string> arguments,
               const Process::Options& options) {
  arguments.insert(arguments.begin() + 1, {"--admin-port", "0", "--port", "0"});
  process_ = std::make_unique<Process>(Line(arguments), options);
  constexpr std::string_view kStart = "listening on ";
  constexpr std::string_view kAdmin = "admin at ";
  const std::string line = process_->ReadLine();
  EXPECT_THAT(line, AnyOf(StartsWith("listening on http://127.0.0.1:"),
                          StartsWith("listening on https://127.0.0.1:")));
  if (line.size() > kStart.size()) url_ = line.substr(kStart.size());
  std::string other = process_->ReadLine();
  while (other.starts_with("reachable at ")) other = process_->ReadLine();
  EXPECT_THAT(other, StartsWith("admin at http://127.0.0.1:"));
  if (other.size() > kAdmin.size()) {
    admin_url_ = other.substr(kAdmin.size(),
                              other.find(' ', kAdmin.size()) - kAdmin.size());
  }
}

std::string Served::PortOf(const std::string& url) {
  return url.substr(url.rfind(':') + 1);
}

Process::Ended Served::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait();
}

std::string Served::Page(const std::string& target) const {
  const HttpReply reply = Get(std::atoi(port().c_str()), target);
  return reply.status == 200 ? reply.body : std::string();
}

std::string AwaitLog(Process& process, const std::string& text) {
  std::string line;
  do {
    line = process.ReadErrorLine();
  } while (!line.empty() && line.find(text) == line.npos);
  EXPECT_THAT(line, HasSubstr(text));
  return line;
}

int LinesWith(const std::string& text, const std::string& part) {
  std::istringstream in(text);
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.find(part) != line.npos) ++count;
  }
  return count;
}

}  // namespace streamhub
