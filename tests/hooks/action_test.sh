#!/usr/bin/env bash
# The GitHub action: valid by its schema, and its steps, run with the variables that the runner
# sets, fail the job on findings and leave a SARIF file either way. usage: action_test.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/project.sh"
action=$here/../../ci/action
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$NODE_BIN/action-validator" "$action/action.yml"
yamllint -s -c "$here/../../.yamllint" "$action/action.yml"
/usr/bin/python3 "$here/yaml_scripts.py" action "$action/action.yml" "$work/steps"

export GITHUB_ACTION_PATH=$action GITHUB_WORKSPACE=$work/ws GITHUB_OUTPUT=$work/output
export INPUT_WORKING_DIRECTORY=db INPUT_FAIL_ON=warning INPUT_SARIF_FILE=out.sarif
make_project "$work/ws/db"

# The value that a step wrote last under a name.
output() { sed -n "s/^$1=//p" "$GITHUB_OUTPUT" | tail -n 1; }

run_steps() {
  : >"$GITHUB_OUTPUT"
  INPUT_PROGRAM=$tool bash "$work/steps/program.sh"
  INPUT_PROGRAM=$(output program) bash "$work/steps/check.sh"
}

run_steps >"$work/log" 2>&1 || { cat "$work/log"; echo "FAILED on a clean project"; exit 1; }
[ "$(output status)" = 0 ] && [ "$(output sarif)" = db/out.sarif ]
jq -e '.runs[0].results == []' "$work/ws/db/out.sarif" >/dev/null

printf '%s\n' "$open_table" >"$work/ws/db/migrations/0002_payments.sql"
if run_steps >"$work/log" 2>&1; then echo "FAILED: findings pass"; exit 1; fi
[ "$(output status)" = 1 ]
jq -e '[.runs[0].results[].ruleId] | index("TL1001")' "$work/ws/$(output sarif)" >/dev/null
grep -q table-without-rls "$work/log"

# A run that cannot start leaves no stale report behind.
INPUT_FAIL_ON=nonsense
if run_steps >"$work/log" 2>&1; then echo "FAILED: nonsense passes"; exit 1; fi
[ "$(output status)" = 2 ] && [ -z "$(output sarif)" ]
echo "action: as it should"
