#!/usr/bin/env bash
# What the types forbid does not compile.
#
#   must_not_compile_test.sh FILE... -- CXX FLAG...
#
# A file compiles as it stands. With MUST_NOT_COMPILE defined its other branch
# is an error, and the first one that the compiler reports is the one after
# "Diagnostic:", so that no test passes by way of a misspelt name.
set -uo pipefail
export LC_ALL=C

files=()
while [[ $1 != -- ]]; do
  files+=("$1")
  shift
done
shift
compile=("$@" -Werror -fsyntax-only)

failures=0
complain() {
  echo "FAIL: $*"
  failures=$((failures + 1))
}

for file in "${files[@]}"; do
  expected=$(sed -n 's/^\/\/ Diagnostic: //p' "$file")
  [[ -n $expected ]] || complain "$file names no diagnostic"
  if ! said=$("${compile[@]}" "$file" 2>&1); then
    complain "$file does not compile as it stands: $said"
  elif said=$("${compile[@]}" -DMUST_NOT_COMPILE "$file" 2>&1); then
    complain "$file compiles with MUST_NOT_COMPILE"
  elif ! grep -m 1 'error:' <<<"$said" | grep -qE "$expected"; then
    complain "$file: expected «$expected», found: $said"
  else
    echo "ok: $file"
  fi
done
exit $((failures > 0))
