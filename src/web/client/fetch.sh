#!/bin/sh
# Fetches the stock client (package.json pins its version) for build.rs to embed. Does nothing where
# it is there already. Needs npm, and a network or npm's cache.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work="$here/../../../target/client"

if cmp -s "$here/package-lock.json" "$work/.fetched" 2>/dev/null &&
  [ -f "$here/socket.io.js" ] && [ -f "$here/socket.io.min.js" ] &&
  [ -f "$here/socket.io.esm.min.js" ]; then
  exit 0
fi
mkdir -p "$work"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work/"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
for file in socket.io.js socket.io.min.js socket.io.esm.min.js; do
  cp "$work/node_modules/socket.io-client/dist/$file" "$here/$file"
done
cp "$here/package-lock.json" "$work/.fetched"
