#!/usr/bin/env bash
# No name of BoringSSL is in the dynamic symbol table of our binaries, neither
# with our prefix nor bare, where OpenSSL's libraries could bind to it.
#
#   boringssl_symbols_test.sh ARCHIVE BINARY...
set -euo pipefail
export LC_ALL=C
prefix=tuco_bssl_
archive=$1
shift

names() {
  nm "$@" 2>/dev/null | awk 'NF >= 2 {print $NF}' | sort -u
}

ours=$(names --defined-only --extern-only "$archive")
if ! grep -q "^${prefix}SHA256_Update$" <<<"$ours"; then
  echo "FAIL: $archive holds no ${prefix}SHA256_Update"
  exit 1
fi
# Every name of the archive as it is, and as it would be without the prefix.
forbidden=$(sed "p; s/^$prefix//" <<<"$ours" | sort -u)

failures=0
for binary in "$@"; do
  # A binary of ours that imports nothing was not read, or not linked as ours.
  # (Not grep -q: it would end the pipe early, which pipefail calls a failure.)
  if ! names --dynamic "$binary" | grep '^__libc_start_main' >/dev/null; then
    echo "FAIL: $binary has no readable dynamic symbol table"
    failures=$((failures + 1))
    continue
  fi
  leaked=$({
    names --dynamic --defined-only "$binary" | sed 's/@.*//' |
      comm -12 - <(echo "$forbidden")
    names --dynamic "$binary" | grep -E 'bssl|^OPENSSL_memory_' || true
  })
  if [[ -n $leaked ]]; then
    echo "FAIL: $binary exposes: $leaked"
    failures=$((failures + 1))
  else
    echo "ok: $binary"
  fi
done
exit $((failures > 0))
