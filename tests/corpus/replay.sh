#!/usr/bin/env bash
# The real migration histories of ../shared/corpus, against what PostgreSQL made of them, where they
# and their git mirrors are there; without them this test says so and counts as skipped. Needs
# CORPUS_MIRRORS, the folder of the mirrors; CORPUS_DIR is a scratch folder. usage: replay.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
shared=$(cd "$(dirname "$0")/../.." && pwd)/../shared
if [ ! -e "$shared/corpus/compare.py" ]; then
  echo "skipped: ../shared/corpus is not here"
  exit 77
fi
if [ ! -d "${CORPUS_MIRRORS:-}" ]; then
  echo "skipped: CORPUS_MIRRORS names no folder of git mirrors"
  exit 77
fi
export CORPUS_DIR=${CORPUS_DIR:-${TENANTLINT_BUILD:-build}/corpus}
mkdir -p "$CORPUS_DIR"
python3 "$shared/corpus/corpus.py" checkout all >/dev/null
python3 "$shared/corpus/corpus.py" prepare all >/dev/null
python3 "$shared/corpus/compare.py" --tool "$tool"
python3 "$(dirname "$0")/lists.py" --tool "$tool" --shared "$shared/corpus"
