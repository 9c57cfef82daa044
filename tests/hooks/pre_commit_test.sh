#!/usr/bin/env bash
# The pre-commit hooks as a user has them: a commit that leaves a table open is blocked and says
# why, one that protects it passes. Works with no network. usage: pre_commit_test.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/project.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$(dirname "$tool"):$PATH" HOME=$work PRE_COMMIT_HOME=$work/cache
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_COUNT=0
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.invalid
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.invalid
git config --global init.defaultBranch main
git config --global safe.directory '*'

fail() { echo "FAILED: $*" >&2; [ ! -f "$work/out" ] || cat "$work/out" >&2; exit 1; }

# The hooks as they are in this tree, in a repository of their own.
pre-commit validate-manifest "$here/../../.pre-commit-hooks.yaml"
git init -q "$work/hooks"
cp "$here/../../.pre-commit-hooks.yaml" "$work/hooks/"
git -C "$work/hooks" add -A
git -C "$work/hooks" commit -q -m hooks

make_project "$work/project"
cd "$work/project"
git init -q .
git add -A
for hook in tenantlint tenantlint-full; do
  pre-commit try-repo "$work/hooks" "$hook" --all-files >"$work/out" 2>&1 ||
    fail "$hook blocks what is right"
done

printf '%s\n' "$open_table" >migrations/0002_payments.sql
git add -A
for hook in tenantlint tenantlint-full; do
  if pre-commit try-repo "$work/hooks" "$hook" --all-files >"$work/out" 2>&1; then
    fail "$hook lets an open table pass"
  fi
  grep -q "table-without-rls" "$work/out" || fail "$hook does not say what is wrong"
done

# And installed, where it stops git commit itself.
cat >.pre-commit-config.yaml <<EOF
repos:
  - repo: $work/hooks
    rev: $(git -C "$work/hooks" rev-parse HEAD)
    hooks: [{id: tenantlint}]
EOF
pre-commit install >/dev/null
git add -A
if git commit -q -m bad >"$work/out" 2>&1; then fail "the commit was not blocked"; fi
printf '%s\n' "${protected_table//invoices/payments}" >migrations/0002_payments.sql
git add -A
git commit -q -m good >"$work/out" 2>&1 || fail "the mended commit was blocked"

# A commit without SQL does not start the hook.
echo hello >notes.txt
git add -A
git commit -m notes >"$work/out" 2>&1 || fail "a commit without SQL was blocked"
grep -q "no files to check" "$work/out" || fail "the hook ran for nothing"
echo "hooks: as they should"
