#!/bin/sh
# Generates the sample events into a new folder and compares them with the ones in the repository, byte for byte.
set -eu
data=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "$data/generate/generate.py" "$data/facts" "$out" >/dev/null
diff -r "$out/events" "$data/events"
diff -r "$out/regional-2024" "$data/regional-2024"
echo "data/events and data/regional-2024 are what data/generate writes"
