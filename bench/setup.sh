#!/bin/sh
# Installs what the bench needs on a Debian machine that has Rust, Node and Python: a C++ compiler,
# Python's venv, wrk and perf. Does nothing where all is there.
set -eu

missing=""

# need COMMAND PACKAGE: asks for the package where the command is not there.
need() {
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need c++ build-essential
need node nodejs
need npm npm
need python3 python3
need wrk wrk
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"

sudo=$([ "$(id -u)" = 0 ] || echo sudo)
install() {
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}

# shellcheck disable=SC2086
[ -z "$missing" ] || install $missing
# Without perf the table lacks one section.
command -v perf >/dev/null 2>&1 || install linux-perf || echo "perf cannot be installed here" >&2
