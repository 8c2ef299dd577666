#!/usr/bin/env bash
# Fuzzes decoders for a while and tells what came of it, a line for each.
#
#   tests/fuzz/campaign.sh [--minutes N] [--build DIR] [--work DIR] [TARGET...]
#
#   --minutes N   CPU minutes for each target, a whole number (default 10)
#   --build DIR   where the fuzz preset was built (default build/fuzz):
#                 cmake --preset fuzz && cmake --build --preset fuzz
#   --work DIR    where inputs that reach new code are kept, and what failed
#                 (default build/fuzz/campaign)
#   TARGET        fuzz_itch, ...; default: all that decode what comes from
#                 outside as a feed or a file
#
# The status is 1 if any target found something: its line says where.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
minutes=10 build=build/fuzz work=
targets=()
while (($# > 0)); do
  case $1 in
    --minutes) minutes=$2 && shift 2 ;;
    --build) build=$2 && shift 2 ;;
    --work) work=$2 && shift 2 ;;
    --help | -*)
      sed -n '2,/^set/{/^set/d; s/^# \{0,1\}//; p}' "$0"
      [[ $1 == --help ]]
      exit
      ;;
    *) targets+=("$1") && shift ;;
  esac
done
[[ $minutes =~ ^[1-9][0-9]*$ ]] || {
  echo "--minutes $minutes: want a whole number from 1" >&2
  exit 2
}
work=${work:-$build/campaign}
if ((${#targets[@]} == 0)); then
  for name in crypto csv csv_books dbn derived fix iex itch packets soup \
    tick_record ticklog; do
    [[ -x $build/tests/fuzz/fuzz_$name ]] && targets+=("fuzz_$name")
  done
fi
((${#targets[@]} > 0)) || { echo "no fuzz targets in $build" >&2 && exit 2; }

# Sets $cpu to the CPU seconds of this shell's children so far. `times` is of
# the shell that calls it, which must not be a pipe's.
read_cpu() {
  times >"$work/times"
  cpu=$(awk 'NR == 2 {
    for (i = 1; i <= 2; i++) { split($i, p, /[ms]/); s += 60 * p[1] + p[2] }
    print int(s) }' "$work/times")
}

printf '%-17s %12s %8s %8s %9s  %s\n' target runs CPU-s "runs/s" coverage found
mkdir -p "$work"
worst=0
for target in "${targets[@]}"; do
  inputs=$work/$target/inputs found=$work/$target/found
  mkdir -p "$inputs" "$found"
  log=$work/$target/log
  : >"$log"
  runs=0 rc=0
  read_cpu
  start=$cpu used=0
  # In slices: libFuzzer counts the time of the clock, not the CPU's.
  while ((used < minutes * 60 && rc == 0)); do
    "$build/tests/fuzz/$target" -max_total_time=30 -print_final_stats=1 \
      -rss_limit_mb=4096 -timeout=60 -artifact_prefix="$found/" \
      "$inputs" "tests/fuzz/corpus/${target#fuzz_}" >"$log.slice" 2>&1 || rc=$?
    runs=$((runs + $(awk '/stat::number_of_executed_units/ {print $2}' \
      "$log.slice" | tail -n 1 | grep . || echo 0)))
    cat "$log.slice" >>"$log"
    read_cpu
    used=$((cpu - start))
  done
  coverage=$(grep -o ' cov: [0-9]*' "$log" | tail -n 1 | tr -dc 0-9)
  what=nothing
  ((rc == 0)) || what="FAILED: $found, $log" worst=1
  printf '%-17s %12d %8d %8d %9s  %s\n' "$target" "$runs" "$used" \
    $((runs / (used > 0 ? used : 1))) "${coverage:-?}" "$what"
done
exit "$worst"
