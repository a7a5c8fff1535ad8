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
KEPT_FILES_MAX=120

coverage=""
for option in level=4 inline-8bit-counters pc-table trace-compares; do
  coverage="$coverage -Cllvm-args=-sanitizer-coverage-$option"
done
host=$(rustc -vV | sed -n 's/^host: //p')
(cd "$here/libfuzzer" &&
  RUSTFLAGS="-Cpasses=sancov-module$coverage" cargo build --release --quiet --target "$host")
program=$here/libfuzzer/target/$host/release/libfuzzer

# keep TARGET: merges what was found into a corpus no larger than it may be.
keep() {
  rm -rf "$finds/$1.kept"
  mkdir -p "$finds/$1.kept"
  "$program" -merge=1 -max_len="$KEPT_BYTES_MAX" "$finds/$1.kept" "$here/corpus/$1" "$finds/$1" \
    2>"$finds/$1.merge.log"
  for file in $(cd "$finds/$1.kept" && ls -S -r | head -n "$KEPT_FILES_MAX"); do
    cmp -s "$finds/$1.kept/$file" "$here/corpus/$1/$file" || cp "$finds/$1.kept/$file" "$here/corpus/$1/"
  done
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
