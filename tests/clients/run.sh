#!/bin/sh
# The outside tests: stock clients and bare sockets against the real binaries, which must be built:
#   cargo build --release --bin polylogue --example conformance
# Installs what is missing (npm packages, a Python environment, Redis), once. Exits non-zero on any
# failure. POLYLOGUE_BIN and POLYLOGUE_CONFORMANCE_BIN name other binaries to test.
# `run.sh chaos` runs the long forms of the faults alone, `run.sh soak` the churn.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$here"

OPEN_FILES_WANTED=8192

install() {
  if ! cmp -s package-lock.json node_modules/.installed 2>/dev/null; then
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.installed
  fi
  if ! cmp -s requirements.txt .venv/.installed 2>/dev/null; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
    cp requirements.txt .venv/.installed
  fi
  if ! command -v redis-server >/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq redis-server
  fi
}

binary() {
  [ -x "$1" ] || { echo "not built: $1 (see the head of $0)" >&2; exit 2; }
}

failed=""
suite() {
  name=$1
  shift
  echo "== $name"
  "$@" || failed="$failed, $name"
}

binary "${POLYLOGUE_BIN:-$root/target/release/polylogue}"
[ -n "${CONFORMANCE_URL:-}" ] || [ -n "${1:-}" ] ||
  binary "${POLYLOGUE_CONFORMANCE_BIN:-$root/target/release/examples/conformance}"
install
ulimit -n "$OPEN_FILES_WANTED" 2>/dev/null || true

case "${1:-all}" in
  chaos)
    LONG=1 suite "faults, the long forms" node --test --test-reporter=spec faults/*.test.mjs
    ;;
  soak) suite "churn" node faults/soak.mjs ;;
  *)
    suite "protocol conformance" node --test --test-reporter=spec "$root"/tests/conformance/*io.test.mjs
    suite "beside the stock server" \
      node --test --test-reporter=spec "$root"/tests/conformance/differential.test.mjs
    suite "JavaScript clients" node --test --test-reporter=spec */*.test.mjs
    suite "Python clients" .venv/bin/python -m pytest
    ;;
esac

if [ -n "$failed" ]; then
  echo "outside tests: FAILED in ${failed#, }"
  exit 1
fi
echo "outside tests: all passed"
