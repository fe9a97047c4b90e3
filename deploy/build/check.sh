#!/bin/sh
# Usage: check.sh FOLDER. Fails unless the tree is whole: consistent versions, the command, every driver, nothing to write.
set -eu
"$1/bin/parvis" --version
"$1/bin/python" - <<'PYTHON'
from importlib import import_module

for driver in ("store.mongo", "broker.amqp", "objects.s3", "mail.smtp", "scanner.clamd"):
    import_module(f"services.chassis.{driver}")
for name in ("accounts", "offers", "applications", "documents", "mailer", "portal"):
    import_module(f"services.{name}.wiring")
PYTHON
writable=$(find "$1" ! -type l -perm /222 -print -quit)
if [ -n "$writable" ]; then
  echo "can be written: $writable" >&2
  exit 1
fi
