#!/usr/bin/env bash
# What clients that mean ill cost those that do not: the 99th percentile of the
# latency of well-behaved clients while nobody attacks, and during each attack;
# and what the gateway has open, and in memory, before and after.
#
#   bench/attack.sh [--clients N] [--duration S] [--scale X] [--out FILE]
#
#   --clients N    well-behaved ones, ten symbols each, every change; default 500
#   --duration S   seconds that are measured, of each attack; default 30
#   --scale X      part of each attack: of 1,000 slowloris connections, 1,000
#                  connections a second, 500 clients that subscribe and
#                  unsubscribe without a pause, 1 GB of garbage; default 1
#   --out FILE     where the table goes as well
#   --help         this text
#
# Status 0: there are results, 1: nothing was measured, 2: wrong use.
#
# Attackers come from 127.0.0.2, which the gateway does not trust. Gateway,
# clients and attackers share the cores of this machine: what an attacker takes
# of them it takes from all. With the defaults it takes about five minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly streamhub=build/release/streamhub
readonly attack=build/release/bench/attack/attack
clients=500 duration=30 scale=1 out=/dev/null
server=

usage() { sed -n '2,/^set/{/^set/d; s/^# \{0,1\}//; p}' "$0"; }

while (($# > 0)); do
  case $1 in
    --help) usage && exit ;;
    --clients | --duration | --scale | --out)
      (($# > 1)) || { echo "attack.sh: $1 wants a value" >&2 && exit 2; }
      declare "${1#--}=$2" && shift 2
      ;;
    *) echo "attack.sh: what is $1?" >&2 && exit 2 ;;
  esac
done
for program in "$streamhub" "$attack"; do
  [[ -x $program ]] || {
    echo "attack.sh: build it first: ninja -C build/release streamhub attack" >&2
    exit 1
  }
done

work=$(mktemp -d)
stop() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  rm -r "$work"
}
trap stop EXIT

part() { awk -v n="$1" -v scale="$scale" \
  'BEGIN { x = int(n * scale); print x < 1 ? 1 : x }'; }

start() {
  ulimit -n "$(ulimit -H -n)"
  "$streamhub" serve --port 0 --admin-port 0 --even-ticks --tape 0 \
    --symbols 1000 --ticks-per-second 500 --quiet-after-ms 3600000 \
    --trusted-addresses 127.0.0.1 >"$work/serve" 2>"$work/log" &
  server=$!
  for ((i = 0; i < 100; ++i)); do
    port=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/serve" "$work/log" |
      head -n 1 | grep -o '[0-9]*$' || true)
    admin=$(grep -oh 'admin[^0-9]*127.0.0.1:[0-9]*' "$work/serve" "$work/log" |
      head -n 1 | grep -o '[0-9]*$' || true)
    [[ -n $port ]] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/log" >&2
  echo "attack.sh: the gateway did not start" >&2
  exit 1
}

descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
memory_mb() { awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$server/status"; }

say() { printf '%s\n' "$1" | tee -a "$out"; }

number() { grep -o "\"$1\":{[^}]*" "$work/bench" | head -n 1 |
  grep -o '"p99":[0-9.]*' | grep -o '[0-9.]*$'; }

# Measures the well-behaved clients, beside an attack if there is one.
measure() {
  local name=$1 did='' before after
  shift
  before="$(descriptors) / $(memory_mb)"
  if (($# > 0)); then
    "$attack" "$name" "$port" "$@" >"$work/attack" &
    local attacker=$!
  fi
  "$streamhub" bench --url "http://127.0.0.1:$port" --server-pid "$server" \
    --clients "$clients" --max-rate unlimited --warmup 3 \
    --duration "$duration" --json >"$work/bench" 2>"$work/bench.log" || true
  p99=$(number latency_us || true)
  if (($# > 0)); then
    wait "$attacker" || true
    did=$(<"$work/attack")
  fi
  # What is closing has two seconds for it, a request that never ends ten.
  sleep 13
  after="$(descriptors) / $(memory_mb)"
  [[ -n ${p99:-} ]] || {
    cat "$work/bench.log" >&2
    echo "attack.sh: nothing was measured" >&2
    exit 1
  }
  : "${calm:=$p99}"
  ratio=$(awk -v a="$p99" -v b="$calm" 'BEGIN { printf "%.2f", a / b }')
  say "| $name | $p99 | $ratio | $before | $after | $did |"
}

start
: >>"$out"
say "$(date -u +%Y-%m-%d), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg) before; $clients clients, $duration s each, scale $scale"
say ''
say '| attack | p99, us | ratio to calm | descriptors / MB before | after | what was done |'
say '| --- | --- | --- | --- | --- | --- |'
seconds=$((duration + 3))
measure calm
measure slowloris "$(part 1000)" 1000 "$seconds" 0
measure connects "$(part 2000)" "$(part 1000)" "$seconds" 0
measure churn "$(part 500)" 1000 "$seconds" 0
measure garbage 8 1000 "$seconds" "$(part 1000000000)"
measure calm
say ''
[[ -z $admin ]] || curl -s "http://127.0.0.1:$admin/metrics" |
  grep '^streamhub_refusals_total' | grep -v ' 0$' | tee -a "$out" || true
