#!/usr/bin/env bash
# Compares the replay of fixtures/server/*.sql with a private PostgreSQL server. usage: run.sh TOOL
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/private_server.sh"
start_server
python3 "$here/compare_catalogue.py" --tool "$1" "$here"/../../fixtures/server/*.sql
