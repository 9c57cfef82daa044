#!/usr/bin/env python3
"""Damages the example application in many ways, and expects to be told.

usage: mutants.py --tool PATH

1. Each statement that protects a table is taken out, one at a time: a finding about that table must
   appear that was not there before. A linter that stays silent here would be trusted in vain.
2. Each comparison of a tenant column in a query that is proven is taken out, one at a time: the
   query must not be proven any more.
3. Migrations are cut, doubled and filled with stray bytes (always the same ones): the tool must end
   with a status of its own, in time, whatever it reads.
4. The number of threads must not show in the output.
"""
import argparse
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KOSMOS = os.path.join(HERE, "..", "..", "fixtures", "projects", "kosmos")
PROTECTION = re.compile(r"^(?:ALTER TABLE (\w+) (?:ENABLE|FORCE) ROW LEVEL SECURITY;"
                        r"|CREATE POLICY \w+ ON (\w+)[^;]*;)\n", re.M)
COMPARISON = re.compile(r"(?:\w+\.)?tenant_id = (?:\$\d|\w+\.tenant_id)")
STRAY = ["'", '"', "$$", "/*", "*/", "--", ";", "(", ")", "\\", "\0", "\r", "é", "\x80", "\n",
         "E'\\", "$a$", "BEGIN;", "DO $$", "IN", "\\if x\n", "COPY users FROM stdin;\n", "{{", "::"]


def check(tool, folder, *options):
    """Status and standard output of a check of the project in `folder`."""
    run = subprocess.run([tool, "check", *options], cwd=folder, capture_output=True, timeout=20,
                         check=False)
    return run.returncode, run.stdout


def findings(tool, folder):
    status, out = check(tool, folder, "--output-format", "json", "--allow-incomplete")
    if status not in (0, 1):
        sys.exit(f"status {status} on a project that can be read")
    return {(f["rule"], f["object"]["name"]) for f in json.loads(out)["findings"]}


def without_protection(tool, folder, migrations):
    """Takes out one protecting statement after the other; the number that went unnoticed."""
    before = findings(tool, folder)
    silent = tried = 0
    for name, text in migrations.items():
        for match in PROTECTION.finditer(text):
            table = match[1] or match[2]
            path = os.path.join(folder, "migrations", name)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text[:match.start()] + text[match.end():])
            new = findings(tool, folder) - before
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            tried += 1
            # Where the table is open anyway, one protection less changes nothing.
            open_before = any(rule in ("table-without-rls", "policy-without-rls")
                              and last(name) == table for rule, name in before)
            if not open_before and not any(last(name) == table for _, name in new):
                silent += 1
                print(f"nobody misses: {match[0].strip()[:80]}")
    print(f"{tried} protections taken out, {silent} unnoticed")
    return silent + (tried == 0)


def verdicts(tool, folder):
    """The statements of all query files: file, first and last byte, and whether it is proven."""
    run = subprocess.run([tool, "queries", "--output-format", "json"], cwd=folder,
                         capture_output=True, timeout=20, check=False)
    return [(q["file"], q["range"]["start"]["offset"], q["range"]["end"]["offset"],
             q["verdict"] == "proven") for q in json.loads(run.stdout)["queries"]]


def without_comparison(tool, folder):
    """Takes out one comparison after the other; the number of queries that stayed proven."""
    before = verdicts(tool, folder)
    wrong = tried = 0
    for path in sorted(glob.glob(os.path.join(folder, "queries", "*.sql"))):
        with open(path, encoding="utf-8") as source:
            text = source.read()
        for match in COMPARISON.finditer(text):
            at = [i for i, (file, begin, end, _) in enumerate(before)
                  if file == os.path.relpath(path, folder) and begin <= match.start() < end]
            if len(at) != 1 or not before[at[0]][3]:
                continue
            with open(path, "w", encoding="utf-8") as out:
                out.write(text[:match.start()] + "true" + text[match.end():])
            tried += 1
            if verdicts(tool, folder)[at[0]][3]:
                wrong += 1
                print(f"proven without {match[0]}: {os.path.basename(path)} at {match.start()}")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
    print(f"{tried} comparisons taken out, {wrong} queries stayed proven")
    return wrong + (tried == 0)


def last(name):
    return name.rsplit(".", 1)[-1]


def damaged(tool, folder, migrations, count):
    """Damages one file after the other; the number of runs that ended badly."""
    chance = random.Random(12)
    bad = 0
    for _ in range(count):
        name = chance.choice(sorted(migrations))
        data = migrations[name].encode()
        for _ in range(chance.randint(1, 3)):
            at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
            kind = chance.randrange(4)
            if kind == 0:
                data = data[:at] + data[min(to, at + chance.randint(1, 40)):]
            elif kind == 1:
                data = data[:at] + chance.choice(STRAY).encode("latin-1") + data[at:]
            elif kind == 2:
                data = data[:to] + data[at:]
            else:
                data = data[:at]
        path = os.path.join(folder, "migrations", name)
        with open(path, "wb") as out:
            out.write(data)
        status, _ = check(tool, folder, "--output-format", "json")
        with open(path, "w", encoding="utf-8") as out:
            out.write(migrations[name])
        if status not in (0, 1, 3):
            bad += 1
            kept = f"/tmp/mutant-{bad}.sql"
            with open(kept, "wb") as out:
                out.write(data)
            print(f"status {status}: {name} damaged as in {kept}")
    print(f"{count} damaged projects, {bad} bad endings")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "kosmos")
        shutil.copytree(KOSMOS, folder)
        migrations = {}
        for path in glob.glob(os.path.join(folder, "migrations", "*.sql")):
            with open(path, encoding="utf-8") as text:
                migrations[os.path.basename(path)] = text.read()
        bad = without_protection(options.tool, folder, migrations)
        bad += without_comparison(options.tool, folder)
        bad += damaged(options.tool, folder, migrations, options.count)
        one, many = (check(options.tool, folder, "--jobs", n) for n in ("1", "4"))
        if one != many:
            print("one thread and four do not print the same")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
