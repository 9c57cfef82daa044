#!/usr/bin/env bash
# From a clean clone to findings: installs what the build needs, builds, lints the example
# application in fixtures/projects/kosmos, and writes its SARIF to build/kosmos.sarif.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build}

ci/setup.sh build
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTENANTLINT_TESTS=OFF >/dev/null
cmake --build "$build" --parallel "$(nproc)" --target tenantlint
tenantlint=$PWD/$build/sql-linter/tenantlint
sarif=$PWD/$build/kosmos.sarif

# Findings are what is to be seen here: status 1 is this command's success.
cd fixtures/projects/kosmos
status=0
"$tenantlint" check --output-format full --output-format "sarif=$sarif" --statistics || status=$?
if [ "$status" -ne 1 ]; then
  echo "try: expected findings (status 1), got status $status" >&2
  exit 1
fi
echo "SARIF: $build/kosmos.sarif · the program: $build/sql-linter/tenantlint"
