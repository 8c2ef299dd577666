#!/usr/bin/env bash
# service_test.sh UNIT PROGRAM SCRATCH
#
# What systemd itself says of the unit, where its tools are: that it is
# well-formed, and how much of the machine the service could reach. Exit status
# 77: there is no systemd-analyze.
set -euo pipefail
unit=$1 program=$2 scratch=$3
command -v systemd-analyze >/dev/null || {
  echo 'skipped: no systemd-analyze'
  exit 77
}
# It wants the programs to be there: in a root of their own they are.
root=$scratch/root
rm -rf "$root"
mkdir -p "$root"/{usr/bin,bin,etc/systemd/system,usr/lib/systemd/system}
cp "$program" "$root/usr/bin/streamhub"
cp /bin/kill "$root/bin/kill"
cp "$unit" "$root/etc/systemd/system/"
for target in sysinit.target basic.target shutdown.target multi-user.target \
  network-online.target system.slice; do
  printf '[Unit]\n' >"$root/usr/lib/systemd/system/$target"
done
said=$(systemd-analyze verify --root="$root" --man=no streamhub.service 2>&1) ||
  { echo "verify: $said"; exit 1; }
[[ -z $said ]] || { echo "verify: $said"; exit 1; }

# The score that docs/operations.md states is this or better, in tenths.
systemd-analyze security --offline=true --threshold=15 --no-pager \
  --root="$root" streamhub.service | tail -n 1
