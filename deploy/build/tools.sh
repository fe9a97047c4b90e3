#!/bin/sh
# Usage: tools.sh FOLDER. Puts the build's own tools there, by their hashes: nothing of them gets into the image.
set -eu
here=$(dirname "$0")/../..
python3 -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
  --require-hashes --only-binary :all: --requirement "$here/requirements-tools.lock"
