#!/usr/bin/env bash
# Installs what building and testing need, on a bare Debian 12: its packages, and a few programs
# from npm into the build folder. Does nothing where everything is there. Needs root or sudo.
#   ci/setup.sh          all of it, for ci/check.sh
#   ci/setup.sh build    only what building the linter needs, for ci/try.sh
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build}

packages=(
  g++ cmake ninja-build
  libpg-query-dev postgresql-server-dev-15
  libfmt-dev libcli11-dev libtomlplusplus-dev libxxhash-dev libutf8proc-dev nlohmann-json3-dev
  git ca-certificates
)
if [ "${1:-all}" = all ]; then
  packages+=(
    libgtest-dev libgmock-dev libvalijson-dev libbenchmark-dev libpq-dev
    clang-format-14 pre-commit yamllint jq python3 python3-yaml postgresql-15 postgresql-client-15
  )
  # A Node.js from elsewhere brings its own npm and conflicts with Debian's.
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
fi
missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: not root, and no sudo" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}" >&2
  # The cluster that Debian's package makes by itself is of no use here.
  conf=/etc/postgresql-common/createcluster.conf
  if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e $conf ]]; then
    "${as_root[@]}" mkdir -p "$(dirname "$conf")"
    echo "create_main_cluster = false" | "${as_root[@]}" tee "$conf" >/dev/null
  fi
  mkdir -p "$build"
  {
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold \
        "${missing[@]}"
  } >"$build/apt.log" 2>&1 || { cat "$build/apt.log" >&2; exit 1; }
fi
[ "${1:-all}" = all ] || exit 0

# npm's programs live below the build folder: nothing of the machine changes.
if ! cmp -s ci/node/package.json "$build/npm/installed.json"; then
  echo "setup: installing the programs of ci/node/package.json" >&2
  mkdir -p "$build/npm"
  cp ci/node/package.json "$build/npm/package.json"
  npm install --prefix "$build/npm" --no-audit --no-fund --no-package-lock --ignore-scripts \
    --loglevel=error >/dev/null
  # What the package's own install script would do.
  chmod u+x "$build"/npm/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
  cp ci/node/package.json "$build/npm/installed.json"
fi
