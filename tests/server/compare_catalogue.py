#!/usr/bin/env python3
"""Does the replay agree with PostgreSQL? Runs scripts on a server and through `tenantlint schema`.

usage: compare_catalogue.py --tool PATH FILE.sql…   (PGHOST, PGPORT, PGUSER name the server)

Each file is run by psql, in autocommit, in a database of its own; roles are dropped in between.
Then every fact of the catalogue (catalogue.sql) must be in the tool's model and the other way
round, and the lines at which PostgreSQL refused a statement must be the lines at which the tool
reports a problem.
Exit 1 if anything differs; the differences are printed.
"""
import argparse, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KIND = {"table": "r", "partitioned": "p", "foreign": "f", "view": "v", "materialized": "m"}
TYPE = {"enum": "e", "domain": "d", "range": "r", "composite": "c"}
CONSTRAINT = {"primary": "p", "unique": "u", "foreign": "f", "check": "c", "exclude": "x",
              "trigger": "t"}
COMMAND = {"ALL": "*", "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}
FUNCTION = {"function": "f", "procedure": "p", "aggregate": "a", "window": "w"}
PLAIN = re.compile(r'^[^()"\s:]+$|^"[^"]+"$')


def psql(database, *args):
    command = ["psql", "-X", "-q", "-d", database, *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def facts_of_server(database):
    run = psql(database, "-v", "ON_ERROR_STOP=1", "-f", os.path.join(HERE, "catalogue.sql"))
    if run.returncode:
        sys.exit("catalogue.sql: " + run.stderr)
    return {json.dumps(json.loads(line)) for line in run.stdout.splitlines() if line}


def full(o, key="name"):
    return o["schema"] + "." + o[key]


def facts_of_tool(j):
    facts = [["schema", s["name"]] for s in j["schemas"]]
    for t in j["tables"]:
        parents = [t["partition_of"]] if t.get("partition_of") else t.get("inherits")
        persistence = {"unlogged": "u"}.get(t.get("persistence"), "p")
        facts.append(["table", full(t), KIND[t["kind"]], persistence, t["rls"], t["force_rls"],
                      parents])
        for n, c in enumerate(t["columns"], 1):
            facts.append(["column", full(t), n, c["name"], c["type"], c["not_null"],
                          "default" in c, c.get("identity", ""), "s" if "generated" in c else ""])
    for v in j["views"]:
        options = sorted(v.get("reloptions") or []) or None if v["kind"] == "view" else None
        facts.append(["view", full(v), KIND[v["kind"]], options,
                      [[c["name"], c["type"]] for c in v["columns"]]])
    for i in j["indexes"]:
        keys = [k.strip('"') if PLAIN.match(k) else "(expr)" for k in i["keys"]]
        facts.append(["index", full(i, "table"), i["schema"] + "." + i["name"], i["unique"],
                      i["primary"], i["method"], keys, len(i.get("include") or []),
                      "predicate" in i, i.get("valid", True)])
    for c in j["constraints"]:
        facts.append(["constraint", full(c, "table"), c["name"], CONSTRAINT[c["type"]],
                      c.get("columns") or None, c.get("ref_table"), c.get("ref_columns"),
                      c.get("on_delete"), c.get("valid", True)])
    for p in j["policies"]:
        facts.append(["policy", full(p, "table"), p["name"], COMMAND[p["cmd"]], p["permissive"],
                      sorted(p["roles"]), "using" in p, "check" in p])
    facts += [["trigger", full(t, "table"), t["name"], t["enabled"]] for t in j["triggers"]]
    for f in j["functions"]:
        facts.append(["function", full(f), f["args"], FUNCTION[f["kind"]], f["security_definer"],
                      f["volatility"]])
    facts += [["type", full(t), TYPE[t["kind"]], t.get("labels")] for t in j["types"]]
    facts += [["sequence", full(s)] for s in j["sequences"]]
    for r in j["roles"]:
        if r["name"] != "postgres":
            facts.append(["role", r["name"], r["super"], r["bypassrls"], r["login"], r["inherit"],
                          r["member_of"] or None])
    return {json.dumps(f) for f in facts}


def reset_roles():
    names = psql("postgres", "-t", "-A", "-c", "SELECT quote_ident(rolname) FROM pg_roles "
                 "WHERE rolname !~ '^pg_' AND rolname <> 'postgres'")
    for name in names.stdout.split("\n"):
        if name:
            psql("postgres", "-c", f"DROP ROLE {name}")


def compare(tool, path):
    """The differences between server and tool for one script, as lines of text."""
    database = "compare"
    psql("postgres", "-c", f"DROP DATABASE IF EXISTS {database}")
    reset_roles()
    psql("postgres", "-c", f"CREATE DATABASE {database} TEMPLATE template0")
    run = psql(database, "-f", path)
    refused = {int(n) for n in re.findall(r"^psql:.*?:(\d+): ERROR:", run.stderr, re.M)}
    want = facts_of_server(database)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write('[sql]\nformat = "plain"\n')
        config.flush()
        common = ["--config", config.name, "--output-format", "json", "--allow-incomplete", path]
        schema, check = (subprocess.run([tool, verb, *common], capture_output=True, text=True,
                                        check=False) for verb in ("schema", "check"))
    if schema.returncode != 0 or check.returncode not in (0, 1):
        return [f"the tool failed: {schema.stderr} {check.stderr}"]
    got = facts_of_tool(json.loads(schema.stdout))
    problems = {}
    for p in json.loads(check.stdout)["problems"]:
        problems.setdefault(p["range"]["start"]["line"], p["message"])
    # psql counts the line on which a statement ends; the tool shows where the fault is.
    differences = [f"only PostgreSQL has {x}" for x in sorted(want - got)]
    differences += [f"only tenantlint has {x}" for x in sorted(got - want)]
    differences += [f"line {n}: refused by PostgreSQL, no problem"
                    for n in sorted(refused - set(problems))]
    differences += [f"line {n}: problem, accepted by PostgreSQL: {m}"
                    for n, m in sorted(problems.items()) if n not in refused]
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    bad = 0
    for path in options.files:
        differences = compare(os.path.abspath(options.tool), os.path.abspath(path))
        print(f"{os.path.basename(path)}: {len(differences)} differences")
        for line in differences:
            print("    " + line)
        bad += bool(differences)
    return 1 if bad or not options.files else 0


if __name__ == "__main__":
    sys.exit(main())
