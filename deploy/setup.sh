#!/usr/bin/env bash
# Installs the packages that StreamHub needs and this machine lacks.
#
#   deploy/setup.sh GROUP...      groups of packages.txt: build, test, all, package
#
# quickstart.sh and test.sh source this file for its functions. Where it cannot
# install (not Debian 12; neither root nor sudo) it prints the line that would,
# changes nothing and ends with status 1.

readonly packages_file=${BASH_SOURCE[0]%/*}/packages.txt

# Tests start these on ports of their own. As services they would contend for
# port 80 of this machine, and a package whose service fails is half installed.
readonly no_services=' caddy haproxy nginx prometheus '

# Prints the packages of the groups $@ that this machine has to have.
packages_of() {
  local group package command
  while read -r group package command; do
    [[ " $* " == *" $group "* ]] || continue
    [[ -n $command ]] && command -v "$command" >/dev/null && continue
    printf '%s\n' "$package"
  done < <(grep -v '^#' "$packages_file")
}

# Prints those packages of the groups $@ that are not installed.
missing_packages() {
  local -a wanted
  mapfile -t wanted < <(packages_of "$@")
  comm -23 \
    <(printf '%s\n' "${wanted[@]}" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" \
      2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# Whether the os-release file $1 is of Debian 12.
is_debian_12() {
  [[ -r $1 ]] && (
    # shellcheck disable=SC1090
    . "$1"
    [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
  )
}

# Prints how to run a command as root, word by word: nothing for root itself,
# and only where somebody can answer it a sudo that may ask for a password.
root_prefix() {
  if (($(id -u) == 0)); then
    return 0
  elif sudo -n true 2>/dev/null; then
    echo sudo -n
  elif [[ -t 0 ]] && command -v sudo >/dev/null; then
    echo sudo
  else
    return 1
  fi
}

# Refuses: why, and the line that installs the packages $2...
refuse_to_install() {
  printf '%s Nothing was changed. As root on Debian 12:\n\n' "$1" >&2
  shift
  printf '  apt-get update && apt-get install -y --no-install-recommends' >&2
  printf ' %s' "$@" >&2
  printf '\n\n' >&2
  return 1
}

# Runs $@, which installs, while no service may start. Where somebody has made
# such a rule already it is left alone.
without_services() (
  policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
  if [[ ! -e $policy ]]; then
    trap '"${root[@]}" rm -f "$policy"' EXIT
    "${root[@]}" install -m 755 /dev/stdin "$policy" \
      <<<$'#!/bin/sh\nexit 101' || exit
  fi
  "$@"
)

# Installs what is missing of the groups $@; silent where nothing is.
# OS_RELEASE names another os-release file, POLICY_RC_D another rule of what may
# start, for the test of this file.
install_packages() {
  local -a missing root
  local prefix
  if ! is_debian_12 "${OS_RELEASE:-/etc/os-release}"; then
    mapfile -t missing < <(packages_of "$@")
    refuse_to_install 'This is not Debian 12.' "${missing[@]}"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  if ! prefix=$(root_prefix); then
    refuse_to_install 'Packages are missing, and this user is not root and has no sudo.' \
      "${missing[@]}"
    return
  fi
  read -ra root <<<"$prefix"
  printf 'installing: %s\n' "${missing[*]}"
  # A machine that has just started may be upgrading itself: wait for the lock.
  local -a apt_get=("${root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=300)
  local package
  local -a servers=()
  for package in "${missing[@]}"; do
    [[ $no_services != *" $package "* ]] || servers+=("$package")
  done
  "${apt_get[@]}" update || return
  local -a install=("${apt_get[@]}" install -y --no-install-recommends
    "${missing[@]}")
  if ((${#servers[@]} == 0)); then
    "${install[@]}"
    return
  fi
  without_services "${install[@]}" || return
  # Nor at the next start of the machine.
  ! command -v systemctl >/dev/null ||
    "${root[@]}" systemctl --quiet disable "${servers[@]}"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  if (($# == 0)) || [[ $1 == -* ]]; then
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    [[ ${1:-} == --help ]] && exit 0
    exit 2
  fi
  install_packages "$@"
fi
