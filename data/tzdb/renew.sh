#!/bin/sh
# Renews the compiled zone set from the newest PyPI `tzdata` (IANA data, public domain).
# Usage: data/tzdb/renew.sh [PYPI_VERSION]      needs python3 with pip
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" "tzdata${1:+==$1}"
python3 -m zipfile -e "$work"/tzdata-*.whl "$work/wheel"
set_="$work/wheel/tzdata/zoneinfo"
sed -n 's/^# version //p;1q' "$set_/tzdata.zi" >"$work/VERSION"
test -s "$work/VERSION"
find "$set_" \( -name '__init__.py' -o -name '*.tab' -o -name '*.zi' -o -name leapseconds -o -name '__pycache__' \) \
    -prune -exec rm -rf {} +
rm -rf "$here/zoneinfo"
mv "$set_" "$here/zoneinfo"
mv "$work/VERSION" "$here/VERSION"
echo "zone set is now $(cat "$here/VERSION"), $(find "$here/zoneinfo" -type f | wc -l) names"
