#!/bin/sh
# Usage: seal.sh FOLDER. Compiles the tree once and for all, and takes from everybody the right to change it.
set -eu
"$1/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$1/lib"
find "$1" -type l -o -exec chmod a-w,a+rX {} +
