#!/usr/bin/env bash
# The example application is checked as a user would do it; what is printed must be, to the byte,
# what findings.expected and queries.expected say; TENANTLINT_UPDATE=1 rewrites these files.
# usage: findings.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT

cd "$here/../../fixtures/projects/kosmos"
# expect FILE COMMAND…: its output. Everything in there can be read and replayed: findings, and
# nothing that was left out.
expect() {
  local expected=$here/$1 status=0
  shift
  "$@" >"$actual" || status=$?
  if [ "${TENANTLINT_UPDATE:-0}" = 1 ]; then
    cp "$actual" "$expected"
  fi
  diff -u "$expected" "$actual"
  [ "$status" -eq 1 ] || { echo "expected status 1, got $status" >&2; exit 1; }
}
expect findings.expected "$tool" check --output-format concise --color never
expect queries.expected "$tool" queries --color never
