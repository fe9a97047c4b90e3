#!/bin/sh
# Usage: libraries.sh UV FOLDER. Makes the virtual environment FOLDER with all that Parvis runs on, by hash and from
# wheels alone: nothing is compiled and no code of a package runs here.
set -eu
here=$(dirname "$0")/../..
"$1" venv --quiet --no-config --python "$(command -v python3)" "$2"
"$1" pip install --quiet --no-config --link-mode copy --python "$2/bin/python" --require-hashes --no-build \
  --requirement "$here/requirements-cluster.lock"
