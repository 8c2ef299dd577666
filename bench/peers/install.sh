# shellcheck shell=bash
# shellcheck disable=SC2154
# Fetches the servers that a comparison needs and this machine lacks. For
# compare.sh, which sources it and sets $tools, a folder under build/.
#
# Debian's packages are unpacked there and not installed: no service is started,
# nobody's configuration is touched, and only nchan needs root, for the folder
# that it was compiled to use.

readonly bun_version=1.4.5
readonly nginx_state=/var/lib/nginx

# The packages of a peer; nothing for those that are built here.
packages_of_peer() {
  case $1 in
    nchan) echo nginx libnginx-mod-nchan ;;
    nats) echo nats-server ;;
    mosquitto) echo mosquitto ;;
  esac
}

# Unpacks the packages $@, and what they need, as far as they are not installed.
unpack() {
  local -a names
  local plan package
  if ! plan=$(apt-get -s --no-install-recommends install "$@" 2>/dev/null); then
    echo "compare.sh: apt knows no $* (apt-get update?)" >&2
    return 1
  fi
  mapfile -t names < <(awk '/^Inst / { print $2 }' <<<"$plan")
  ((${#names[@]} > 0)) || return 0
  mkdir -p "$tools/packages" "$tools/root"
  (cd "$tools/packages" && apt-get -qq download "${names[@]}" 2>&1) |
    sed '/^W: Download is performed unsandboxed/d' >&2
  for package in "$tools"/packages/*.deb; do
    dpkg -x "$package" "$tools/root"
  done
  rm -r "$tools/packages"
}

# Prints the path of a program: of this machine, or of what was unpacked.
program() {
  PATH="$tools/root/usr/sbin:$tools/root/usr/bin:$PATH:/usr/sbin" \
    command -v "$1"
}

nginx_modules() {
  local folder
  for folder in "$tools/root/usr/lib/nginx/modules" /usr/lib/nginx/modules; do
    [[ ! -e $folder/ngx_nchan_module.so ]] || { echo "$folder"; return; }
  done
  return 1
}

bun() { echo "$tools/bun/node_modules/.bin/bun"; }

have() {
  case $1 in
    nchan) program nginx >/dev/null && nginx_modules >/dev/null ;;
    nats) program nats-server >/dev/null ;;
    mosquitto) program mosquitto >/dev/null ;;
    bun) "$(bun)" --version >/dev/null 2>&1 ;;
    beast) true ;;
  esac
}

# What this peer is, in a few words.
version_of() {
  case $1 in
    nchan) unpacked nginx -v 2>&1 | sed 's/.*: //' ;;
    nats) unpacked nats-server --version ;;
    mosquitto) unpacked mosquitto -h | sed -n 's/^\(mosquitto version .*\)/\1/p' ;;
    bun) echo "Bun $("$(bun)" --version)" ;;
    beast) echo "bench/peers/beast_fanout.cc" ;;
  esac
}

# Runs a program with the libraries that were unpacked with it, in its place.
unpacked() {
  local path
  path=$(program "$1") || return
  shift
  env LD_LIBRARY_PATH="$tools/root/usr/lib/$(uname -m)-linux-gnu" \
    "$path" "$@"
}

install_peer() {
  local -a root
  local prefix
  if ! have "$1"; then
    echo "fetching $1" >&2
    if [[ $1 == bun ]]; then
      mkdir -p "$tools/bun"
      npm install --no-audit --no-fund --loglevel=error \
        --prefix "$tools/bun" "bun@$bun_version" >&2
    else
      # shellcheck disable=SC2046
      unpack $(packages_of_peer "$1")
    fi
    have "$1"
  fi
  if [[ $1 == nchan && ! -d $nginx_state ]]; then
    if ! prefix=$(root_prefix); then
      echo "compare.sh: nchan needs the folder $nginx_state" >&2
      return 1
    fi
    read -ra root <<<"$prefix"
    "${root[@]}" install -d -o "$(id -u)" "$nginx_state"
  fi
}
