#!/bin/sh
# The browser tests: a real Chromium on the pages of the real binary, which must be built:
#   make build
# Installs what is missing (Chromium, npm packages), once. Exits non-zero on any failure.
# POLYLOGUE_BIN names another binary to test, SHOTS a folder to put screenshots into.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$here"

binary="${POLYLOGUE_BIN:-$root/target/release/polylogue}"
[ -x "$binary" ] || { echo "not built: $binary (see the head of $0)" >&2; exit 2; }

if ! cmp -s package-lock.json node_modules/.installed 2>/dev/null; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed
fi
if ! command -v chromium >/dev/null; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium
fi

exec node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs
