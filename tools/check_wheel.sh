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
echo "The wheel works in an empty environment."
