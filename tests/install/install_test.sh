#!/usr/bin/env bash
# What `cmake --install` gives is all that a stranger needs, wherever it is.
#
#   install_test.sh BUILD SOURCE CXX CXXFLAGS
#
# Installs the build in the folder BUILD under DESTDIR, moves what came of it
# to another folder, and there, as somebody who has only that, builds and runs
# the program in stranger/ and the one that docs/cpp.md consists of.
set -euo pipefail
export LC_ALL=C
build=$1
source=$2
export CXX=$3 CXXFLAGS=$4
# Of the build's own environment nothing may help.
unset DESTDIR CMAKE_PREFIX_PATH CPATH LIBRARY_PATH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/moved

fail() {
  echo "FAIL: $*"
  exit 1
}

# run NAME COMMAND...: shows what the command says only if it fails.
run() {
  local name=$1
  shift
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    fail "$name"
  }
}

# expect WHAT FOUND EXPECTED
expect() {
  [[ $2 == "$3" ]] || fail "$1: found «$2», expected «$3»"
  echo "ok: $1"
}

# files FOLDER: the paths in it, one a line.
files() {
  (cd "$1" && find . -type f | sed 's/^\.\///' | sort)
}

install_and_move() {
  DESTDIR=$work/stage run "cmake --install" \
    cmake --install "$build" --prefix /opt/tuco
  mv "$work/stage/opt/tuco" "$prefix"
  # Not a file may have gone past DESTDIR and the prefix.
  expect "all is under the prefix" "$(files "$work/stage")" ""
  library=$prefix/$(cd "$prefix" && find . -name libtuco.a -printf '%P')
  crypto=${library%tuco.a}tuco_bssl.a
}

check_files() {
  expect "the public headers, and only they" \
    "$(files "$prefix/include")" \
    "$(cd "$source/lib" && find tuco -maxdepth 1 -name '*.h' | sort)"
  expect "no other archive" \
    "$(files "$prefix" | sed -n 's/.*\/\(.*\.a\)$/\1/p' | tr '\n' ' ')" \
    "libtuco.a libtuco_bssl.a "
  [[ -x $prefix/bin/tuco-events ]] || fail "no bin/tuco-events"
  # Debugging information names the sources; without it no binary does either.
  local named flags=()
  if readelf -S "$library" | grep -F .debug_info >/dev/null; then
    flags=(-I)
  fi
  named=$(grep -rlF "${flags[@]}" -e "$build" -e "$source" -e "$work" \
    "$prefix" || true)
  expect "no file names a folder of the build" "$named" ""
}

# configure_and_build PROJECT
configure_and_build() {
  run "configuring $1" cmake -S "$1" -B "$1/build" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_PREFIX_PATH="$prefix"
  run "building $1" cmake --build "$1/build"
}

# sample FIELD: of the first sample delivery.
sample() {
  python3 -c '
import hashlib, json, sys
delivery = json.loads(open(sys.argv[1], encoding="utf-8").readline())
body = delivery["body"].encode()
key = hashlib.sha256(b"tuco\0" + body).hexdigest()
print({
    "body": delivery["body"],
    "event": "evt_%s %s" % (key[:32], json.loads(body)["event"]),
    "secret": delivery["secret"],
    "signature": delivery["headers"]["x-tuco-signature"],
}[sys.argv[2]], end="")' "$source/tests/data/deliveries.ndjson" "$1"
}

# The program links, verifies, and shares no name with an OpenSSL.
check_stranger() {
  local project=$work/stranger
  cp -R "$source/tests/install/stranger" "$project"
  configure_and_build "$project"
  local program=$project/build/verify_sample
  expect "a stranger's program reads a sample delivery" \
    "$(sample body | "$program" "$(sample secret)" "$(sample signature)")" \
    "$(sample event)"
  expect "and refuses it under another secret" \
    "$(sample body | "$program" another "$(sample signature)" || true)" \
    "SIGNATURE_MISMATCH"
  run "BoringSSL's names" \
    "$source/tests/lib/boringssl_symbols_test.sh" "$crypto" "$program"
  echo "ok: no name of BoringSSL is exported"
}

# blocks LANGUAGE: the text of the page's blocks of that language.
blocks() {
  awk -v fence="\`\`\`$1" '
    $0 == "```" { inside = 0 }
    inside { print }
    $0 == fence { inside = 1 }' "$source/docs/cpp.md"
}

# The page's blocks are one program; their #includes stand before main.
check_page() {
  local project=$work/page
  mkdir "$project"
  blocks cmake >"$project/CMakeLists.txt"
  {
    blocks cpp | grep '^#include'
    echo 'int main() {'
    blocks cpp | grep -v '^#include'
    echo '}'
  } >"$project/app.cc"
  CXXFLAGS="$CXXFLAGS -Wall -Wextra -Wpedantic -Wshadow -Werror" \
    configure_and_build "$project"
  expect "docs/cpp.md prints what it says" \
    "$("$project/build/app")" "$(blocks text)"
}

# Another minor version is another interface, before 1.0.
check_version() {
  local project=$work/version
  mkdir "$project"
  cat >"$project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.22)
project(version LANGUAGES NONE)
find_package(tuco-events 0.0 CONFIG QUIET)
if(tuco-events_FOUND)
  message(FATAL_ERROR "version 0.0 was found")
endif()
CMAKE
  run "refusing version 0.0" cmake -S "$project" -B "$project/build" \
    -DCMAKE_PREFIX_PATH="$prefix"
  echo "ok: another minor version is refused"
}

install_and_move
check_files
check_stranger
check_page
check_version
