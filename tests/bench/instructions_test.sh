#!/usr/bin/env bash
# What bench/instructions.sh ($1) says of counts that moved, without counting.
set -euo pipefail
script=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

printf '# compiler: some\n\nread 200.0\nwrite 100.0\n' >"$scratch/recorded"

# Compares what is recorded with the counts $1.
compare() {
  printf '%s\n' "$1" >"$scratch/counted"
  status=0
  out=$(bash "$script" --compare "$scratch/recorded" "$scratch/counted") ||
    status=$?
}

expect() {  # WHAT STATUS OUTPUT
  if [[ $status != "$2" || $out != "$3" ]]; then
    printf 'FAILED: %s\nstatus %s, want %s\n%s\nwant\n%s\n' \
      "$1" "$status" "$2" "$out" "$3"
    exit 1
  fi
}

compare $'read 200.0\nwrite 100.0'
expect 'what is the same passes' 0 \
  'instructions: 2 operations, 0 moved by more than 2 %'

compare $'read 203.9\nwrite 98.1'
expect 'less than 2 % passes' 0 \
  'instructions: 2 operations, 0 moved by more than 2 %'

compare $'read 200.0\nwrite 105.0'
expect '5 % more fails' 1 \
  'instructions: write has 105.0, recorded are 100.0: +5.0 %
instructions: 2 operations, 1 moved by more than 2 %'

# Else it could be lost again unseen.
compare $'read 190.0\nwrite 100.0'
expect '5 % less fails' 1 \
  'instructions: read has 190.0, recorded are 200.0: -5.0 %
instructions: 2 operations, 1 moved by more than 2 %'

compare $'read 200.0\nerase 7.0'
expect 'new and missing ones fail' 1 \
  'instructions: erase has 7.0, and is not recorded
instructions: write is recorded, and there is none
instructions: 2 operations, 2 moved by more than 2 %'

compare ''
expect 'no counts at all fail' 1 \
  'instructions: read is recorded, and there is none
instructions: write is recorded, and there is none
instructions: 0 operations, 2 moved by more than 2 %'

# The recorded file is of another compiler than this one.
mkdir "$scratch/bin"
printf '#!/bin/sh\necho "g++ of the future"\n' >"$scratch/bin/g++"
chmod +x "$scratch/bin/g++"
status=0
out=$(PATH=$scratch/bin:$PATH bash "$script" --check) || status=$?
[[ $status == 0 && $out == 'instructions: skipped, recorded with '* &&
  $out == *', this is g++ of the future' ]] || {
  printf 'FAILED: another compiler: status %s\n%s\n' "$status" "$out"
  exit 1
}
echo 'instructions.sh names what moved'
