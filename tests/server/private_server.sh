# Sourced by tests that need PostgreSQL: starts a server of their own, reachable only through a
# socket in a temporary folder, as an unprivileged user, and stops it when the script ends.
# Sets PGHOST, PGPORT, PGUSER and server_dir. Needs the package postgresql-15 (ci/setup.sh).
server_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
server_dir=$(mktemp -d)

as_server_user() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

stop_server() {
  as_server_user "$server_bin/pg_ctl" -D "$server_dir/data" -m immediate -w stop >/dev/null 2>&1
  rm -rf "$server_dir"
}

start_server() {
  if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$server_dir"
  fi
  trap stop_server EXIT
  (
    cd "$server_dir"
    as_server_user "$server_bin/initdb" -D data -A trust -U postgres -E UTF8 --locale=C.UTF-8 >log
    as_server_user "$server_bin/pg_ctl" -D data -l "$server_dir/server.log" -w start \
      -o "-k $server_dir -p 5432 -c listen_addresses= -c fsync=off -c max_connections=60" >log
  ) || { cat "$server_dir/log" "$server_dir/server.log" >&2; return 1; }
  export PGHOST=$server_dir PGPORT=5432 PGUSER=postgres
}
