#!/bin/sh
# one.sh BUILT SCRATCH SECONDS TARGET: runs one fuzz target on what is committed and what it finds; says in one line
# how that went, and all of it when it went wrong.
set -eu
built=$1 scratch=$2 seconds=$3 target=$4
mkdir -p "$scratch/corpus/$target" "$scratch/artifacts"
code=0
"$built/$target" "$scratch/corpus/$target" "fuzz/corpus/$target" -max_total_time="$seconds" -timeout=5 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$scratch/artifacts/$target-" \
    >"$scratch/$target.log" 2>&1 || code=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$target.log")
if [ "$code" = 0 ] && [ -n "$runs" ]; then
    covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$scratch/$target.log" | tail -n 1)
    echo "$target: $runs inputs, $covered places reached"
else
    echo "$target: ended with $code"
    tail -n 40 "$scratch/$target.log"
    exit 1
fi
