#!/usr/bin/env bash
# The example application is checked as a user would do it; what is printed must be, to the byte,
# what tests/kosmos/findings.expected says; TENANTLINT_UPDATE=1 rewrites that file.
# usage: findings.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT

cd "$here/../../fixtures/projects/kosmos"
status=0
"$tool" check --output-format concise --color never >"$actual" || status=$?
if [ "${TENANTLINT_UPDATE:-0}" = 1 ]; then
  cp "$actual" "$here/findings.expected"
fi
diff -u "$here/findings.expected" "$actual"
# Everything in there can be read and replayed: findings, and nothing that was left out.
[ "$status" -eq 1 ] || { echo "expected status 1, got $status" >&2; exit 1; }
