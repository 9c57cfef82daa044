#!/usr/bin/env python3
"""Measures tenantlint against a yardstick and a neighbour, in one run, as ratios.

usage: run.py --tool T --yardstick Y [--node NODE_MODULES] [--work DIR] [--rounds N] [--guard]

CPU is user + system time of the process and its children. The programs take turns for a number of
rounds, and the least of each is what counts: what else the machine does can only add to it. The
limits stand in LIMITS; --guard holds GUARD instead (for the test suite, on machines that do other
things too). Exit 1 if a limit is not kept.
"""
import argparse
import glob
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NEIGHBOUR_RULES = ["prefer-bigint-over-int", "prefer-robust-stmts",
                   "require-concurrent-index-creation", "require-lock-timeout",
                   "require-statement-timeout"]
# name: (limit, "max" or "min")
LIMITS = {
    "tenantlint / parser, CPU": (2.0, "max"),
    "squawk / tenantlint, CPU": (8.0, "min"),
    "10,000 files / 1,000 files, CPU": (11.0, "max"),
    "peak memory at 1,000 files, MB": (60.0, "max"),
    "one small file, ms": (10.0, "max"),
    "queries / parser, CPU": (2.5, "max"),
}


# What the test suite holds: memory as it is; CPU with room for what a busy machine does to caches
# and to the memory that 10,000 files need (we saw 2.3 and 20.5 with other builds on both cores).
GUARD = {
    "tenantlint / parser, CPU": (2.8, "max"),
    "squawk / tenantlint, CPU": (6.0, "min"),
    "10,000 files / 1,000 files, CPU": (24.0, "max"),
    "peak memory at 1,000 files, MB": (60.0, "max"),
    "one small file, ms": (20.0, "max"),
    "queries / parser, CPU": (3.2, "max"),
}


class Run:
    """CPU seconds, wall seconds and peak memory in MB of one process."""

    def __init__(self, command, cwd, allowed):
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024
        if child.returncode not in allowed:
            sys.exit(f"{command[0]} ended with {child.returncode}: {errors.decode()[:500]}")


def least(runs, field):
    return min(getattr(run, field) for run in runs)


def data_set(work, count, script="generate.py", kind="migrations"):
    """The folder of the generated set, made once for each version of the generator."""
    folder = os.path.join(work, str(count) if kind == "migrations" else kind)
    generator = os.path.join(HERE, script)
    stamp = os.path.join(folder, script)
    with open(generator, encoding="utf-8") as source:
        current = source.read()
    if not os.path.exists(stamp) or open(stamp, encoding="utf-8").read() != current:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, generator, folder, str(count)], check=True,
                       stdout=subprocess.DEVNULL)
        with open(stamp, "w", encoding="utf-8") as out:
            out.write(current)
    return folder, sorted(glob.glob(os.path.join(folder, kind, "*.sql")))


def neighbour(node_modules):
    """The squawk program itself, without the script in front of it; None where it is not there."""
    if not node_modules:
        return None
    found = glob.glob(os.path.join(node_modules, "@squawk-cli", "*", "bin", "squawk"))
    return found[0] if found else None


def measure(options):
    check = [options.tool, "check", "--jobs", "1", "--output-format", "concise"]
    folder, files = data_set(options.work, 1000)
    many, _ = data_set(options.work, 10000)
    shop, texts = data_set(options.work, 5000, "generate_queries.py", "queries")
    judge = [options.tool, "queries", "--jobs", "1"]
    one = os.path.join(options.work, "one")
    os.makedirs(os.path.join(one, "migrations"), exist_ok=True)
    shutil.copy(files[0], os.path.join(one, "migrations"))
    squawk = neighbour(options.node)
    quiet = ["--exclude=" + rule for rule in NEIGHBOUR_RULES]
    runs = {name: [] for name in ("tool", "parser", "squawk", "squawk, silent", "many", "one",
                               "queries", "queries' parser")}
    for _ in range(options.rounds):
        runs["tool"].append(Run(check, folder, (0, 1)))
        runs["parser"].append(Run([options.yardstick, *files], folder, (0,)))
        runs["queries"].append(Run(judge, shop, (0, 1)))
        runs["queries' parser"].append(Run([options.yardstick, *texts], shop, (0,)))
        if squawk:
            runs["squawk"].append(Run([squawk, *files], folder, (0, 1)))
            runs["squawk, silent"].append(Run([squawk, *quiet, *files], folder, (0, 1)))
        runs["one"] += [Run(check, one, (0, 1)) for _ in range(5)]
        if len(runs["many"]) < max(3, options.rounds // 2):
            runs["many"].append(Run(check, many, (0, 1)))
    return {name: of_name for name, of_name in runs.items() if of_name}


def report(runs, limits):
    """Prints the table; the names of the limits that were not kept."""
    cpu = {name: least(of_name, "cpu") for name, of_name in runs.items()}
    values = {
        "tenantlint / parser, CPU": cpu["tool"] / cpu["parser"],
        "10,000 files / 1,000 files, CPU": cpu["many"] / cpu["tool"],
        "peak memory at 1,000 files, MB": max(run.memory for run in runs["tool"]),
        "one small file, ms": least(runs["one"], "wall") * 1000,
        "queries / parser, CPU": cpu["queries"] / cpu["queries' parser"],
    }
    if "squawk" in runs:
        values["squawk / tenantlint, CPU"] = cpu["squawk"] / cpu["tool"]
    print("| measured | value | limit |\n|---|---|---|")
    broken = []
    for name, (limit, kind) in limits.items():
        if name not in values:
            print(f"| {name} | not measured: no squawk | {limit:g} |")
            continue
        kept = values[name] <= limit if kind == "max" else values[name] >= limit
        sign = "≤" if kind == "max" else "≥"
        print(f"| {name} | {values[name]:.2f} | {sign} {limit:g}{'' if kept else ' NOT KEPT'} |")
        if not kept:
            broken.append(name)
    print("\n| CPU, ms | least | median | most |\n|---|---|---|---|")
    for name, of_name in runs.items():
        times = sorted(run.cpu * 1000 for run in of_name)
        middle = statistics.median(times)
        print(f"| {name} | {times[0]:.1f} | {middle:.1f} | {times[-1]:.1f} |")
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--yardstick", required=True)
    parser.add_argument("--node", help="where npm put squawk-cli; without it squawk is left out")
    parser.add_argument("--work", default="build/bench/data")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--guard", action="store_true", help="hold GUARD, not LIMITS")
    options = parser.parse_args()
    options.node = os.path.abspath(options.node) if options.node else None
    for name in ("tool", "yardstick", "work"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    broken = report(measure(options), GUARD if options.guard else LIMITS)
    for name in broken:
        print(f"limit not kept: {name}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
