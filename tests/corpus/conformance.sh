#!/usr/bin/env bash
# The small cases of ../shared/conformance, whose truth was established on PostgreSQL, where they
# are there; without them this test says so and counts as skipped. usage: conformance.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
shared=$(cd "$(dirname "$0")/../.." && pwd)/../shared
if [ ! -e "$shared/conformance/run.py" ]; then
  echo "skipped: ../shared/conformance is not here"
  exit 77
fi
# The groups whose rules are there; the others join as their rules do.
python3 "$shared/conformance/run.py" --tool "$tool" --groups table,index,constraint,partition,policy
