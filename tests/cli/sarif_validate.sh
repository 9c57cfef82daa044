#!/usr/bin/env bash
# SARIF of the demo project and of a run with problems, by Microsoft's validator with GitHub's
# rules. usage: sarif_validate.sh TOOL     (NODE_BIN: the .bin folder beside sarif-multitool)
set -euo pipefail
tool=$(realpath "$1")
validator=$(dirname "$NODE_BIN")/@microsoft/sarif-multitool-linux/Sarif.Multitool
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The validator's exit code is 0 even with errors: its own log says what it found.
serious='[.runs[].results[]? | select((.level // "warning") != "note")]'
validate() {
  "$validator" validate "$1" --rule-kind "Sarif;Ghas" --level "Note;Warning;Error" \
    -o "$work/v.sarif" --log ForceOverwrite >"$work/log" || { cat "$work/log"; exit 1; }
  sed 's/^\xEF\xBB\xBF//' "$work/v.sarif" >"$work/v.json"
  jq -e "$serious | length == 0" "$work/v.json" >/dev/null && return
  jq "$serious" "$work/v.json"
  exit 1
}

cd "$TENANTLINT_SOURCE/fixtures/projects/kosmos"
"$tool" check --exit-zero --output-format "sarif=$work/kosmos.sarif"
jq -e '.runs[0].results | length > 10' "$work/kosmos.sarif" >/dev/null
validate "$work/kosmos.sarif"

mkdir -p "$work/p/migrations"
cd "$work/p"
printf 'CREATE TABLE t (tenant_id uuid, "größe ü" int);\nCREATE TABLE broken (;\n' \
  >'migrations/0001 with space.sql'
"$tool" check --allow-incomplete --exit-zero --output-format "sarif=$work/odd.sarif"
jq -e '.runs[0].invocations[0].toolExecutionNotifications | length == 1' \
  "$work/odd.sarif" >/dev/null
validate "$work/odd.sarif"
echo "SARIF is valid"
