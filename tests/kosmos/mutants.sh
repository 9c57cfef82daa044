#!/usr/bin/env bash
# Damages the example application in many ways, and expects to be told. usage: mutants.sh TOOL
set -euo pipefail
python3 "$(dirname "$0")/mutants.py" --tool "$(realpath "$1")"
