#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/strings.h"
#include "gateway/server/config_loader.h"
#include "gateway/server/config_table.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A file in the test's own folder, gone with it.
class TempFile {
 public:
  explicit TempFile(std::string_view text)
      : path_(testing::TempDir() + "config_test_" +
              testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".toml") {
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::remove(path_.c_str()); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

ConfigFlag Flag(std::string_view name, std::vector<std::string> values) {
  const ConfigKey* key = FindConfigKey(name);
  return {key, std::move(values), key->Flag()};
}

std::string ErrorOf(const ConfigInputs& inputs) {
  const auto loaded = LoadConfig(inputs);
  return std::string(FromAbsl(loaded.status().message()));
}

// The error of a file with this text, without the file's name and the colon.
std::string FileErrorOf(std::string_view text) {
  const TempFile file(text);
  const std::string error = ErrorOf({.file = file.path()});
  EXPECT_THAT(error, StartsWith(file.path() + ":"));
  EXPECT_EQ(error.find('\n'), error.npos) << error;
  return error.substr(std::min(error.size(), file.path().size() + 1));
}

std::string OriginOf(const EffectiveConfig& effective, std::string_view name) {
  const ConfigKey* key = FindConfigKey(name);
  return effective.origins[static_cast<size_t>(key - ConfigTable().data())];
}

TEST(ConfigTest, DefaultsFillEverything) {
  const auto loaded = LoadConfig({});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.port, 8080);
  EXPECT_EQ(loaded->config.admin_listen, "127.0.0.1");
  EXPECT_EQ(OriginOf(*loaded, "port"), "default");
}

TEST(ConfigTest, EveryDefaultIsInItsOwnRange) {
  for (const ConfigKey& key : ConfigTable()) {
    const TempFile file("[" + std::string(key.section) + "]\n" +
                        std::string(key.name) + " = " + key.ToToml(Config()));
    EXPECT_EQ(ErrorOf({.file = file.path()}), "") << key.name;
  }
}

TEST(ConfigTest, FlagBeforeEnvironmentBeforeFileBeforeDefault) {
  const TempFile file(
      "[server]\nport = 1001\nadmin_port = 1002\nthreads = 3\n");
  const auto loaded =
      LoadConfig({.file = file.path(),
                  .environment = {{"STREAMHUB_PORT", "2001"},
                                  {"STREAMHUB_ADMIN_PORT", "2002"}},
                  .flags = {Flag("port", {"3001"})}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.port, 3001);
  EXPECT_EQ(loaded->config.admin_port, 2002);
  EXPECT_EQ(loaded->config.threads, 3);
  EXPECT_EQ(loaded->config.symbols, 1000);
  EXPECT_EQ(OriginOf(*loaded, "port"), "--port");
  EXPECT_EQ(OriginOf(*loaded, "admin_port"), "STREAMHUB_ADMIN_PORT");
  EXPECT_EQ(OriginOf(*loaded, "threads"), file.path() + ":4:1");
  EXPECT_EQ(OriginOf(*loaded, "symbols"), "default");
}

TEST(ConfigTest, EveryKeyHasItsOwnFlagAndVariable) {
  std::map<std::string, int> seen;
  for (const ConfigKey& key : ConfigTable()) {
    EXPECT_EQ(++seen[key.Flag()], 1);
    EXPECT_EQ(++seen[key.Variable()], 1);
    EXPECT_EQ(FindConfigKey(key.name), &key);
    EXPECT_NE(key.help, "");
  }
  EXPECT_EQ(FindConfigKey("ticks_per_second")->Flag(), "--ticks-per-second");
  EXPECT_EQ(FindConfigKey("ticks_per_second")->Variable(),
            "STREAMHUB_TICKS_PER_SECOND");
}

TEST(ConfigTest, EveryVariableIsRead) {
  for (const ConfigKey& key : ConfigTable()) {
    const Config defaults;
    std::string value = "true";
    if (!key.IsSwitch()) value = key.infinite.empty() ? "2024-01-02" : "1.5";
    for (const std::string_view number : {"7", "199", "4096"}) {
      Config probe;
      if (key.SetText(number, &probe)) value = std::string(number);
    }
    if (key.name.ends_with("listen")) value = "::1";
    if (key.name == "log_level") value = "debug";
    if (key.name == "log_format") value = "json";
    if (key.name == "feed") value = "none";
    if (key.name == "session_roll") value = "17:00";
    if (key.name == "format") value = "csv";
    if (key.name == "cors_origins") value = "*";
    if (key.name == "script_doors") value = "frame";
    if (key.name == "derived") value = "A=mid(B)";
    if (key.name == "trusted_addresses") value = "10.0.0.0/8";
    if (key.name == "tls_min") value = "1.3";
    std::map<std::string, std::string> variables = {{key.Variable(), value}};
    // They are of use together only.
    for (const std::string_view other :
         {"tls_certificate", "tls_key", "tls_client_ca"}) {
      if (!key.name.starts_with("tls_") || key.name == other) continue;
      variables[FindConfigKey(other)->Variable()] = "file";
    }
    const auto loaded = LoadConfig({.environment = variables});
    ASSERT_TRUE(loaded.ok()) << key.name << " " << loaded.status();
    EXPECT_EQ(OriginOf(*loaded, key.name), key.Variable());
    EXPECT_NE(key.ToToml(loaded->config), key.ToToml(defaults)) << key.name;
  }
}

TEST(ConfigTest, TopicsAreNamesOrBeginnings) {
  const auto loaded =
      LoadConfig({.environment = {{"STREAMHUB_PUBLISH_TOPICS", "news,chat/*"}},
                  .flags = {Flag("tape", {"0"})}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.publish_topics, ElementsAre("news", "chat/*"));
  EXPECT_EQ(loaded->config.tape, 0);
  EXPECT_EQ(ErrorOf({.flags = {Flag("publish_topics", {"*"})}}), "");
  for (const char* wrong :
       {"a*b", "**", "a@1", "\n", "*a", "", " chat/*", "news "}) {
    EXPECT_THAT(ErrorOf({.flags = {Flag("publish_topics", {wrong})}}),
                HasSubstr("expected topics such as news, or chat/*"))
        << wrong;
  }
  EXPECT_THAT(FileErrorOf("[topics]\npublish_topics = [\"a,b\"]\n"),
              HasSubstr("2:18: topics.publish_topics: expected topics"));
  EXPECT_THAT(FileErrorOf("[topics]\ntape = 10001\n"),
              HasSubstr("topics.tape: expected an integer from 0 to 10000"));
  EXPECT_THAT(FileErrorOf("[topics]\npublish_rate = 0\n"),
              HasSubstr("expected a number from 0.1 to 1000000"));
}

TEST(ConfigTest, UnknownKeysAreRefusedWithTheirPlace) {
  EXPECT_EQ(FileErrorOf("[server]\nport = 1\nprot = 2\n"),
            "3:1: unknown key server.prot");
  EXPECT_EQ(FileErrorOf("[sever]\nport = 1\n"), "1:2: unknown section sever");
  EXPECT_EQ(FileErrorOf("colour = 1\n"), "1:1: unknown key colour");
  EXPECT_EQ(FileErrorOf("port = 1\n"),
            "1:1: the key port belongs below [server]");
  EXPECT_EQ(FileErrorOf("[clients]\n  port = 1\n"),
            "2:3: the key port belongs below [server]");
}

TEST(ConfigTest, WrongTypesAreRefusedWithTheirPlace) {
  EXPECT_EQ(FileErrorOf("[server]\nport = \"80\"\n"),
            "2:8: server.port: expected an integer from 0 to 65535, found a "
            "string, '80'");
  EXPECT_THAT(FileErrorOf("[server]\nport = 80.0\n"),
              StartsWith("2:8: server.port: expected an integer from 0 to "));
  EXPECT_THAT(FileErrorOf("[server]\nport = [80]\n"),
              HasSubstr("2:8: server.port: expected an integer"));
  EXPECT_THAT(FileErrorOf("[server]\nlisten = 5\n"),
              HasSubstr("2:10: server.listen: expected an IP address, found"));
  EXPECT_THAT(FileErrorOf("[server]\nlisten = true\n"), HasSubstr("listen"));
  EXPECT_THAT(FileErrorOf("[replay]\nloop = 1\n"),
              HasSubstr("2:8: replay.loop: expected true or false, found an"));
  EXPECT_THAT(FileErrorOf("[replay]\nloop = \"true\"\n"), HasSubstr("loop"));
  EXPECT_THAT(FileErrorOf("[replay]\nfiles = \"a\"\n"), HasSubstr("files"));
  EXPECT_THAT(FileErrorOf("[replay]\nfiles = [1]\n"), HasSubstr("files"));
  EXPECT_THAT(FileErrorOf("[replay]\nspeed = \"fast\"\n"),
              HasSubstr("expected a number from 0.001 to 1000000 or \"max\""));
  EXPECT_THAT(FileErrorOf("[replay]\nspeed = \"2\"\n"), HasSubstr("speed"));
  EXPECT_THAT(FileErrorOf("[replay]\nspeed = nan\n"), HasSubstr("speed"));
  EXPECT_THAT(FileErrorOf("[replay]\nspeed = inf\n"), HasSubstr("speed"));
  EXPECT_THAT(FileErrorOf("[replay]\ndate = 2024-01-02\n"), HasSubstr("date"));
  EXPECT_EQ(FileErrorOf("server = 1\n"), "1:1: unknown key server");
}

TEST(ConfigTest, ValuesOutOfRangeAreRefused) {
  EXPECT_EQ(FileErrorOf("[server]\nport = 65536\n"),
            "2:8: server.port: expected an integer from 0 to 65535, found an "
            "integer, 65536");
  EXPECT_THAT(FileErrorOf("[server]\nport = -1\n"), HasSubstr("server.port"));
  EXPECT_THAT(FileErrorOf("[server]\nport = 9223372036854775807\n"),
              HasSubstr("server.port"));
  EXPECT_THAT(FileErrorOf("[clients]\ndefault_rate = 0\n"),
              HasSubstr("expected a number from 1/60 to 1000 or "
                        "\"unlimited\""));
  EXPECT_THAT(FileErrorOf("[server]\nlog_level = \"loud\"\n"),
              HasSubstr("expected debug, info, warning or error"));
  EXPECT_THAT(FileErrorOf("[server]\nlisten = \"localhost\"\n"),
              HasSubstr("expected an IP address"));
}

TEST(ConfigTest, BadTomlIsRefusedWithItsPlace) {
  EXPECT_THAT(FileErrorOf("[server]\nport = \n"), StartsWith("2:"));
  EXPECT_THAT(FileErrorOf("[server]\nport = 1\nport = 2\n"), StartsWith("3:"));
}

TEST(ConfigTest, AFileThatIsMissingIsNamed) {
  EXPECT_EQ(ErrorOf({.file = "/nowhere/streamhub.toml"}),
            "--config: cannot read the file /nowhere/streamhub.toml");
}

TEST(ConfigTest, FlagsAndVariablesAreNamed) {
  EXPECT_EQ(ErrorOf({.flags = {Flag("port", {"http"})}}),
            "--port: expected an integer from 0 to 65535, found \"http\"");
  EXPECT_EQ(ErrorOf({.environment = {{"STREAMHUB_PORT", "70000"}}}),
            "STREAMHUB_PORT: expected an integer from 0 to 65535, found "
            "\"70000\"");
  EXPECT_EQ(ErrorOf({.environment = {{"STREAMHUB_LOOP", "maybe"}}}),
            "STREAMHUB_LOOP: expected true or false, found \"maybe\"");
  for (const std::string_view bad : {"", " 1", "1 ", "0x10", "1e", "+1"}) {
    EXPECT_NE(ErrorOf({.flags = {Flag("port", {std::string(bad)})}}), "")
        << bad;
    EXPECT_NE(ErrorOf({.flags = {Flag("speed", {std::string(bad)})}}), "")
        << bad;
  }
  for (const std::string_view bad : {"2024-1-2", "20240102", "2024-01-02x"}) {
    EXPECT_NE(ErrorOf({.flags = {Flag("date", {std::string(bad)})}}), "");
  }
}

TEST(ConfigTest, UnknownVariablesAreTold) {
  const auto loaded =
      LoadConfig({.environment = {{"STREAMHUB_PROT", "1"}, {"PATH", "/bin"}}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded->warnings, ElementsAre(HasSubstr("STREAMHUB_PROT")));
}

TEST(ConfigTest, TheEnvironmentNamesTheFile) {
  const TempFile file("[server]\nport = 1001\n");
  const auto loaded =
      LoadConfig({.environment = {{"STREAMHUB_CONFIG", file.path()}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.port, 1001);
  EXPECT_EQ(loaded->file, file.path());
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST(ConfigTest, SpeedIsANumberOrMax) {
  for (const auto& [text, speed] : std::map<std::string, double>{
           {"\"max\"", INFINITY}, {"2.5", 2.5}, {"10", 10}}) {
    const TempFile file("[replay]\nspeed = " + text);
    const auto loaded = LoadConfig({.file = file.path()});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->config.speed, speed);
  }
  const auto loaded = LoadConfig({.flags = {Flag("speed", {"max"})}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.speed, INFINITY);
}

TEST(ConfigTest, ListsReplaceOneAnother) {
  const TempFile file("[replay]\nfiles = [\"a\", \"b\"]\n");
  auto loaded = LoadConfig({.file = file.path()});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.files, ElementsAre("a", "b"));
  loaded = LoadConfig(
      {.file = file.path(), .environment = {{"STREAMHUB_FILES", "c:d/e"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.files, ElementsAre("c", "d/e"));
  loaded = LoadConfig({.file = file.path(),
                       .environment = {{"STREAMHUB_FILES", "c:d/e"}},
                       .flags = {Flag("files", {"f", "-"})}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.files, ElementsAre("f", "-"));
}

TEST(ConfigTest, OneTextIsAListWithCommasButOfFiles) {
  for (const ConfigKey& key : ConfigTable()) {
    if (!key.IsList()) continue;
    const char separator = key.name == "files"     ? ':'
                           : key.name == "derived" ? ';'
                                                   : ',';
    EXPECT_EQ(key.separator, separator) << key.name;
  }
  const auto loaded =
      LoadConfig({.environment = {{"STREAMHUB_PUBLISH_TOPICS", "a:b,c/*"},
                                  {"STREAMHUB_FILES", "a,b:c"},
                                  {"STREAMHUB_SYMBOL", "EUR/USD,X:Y"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.publish_topics, ElementsAre("a:b", "c/*"));
  EXPECT_THAT(loaded->config.files, ElementsAre("a,b", "c"));
  EXPECT_THAT(loaded->config.symbol, ElementsAre("EUR/USD", "X:Y"));
  EXPECT_THAT(
      ErrorOf({.environment = {{"STREAMHUB_PUBLISH_TOPICS", "news, chat/*"}}}),
      StartsWith("STREAMHUB_PUBLISH_TOPICS: expected topics such as"));
}

TEST(ConfigTest, OriginsAreAListWithCommas) {
  const TempFile file("[clients]\ncors_origins = [\"https://a:1\", \"*\"]\n");
  auto loaded = LoadConfig({.file = file.path()});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.cors_origins, ElementsAre("https://a:1", "*"));
  loaded = LoadConfig(
      {.environment = {{"STREAMHUB_CORS_ORIGINS", "http://b,https://c:2"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.cors_origins,
              ElementsAre("http://b", "https://c:2"));
  for (const char* bad :
       {"desk.example", "https://desk.example/", "https://Desk.example", "",
        "https://", "://a", "https://a b", "https://*/", "https://a@b"}) {
    EXPECT_THAT(ErrorOf({.flags = {Flag("cors_origins", {bad})}}),
                StartsWith("--cors-origins: expected origins"))
        << bad;
  }
}

TEST(ConfigTest, WhatNoKeyCanSeeByItselfIsChecked) {
  EXPECT_THAT(ErrorOf({.flags = {Flag("feed", {"replay"})}}),
              StartsWith("files: "));
  EXPECT_THAT(ErrorOf({.flags = {Flag("loop", {"true"}),
                                 Flag("exit_at_end", {"true"})}}),
              HasSubstr("--loop"));
  EXPECT_THAT(ErrorOf({.flags = {Flag("port", {"8081"})}}),
              HasSubstr("--admin-port"));
  EXPECT_EQ(
      ErrorOf({.flags = {Flag("port", {"0"}), Flag("admin_port", {"0"})}}), "");
  const ConfigFlag certificate = Flag("tls_certificate", {"c"});
  const ConfigFlag key = Flag("tls_key", {"k"});
  const ConfigFlag authority = Flag("tls_client_ca", {"a"});
  const ConfigFlag required = Flag("tls_client_required", {"true"});
  EXPECT_THAT(ErrorOf({.flags = {certificate}}), HasSubstr("--tls-key"));
  EXPECT_THAT(ErrorOf({.flags = {key}}), HasSubstr("--tls-certificate"));
  EXPECT_EQ(ErrorOf({.flags = {certificate, key}}), "");
  EXPECT_THAT(ErrorOf({.flags = {authority}}), HasSubstr("--tls-client-ca"));
  EXPECT_THAT(ErrorOf({.flags = {certificate, key, required}}),
              HasSubstr("--tls-client-required"));
  EXPECT_EQ(ErrorOf({.flags = {certificate, key, authority, required}}), "");
  EXPECT_THAT(ErrorOf({.flags = {Flag("tls_min", {"1.1"})}}),
              HasSubstr("1.2 or 1.3"));
}

// Its name is a part of a path.
TEST(ConfigTest, AMarketIsNotCalledAsAFolderAbove) {
  for (const char* wrong : {".", "..", "a/b", "a b"}) {
    EXPECT_THAT(ErrorOf({.flags = {Flag("replay_market", {wrong})}}),
                HasSubstr("not . or .., found \"" + std::string(wrong)));
  }
  EXPECT_EQ(ErrorOf({.flags = {Flag("replay_market", {"..."})}}), "");
}

TEST(ConfigTest, TheGeneratedFileReadsBackToTheDefaults) {
  const TempFile file(GenerateConfig());
  const auto loaded = LoadConfig({.file = file.path()});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const Config defaults;
  for (const ConfigKey& key : ConfigTable()) {
    EXPECT_EQ(key.ToToml(loaded->config), key.ToToml(defaults));
    EXPECT_THAT(OriginOf(*loaded, key.name), StartsWith(file.path()));
  }
}

TEST(ConfigTest, WhatIsPrintedReadsBack) {
  const auto first = LoadConfig(
      {.environment = {{"STREAMHUB_WEB_ROOT", "a \"b\\c\td"}},
       .flags = {Flag("files", {"x", "y z"}), Flag("speed", {"max"}),
                 Flag("default_rate", {"0.1"}), Flag("seed", {"99"})}});
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string text = PrintConfig(*first);
  EXPECT_THAT(text, HasSubstr("seed = 99                           # --seed"));
  EXPECT_THAT(text, HasSubstr("# STREAMHUB_WEB_ROOT\n"));
  const TempFile file(text);
  const auto second = LoadConfig({.file = file.path()});
  ASSERT_TRUE(second.ok()) << second.status();
  for (const ConfigKey& key : ConfigTable()) {
    EXPECT_EQ(key.ToToml(second->config), key.ToToml(first->config));
  }
}

}  // namespace
}  // namespace streamhub
