#!/bin/sh
# WebSocket itself (RFC 6455): Autobahn's cases 1 to 7, 9 and 10 against /echo of the conformance
# server, which must be built (`make build`; POLYLOGUE_CONFORMANCE_BIN names another). The suite
# needs Python 2.7 with virtualenv: PYTHON2 names one, else `python2.7`. The report is in
# target/autobahn. Fails where a case does.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
server=${POLYLOGUE_CONFORMANCE_BIN:-$root/target/release/examples/conformance}
python=${PYTHON2:-python2.7}
work=$root/target/autobahn

[ -x "$server" ] || { echo "not built: $server" >&2; exit 2; }
"$python" --version >/dev/null 2>&1 || { echo "no Python 2.7: name one in PYTHON2" >&2; exit 2; }
mkdir -p "$work"
if [ ! -x "$work/python/bin/wstest" ]; then
  "$python" -m virtualenv --version >/dev/null 2>&1 || "$python" -m pip install --quiet --user virtualenv
  "$python" -m virtualenv --quiet "$work/python"
  "$work/python/bin/pip" install --quiet autobahntestsuite
fi

"$server" --listen 127.0.0.1:0 --max-payload 20000000 >"$work/server.log" 2>&1 &
serving=$!
trap 'kill $serving' EXIT
while ! grep -q '^listening on' "$work/server.log"; do
  kill -0 $serving
  sleep 0.1
done
address=$(sed -n 's|^listening on http://||p' "$work/server.log")

cat >"$work/cases.json" <<JSON
{ "outdir": "$work/reports", "servers": [{ "agent": "polylogue", "url": "ws://$address/echo" }],
  "cases": ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"],
  "exclude-cases": [], "exclude-agent-cases": {} }
JSON
"$work/python/bin/wstest" -m fuzzingclient -s "$work/cases.json" >"$work/wstest.log" 2>&1

python3 - "$work/reports/index.json" <<'PYTHON'
import collections, json, sys

cases = json.load(open(sys.argv[1]))["polylogue"]
count = collections.Counter(case["behavior"] for case in cases.values())
print(", ".join(f"{number} {name}" for name, number in count.most_common()))
good = {"OK", "NON-STRICT", "INFORMATIONAL"}
wrong = [
    name for name, case in cases.items() if {case["behavior"], case["behaviorClose"]} - good
]
sys.exit(f"failed: {wrong}" if wrong or not cases else 0)
PYTHON
