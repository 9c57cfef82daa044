#!/usr/bin/env bash
# The exit code never lies, and bad input gets a message. usage: exit_codes.sh TOOL
set -uo pipefail
tool=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
git init -q .
fails=0

fail() {
  echo "FAIL: $1"
  fails=$((fails + 1))
}
# expect CODE PATTERN COMMAND…: exit code and, in output or errors, the pattern.
expect() {
  local code=$1 pattern=$2
  shift 2
  local out got=0
  out=$("$@" 2>&1 </dev/null) || got=$?
  if [ "$got" -ne "$code" ] || ! grep -q -e "$pattern" <<<"$out"; then
    echo "FAIL: $* → $got (wanted $code, /$pattern/)"
    head -5 <<<"$out"
    fails=$((fails + 1))
  fi
}

mkdir -p migrations clean/migrations loop/migrations
ok='CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));'
echo "$ok" >migrations/0001.sql
cat >clean/migrations/0001.sql <<'SQL'
CREATE TABLE countries (code text PRIMARY KEY);
SQL
expect 1 'table-without-rls' "$tool" check
expect 0 'table-without-rls' "$tool" check --exit-zero
expect 1 'table-without-rls' "$tool" check --fail-on error
expect 0 '0 errors' "$tool" check --ignore table-without-rls
expect 0 'note:' "$tool" check --severity table-without-rls=note
expect 0 '0 errors' "$tool" check clean
# Declared roles whose grants the migrations do not hold may reach everything.
printf '[roles]\napp = ["app_user"]\n' >app.toml
expect 1 'error.*table-without-rls' "$tool" check --config app.toml
expect 3 'No migrations found' bash -c "cd loop && '$tool' check"
expect 0 'No migrations found' bash -c "cd loop && '$tool' check --allow-incomplete"
expect 3 'No such file' "$tool" check nowhere.sql
expect 2 'did you mean .check' "$tool" chekc
expect 2 'No command\|subcommand' "$tool"
expect 2 'Unknown output format' "$tool" check --output-format yaml
expect 2 'fail-on' "$tool" check --fail-on always
expect 2 'There is no rule' "$tool" check --select no-such-rule
expect 2 'severity' "$tool" check --severity table-without-rls=loud
expect 2 'did you mean' "$tool" explain table-without-rsl
expect 0 'Why' "$tool" explain TL1001
expect 0 'TL3006' "$tool" rules
expect 0 'PostgreSQL' "$tool" version
expect 0 'Exit codes' "$tool" --help

# Queries: what is missing fails, what is unknown does not, what does not parse is incomplete.
mkdir -p shop/migrations shop/queries
cat >shop/migrations/0001.sql <<'SQL'
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
SQL
in_shop() { (cd shop && "$tool" "$@"); }
query() { echo "$1" >shop/queries/notes.sql; }
expect 3 'No queries found' in_shop queries
expect 0 'No queries found' in_shop queries --allow-incomplete
query 'SELECT id FROM notes WHERE tenant_id = $1;'
expect 0 'notes.sql:1  select    proven' in_shop queries
expect 0 '1 query: 1 proven, 0 missing, 0 unknown' in_shop queries
expect 0 'queries: 1 proven, 0 missing, 0 unknown' in_shop check --select query
query 'SELECT id FROM notes;'
expect 1 'public.notes  missing  no-predicate' in_shop queries
expect 0 'missing' in_shop queries --exit-zero
expect 1 'query-without-tenant-predicate' in_shop check --select query
expect 1 'missing' in_shop queries queries/notes.sql
echo 'SELECT id FROM notes;' >shop/scratch.sql
expect 1 'scratch.sql:1  select  *missing' in_shop queries scratch.sql
expect 3 'No queries among' in_shop queries migrations/0001.sql
query 'SELECT id FROM drafts;'
expect 0 'drafts  unknown  unknown-table' in_shop queries
expect 0 'note: .*query-not-proven' in_shop check --select query
query 'SELECT id FORM notes; SELECT id FROM notes WHERE tenant_id = $1;'
expect 3 'syntax error' in_shop queries
expect 0 '1 proven, 0 missing, 1 unknown' in_shop queries --allow-incomplete
expect 3 'syntax error' in_shop check --select query
query 'SET statement_timeout = 5;'
expect 0 'other     proven' in_shop queries
expect 2 'Unknown output format' in_shop queries --output-format sarif
in_shop queries --output-format json | python3 -c '
import json, sys
j = json.load(sys.stdin)
assert j["version"] == 1 and j["coverage"]["queries"] == 0 and j["problems"] == []
q = j["queries"][0]
assert q["file"] == "queries/notes.sql" and q["range"]["start"]["line"] == 1
assert (q["kind"], q["verdict"], q["relations"]) == ("other", "proven", [])' || fails=$((fails + 1))

