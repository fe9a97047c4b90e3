#!/bin/sh
# Usage: suite.sh UV FOLDER. Adds Parvis itself to the virtual environment FOLDER: one wheel, no dependency resolved.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" build --quiet --no-config --no-sources --wheel --out-dir "$work" "$here"
"$1" pip install --quiet --no-config --link-mode copy --python "$2/bin/python" --offline --no-deps "$work"/parvis-*.whl
install -m 755 "$here/deploy/build/ready.py" "$2/bin/parvis-ready"
