#!/usr/bin/env bash
# Prints a table: how many messages a second one core takes of each format, and
# how many MB of it, from memory; of every benchmark the median of three.
#
#   bench/decoders.sh [BUILD_DIR]          (build/release; its benchmarks are
#                                          built)
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}

printf '%s, commit %s, %s x%s\n' "$(date -u +%F)" "$(git rev-parse --short HEAD)" \
  "$(nproc)" "$(grep -m1 '^model name' /proc/cpuinfo | cut -d: -f2)"
printf '%-44s %14s %10s\n' 'from memory, one core' 'M messages/s' 'MB/s'
for program in itch iex wire text; do
  "$build/bench/${program}_benchmark" --benchmark_filter='-ReplayAtMaxSpeed' \
    --benchmark_repetitions=3 --benchmark_report_aggregates_only=true \
    --benchmark_min_time="${MIN_TIME:-0.3}" --benchmark_format=csv 2>/dev/null |
    awk -F, '
      $1 ~ /_median"?$/ {
        name = $1
        gsub(/^"BM_|_median"$/, "", name)
        printf "%-44s %14.2f %10.0f\n", name, $7 / 1e6, $6 / 1e6
      }'
done
