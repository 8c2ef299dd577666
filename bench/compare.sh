#!/usr/bin/env bash
# Compares the gateway with other servers on the same workloads, read by the
# same clients: one table with ratios, in words where a peer wins, and the raw
# results beside it.
#
#   bench/compare.sh [--workload NAME]... [--pairs N] [--peers LIST] [--out DIR]
#                    [--scale X] [--duration S] [--server-cpu N] [--client-cpu N]
#
#   --workload NAME   immediate, broadcast, caplin-10, caplin-100, hot, storm;
#                     default: all
#   --pairs N         rounds, each of all servers one after the other; default 5
#   --peers LIST      of nchan,bun,nats,mosquitto,beast; default: all
#   --out DIR         where the results go; default build/compare/DATE
#   --scale X         part of each workload's clients, for a quick look
#   --duration S      seconds that are measured, instead of each workload's
#   --server-cpu N, --client-cpu N
#                     the cores of the servers and of the clients, with their
#                     publisher; default 0 and 1
#   --help            this text
#
# Status 0: there are results, 1: nothing was measured, 2: wrong use.
#
# Servers that are missing are fetched into build/compare/tools and run from
# there; see bench/peers/install.sh. The method is in bench/README.md. With all
# workloads it takes about an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/setup.sh
. deploy/setup.sh

readonly tools=$PWD/build/compare/tools
readonly streamhub=build/release/streamhub
readonly bin=build/release/bench/peers
# shellcheck source=bench/peers/install.sh
. bench/peers/install.sh
# shellcheck source=bench/peers/start.sh
. bench/peers/start.sh
# shellcheck source=bench/peers/workloads.sh
. bench/peers/workloads.sh

workloads=()
pairs=5
peers='nchan bun nats mosquitto beast'
out=build/compare/$(date -u +%Y%m%d-%H%M%S)
scale=1
unset duration_wanted
server_cpu=0
client_cpu=1

running=  # the process group of what runs now

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

wrong_use() {
  echo "compare.sh: $1" >&2
  exit 2
}

# The value $2 of $1 is a number above 0.
check_number() {
  [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ && $2 =~ [1-9] ]] ||
    wrong_use "$1 $2: expected a number above 0"
}

# The value $2 of $1 is a core that one may run on.
check_cpu() {
  if [[ ! $2 =~ ^[0-9]+$ ]] || ! taskset -c "$2" true 2>/dev/null; then
    wrong_use "$1 $2: there is no such core for this user"
  fi
}

check() {
  local workload peer
  [[ $pairs =~ ^[1-9][0-9]{0,3}$ ]] ||
    wrong_use "--pairs $pairs: expected a whole number from 1 on"
  check_number --scale "$scale"
  [[ -z ${duration_wanted+x} ]] || check_number --duration "$duration_wanted"
  check_cpu --server-cpu "$server_cpu"
  check_cpu --client-cpu "$client_cpu"
  for workload in "${workloads[@]}"; do
    choose_workload "$workload" || exit 2
  done
  for peer in $peers; do
    [[ " nchan bun nats mosquitto beast " == *" $peer "* ]] ||
      wrong_use "no peer $peer"
  done
  [[ -n $out ]] || wrong_use '--out: must not be empty'
  [[ ! -e $out || -d $out ]] || wrong_use "--out $out: is no folder"
  # Results that another run left there would be taken for those of this one.
  [[ ! -d $out || -z $(ls -A "$out") ]] ||
    wrong_use "--out $out: is not empty"
}

# Runs "$@" in a process group of its own, so that a signal that ends this
# script ends all of it at once, and not after it has run to its end.
guarded() {
  local status=0
  setsid "$@" &
  running=$!
  wait "$running" || status=$?
  running=
  return "$status"
}

# Leaves nothing behind, whatever ended this script.
finish() {
  trap '' INT TERM
  if [[ -n $running ]]; then
    kill -- "-$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi
  stop_peer
}

