#!/usr/bin/env bash
# Counts the instructions of small operations under callgrind, and compares them
# with those that are recorded: they repeat where times do not.
#
#   bench/instructions.sh --check         fails if one moved by more than 2 %
#   bench/instructions.sh --record        writes instructions/recorded.txt anew
#   bench/instructions.sh --show [NAME]   counts, and compares with nothing
#   bench/instructions.sh --profile NAME  what one consists of, by function
#   bench/instructions.sh --compare RECORDED COUNTED
#                                         what --check does with two files
#
# A count belongs to a compiler: where another one builds, --check says so and
# passes. The release preset has to be configured, with tests. What could make
# two runs differ is kept the same: the environment and the program's path,
# which move the stack, the random places of memory, and what the C library and
# simdjson choose by the processor.
set -euo pipefail
shopt -s inherit_errexit
self=$(realpath "${BASH_SOURCE[0]}")
readonly self
cd "${self%/*}/.."

readonly recorded=bench/instructions/recorded.txt
readonly build=build/release
readonly per_cent=2

# Any processor has what is left, and takes the same way through it.
hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,-AVX512BW
hwcaps+=,-EVEX,-ERMS,-FSRM,-RTM,-BMI1,-BMI2,-SSE4_2,-SSE4_1,-SSSE3
hwcaps+=,-Fast_Unaligned_Copy,-Fast_Copy_Backward,-Prefer_No_VZEROUPPER
tunables=glibc.cpu.hwcaps=$hwcaps
tunables+=:glibc.cpu.x86_non_temporal_threshold=0xc0000
tunables+=:glibc.cpu.x86_rep_movsb_threshold=2048
tunables+=:glibc.cpu.x86_rep_stosb_threshold=2048
readonly tunables

compiler() { g++ --version | head -n 1; }

# What else is compiled in or called.
libraries() {
  dpkg-query -W -f '${Package} ${Version}, ' libabsl-dev libc6 \
    libflatbuffers-dev libsimdjson-dev libstdc++6 valgrind 2>/dev/null |
    sed 's/, $/\n/'
}

# Runs the operation $1, callgrind's output to $2. Prints how often it was done.
run_counted() (
  cd "$build/bench/instructions"
  env -i PATH=/usr/bin:/bin LC_ALL=C LD_BIND_NOW=1 \
    GLIBC_TUNABLES="$tunables" SIMDJSON_FORCE_IMPLEMENTATION=westmere \
    timeout 300 valgrind --quiet --tool=callgrind --collect-atstart=no \
    --toggle-collect='streamhub::Counted*' --callgrind-out-file="$2" \
    ./instructions "$1"
)

# Prints "NAME COUNT", instructions of one operation $1 on the average.
count() (
  out=$(mktemp)
  trap 'rm -f "$out"' EXIT
  times=$(run_counted "$1" "$out")
  awk -v name="$1" -v times="$times" '
    /^totals:/ { total = $2 }
    END {
      if (total == 0 || times == 0) {
        print "instructions: nothing was counted of " name >"/dev/stderr"
        exit 1
      }
      printf "%-24s %.1f\n", name, total / times
    }' "$out"
)

profile() (
  out=$(mktemp)
  trap 'rm -f "$out"' EXIT
  times=$(run_counted "$1" "$out")
  printf '%s, %s times:\n' "$1" "$times"
  callgrind_annotate "$out" | grep -E '\( *[0-9.]+%\)' | cut -c 1-200
)

operations() { "$build/bench/instructions/instructions" | awk '{ print $1 }'; }

# Prints the counts of $@, or of all.
count_all() {
  local -a all
  local counted
  mapfile -t all <<<"$(operations)"
  (($# > 0)) || set -- "${all[@]}"
  counted=$(printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 "$self" --count)
  # In the program's order, whoever was ready first.
  local name
  for name; do grep "^$name " <<<"$counted"; done
}

require() {
  command -v valgrind >/dev/null || {
    echo 'instructions: valgrind is missing: deploy/setup.sh all' >&2
    return 1
  }
  [[ -f $build/build.ninja ]] || {
    echo 'instructions: first cmake --preset release -DSTREAMHUB_TESTS=ON' >&2
    return 1
  }
  cmake --build "$build" --target instructions >/dev/null
}

# Names every operation of the file $2 that is not as file $1 has it. 1 if there
# is one.
compare() {
  awk -v limit="$per_cent" -v recorded="$1" '
    /^#/ || NF == 0 { next }
    FILENAME == recorded { old[$1] = $2; order[++n] = $1; next }
    {
      ++operations
      if (!($1 in old)) {
        printf "instructions: %s has %s, and is not recorded\n", $1, $2
        ++moved
        next
      }
      change = ($2 / old[$1] - 1) * 100
      if (change > limit || change < -limit) {
        printf "instructions: %s has %s, recorded are %s: %+.1f %%\n", $1, $2,
               old[$1], change
        ++moved
      }
      seen[$1] = 1
    }
    END {
      for (i = 1; i <= n; ++i) {
        if (order[i] in seen) continue
        printf "instructions: %s is recorded, and there is none\n", order[i]
        ++moved
      }
      printf "instructions: %d operations, %d moved by more than %d %%\n",
             operations, moved, limit
      exit moved > 0
    }' "$1" "$2"
}

check() {
  local was counted
  was=$(sed -n 's/^# compiler: //p' "$recorded")
  if [[ $was != "$(compiler)" ]]; then
    echo "instructions: skipped, recorded with $was, this is $(compiler)"
    return 0
  fi
  require
  counted=$(count_all)
  compare "$recorded" - <<<"$counted" && return
  was=$(sed -n 's/^# libraries: //p' "$recorded")
  if [[ $was != "$(libraries)" ]]; then
    printf 'instructions: other libraries\n  recorded %s\n  here     %s\n' \
      "$was" "$(libraries)"
  fi
  echo 'instructions: if that is meant, bench/instructions.sh --record' \
    'and say why in the commit'
  return 1
}

record() {
  local counted
  require
  counted=$(count_all)
  {
    echo '# Instructions of one operation, on the average. Written by'
    echo '# bench/instructions.sh --record; what they are: bench/README.md.'
    echo "# compiler: $(compiler)"
    echo "# libraries: $(libraries)"
    echo "# machine:$(sed -n '/^model name/{s/.*://p;q}' /proc/cpuinfo)"
    echo "# date: $(date -u +%F)"
    echo
    cat <<<"$counted"
  } >"$recorded"
  echo "instructions: $(grep -vc '^#\|^$' "$recorded") operations recorded"
}

case ${1:-} in
  --check) check ;;
  --record) record ;;
  --show)
    require
    count_all "${@:2}"
    ;;
  --profile)
    require
    profile "${2:?which}"
    ;;
  --compare) compare "$2" "$3" ;;
  --count) count "$2" ;;  # of count_all
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$self"
    [[ ${1:-} == --help ]] && exit 0
    exit 2
    ;;
esac
