#!/usr/bin/env bash
# Starts a private PostgreSQL server and runs the differential test against it.
# usage: run.sh PROGRAM [its options]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../server/private_server.sh"
start_server
"$@"
