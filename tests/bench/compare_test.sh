#!/usr/bin/env bash
# bench/compare.sh of the source folder $1: what it refuses, and how it ends. It
# runs in a folder of its own, on programs that only seem to measure.
set -euo pipefail
source=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir -p "$scratch"/{bench/peers,deploy,tools,build/release/bench/peers}
cp "$source/bench/compare.sh" "$scratch/bench"
cp "$source"/bench/peers/*.sh "$scratch/bench/peers"
cp "$source/deploy/setup.sh" "$scratch/deploy"
printf '#!/bin/sh\n' >"$scratch/tools/cmake"
printf '#!/bin/sh\necho a table\n' \
  >"$scratch/build/release/bench/peers/compare_table"
streamhub=$scratch/build/release/streamhub

# The gateway's bench does $1.
measures() {
  printf '#!/bin/sh\n%s\n' "$1" >"$streamhub"
  chmod +x "$streamhub" "$scratch/tools/cmake" \
    "$scratch/build/release/bench/peers/compare_table"
}

fail() {
  printf 'FAILED: %s\n' "$1"
  exit 1
}

compare() {
  status=0
  said=$(PATH=$scratch/tools:$PATH "$scratch/bench/compare.sh" --peers '' \
    --client-cpu 0 --workload storm --pairs 1 "$@" 2>&1) || status=$?
}

refuses() {  # WHY ARGUMENT...
  local why=$1
  shift
  compare "$@"
  [[ $status == 2 && $said == "compare.sh: $why"* ]] ||
    fail "$*: status $status, said: $said"
}

measures 'exit 1'
for wrong in 0 -1 x 1.5 ''; do
  refuses "--pairs $wrong: expected" --pairs "$wrong"
done
for flag in --scale --duration; do
  for wrong in 0 0.0 -1 x 1e3 .; do
    refuses "$flag $wrong: expected a number above 0" "$flag" "$wrong"
  done
done
refuses '--duration : expected' --duration ''
for flag in --server-cpu --client-cpu; do
  refuses "$flag 9000: there is no such core" "$flag" 9000
done
refuses 'no workload nobody' --workload nobody
refuses 'no peer nobody' --peers nobody
refuses '--out needs a value' --out
mkdir "$scratch/full"
: >"$scratch/full/other"
refuses "--out $scratch/full: is not empty" --out "$scratch/full"

compare --out "$scratch/none"
[[ $status == 1 && $said == *'compare.sh: nothing was measured' ]] ||
  fail "nothing measured: status $status, said: $said"

measures 'echo {}; exit 1'
compare --out "$scratch/some"
[[ $status == 0 && $said == *'a table'* ]] ||
  fail "a result: status $status, said: $said"

# A signal ends it, and what it runs, long before that would end by itself.
mkfifo "$scratch/began"
measures "echo \$\$ >'$scratch/began'; exec sleep 60"
for signal in TERM INT; do
  rm -rf "$scratch/stopped"
  # In the background INT would be ignored.
  PATH=$scratch/tools:$PATH env --default-signal=INT \
    "$scratch/bench/compare.sh" --peers '' --client-cpu 0 --workload storm \
    --pairs 1 --out "$scratch/stopped" >/dev/null 2>&1 &
  script=$!
  read -r measuring <"$scratch/began"
  kill "-$signal" "$script"
  status=0
  wait "$script" || status=$?
  [[ $signal == TERM && $status == 143 || $signal == INT && $status == 130 ]] ||
    fail "$signal: status $status"
  ! kill -0 "$measuring" 2>/dev/null || fail "$signal: it runs on"
done
echo 'compare.sh refuses what is wrong, and ends when it is told to'