parse() {
  while (($# > 0)); do
    case $1 in
      --help)
        usage
        exit 0
        ;;
      --workload | --pairs | --peers | --out | --scale | --duration | \
        --server-cpu | --client-cpu)
        (($# >= 2)) || wrong_use "$1 needs a value"
        ;;&
      --workload) workloads+=("$2") ;;
      --pairs) pairs=$2 ;;
      --peers) peers=${2//,/ } ;;
      --out) out=$2 ;;
      --scale) scale=$2 ;;
      --duration) duration_wanted=$2 ;;
      --server-cpu) server_cpu=$2 ;;
      --client-cpu) client_cpu=$2 ;;
      *)
        wrong_use "unknown argument $1; see --help"
        ;;
    esac
    shift 2
  done
  ((${#workloads[@]} > 0)) || read -ra workloads <<<"$all_workloads"
}

# Where, when and what: beside the results.
write_machine() {
  local peer
  {
    echo "date: $(date -u +%Y-%m-%d)"
    echo "commit: $(git describe --always --dirty 2>/dev/null || echo unknown)"
    echo "machine: $(nproc) x$(sed -n 's/^model name.*://p' /proc/cpuinfo |
      head -n 1), Linux $(uname -r)"
    for peer in $peers; do echo "$peer: $(version_of "$peer")"; done
  } >"$out/machine.txt"
}

write_workload() {
  printf '{"name":"%s","kind":"%s","clients":%d,"each":%d,"symbols":%d,' \
    "$workload" "$kind" "$clients" "$each" "$symbols"
  printf '"ticks_per_second":%s,"duration_s":%s,"pairs":%d,"systems":[' \
    "$ticks" "$duration" "$pairs"
  local comma='' system
  for system in "${systems[@]}"; do
    printf '%s{"name":"%s","max_rate":"%s"}' "$comma" "${system%%=*}" \
      "${system#*=}"
    comma=,
  done
  printf ']}\n'
}

# Seconds after which a run is ended: what it should take, and a minute more.
limit() {
  awk -v c="$clients" -v r="$connect_rate" -v w="$warmup" -v d="$duration" \
    -v floor="$1" 'BEGIN { print int((c / r + w + d) * (floor + 1) + 90) }'
}

run_gateway() {
  local -a floor=()
  local with=0
  if [[ $kind != storm ]]; then
    floor=(--floor)
    with=1
  fi
  guarded timeout --foreground -k 5 "$(limit $with)" "$streamhub" bench --json --transport ws \
    --clients "$clients" --symbols-per-client "$each" \
    --server-symbols "$symbols" --ticks-per-second "$ticks" \
    --max-rate "$1" --connect-rate "$connect_rate" --warmup "$warmup" \
    --duration "$duration" --server-cpu "$server_cpu" \
    --client-cpus "$client_cpu" "${floor[@]}"
}

run_peer() {
  local -a first=()
  local status=0
  [[ $kind != storm ]] || first=(--await-update)
  start_peer "$1" "$scratch/$1" &&
    guarded timeout --foreground -k 5 "$(limit 0)" taskset -c "$client_cpu" \
      "$bin/peer_bench" --peer "$1" --port "$peer_port" \
      --ingest-port "$peer_ingest" --pid "$peer_work" --clients "$clients" \
      --symbols-per-client "$each" --symbols "$symbols" \
      --ticks-per-second "$ticks" --connect-rate "$connect_rate" \
      --warmup "$warmup" --duration "$duration" "${first[@]}" || status=$?
  stop_peer
  return "$status"
}

# Runs all systems of the workload once, beginning with another in each round,
# so that none always follows the same one.
run_round() {
  local round=$1 count=${#systems[@]} i system name result
  for ((i = 0; i < count; ++i)); do
    system=${systems[(i + round) % count]}
    name=${system%%=*}
    result=$out/$workload/$round-$name.json
    echo "$workload, round $((round + 1)) of $pairs: $name" >&2
    # Status 1 is a result as well: clients failed, and it says how.
    if [[ $name == gateway* ]]; then
      run_gateway "${system#*=}" >"$result" || true
    else
      run_peer "$name" >"$result" || true
    fi
    [[ -s $result ]] || rm "$result"
  done
}

run_workload() {
  local peer round
  choose_workload "$workload"
  duration=${duration_wanted:-$duration}
  clients=$(awk -v c="$clients" -v s="$scale" \
    'BEGIN { n = int(c * s); print n < 1 ? 1 : n }')
  read -ra systems <<<"$gateways"
  for peer in $peers; do systems+=("$peer=unlimited"); done
  mkdir -p "$out/$workload"
  write_workload >"$out/$workload/workload.json"
  for ((round = 0; round < pairs; ++round)); do run_round "$round"; done
}

parse "$@"
check
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
ulimit -n "$(ulimit -Hn)"
guarded cmake --preset release >/dev/null
guarded cmake --build --preset release -j "$(nproc)" \
  --target streamhub peer_bench beast_fanout compare_table
for peer in $peers; do install_peer "$peer"; done
mkdir -p "$out"
out=$(realpath "$out")
scratch=$out/scratch
write_machine
for workload in "${workloads[@]}"; do run_workload; done
rm -rf "$scratch"
if [[ -z $(find "$out" -name '[0-9]*-*.json' -print -quit) ]]; then
  echo 'compare.sh: nothing was measured' >&2
  exit 1
fi
"$bin/compare_table" "$out" | tee "$out/table.md"
echo "the results are in $out" >&2
