#!/usr/bin/env bash
# Formats the C++ sources with the project's clang-format; with --check it only says what it would
# change, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
[ "${1:-}" = --check ] && mode=(--dry-run --Werror)
for folder in analyzer rules sql-linter cpp-checker tests bench; do
  [ ! -d "$folder" ] || find "$folder" -name '*.cpp' -o -name '*.h'
done | sort | xargs --no-run-if-empty clang-format-14 "${mode[@]}"
