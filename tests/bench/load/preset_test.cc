#include "bench/load/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace streamhub::load {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(PresetTest, NamesAreUniqueAndTellOfThemselves) {
  std::set<std::string> names, groups;
  for (const Preset& preset : Presets()) {
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    if (!preset.group.empty()) {
      EXPECT_TRUE(preset.name.starts_with(preset.group + "-")) << preset.name;
      groups.insert(preset.group);
    }
    EXPECT_FALSE(preset.recreates.empty());
    EXPECT_FALSE(preset.source.empty());
    std::set<std::string> flags;
    for (const Flag& flag : preset.flags) {
      EXPECT_TRUE(flag.name.starts_with("--")) << flag.name;
      EXPECT_TRUE(flags.insert(flag.name).second) << flag.name;
      EXPECT_NE(flag.name, "--clients") << "is a member, so that it scales";
    }
    EXPECT_THAT(PresetsText(),
                HasSubstr("\n" + preset.name + "\n    " + preset.recreates));
  }
  for (const std::string& group : groups) EXPECT_FALSE(names.contains(group));
}

TEST(PresetTest, AGroupIsAllOfItsLike) {
  const auto caplin = FindPresets("caplin");
  ASSERT_TRUE(caplin.ok());
  ASSERT_THAT(*caplin, SizeIs(3));
  EXPECT_EQ((*caplin)[0]->name, "caplin-2");
  EXPECT_EQ((*caplin)[2]->name, "caplin-200");
  const auto one = FindPresets("caplin-20");
  ASSERT_TRUE(one.ok());
  ASSERT_THAT(*one, SizeIs(1));
  for (const char* name : {"", "capli", "caplin-", "Hot"}) {
    EXPECT_EQ(FindPresets(name).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST(PresetTest, ClientsScaleAndMayBeAsManyAsFilesAllow) {
  const Preset& broadcast = **FindPresets("broadcast")->begin();
  EXPECT_EQ(ClientsOf(broadcast, 1, 20'000), 5'000);
  EXPECT_EQ(ClientsOf(broadcast, 0.1, 20'000), 500);
  EXPECT_EQ(ClientsOf(broadcast, 1e-6, 20'000), 1);
  const Preset& idle = **FindPresets("idle")->begin();
  EXPECT_EQ(ClientsOf(idle, 1, 20'000), 19'800);
  EXPECT_EQ(ClientsOf(idle, 0.5, 20'000), 9'900);
  EXPECT_EQ(ClientsOf(idle, 1, 100), 1);
}

}  // namespace
}  // namespace streamhub::load
