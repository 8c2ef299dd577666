# The one helper that makes our targets, and the flags they share.

find_package(Threads REQUIRED)

add_library(streamhub_flags INTERFACE)
target_compile_features(streamhub_flags INTERFACE cxx_std_20)
target_compile_options(
  streamhub_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                            -Woverloaded-virtual -Wimplicit-fallthrough)
if(STREAMHUB_WERROR)
  target_compile_options(streamhub_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU
   AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12's optimizer sees overlaps in `"a" + std::string` (GCC bug 105651).
  target_compile_options(streamhub_flags
                         INTERFACE $<$<NOT:$<CONFIG:Debug>>:-Wno-restrict>)
endif()
if(STREAMHUB_SANITIZE)
  # On the target, not in CMAKE_CXX_FLAGS: a cached CMAKE_CXX_FLAGS silently
  # wins over a preset's environment. tests/sanitizer_canary proves it is on.
  string(REPLACE ";" "," _sanitizers "${STREAMHUB_SANITIZE}")
  target_compile_options(streamhub_flags
                         INTERFACE -fsanitize=${_sanitizers}
                                   -fno-omit-frame-pointer
                                   -fno-sanitize-recover=all)
  target_link_options(streamhub_flags INTERFACE -fsanitize=${_sanitizers})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Instrumented code gives false alarms, as GCC's manual says; with
    # precompiled headers also such as lie in the standard library's own.
    target_compile_options(
      streamhub_flags INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds
                                -Wno-stringop-overflow)
  endif()
  if(STREAMHUB_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Asio's headers use fences, which GCC's TSan cannot model and warns of.
    target_compile_options(streamhub_flags INTERFACE -Wno-tsan)
  endif()
endif()
# The tests' own files, which are more than the product's: half the time to
# compile, and hardly more to run.
set(STREAMHUB_TEST_FLAGS -O0)
target_include_directories(streamhub_flags
                           INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
target_link_libraries(streamhub_flags INTERFACE Threads::Threads)

# streamhub_library(NAME [HEADERS h...] [SOURCES cc...] [DEPS target...]
#                   [PRIVATE_DEPS target...])
# One target per folder. Every header is in a header set, so the target
# all_verify_interface_header_sets proves that each compiles alone. PRIVATE_DEPS
# are those that no header shows: whoever embeds the gateway links them, but
# compiles without them. So it is with our warnings, which are nobody else's.
function(streamhub_library name)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    if(STREAMHUB_PCH)
      target_precompile_headers(${name} REUSE_FROM streamhub_precompiled)
    endif()
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS
                 ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_compile_features(${name} ${scope} cxx_std_20)
  target_link_libraries(${name} ${scope} $<BUILD_INTERFACE:streamhub_flags>
                                         Threads::Threads ${arg_DEPS})
  if(arg_PRIVATE_DEPS)
    target_link_libraries(${name} PRIVATE ${arg_PRIVATE_DEPS})
  endif()
endfunction()

# streamhub_test(NAME [ONE_THREAD] [OPTIMIZED] [ALONE] SOURCES cc...
#                DEPS target...)
# A GoogleTest program; each of its tests is a CTest test. One of ONE_THREAD is
# left out where the thread sanitizer is on: it would find nothing. One that is
# OPTIMIZED runs for longer than it compiles. Beside one that is ALONE no other
# runs: it holds the gateway to a time.
function(streamhub_test name)
  cmake_parse_arguments(arg "ONE_THREAD;OPTIMIZED;ALONE" ""
                        "SOURCES;DEPS;LABELS" ${ARGN})
  if(arg_ONE_THREAD AND STREAMHUB_SANITIZE STREQUAL "thread")
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} streamhub_flags
                                        GTest::gmock GTest::gtest_main)
  if(NOT arg_OPTIMIZED)
    target_compile_options(${name} PRIVATE ${STREAMHUB_TEST_FLAGS})
    if(STREAMHUB_PCH)
      target_precompile_headers(${name} REUSE_FROM streamhub_test_precompiled)
    endif()
  endif()
  target_compile_definitions(
    ${name} PRIVATE STREAMHUB_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                    STREAMHUB_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(
    ${name} DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 RUN_SERIAL ${arg_ALONE} LABELS "${arg_LABELS}")
endfunction()

# streamhub_fuzz(NAME SOURCE cc DEPS target... CORPUS folder)
# With the fuzz preset a libFuzzer program; in every other preset the same
# source with a main that replays the committed corpus, as a CTest test.
# Names start with fuzz_, the CORPUS folder is relative to the caller's.
function(streamhub_fuzz name)
  cmake_parse_arguments(arg "" "SOURCE;CORPUS" "DEPS" ${ARGN})
  set(arg_CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS})
  add_executable(${name} ${arg_SOURCE})
  add_dependencies(fuzzers ${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} streamhub_flags)
  if(STREAMHUB_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(seconds 5)
    # A build folder first: libFuzzer writes into the first folder it is given.
    set(grown ${CMAKE_CURRENT_BINARY_DIR}/${name}.corpus)
    file(MAKE_DIRECTORY ${grown})
    add_test(NAME ${name} COMMAND ${name} -max_total_time=${seconds}
                                  -max_len=4096 ${grown} ${arg_CORPUS})
  else()
    target_sources(${name}
                   PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME ${name} COMMAND ${name} ${arg_CORPUS})
  endif()
endfunction()
