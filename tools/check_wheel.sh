#!/usr/bin/env bash
# Builds the wheel, installs it with the locked packages into an empty environment outside the checkout, and
# goes the whole way there: demo, reconcile with advisories and chain, who.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
uv=$root/.venv/bin/uv
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT

.venv/bin/python -m hatchling build -t wheel -d "$away/dist" >/dev/null
"$uv" venv --quiet --python .venv/bin/python "$away/venv"
VIRTUAL_ENV=$away/venv "$uv" pip install --quiet --require-hashes -r requirements/run.txt
VIRTUAL_ENV=$away/venv "$uv" pip install --quiet --no-deps "$away"/dist/*.whl

cd "$away"
pilothouse=$away/venv/bin/pilothouse
"$pilothouse" demo demo --devices 300 2>/dev/null
status=0
"$pilothouse" reconcile demo/cmms_export.csv demo/network_scan.csv demo/asimily.json --out out \
    --advisories demo/advisories --chain demo/chain --at 2026-11-02T09:00 2>summary.txt || status=$?
[ "$status" -le 1 ] || { cat summary.txt >&2; exit 1; }
"$pilothouse" who cybersecurity --chain demo/chain --at 2026-11-02T09:00 >/dev/null
for file in links members register claims conflicts unmatched exposures; do test -s "out/$file.csv"; done
test -s out/report.html
grep -q "font/woff2" out/report.html || { echo "The wheel lacks the fonts" >&2; exit 1; }
export PILOTHOUSE_HOME=$away/house
"$pilothouse" demo --load --devices 200 2>signins.txt || { cat signins.txt >&2; exit 1; }
port=$("$away/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$pilothouse" serve --port "$port" --workers 1 2>serve.txt &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$away"' EXIT
"$away/venv/bin/python" - "$port" <<'PYTHON' || { cat serve.txt >&2; exit 1; }
import sys, time, urllib.request
base = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(60):
    try:
        assert urllib.request.urlopen(f"{base}/health/live", timeout=5).status == 200
        break
    except OSError:
        time.sleep(1)
page = urllib.request.urlopen(f"{base}/", timeout=20).read().decode()
assert "Sign in" in page, page[:300]
style = [part.split('"')[0] for part in page.split('href="') if ".css" in part.split('"')[0]]
assert style and urllib.request.urlopen(base + style[0], timeout=5).status == 200, style
PYTHON
echo "The wheel works in an empty environment."
