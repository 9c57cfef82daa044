#!/usr/bin/env python3
"""Writes the migrations that the benchmark reads: FILES files of 20 statements, 3.4 kB each.

usage: generate.py FOLDER FILES

FOLDER/migrations/00001_….sql and so on: each makes four tables of an application with many
tenants (create, enable and force row-level security, policy, index). The same arguments give the
same bytes.
One file in fifty forgets something that tenantlint finds, so that reporting is measured too.
"""
import os
import sys

THINGS = ["account", "budget", "campaign", "device", "employee", "forecast", "goal", "holiday",
          "inspection", "journal", "kit", "ledger", "meeting", "notice", "order", "payment"]
PARTS = [("item", "note"), ("event", "tag"), ("line", "review"), ("entry", "comment")]

COLUMNS = [
    "    title        text NOT NULL CHECK (length(title) <= 200),\n",
    "    quantity     integer NOT NULL DEFAULT 1 CHECK (quantity > 0),\n",
    "    amount       numeric(12, 2) NOT NULL DEFAULT 0,\n",
    "    status       text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'open', 'done')),\n",
    "    details      jsonb NOT NULL DEFAULT '{}',\n",
    "    valid_until  date,\n",
]


def table(name, parent, number, faulty):
    """The five statements of one table."""
    columns = "".join(COLUMNS[(number + k) % len(COLUMNS)] for k in range(3))
    link = ""
    if parent:
        columns += "    parent_id    uuid NOT NULL,\n"
        link = (",\n    FOREIGN KEY (tenant_id, parent_id) REFERENCES %s (tenant_id, id)"
                " ON DELETE CASCADE" % parent)
    key = "created_at" if faulty else "tenant_id, created_at DESC"
    return f"""CREATE TABLE {name} (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL DEFAULT gen_random_uuid(),
{columns}    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id){link}
);
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON {name}
    USING (tenant_id = NULLIF(current_setting('app.current_tenant', true), '')::uuid);
CREATE INDEX {name}_recent ON {name} ({key});
"""


def migration(number):
    thing = THINGS[number % len(THINGS)]
    first, second = PARTS[number // len(THINGS) % len(PARTS)]
    base = f"{thing}_{number:05d}"
    names = [base, f"{base}_{first}", f"{base}_{second}", f"{base}_history"]
    text = f"-- {thing.capitalize()}s of team {number}, and what belongs to them.\n"
    for k, name in enumerate(names):
        text += "\n" + table(name, names[0] if k else None, number + k, number % 50 == 7 and k == 3)
    return f"{number:05d}_{thing}.sql", text


def main():
    folder, count = os.path.join(sys.argv[1], "migrations"), int(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    size = 0
    for number in range(1, count + 1):
        name, text = migration(number)
        size += len(text)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)
    print(f"{count} files, {size} bytes, {size // count} a file")


if __name__ == "__main__":
    main()
