#!/usr/bin/env bash
# The example application on a real server: its migrations run, its queries can be prepared, and
# the schema that tenantlint makes of the migrations is the server's, fact by fact.
# usage: catalogue.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../fixtures/projects/kosmos"
. "$here/../server/private_server.sh"
start_server
work=$(mktemp -d)

cat migrations/*.sql >"$work/kosmos.sql"
python3 "$here/../server/compare_catalogue.py" --tool "$tool" "$work/kosmos.sql"

# sqlc's "-- name: X :many" becomes PREPARE X AS …, and a query that the schema contradicts fails.
sed -E 's/^-- name: ([A-Za-z]+) .*/PREPARE \1 AS/' queries/*.sql >"$work/queries.sql"
# compare_catalogue.py leaves the database of the last script behind.
psql -X -q -v ON_ERROR_STOP=1 -d compare -f "$work/queries.sql"
echo "$(grep -c '^PREPARE' "$work/queries.sql") queries prepared"
rm -rf "$work"
