#!/bin/sh
# Installs what the tests need on a Debian machine that has Rust, Node and Python: a C compiler for
# the bundled SQLite, Python's venv, and Redis; valgrind too, without which instructions are not
# counted and all else is tested. Does nothing where all is there.
set -eu

missing=""

# need COMMAND PACKAGE: asks for the package where the command is not there.
need() {
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need cc build-essential
need node nodejs
need npm npm
need python3 python3
need redis-server redis-server
need faketime faketime
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"

command -v valgrind >/dev/null 2>&1 && wished="" || wished=valgrind

[ -n "$missing$wished" ] || exit 0
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
install="$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq"
$sudo apt-get update -qq || [ -z "$missing" ]
# shellcheck disable=SC2086
[ -z "$missing" ] || $install $missing
[ -z "$wished" ] || $install $wished || echo "no valgrind: instructions will not be counted" >&2
