#!/usr/bin/env python3
"""Writes the queries that the benchmark judges: COUNT statements of 3 to 6 joins, 50 in a file.

usage: generate_queries.py FOLDER COUNT

FOLDER/migrations/0001_schema.sql makes 60 tables with tenants' rows, FOLDER/queries/001.sql and so
on read them: lists, dashboards with WITH, EXISTS, outer joins, and some UPDATE … FROM. The same
arguments give the same bytes. One statement in fifty joins a table without its tenant, so that
explaining is measured too.
"""
import os
import random
import sys

TABLES = 60
COLUMNS = ["title text", "amount numeric(12, 2)", "status text NOT NULL DEFAULT 'open'",
           "details jsonb", "due_on date", "closed boolean NOT NULL DEFAULT false"]
FILTERS = ["{0}.status = 'open'", "{0}.amount > ${1}", "{0}.due_on < now() - interval '30 days'",
           "({0}.closed OR {0}.title ILIKE '%' || ${1} || '%')", "{0}.status IN ('open', 'done')",
           "{0}.amount BETWEEN 10 AND ${1}"]


def schema():
    text = ""
    for n in range(TABLES):
        columns = "".join(f"    {COLUMNS[(n + k) % len(COLUMNS)]},\n" for k in range(6))
        text += (f"CREATE TABLE thing_{n:02d} (\n    tenant_id uuid NOT NULL,\n"
                 f"    id uuid NOT NULL DEFAULT gen_random_uuid(),\n    parent_id uuid,\n{columns}"
                 "    created_at timestamptz NOT NULL DEFAULT now(),\n"
                 "    PRIMARY KEY (tenant_id, id)\n);\n")
    return text


def joins(chance, aliases, tables, faulty):
    text = f"FROM thing_{tables[0]:02d} {aliases[0]}\n"
    for k in range(1, len(aliases)):
        kind = "LEFT JOIN" if chance.random() < 0.4 else "JOIN"
        other = aliases[chance.randrange(k)]
        tenant = f"{aliases[k]}.tenant_id = {other}.tenant_id AND "
        if faulty and k == len(aliases) - 1:
            tenant = ""
        text += (f"{kind} thing_{tables[k]:02d} {aliases[k]} "
                 f"ON {tenant}{aliases[k]}.parent_id = {other}.id\n")
    return text


def query(chance, number):
    count = chance.randint(4, 7)
    aliases = [f"t{k}" for k in range(count)]
    tables = chance.sample(range(TABLES), count)
    faulty = number % 50 == 7
    where = " AND ".join(["t0.tenant_id = $1"] + [
        chance.choice(FILTERS).format("t0", k + 2) for k in range(chance.randint(1, 3))])
    source = joins(chance, aliases, tables, faulty)
    columns = ", ".join(f"{a}.id AS {a}_id, {a}.title AS {a}_title" for a in aliases)
    kind = number % 5
    if kind == 0:
        return (f"WITH rows AS (\nSELECT t0.tenant_id, t0.status, sum(t0.amount) AS total\n{source}"
                f"GROUP BY t0.tenant_id, t0.status)\nSELECT status, total FROM rows\n"
                "WHERE tenant_id = $1 ORDER BY total DESC")
    if kind == 1:
        return (f"SELECT {columns}\n{source}WHERE {where}\nAND EXISTS (SELECT 1 FROM "
                f"thing_{number % TABLES:02d} x WHERE x.tenant_id = t0.tenant_id "
                "AND x.parent_id = t0.id)\nORDER BY t0.created_at DESC LIMIT 50")
    if kind == 2:
        return (f"UPDATE thing_{number % TABLES:02d} u SET status = 'done', amount = t0.amount\n"
                f"{source}WHERE u.tenant_id = t0.tenant_id AND u.parent_id = t0.id AND {where}")
    return f"SELECT {columns}\n{source}WHERE {where}\nORDER BY t0.created_at DESC LIMIT 50"


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    chance = random.Random(6001)
    for name in ("migrations", "queries"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    with open(os.path.join(folder, "migrations", "0001_schema.sql"), "w", encoding="utf-8") as out:
        out.write(schema())
    for first in range(0, count, 50):
        name = os.path.join(folder, "queries", f"{first // 50 + 1:03d}.sql")
        with open(name, "w", encoding="utf-8") as out:
            for number in range(first, min(count, first + 50)):
                out.write(f"-- name: Query{number} :many\n{query(chance, number)};\n\n")


if __name__ == "__main__":
    main()
