#!/usr/bin/env bash
# install_test.sh CMAKE SOURCE BUILD SCRATCH [CMAKE_OPTION...]
#
# Installs the build, makes the example of docs/examples/embed against what was
# installed alone, reads a price from it; then moves the installation elsewhere
# and serves from there. Waits for what the programs say, never for a time.
set -euo pipefail
cmake=$1 source=$2 build=$3 scratch=$4
shift 4
readonly prefix=$scratch/prefix moved=$scratch/moved/here

fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}
has() { [[ -e $prefix/$1 ]] || fail "$1 was not installed"; }

# Starts a program; sets $port from its first line, and $pid and $input.
start() {
  coproc RUNNING { exec "$@" 2>"$scratch/log"; }
  pid=$RUNNING_PID input=${RUNNING[1]}
  local line=
  read -r -t 30 -u "${RUNNING[0]}" line || true
  [[ $line =~ ^listening\ on\ http://127\.0\.0\.1:([0-9]+)$ ]] ||
    fail "$1 said '$line'; $(<"$scratch/log")"
  port=${BASH_REMATCH[1]}
}
ended() { wait "$pid" || fail "it ended with $?: $(<"$scratch/log")"; }
stop_all() { [[ -z ${pid:-} ]] || kill "$pid" 2>/dev/null || true; }
trap stop_all EXIT

# The answer to GET /, head and body.
page() {
  local web
  exec {web}<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >&"$web"
  timeout 10 cat <&"$web"
  exec {web}>&-
}
expect_page() {
  local answer
  answer=$(page)
  [[ $answer == 'HTTP/1.'?' 200 '* && $answer == *'<title>'* ]] ||
    fail "GET / was answered '${answer:0:500}'"
}

rm -rf "$prefix" "$moved" "$scratch/embed"
# The list of what was installed belongs to who installs in earnest.
readonly manifest=$build/install_manifest.txt
[[ ! -e $manifest ]] || cp -p "$manifest" "$scratch/manifest"
"$cmake" --install "$build" --prefix "$prefix"
rm "$manifest"
[[ ! -e $scratch/manifest ]] || mv "$scratch/manifest" "$manifest"
has bin/streamhub
has share/streamhub/web/index.html
has share/streamhub/web/doctor.html
has share/streamhub/web/streamhub-doctor.js
has share/streamhub/samples/20240102.sample.itch50.gz
has share/doc/streamhub/LICENSE
has share/doc/streamhub/docs/protocol.md
has share/doc/streamhub/schemas/client.fbs
has share/doc/streamhub/deploy/proxies/nginx.conf

# No page leads to one that was left behind.
while IFS=: read -r page link; do
  link=${link#']('} link=${link%%'#'*}
  [[ $link == http* || -z $link || -e ${page%/*}/$link ]] ||
    fail "$page names $link, which is not installed"
done < <(grep -roE --include='*.md' '\]\([^) ]+' "$prefix/share/doc/streamhub")

# Nothing of this tree or of its build folder may be needed any more.
! grep -rqF -e "$source/" --include='*.cmake' "$prefix" ||
  fail 'the package names the tree that it was built from'

"$cmake" -S "$prefix/share/doc/streamhub/docs/examples/embed" \
  -B "$scratch/embed" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_CXX_FLAGS='-Wall -Wextra -Werror' "$@"
"$cmake" --build "$scratch/embed"
# What a feed and its gateway are compiled from costs no Boost.
deps=$(ninja -C "$scratch/embed" -t deps)
[[ $deps == *gateway/server/gateway.h* ]] || fail "no dependencies: $deps"
[[ $deps != */boost/* ]] || fail 'the example includes Boost'

start "$scratch/embed/embed"
# The symbol may be there a moment before its first price. Once grep has seen
# that, the next one ends the watch.
price=$(timeout 60 "$prefix/bin/streamhub" watch --json \
  "http://127.0.0.1:$port" LEMON | grep -m 1 '"bid":19\.95[,}]') || true
[[ $price == '{"symbol":"LEMON",'* ]] || fail "the price is '$price'"
expect_page
exec {input}>&-
ended

mkdir -p "$(dirname "$moved")"
mv "$prefix" "$moved"
cd /
start "$moved/bin/streamhub" serve --port 0 --admin-port 0
expect_page
kill -TERM "$pid"
ended

# The package is found where it is now, too.
"$cmake" -S "$source/docs/examples/embed" -B "$scratch/embed" --fresh \
  -G Ninja -DCMAKE_PREFIX_PATH="$moved" "$@"
"$cmake" --build "$scratch/embed"
start "$scratch/embed/embed"
expect_page
exec {input}>&-
ended
echo passed
