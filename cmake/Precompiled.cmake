# Headers that are compiled once and not for every file: of the standard
# library, Abseil and GoogleTest, none of ours. The sanitizer presets use them;
# release does not, so that it proves that every file includes what it uses.

# Two for all targets: one each would take longer than it saves. GCC refuses one
# that was made with other flags, which -Winvalid-pch and -Werror tell.
function(streamhub_precompile name)
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/${name}.cc CONTENT "")
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE streamhub_flags ${ARGN})
  target_precompile_headers(
    ${name}
    PRIVATE
    <algorithm>
    <atomic>
    <chrono>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <string>
    <string_view>
    <thread>
    <utility>
    <variant>
    <vector>
    <absl/container/flat_hash_map.h>
    <absl/status/status.h>
    <absl/status/statusor.h>
    <absl/strings/str_cat.h>
    <absl/strings/str_format.h>
    <absl/types/span.h>)
endfunction()

if(STREAMHUB_PCH)
  streamhub_precompile(streamhub_precompiled absl::flat_hash_map absl::statusor
                       absl::str_format)
  if(GTest_FOUND)
    streamhub_precompile(streamhub_test_precompiled absl::flat_hash_map
                         absl::statusor absl::str_format GTest::gmock)
    target_precompile_headers(streamhub_test_precompiled PRIVATE
                              <gmock/gmock.h> <gtest/gtest.h>)
    target_compile_options(streamhub_test_precompiled
                           PRIVATE ${STREAMHUB_TEST_FLAGS})
  endif()
endif()
