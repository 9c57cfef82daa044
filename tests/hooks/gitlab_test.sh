#!/usr/bin/env bash
# The GitLab job: clean YAML, and its script, run as a job would run it, fails on findings and
# leaves both reports behind. usage: gitlab_test.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/project.sh"
template=$here/../../ci/gitlab-template.yml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$(dirname "$tool"):$PATH" TENANTLINT_FAIL_ON=warning

yamllint -s -c "$here/../../.yamllint" "$template"
/usr/bin/python3 "$here/yaml_scripts.py" gitlab "$template" "$work/steps"

make_project "$work/project"
cd "$work/project"
bash -e "$work/steps/.tenantlint.sh" >"$work/log"
jq -e '. == []' gl-code-quality-report.json >/dev/null

printf '%s\n' "$open_table" >migrations/0002_payments.sql
status=0
bash -e "$work/steps/.tenantlint.sh" >"$work/log" || status=$?
[ "$status" -eq 1 ] || { echo "FAILED: status $status"; exit 1; }
jq -e 'map(.check_name) | any(contains("table-without-rls") or contains("TL1001"))' \
  gl-code-quality-report.json >/dev/null
jq -e '.runs[0].results | length > 0' tenantlint.sarif >/dev/null
echo "job: as it should"
