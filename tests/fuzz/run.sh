#!/bin/sh
# The search without end: each fuzz target under libFuzzer, for some seconds, one after the other.
#   tests/fuzz/run.sh [SECONDS [TARGET...]]
# Finds are kept in target/fuzz/TARGET; KEEP=1 adds the smallest of them that reach new code to
# corpus/. Needs a C++ compiler; no nightly, no cargo-fuzz.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
finds=$here/libfuzzer/target/fuzz
seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(ls "$here/corpus")

KEPT_BYTES_MAX=512
KEPT_FILES_MAX=60

coverage=""
for option in level=4 inline-8bit-counters pc-table trace-compares; do
  coverage="$coverage -Cllvm-args=-sanitizer-coverage-$option"
done
host=$(rustc -vV | sed -n 's/^host: //p')
(cd "$here/libfuzzer" &&
  RUSTFLAGS="-Cpasses=sancov-module$coverage" cargo build --release --quiet --target "$host")
program=$here/libfuzzer/target/$host/release/libfuzzer

# keep TARGET: adds to its corpus what reaches new code; of many such finds some of every size.
keep() {
  kept=$finds/$1.kept
  rm -rf "$kept"
  mkdir -p "$kept"
  "$program" -merge=1 -max_len="$KEPT_BYTES_MAX" "$kept" "$here/corpus/$1" "$finds/$1" \
    2>"$finds/$1.merge.log"
  all=$(ls "$kept" | wc -l)
  ls -S -r "$kept" |
    awk -v all="$all" -v most="$KEPT_FILES_MAX" 'all <= most || NR * most % all < most' |
    while read -r file; do cp "$kept/$file" "$here/corpus/$1/"; done
}

for target; do
  mkdir -p "$finds/$target"
  export FUZZ_TARGET="$target"
  "$program" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$finds/$target." "$finds/$target" "$here/corpus/$target" \
    >"$finds/$target.log" 2>&1 || { tail -n 30 "$finds/$target.log"; exit 1; }
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$finds/$target.log")
  echo "$target: $executed inputs in $seconds s"
  [ -z "${KEEP:-}" ] || keep "$target"
done