# Input that is not what it should be; the rest is still analysed.
mkdir odd
printf 'CREATE TABLE a (id int);\n\xff\xfe;\n%s\n' "$ok" >odd/invalid_utf8.sql
expect 3 'Not valid UTF-8' "$tool" check odd/invalid_utf8.sql
printf '%s\n\0\nCREATE TABLE b (id int);\n' "$ok" >odd/nul.sql
expect 3 'NUL byte' "$tool" check odd/nul.sql
expect 3 'table-without-rls' "$tool" check odd/nul.sql
printf '%s\r\n' "$ok" >odd/crlf.sql
expect 1 'crlf.sql:1:14: error' "$tool" check odd/crlf.sql
printf '\xef\xbb\xbf%s\n' "$ok" >odd/bom.sql
expect 1 'bom.sql:1:14: error' "$tool" check odd/bom.sql
# The message quotes the token at which the parser stopped, but not all of it.
python3 -c "print('$ok'); print('SELECT \'' + 'x' * 1000000)" >odd/long_token.sql
expect 3 'x…' "$tool" check odd/long_token.sql
[ "$("$tool" check odd/long_token.sql 2>/dev/null | wc -c)" -lt 4000 ] || fail "a long message"
printf "%s\nSELECT 'no end;\n" "$ok" >odd/unterminated.sql
expect 3 'unterminated.sql:2:8' "$tool" check odd/unterminated.sql
expect 3 'table-without-rls' "$tool" check odd/unterminated.sql
python3 -c "
print('SELECT ' + '(' * 100000 + '1' + ')' * 100000 + ';')
print('$ok')" >odd/nested.sql
expect 3 'nested too deeply' "$tool" check odd/nested.sql
expect 3 'table-without-rls' "$tool" check odd/nested.sql
python3 -c "print('SELECT ' + ' + '.join(['1'] * 100000) + ';'); print('$ok')" >odd/terms.sql
expect 3 'nested too deeply' "$tool" check odd/terms.sql
python3 -c "
line = \"INSERT INTO big VALUES ('\" + 'x' * 960 + \"');\\n\"
print('CREATE TABLE big (t text);')
for i in range(102400): print(line, end='')" >odd/huge.sql
expect 0 '0 errors' "$tool" check odd/huge.sql
rm odd/huge.sql
ln -s .. loop/migrations/up
echo "$ok" >loop/migrations/0001.sql
expect 3 'links back' bash -c "cd loop && '$tool' check"
# root may read everything: what nobody may read is asked by somebody else.
as_user=()
[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
mkdir -p locked/migrations/closed
cp "$tool" locked/tenantlint
echo "$ok" | tee locked/migrations/1.sql locked/secret.sql >locked/migrations/closed/2.sql
chmod 755 "$work"
chmod 000 locked/secret.sql locked/migrations/closed
expect 3 'Permission denied' "${as_user[@]}" locked/tenantlint check locked/secret.sql
expect 3 "Cannot read the folder 'migrations/closed': Permission denied" \
  "${as_user[@]}" bash -c "cd locked && ./tenantlint check"
expect 3 "Cannot read the folder 'locked/migrations/closed'" \
  "${as_user[@]}" locked/tenantlint check locked
chmod 700 locked/secret.sql locked/migrations/closed
expect 3 'Is a directory\|no .sql file\|There is no' "$tool" check .git

# Configuration with positions and suggestions.
printf '[tenancy]\ncolums = ["tenant_id"]\n' >bad.toml
expect 2 'bad.toml:2:1: error: Unknown key .colums.*did you mean .columns' \
  "$tool" check --config bad.toml
printf '[tenancy]\nstrict = "yes"\n' >bad.toml
expect 2 'bad.toml:2:10: error: .strict. must be true or false' "$tool" check --config bad.toml
printf '[rules]\nselect = ["nothing"]\n' >bad.toml
expect 2 'Unknown rule .nothing' "$tool" check --config bad.toml
printf '[tenancy\n' >bad.toml
expect 2 'bad.toml:1' "$tool" check --config bad.toml
expect 2 'Cannot read' "$tool" check --config missing.toml
expect 0 'columns = ' "$tool" config show
expect 0 'json-schema' "$tool" config schema
expect 2 'Unknown key' "$tool" config check --config <(printf 'x = 1\n')

# Output: whole or not at all.
expect 2 'Cannot write to standard output' bash -c "'$tool' check >/dev/full"
echo before >report.json
expect 2 'Cannot create' "$tool" check --output-format json=nowhere/report.json
expect 2 'Cannot write' "$tool" check --output-format json=/dev/full
expect 1 '' "$tool" check --output-format json=report.json
python3 -c "import json; json.load(open('report.json'))" || fails=$((fails + 1))
[ -z "$(ls report.json.*.tmp 2>/dev/null)" ] || fails=$((fails + 1))
set +o pipefail
[ -z "$("$tool" rules 2>&1 >/dev/full | grep -v 'Cannot write')" ] || fails=$((fails + 1))
err=$("$tool" check 2>&1 >/dev/null | cat)
"$tool" explain TL1001 2>"$work/err" | head -1 >/dev/null
[ ! -s "$work/err" ] || { echo "FAIL: a closed pipe is not quiet"; fails=$((fails + 1)); }

# Standard input in place of a file; colour only where it is wanted.
got=$(sed 's/notes/papers/' migrations/0001.sql |
  "$tool" check --stdin-filename migrations/0001.sql 2>&1)
grep -q "public.papers" <<<"$got" || { echo "FAIL: --stdin-filename"; fails=$((fails + 1)); }
colour() { grep -q $'\x1b'; }
"$tool" check --color always | colour || fail "--color always"
FORCE_COLOR=1 "$tool" check | colour || fail FORCE_COLOR
! FORCE_COLOR=1 NO_COLOR=1 "$tool" check | colour || fail NO_COLOR

# The same input gives the same bytes, whatever the number of threads.
for i in $(seq 1001 1040); do
  echo "CREATE TABLE t$i (tenant_id uuid, id int);" >"migrations/$i.sql"
done
mkdir -p queries
for i in $(seq 1 1500); do
  echo "SELECT * FROM t$((1001 + i % 40)) WHERE id = $i AND tenant_id = \$$((1 + i % 2));"
  echo "DELETE FROM t$((1001 + i % 40));"
done >queries/many.sql
"$tool" check --jobs 1 --output-format json >one.json
"$tool" check --jobs 7 --output-format json >seven.json
cmp one.json seven.json || fails=$((fails + 1))

echo "$fails failed"
[ "$fails" -eq 0 ]
