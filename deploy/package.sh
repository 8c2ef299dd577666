#!/usr/bin/env bash
# Makes the Debian package of this checkout.
#
#   deploy/package.sh [FOLDER]
#
# Builds the release preset, makes streamhub_VERSION-1_ARCH.deb in FOLDER (by
# default build/package) and prints its path last. Where lintian is, it has to
# have no errors.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
  --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac
folder=${1:-build/package}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

{
  cmake --preset release
  cmake --build build/release --target streamhub streamhub_web
  (cd build/release && cpack -G DEB -B "$folder")
} >&2
rm -rf "$folder/_CPack_Packages"
package=$(ls -t "$folder"/streamhub_*.deb | head -n 1)
if command -v lintian >/dev/null; then
  lintian --fail-on error --tag-display-limit 0 "$package" >&2
fi
printf '%s\n' "$package"
