#!/usr/bin/env bash
# Proves this checkout, from nothing, in one command.
#
#   deploy/test.sh [--all]
#
# Installs the packages that are missing, builds the release preset with its
# tests, runs them, and starts the gateway as a user would.
#
#   --all    also the slow tests, the counts of instructions, the sanitizers,
#            the fuzzers, the format, the headers one by one, clang-tidy, and
#            the browser client's tests
#   --help   this text
#
# Every step runs, even after one that failed; each prints its seconds and what
# its test runner said last, and a failed one what went wrong. Full logs are in
# build/test-logs. The last line counts the tests: a check that is no test
# counts only if it fails. The status is 0 if nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
exec </dev/null  # nothing below may ask
# shellcheck source=deploy/setup.sh
. deploy/setup.sh

readonly logs=build/test-logs
jobs=$(nproc)
readonly jobs
passed=0 failed=0 skipped=0

# ---- What a step is

# The tests that the log $1 reports, as "PASSED FAILED SKIPPED"; nothing if it
# is no test runner's. Several runners in one log add up.
count_tests() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    # CTest: "98% tests passed, 2 tests failed out of 100"; it counts those
    # that skipped themselves as passed.
    /tests passed, [0-9]+ tests? failed out of [0-9]+/ {
      found = 1; f += $4; p += $NF - $4
    }
    /\*\*\*Skipped/ { s++; p-- }
    # Vitest: "      Tests  1 failed | 11 passed | 2 skipped (14)"
    /^ +Tests  .*\([0-9]+\)$/ {
      found = 1
      for (i = 2; i < NF; i++) {
        if ($(i + 1) == "passed") p += $i
        if ($(i + 1) == "failed") f += $i
        if ($(i + 1) == "skipped") s += $i
        if ($(i + 1) == "todo") s += $i
      }
    }
    # quickstart.sh --check is one test.
    /^check passed:/ { found = 1; p++ }
    END { if (found) print p + 0, f + 0, s + 0 }'
}

# What a test runner says last, and what a failed step has to say.
closing_lines() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" |
    grep -E -e 'tests passed, |^ +Tests  |^first price|^the page|^check ' \
      -e '^instructions: ' |
    sed 's/^ */    /'
}
what_went_wrong() {
  grep -vE '^ *Start +[0-9]+: | Passed +[0-9.]+ sec$|^\[[0-9]+/[0-9]+\] |^-- ' \
    "$1" | tail -n 200 | sed 's/^/  | /'
}

# run NAME COMMAND...: sets $status and $log.
run() {
  local name=$1 from=$SECONDS
  shift
  log=$logs/${name//[^a-z0-9]/-}.log
  status=0
  printf '== %s\n' "$name"
  "$@" >"$log" 2>&1 || status=$?
  closing_lines "$log"
  if ((status != 0)); then
    what_went_wrong "$log"
    printf '   %s FAILED with status %d' "$name" "$status"
  else
    printf '   %s: ok' "$name"
  fi
  printf ', %d s\n' $((SECONDS - from))
}

# A step that runs no tests: counts, as one failed test, only if it fails.
check() {
  run "$@"
  ((status == 0)) || failed=$((failed + 1))
}

# A step that runs tests. It cannot fail without a failed test, and one that
# reports no tests at all has failed.
tests() {
  local p=0 f=0 s=0 counts
  run "$@"
  counts=$(count_tests "$log")
  if [[ -z $counts ]]; then
    echo '   no tests were reported'
    status=1
  fi
  read -r p f s <<<"${counts:-0 0 0}"
  ((status != 0 && f == 0)) && f=1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# ---- The steps

install() { install_packages build test "$@"; }

configure_and_build() {  # PRESET [OPTION...]
  local preset=$1
  shift
  # On after a failed file: one run shows every error.
  cmake --preset "$preset" "$@" &&
    cmake --build --preset "$preset" -j "$jobs" -- -k 0
}

run_ctest() {  # PRESET [OPTION...]
  ctest --preset "$1" -j "$jobs" --output-on-failure "${@:2}"
}

# A sanitizer preset without its canary would be green and prove nothing.
run_ctest_with_canary() {
  run_ctest "$1" -N -R '^sanitizer_canary' | grep -q 'Total Tests: [1-9]' || {
    echo "preset $1 has no sanitizer canary: are the sanitizers on?"
    return 1
  }
  run_ctest "$1"
}

sources() {  # FOLDER...: our C++ files
  find "$@" \( -name build -o -name node_modules -o -name '.?*' \) -prune -o \
    \( -name '*.h' -o -name '*.cc' \) -print
}

check_format() {
  sources . | xargs -r -P "$jobs" -n 20 clang-format-14 --dry-run -Werror
}

check_headers() {
  cmake --build --preset release -j "$jobs" \
    --target all_verify_interface_header_sets -- -k 0
}

# What includes Asio is left out: it costs clang-tidy half a minute a file.
check_clang_tidy() {
  local -a files
  mapfile -t files < <(sources gateway/{base,market,codec,access,session} \
    feeds 2>/dev/null | grep '\.cc$' | xargs -r grep -L '<boost/')
  printf 'clang-tidy of %d files\n' "${#files[@]}"
  ((${#files[@]} > 0)) || return
  printf '%s\n' "${files[@]}" |
    xargs -P "$jobs" -n 2 clang-tidy-14 -p build/release --quiet \
      --extra-arg=-Wno-unknown-warning-option
}

# Each in a shell of its own: the log's path is relative to this one's folder.
install_web() (
  cd web || return
  # npm ci begins by deleting everything.
  [[ node_modules/.package-lock.json -nt package-lock.json ]] ||
    npm ci --no-audit --no-fund
)

test_web() (  # SCRIPT of package.json
  cd web && NO_COLOR=1 timeout 900 npm run "$1"
)

mkdir -p "$logs"
all=0
case ${1:-} in
  '') ;;
  --all) all=1 ;;
  --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  *)
    echo "test.sh: unknown argument $1; see --help" >&2
    exit 2
    ;;
esac

if ((all)); then
  check 'packages' install all
else
  check 'packages' install
fi
((status == 0)) || exit 1  # its log said how to install them

check 'build release' configure_and_build release -DSTREAMHUB_TESTS=ON
if ((all)); then
  tests 'test release' run_ctest release
else
  tests 'test release' run_ctest release -LE slow
fi
tests 'quickstart' deploy/quickstart.sh --check

if ((all)); then
  check 'instructions' bench/instructions.sh --check
  check 'format' check_format
  check 'headers' check_headers
  check 'clang-tidy' check_clang_tidy
  for preset in asan tsan fuzz; do
    check "build $preset" configure_and_build "$preset"
    tests "test $preset" run_ctest_with_canary "$preset"
  done
  check 'web packages' install_web
  tests 'web unit tests' test_web test
  tests 'web browser tests' test_web test:browser
fi

printf '\n%d seconds, %d tests skipped themselves\n' "$SECONDS" "$skipped"
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
