#!/bin/sh
# Runs a test in Node where there is one; it is skipped elsewhere.
command -v node >/dev/null || exit 77
exec node "$@"
