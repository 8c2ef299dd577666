# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# Starts and ends the servers of a comparison, one at a time. For compare.sh,
# which sources it after install.sh and sets $bin (the programs of bench/peers),
# $server_cpu and the $kind of the workload.

peer_pid=   # what is to be ended
peer_work=  # what does the work
peer_port=
peer_ingest=

# The file $1 of this folder with its @...@ filled in, in folder $2.
fill_in() {
  local first=newest kept=10
  # Who comes in a storm is to get the last message at once.
  if [[ $kind == storm ]]; then first=oldest kept=1; fi
  sed "s|@FIRST@|$first|g; s|@KEPT@|$kept|g
       s|@DIR@|$2|g; s|@PORT@|$peer_port|g; s|@INGEST@|$peer_ingest|g
       s|@MODULES@|$(nginx_modules)|g; s|@USER@|$(id -un)|g" \
    "bench/peers/$1.in" >"$2/$1"
}

# Two ports: they tell which by themselves...
read_ports() {
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    read -r peer_port peer_ingest <"$1" && return
    sleep 0.1
  done
  echo "compare.sh: the peer does not say where it listens" >&2
  return 1
}

# ...or are told.
choose_ports() {
  read -r peer_port peer_ingest < <("$bin/peer_bench" --free-ports 2)
}

# Prints the one child of process $1, once the file $2 says that it is itself.
worker_of() {
  local tries child
  for ((tries = 0; tries < 100; ++tries)); do
    child=
    [[ ! -s $2 ]] || read -r child <"/proc/$1/task/$1/children" || true
    if [[ -n $child ]]; then
      echo "$child"
      return
    fi
    sleep 0.1
  done
  echo "compare.sh: no worker" >&2
  return 1
}

# Runs "$@" on the servers' core, in the background.
in_background() {
  local path
  case $1 in
    /*) path=$1 ;;
    *) path=$(program "$1") ;;
  esac
  shift
  LD_LIBRARY_PATH="$tools/root/usr/lib/$(uname -m)-linux-gnu" \
    exec taskset -c "$server_cpu" "$path" "$@"
}

# Starts the peer $1, whose files are in folder $2 (absolute): sets $peer_pid,
# $peer_work, $peer_port and $peer_ingest. It may not listen yet.
start_peer() {
  local out=$2/$1.out
  mkdir -p "$2"
  : >"$out"
  case $1 in
    beast) in_background "$PWD/$bin/beast_fanout" >"$out" & ;;
    bun)
      in_background "$(bun)" bench/peers/bun_fanout.js >"$out" \
        2>"$2/bun.log" &
      ;;
    nchan)
      choose_ports
      fill_in nginx.conf "$2"
      in_background nginx -p "$2" -c "$2/nginx.conf" -e "$2/nginx.log" &
      ;;
    nats)
      choose_ports
      fill_in nats.conf "$2"
      in_background nats-server -c "$2/nats.conf" -l "$2/nats.log" &
      ;;
    mosquitto)
      choose_ports
      fill_in mosquitto.conf "$2"
      in_background mosquitto -c "$2/mosquitto.conf" 2>"$2/mosquitto.log" &
      ;;
  esac
  peer_pid=$!
  peer_work=$peer_pid
  case $1 in
    beast | bun) read_ports "$out" ;;
    nchan) peer_work=$(worker_of "$peer_pid" "$2/nginx.pid") ;;
  esac
}

# Ends it, by force if 5 s are not enough.
stop_peer() {
  local tries
  [[ -n $peer_pid ]] || return 0
  kill "$peer_pid" 2>/dev/null || true
  for ((tries = 0; tries < 50; ++tries)); do
    kill -0 "$peer_pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$peer_pid" 2>/dev/null || true
  wait "$peer_pid" 2>/dev/null || true
  peer_pid=
}
