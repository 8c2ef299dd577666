#!/usr/bin/env bash
# Prices over a link of 256 kbit/s with more to say than it carries: how old are
# they when they come? At most two flush periods and the time that the link
# takes for what the gateway's socket holds, and that is little.
#
#   slow_link_test.sh STREAMHUB
#
# One link per transport, each a veth with a token bucket, between namespaces of
# the test's own that are gone with it. Where the system does not let it make
# them it says so and ends with status 77 (skipped).
set -euo pipefail

readonly streamhub=$1
readonly link_bytes_per_s=32000
# Of 1514 bytes on the link 1448 are the gateway's.
readonly rate_bytes_per_s=$((link_bytes_per_s * 1448 / 1514))
# The client's window is below the link's queue: nothing is lost, and TCP's
# guesses of the link are not what is measured.
readonly window_bytes=16384
readonly queue_bytes=32768
readonly max_rate=10  # a flush period is 100 ms
readonly warmup_s=2   # until the first state is through
readonly window_s=4
# What the gateway lets the kernel hold unsent (kUnsentMax), a message begun
# below that, and what is on its way.
readonly held_bytes_max=$((16384 + 10000 + window_bytes))

skip() {
  printf 'skipped: %s\n' "$*"
  exit 77
}

if [[ ${2:-} != inside ]]; then
  for tool in unshare nsenter ip tc ss; do
    command -v "$tool" >/dev/null || skip "there is no $tool"
  done
  own=(--net)
  unshare "${own[@]}" true 2>/dev/null || own=(--user --map-root-user --net)
  unshare "${own[@]}" true 2>/dev/null ||
    skip 'this user may not make network namespaces'
  exec unshare "${own[@]}" --fork --kill-child bash "$0" "$streamhub" inside
fi

scratch=$(mktemp -d)
children=()
trap 'kill "${children[@]}" 2>/dev/null; rm -rf "$scratch"' EXIT

ip link set lo up

# A link to a namespace of its own, whose process is $client.
make_link() {  # NUMBER
  mkfifo "$scratch/ready$1"
  unshare --net bash -c "echo >'$scratch/ready$1'; exec sleep 100" &
  client=$!
  children+=("$client")
  read -r <"$scratch/ready$1"
  ip link add "near$1" type veth peer name far netns "$client"
  ip addr add "10.0.$1.1/24" dev "near$1"
  ip link set "near$1" up
  nsenter -t "$client" -n ip addr add "10.0.$1.2/24" dev far
  nsenter -t "$client" -n ip link set far up
  nsenter -t "$client" -n ip link set lo up
  nsenter -t "$client" -n bash -c \
    "echo 4096 $window_bytes $window_bytes >/proc/sys/net/ipv4/tcp_rmem" ||
    skip 'the size of windows cannot be set'
  tc qdisc add dev "near$1" root tbf rate 256kbit burst 2kb limit $queue_bytes \
    2>/dev/null || skip 'the kernel has no tbf'
}

exec 3< <(exec "$streamhub" serve --listen 0.0.0.0 --port 0 --admin-port 0 \
  --symbols 100 --ticks-per-second 10000 2>/dev/null)
children+=($!)
read -r -t 20 line <&3
port=${line##*:}
[[ $port =~ ^[0-9]+$ ]] || { echo "the gateway says: $line"; exit 1; }

measure() {  # NUMBER TRANSPORT CLIENT
  nsenter -t "$3" -n "$streamhub" bench --url "http://10.0.$1.1:$port" \
    --transport "$2" --clients 1 --symbols-per-client 100 --fields bid,ask \
    --max-rate $max_rate --warmup $warmup_s --duration $window_s --json \
    >"$scratch/$2.json"
  echo "${EPOCHREALTIME/./}" >"$scratch/$2.end"
}

transports=(ws sse)
jobs=()
for i in "${!transports[@]}"; do
  make_link "$i"
  measure "$i" "${transports[i]}" "$client" &
  jobs+=($!)
done

# What each socket holds, unsent and unacknowledged, again and again.
while kill -0 "${jobs[@]}" 2>/dev/null; do
  ss -tnH state established | sed "s/^/${EPOCHREALTIME/./} /" >>"$scratch/held"
  read -r -t 0.02 <>"$scratch/ready0" || true
done
status=0
for job in "${jobs[@]}"; do wait "$job" || status=1; done

number_of() {  # NAME FILE: the first number behind the name
  sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2"
}

for i in "${!transports[@]}"; do
  name=${transports[i]}
  json=$scratch/$name.json
  age_us=$(sed -n 's/.*"latency_us":{[^}]*"p99":\([0-9]*\).*/\1/p' "$json")
  median_us=$(sed -n 's/.*"latency_us":{[^}]*"p50":\([0-9]*\).*/\1/p' \
    "$json")
  rate=$(number_of bytes_per_second "$json")
  doubt_us=$(number_of uncertainty_us "$json")
  end_us=$(<"$scratch/$name.end")
  held=$(awk -v from=$((end_us - window_s * 1000000)) -v to="$end_us" \
    -v socket="10.0.$i.1:" '
    $1 >= from && $1 <= to && index($4, socket) == 1 && $3 > most { most = $3 }
    END { print most + 0 }' "$scratch/held")
  bound_us=$((2 * 1000000 / max_rate + doubt_us +
    held * 1000000 / rate_bytes_per_s))
  printf '%s: age p50 %d ms, p99 %d ms, of at most %d; ' \
    "$name" $((median_us / 1000)) $((age_us / 1000)) $((bound_us / 1000))
  printf 'the socket held %d bytes, of at most %d; %d bytes/s\n' \
    "$held" "$held_bytes_max" "$rate"
  ((age_us > 0 && age_us <= bound_us)) || {
    echo "$name: prices are too old"
    status=1
  }
  ((held <= held_bytes_max)) || {
    echo "$name: the socket holds too much"
    status=1
  }
  ((rate > rate_bytes_per_s * 8 / 10)) || {
    echo "$name: there was less to say than the link carries"
    status=1
  }
done
exit "$status"
