#!/usr/bin/env bash
# deploy/setup.sh ($1) against stand-ins for id, sudo, dpkg-query and apt-get:
# what it installs, and that it changes nothing where it cannot.
set -euo pipefail
setup=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"

stand_in() {  # NAME BODY
  printf '#!/bin/bash\n%s\n' "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# Runs setup.sh for the group build as a machine would that has
run_setup() {  # USER_ID MAY_SUDO OS_RELEASE INSTALLED_PACKAGES [GROUP]
  local user_id=$1 may_sudo=$2 system=$3 installed=$4 group=${5:-build}
  : >"$scratch/calls"
  printf '%s\n' "$system" >"$scratch/os-release"
  stand_in id "echo $user_id"
  stand_in sudo "$may_sudo || exit 1; shift; exec \"\$@\""
  stand_in dpkg-query "for p in $installed; do echo installed \$p; done"
  # It tells whether services might start.
  stand_in apt-get "echo \"\$*\" >>'$scratch/calls'
    '$scratch/policy' >/dev/null 2>&1
    echo \"policy \$?\" >>'$scratch/calls'"
  stand_in systemctl "echo \"systemctl \$*\" >>'$scratch/calls'"
  status=0
  PATH=$scratch/bin:$PATH OS_RELEASE=$scratch/os-release \
    POLICY_RC_D=$scratch/policy bash "$setup" "$group" \
    >"$scratch/out" 2>&1 </dev/null || status=$?
  calls=$(<"$scratch/calls")
  out=$(<"$scratch/out")
}

expect() {  # WHAT CONDITION...
  local what=$1
  shift
  if ! "$@"; then
    printf 'FAILED: %s: %s\nstatus %s\noutput: %s\ncalls: %s\n' \
      "$what" "$*" "$status" "$out" "$calls"
    exit 1
  fi
}
contains() { [[ $1 == *"$2"* ]]; }

debian='ID=debian
VERSION_ID="12"'
mapfile -t all < <(sed -n 's/^build *\([^ ]*\).*/\1/p' \
  "${setup%/*}/packages.txt")
expect 'the list is read' [ "${#all[@]}" -gt 10 ]
all_but_two=${all[*]:2}
two=$(printf '%s\n' "${all[@]:0:2}" | sort | xargs)

run_setup 0 false "$debian" "${all[*]}"
expect 'all is there' [ "$status" = 0 ]
expect 'all is there, apt-get rests' [ -z "$calls" ]

run_setup 0 false "$debian" "$all_but_two"
expect 'root may install' [ "$status" = 0 ]
expect 'the lists are fetched' contains "$calls" ' update'
expect 'what is missing, no more' contains "$calls|" \
  "install -y --no-install-recommends $two
policy 127|"

run_setup 1000 true "$debian" "$all_but_two"
expect 'sudo may install' [ "$status" = 0 ]
expect 'what is missing, no more' contains "$calls|" \
  "install -y --no-install-recommends $two
policy 127|"

run_setup 1000 false "$debian" "$all_but_two"
expect 'neither root nor sudo' [ "$status" = 1 ]
expect 'changes nothing' [ -z "$calls" ]
expect 'prints the line' contains "$out" \
  "apt-get update && apt-get install -y --no-install-recommends $two"

run_setup 1000 false "$debian" "${all[*]}"
expect 'a user with all packages goes on' [ "$status" = 0 ]

run_setup 0 true "${debian/12/13}" "$all_but_two"
expect 'another Debian' [ "$status" = 1 ]
expect 'changes nothing' [ -z "$calls" ]
expect 'prints the line' contains "$out" \
  "apt-get install -y --no-install-recommends ${all[*]}"

mapfile -t for_all < <(sed -n 's/^all *\([^ ]*\).*/\1/p' \
  "${setup%/*}/packages.txt")
no_server=$(printf '%s\n' "${for_all[@]}" | grep -vx 'nginx\|caddy' | xargs)
run_setup 0 false "$debian" "$no_server" all
expect 'servers are installed' contains "$calls|" \
  'install -y --no-install-recommends caddy nginx
policy 101'
expect 'and do not start later' contains "$calls|" \
  'systemctl --quiet disable caddy nginx|'
expect 'the rule is gone' [ ! -e "$scratch/policy" ]

printf '#!/bin/sh\nexit 7\n' >"$scratch/policy"
chmod +x "$scratch/policy"
run_setup 1000 true "$debian" "$no_server" all
expect 'a rule that was there holds' contains "$calls" 'caddy nginx
policy 7'
expect 'and stays' [ -x "$scratch/policy" ]
rm "$scratch/policy"

run_setup 0 false "$debian" "${for_all[*]:1}" all
expect 'others are installed as ever' contains "$calls|" \
  "recommends ${for_all[0]}
policy 127|"

echo passed
