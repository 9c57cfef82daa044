#!/usr/bin/env python3
"""Do the findings on real migration histories say what PostgreSQL's catalogue says?

usage: lists.py --tool PATH --shared DIR [ID …]     (CORPUS_DIR: the prepared corpora)

groundtruth/ID.json holds lists that a linter should be able to answer, taken from the catalogue
after a real replay. Where a rule is the same question, finding and list must agree exactly (EXACT);
where a rule is wiser than the list (keys of random surrogates, parents that a partition follows)
both sides are printed for a person to read (READ). Exit 1 if an exact list differs, or if a policy
of the list is no error.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

# rule(s): lists of the ground truth; objects are compared by their qualified names
EXACT = {
    ("table-without-rls", "child-bypasses-parent-policy"): ["no_rls", "partitions_no_rls"],
    ("rls-not-forced",): ["rls_not_forced"],
    ("rls-without-policy",): ["rls_no_policy"],
    ("tenant-column-nullable",): ["nullable_tenant_column"],
    ("no-tenant-index",): ["no_index_leading_with_tenant"],
}
READ = {
    ("tenant-column-missing",): ["tenant_via_fk_only"],
    ("primary-key-without-tenant",): ["pk_not_tenant_first"],
    ("index-without-tenant-prefix",): ["index_not_tenant_first"],
    ("unique-without-tenant",): ["unique_without_tenant_anywhere"],
    ("foreign-key-without-tenant",): ["fk_without_tenant"],
}
# What PostgreSQL's catalogue calls a policy without the tenant, we call an error of one of these
# rules. The list does not look into sub-queries, functions or what a column is compared with, so
# more may be found; README.md says what.
POLICIES = ["policy-not-tenant-bound", "policy-write-not-tenant-bound",
            "policy-open-without-context", "policy-reads-other-setting", "policy-literal-tenant"]


def last(name):
    """"schema.table/index" and "schema.index" name the same index."""
    return name.replace("/", ".").rsplit(".", 1)[-1].strip('"')


def qualified(names):
    return [name if "." in name else "public." + name for name in names]


def judged_columns(recipe, truth):
    """Table → tenant column, where `[tenancy] columns` would leave a choice: of two tenant columns
    the lists judge the one that stands first in the table, we the one that is configured first."""
    columns = dict(recipe.get("tenant_column_of", {}))
    if len(recipe["tenant_columns"]) > 1:
        roots = qualified(recipe.get("tenant_roots", []))
        for name, table in truth["catalogue"]["tables"].items():
            if table.get("tenant") and name not in roots:
                columns.setdefault(name, table["tenant"])
    return columns


def findings(tool, shared, recipe, truth):
    """Rule name → the objects that it reports."""
    folder = os.path.join(os.environ["CORPUS_DIR"], recipe["id"])
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as text:
        files = [os.path.join(folder, "prepared", m["prepared"]) for m in json.load(text)]
    with tempfile.TemporaryDirectory() as work:
        config = os.path.join(work, "tenantlint.toml")
        roots = qualified(recipe.get("tenant_roots", []))
        with open(config, "w", encoding="utf-8") as out:
            out.write("[tenancy]\ncolumns = %s\nshared = %s\n" % (
                json.dumps(recipe["tenant_columns"]), json.dumps(roots)))
            for name, column in judged_columns(recipe, truth).items():
                out.write(f'[[tenancy.table]]\nname = "{name}"\ncolumn = "{column}"\n')
            out.write('[sql]\nformat = "plain"\n')
        command = [tool, "check", "--config", config, "--output-format", "json",
                   "--allow-incomplete", "--exit-zero"]
        stubs = [os.path.join(shared, "stubs", s + ".sql") for s in recipe.get("stubs", [])]
        first = recipe.get("session", []) + recipe.get("stub_sql", [])
        if first:
            stubs.append(os.path.join(work, "first.sql"))
            with open(stubs[-1], "w", encoding="utf-8") as out:
                out.write("\n".join(first) + "\n")
        for stub in stubs:
            command += ["--baseline-schema", stub]
        run = subprocess.run(command + files, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"{recipe['id']}: the tool ended with {run.returncode}: {run.stderr[:500]}")
    by_rule = {}
    for finding in json.loads(run.stdout)["findings"]:
        by_rule.setdefault(finding["rule"], set()).add(finding["object"]["name"])
        if finding["rule"] in POLICIES and finding["severity"] == "error":
            by_rule.setdefault(POLICIES[0] + " error", set()).add(finding["object"]["name"])
    return by_rule


def compare_policies(by_rule, truth):
    """Policies without the tenant that are no errors; what only we call an error is printed."""
    want = set(truth["lists"].get("effective_policy_without_tenant", []))
    got = by_rule.get(POLICIES[0] + " error", set())
    for name in sorted(got - want):
        print(f"  read policies: only found {name}")
    for name in sorted(want - got):
        print(f"  DIFFERS policies: not found {name}")
    return 1 if want - got else 0


def compare(by_rule, truth, table, exact):
    """Prints where rule and list differ; how many lists did."""
    differing = 0
    for rules, lists in table.items():
        want = {name for key in lists for name in truth["lists"].get(key, [])}
        got = set().union(*(by_rule.get(rule, set()) for rule in rules))
        missing = sorted(n for n in want if last(n) not in {last(g) for g in got})
        extra = sorted(n for n in got if last(n) not in {last(w) for w in want})
        if not missing and not extra:
            continue
        differing += 1
        sign = "DIFFERS" if exact else "read"
        print(f"  {sign} {rules[0]}: {len(want)} in the catalogue, {len(got)} found; "
              f"not found {missing[:4]}{'…' if len(missing) > 4 else ''}, "
              f"only found {extra[:4]}{'…' if len(extra) > 4 else ''}")
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--shared", required=True, help="the folder corpus/ of ../shared")
    parser.add_argument("ids", nargs="*")
    options = parser.parse_args()
    with open(os.path.join(options.shared, "corpora.json"), encoding="utf-8") as text:
        recipes = [c for c in json.load(text)["corpora"] if c["tenant_columns"]]
    bad = 0
    for recipe in recipes:
        path = os.path.join(options.shared, "groundtruth", recipe["id"] + ".json")
        if (options.ids and recipe["id"] not in options.ids) or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as text:
            truth = json.load(text)
        by_rule = findings(options.tool, options.shared, recipe, truth)
        print(recipe["id"])
        bad += compare(by_rule, truth, EXACT, True)
        bad += compare_policies(by_rule, truth)
        compare(by_rule, truth, READ, False)
    print(f"{bad} exact lists differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
