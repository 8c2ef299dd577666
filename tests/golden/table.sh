#!/usr/bin/env bash
# Prints a table: each file of ../shared/data, the facts that golden files state
# of it, how many a test checks, and how many of those are right.
#
#   tests/golden/table.sh [BUILD_DIR]      (build/release; its tests are built)
#
# Below it are the facts that no test checks, each with its reason, of
# not_checked.txt. Ends with status 1 if one is wrong, or has no reason.
set -uo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/release}
data=../shared/data

if [[ ! -d $data ]]; then
  echo "no recordings at $data" >&2
  exit 1
fi

facts=$(mktemp)
log=$(mktemp)
trap 'rm -f "$facts" "$log"' EXIT
failed=0
for program in replay/replay_test crypto/crypto_test dbn/dbn_test iex/iex_test; do
  if ! STREAMHUB_GOLDEN_TABLE=$facts "$build/tests/feeds/$program" \
    --gtest_filter='*Golden*' --gtest_brief=1 >"$log" 2>&1; then
    echo "$program failed:" >&2
    grep -E 'Failure|FAILED' "$log" | head -20 >&2
    failed=1
  fi
done

# What there is: recordings, and the lists of facts that are files themselves.
list_files() {
  (cd "$data" && find . -type f ! -name README.md ! -path './LICENSES/*' \
    ! -name 'golden_*.json' | sed 's,^\./,,' | sort)
}

# FACTS, NOT_CHECKED and the list of files, to the table.
awk -F'\t' '
  function glob(pattern) {
    gsub(/[][.()+^$]/, "\\\\&", pattern)
    gsub(/\*/, ".*", pattern)
    return "^" pattern "$"
  }
  FNR == 1 { ++input }
  input == 1 { if ($0 !~ /^(#|$)/) { path[++rules] = $1; why[rules] = $2 } next }
  input == 2 {
    # The worst of what several programs say; read is better than unread.
    key = $1 SUBSEP $2
    rank = $3 == "wrong" ? 2 : $3 == "right" ? 1 : 0
    if (!(key in state)) { state[key] = rank; order[++keys] = key }
    if (rank > state[key]) state[key] = rank
    next
  }
  { files[++count] = $1 }
  END {
    for (i = 1; i <= keys; ++i) {
      split(order[i], part, SUBSEP)
      ++stated[part[1]]
      if (state[order[i]] > 0) ++checked[part[1]]
      if (state[order[i]] == 1) ++right[part[1]]
      if (state[order[i]] > 1) wrong[++wrongs] = part[1] ": " part[2]
      if (state[order[i]] > 0) continue
      reason = ""
      for (r = 1; r <= rules; ++r) if (part[2] ~ glob(path[r])) reason = why[r]
      if (reason == "") open[++opens] = part[1] ": " part[2]
      else ++left_out[reason]
    }
    format = "%-60s %8s %8s %8s\n"
    printf format, "file", "stated", "checked", "right"
    for (i = 1; i <= count; ++i) {
      name = ""
      for (fact in stated) {
        base = files[i]
        sub(/^[^\/]*\//, "", base)
        if (base ~ glob(fact)) name = fact
      }
      if (name == "") { printf format, files[i], "-", "-", "-"; ++silent; continue }
      if (name in shown) { printf format, files[i], "above", "", ""; continue }
      shown[name] = 1
      printf format, files[i], stated[name], checked[name] + 0, right[name] + 0
      s += stated[name]; c += checked[name]; g += right[name]
    }
    printf format, "sum of " count " files", s, c, g
    for (reason in left_out)
      printf "\nnot checked: %d, %s\n", left_out[reason], reason
    for (i = 1; i <= opens; ++i) print "not checked, no reason: " open[i]
    for (i = 1; i <= wrongs; ++i) print "WRONG: " wrong[i]
    for (fact in stated) if (!(fact in shown)) { print "of no file: " fact; ++opens }
    exit opens + wrongs + silent > 0
  }' tests/golden/not_checked.txt "$facts" <(list_files) || failed=1
exit "$failed"
