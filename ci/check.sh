#!/usr/bin/env bash
# Everything that has to hold before a merge: sets the machine up, checks the format, builds with
# warnings as errors, runs all tests (tests/tidy_test checks layering and the rules of the house).
# Works from a clean clone on a bare Debian 12, needs no answers, and ends with ctest's own summary.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build}

ci/setup.sh
echo "== format"
ci/format.sh --check
echo "== build"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTENANTLINT_TESTS=ON >/dev/null
cmake --build "$build" --parallel "$(nproc)"
echo "== tests"
cd "$build"
# Measurements want the machine for themselves, so they run behind everything else.
ctest --output-on-failure --parallel "$(nproc)" --no-tests=error
