#!/usr/bin/env bash
# From a bare Debian 12 to streaming prices, in one command.
#
#   deploy/quickstart.sh [--check] [ARGUMENT...]
#
# Installs the packages that are missing, builds the gateway, and runs it in
# the foreground on the synthetic market; ARGUMENTs go to `streamhub serve`
# (--port 9000, --symbols 1000, ...; `build/release/streamhub serve --help`).
#
#   --check   instead of staying, wait for a first price over every transport,
#             print how long each took from the start of the gateway, stop it,
#             and end with 0 or say what failed
#   --help    this text
#
# A second run installs and builds only what changed since the first.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/setup.sh
. deploy/setup.sh

readonly streamhub=build/release/streamhub
readonly wait_s=20  # for what takes a fraction of a second where all is well

build() {
  # The preset again only where it changed: ninja itself looks at the rest.
  if [[ ! build/release/build.ninja -nt CMakePresets.json ]]; then
    cmake --preset release
  fi
  cmake --build --preset release -j "$(nproc)" --target streamhub streamhub_web
}

say_why() {
  printf '%s\n' "$*" >&2
  return 1
}

# Runs "$2..." and prints how long after $started it was done with what $1
# says. What it prints is shown only if it failed.
timed() {
  local what=$1 answer now
  shift
  if ! answer=$("$@" 2>&1); then
    say_why "check failed: $what: ${answer:-no answer}"
    return
  fi
  now=${EPOCHREALTIME/,/.}
  awk -v from="$started" -v to="$now" -v what="$what" \
    'BEGIN { printf "%-34s %6.3f s\n", what, to - from }'
}

# The body of the gateway's answer to GET $2 on port $1; by bash's own sockets,
# so that nothing is installed for it. Fails unless the status is 200.
http_get() {
  local status line http
  exec {http}<>"/dev/tcp/127.0.0.1/$1" || return
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' \
    "$2" "$1" >&"$http"
  read -r -t "$wait_s" -u "$http" status
  while read -r -t "$wait_s" -u "$http" line && [[ $line != $'\r' ]]; do :; done
  timeout "$wait_s" cat <&"$http"
  exec {http}>&-
  [[ $status == *' 200 '* ]] || say_why "GET $2: $status"
}

quotes_have_a_price() {
  local body
  body=$(http_get "$1" '/v1/quotes?symbols=AAPL&fields=bid,ask') || return
  [[ $body == *'"AAPL":{"v":'* ]] || say_why "no price in: $body"
}

page_is_served() {
  local body
  body=$(http_get "$1" /) || return
  [[ ${body,,} == *'<!doctype html'* ]] || say_why "no page in: ${body:0:200}"
}

# Waits for a first price over the transport $1 from $2.
watch_once() {
  timeout $((wait_s + 5)) "$streamhub" watch --transport "$1" --json \
    --count 1 --timeout "$wait_s" "$2" AAPL
}

# Reads what the gateway says on descriptor $1 until it names its address;
# prints the port.
listening_port() {
  local line
  while read -r -t "$wait_s" -u "$1" line; do
    if [[ $line =~ listening\ on\ http://[^\ ]*:([0-9]+) ]]; then
      echo "${BASH_REMATCH[1]}"
      return
    fi
  done
  return 1
}

stop_gateway() {
  if [[ -n ${gateway:-} ]]; then
    kill "$gateway" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}

check() {
  local port status=0 job
  local -a jobs=()
  scratch=$(mktemp -d)
  trap stop_gateway EXIT
  mkfifo "$scratch/out"
  started=${EPOCHREALTIME/,/.}  # some locales write a comma
  "$streamhub" serve --feed synthetic --port 0 --admin-port 0 "$@" \
    >"$scratch/out" 2>"$scratch/log" &
  gateway=$!
  exec {out}<"$scratch/out"
  if ! port=$(listening_port "$out"); then
    cat "$scratch/log" >&2
    say_why 'check failed: the gateway did not say where it listens'
    return
  fi
  # Somebody has to read on, or a talkative gateway would wait for us.
  cat <&"$out" >>"$scratch/log" &

  # At the same time: each is measured from the start of the gateway.
  timed 'first price over WebSocket' watch_once ws "ws://127.0.0.1:$port" &
  jobs+=($!)
  timed 'first price over SSE' watch_once sse "http://127.0.0.1:$port" &
  jobs+=($!)
  timed 'first price over HTTP streaming' watch_once stream \
    "http://127.0.0.1:$port" &
  jobs+=($!)
  timed 'first price over long polling' watch_once poll \
    "http://127.0.0.1:$port" &
  jobs+=($!)
  for job in "${jobs[@]}"; do wait "$job" || status=1; done
  timed 'first price from /v1/quotes' quotes_have_a_price "$port" || status=1
  timed 'the page at /' page_is_served "$port" || status=1

  kill -TERM "$gateway"
  wait "$gateway" ||
    say_why "check failed: stopped by SIGTERM it ended with $?" || status=1
  gateway=
  if ((status != 0)); then
    tail -n 50 "$scratch/log" >&2
    return 1
  fi
  echo 'check passed: prices over every transport, and a clean stop'
}

case ${1:-} in
  --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    ;;
  --check)
    shift
    install_packages build
    build
    check "$@"
    ;;
  *)
    install_packages build
    build
    exec "$streamhub" serve --feed synthetic "$@"
    ;;
esac
