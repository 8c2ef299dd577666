#!/usr/bin/env bash
# Installs the package in a Debian 12 that has nothing, and runs it.
#
#   deploy/deb_test.sh PACKAGE.deb
#
# Needs root, debootstrap and Debian's mirror, as this machine is set up to use
# it; takes a minute or two. The root is kept packed in BARE_ROOT (by default
# /var/tmp/streamhub-bare.tar) for the next time. What it looks at: that apt
# gets by with what the package says it needs; user, modes and configuration;
# that the unit's command serves prices and pages as that user, heeds SIGHUP
# and SIGTERM; that a changed configuration outlives an upgrade; and what a
# removal and a purge leave. systemd does not run there; what it says of the
# unit is tests/deploy/service_test.sh.
set -euo pipefail
package=$(readlink -f "$1")
packed=${BARE_ROOT:-/var/tmp/streamhub-bare.tar}
root=$(mktemp -d /var/tmp/streamhub-root.XXXXXX)
mounted=()
pid=

cleanup() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  local each
  for each in "${mounted[@]}"; do umount -l "$root/$each" || true; done
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }
inside() {
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}
is() {  # WHAT WANTED COMMAND...
  local what=$1 wanted=$2 found
  shift 2
  found=$(inside "$@") || fail "$what: $* failed"
  [[ $found == "$wanted" ]] || fail "$what: '$found', not '$wanted'"
  printf 'ok: %s is %s\n' "$what" "${wanted:-as it should be}"
}
# The body of a page of the gateway, which listens on this machine's loopback.
page() {
  local web
  exec {web}<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&"$web"
  timeout 10 cat <&"$web"
  exec {web}>&-
}

# ---- A bare root, with this machine's way to the mirror
if [[ ! -f $packed ]]; then
  base=$(mktemp -d /var/tmp/streamhub-base.XXXXXX)
  debootstrap --variant=minbase bookworm "$base" >/dev/null
  tar -C "$base" -cf "$packed.part" . && mv "$packed.part" "$packed"
  rm -rf "$base"
fi
tar -C "$root" -xf "$packed"
chmod 755 "$root"  # users of it have to get in
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null ||
  true
for each in proc sys dev; do
  mount --bind "/$each" "$root/$each" && mounted=("$each" "${mounted[@]}")
done
cp "$package" "$root/tmp/streamhub.deb"
inside apt-get update -qq

# ---- Installed
inside apt-get install -y -qq --no-install-recommends /tmp/streamhub.deb \
  >"$root/tmp/log" 2>&1 || fail "apt: $(tail -n 20 "$root/tmp/log")"
is 'its state' 'install ok installed' dpkg-query -W -f '${Status}' streamhub
is 'its files' '' dpkg --verify streamhub
is 'the configuration' '640 root:streamhub' \
  stat -c '%a %U:%G' /etc/streamhub/streamhub.toml
is 'its folder' '750 root:streamhub' stat -c '%a %U:%G' /etc/streamhub
is 'the state' '750 streamhub:streamhub' stat -c '%a %U:%G' /var/lib/streamhub
is 'the logs' '750 streamhub:streamhub' stat -c '%a %U:%G' /var/log/streamhub
is 'the shell of the user' /usr/sbin/nologin \
  sh -c 'getent passwd streamhub | cut -d: -f7'
is 'what is installed into shared folders' '' sh -c \
  'dpkg -L streamhub | grep -E "^/usr/(include|lib/.*\.a)" || true'
is 'the configuration as its user sees it' 'the configuration is good' \
  setpriv --reuid streamhub --regid streamhub --clear-groups \
  /usr/bin/streamhub check-config --config /etc/streamhub/streamhub.toml

# ---- Served, by the command of the unit
sed -i 's/^port = .*/port = 0/; s/^admin_port = .*/admin_port = 0/' \
  "$root/etc/streamhub/streamhub.toml"
command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/streamhub.service")
coproc RUNNING {
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" setpriv --reuid streamhub \
    --regid streamhub --clear-groups $command 2>"$root/tmp/gateway.log"
}
pid=$RUNNING_PID
read -r -t 30 -u "${RUNNING[0]}" listening || fail "$(<"$root/tmp/gateway.log")"
read -r -t 30 -u "${RUNNING[0]}" admin
port=${listening##*:}
admin=${admin#admin at http://127.0.0.1:} admin=${admin%% *}
[[ $(page "$port" '/v1/quotes?symbols=AAPL') == *'"bid":'* ]] ||
  fail 'no price is served'
[[ $(page "$port" /) == *'<title>'* ]] || fail 'no page is served'
[[ $(page "$admin" /healthz) == *'"status":"ok"'* ]] || fail 'it is not well'
echo 'ok: prices and pages are served'
sed -i 's/^\[server\]/[server]\nlog_level = "debug"/' \
  "$root/etc/streamhub/streamhub.toml"
kill -HUP "$pid"
timeout 20 grep -q -m 1 'configuration reloaded: log_level' \
  <(timeout 20 tail -n +1 -f "$root/tmp/gateway.log") ||
  fail "it was not reloaded: $(<"$root/tmp/gateway.log")"
kill -TERM "$pid"
wait "$pid" || fail "it ended with $?: $(<"$root/tmp/gateway.log")"
pid=
echo 'ok: it was reloaded, and ended with 0'

# ---- Again, away, and gone
inside apt-get install -y -qq --reinstall /tmp/streamhub.deb >/dev/null 2>&1 ||
  fail 'it cannot be installed again'
grep -q 'log_level = "debug"' "$root/etc/streamhub/streamhub.toml" ||
  fail 'an upgrade overwrites the configuration'
echo 'ok: a changed configuration outlives an upgrade'
inside apt-get remove -y -qq streamhub >/dev/null 2>&1 || fail 'remove'
[[ -f $root/etc/streamhub/streamhub.toml && -d $root/var/lib/streamhub &&
  ! -e $root/usr/bin/streamhub ]] || fail 'a removal leaves the wrong files'
inside apt-get purge -y -qq streamhub >/dev/null 2>&1 || fail 'purge'
[[ ! -e $root/etc/streamhub && ! -e $root/var/lib/streamhub &&
  ! -e $root/usr/share/doc/streamhub ]] || fail 'a purge leaves files'
echo 'ok: a purge leaves nothing'
echo 'check passed: the package installs and runs in a bare Debian 12'
