#!/bin/sh
# Runs json_reader_v8_test.mjs where there is a Node, and is skipped elsewhere.
command -v node >/dev/null || exit 77
exec node "$(dirname "$0")/json_reader_v8_test.mjs" "$@"
