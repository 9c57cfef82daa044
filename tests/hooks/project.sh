# Sourced by the tests of this folder: makes a small repository with one protected table.
# usage: make_project FOLDER

protected_table="CREATE TABLE invoices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = NULLIF(current_setting('app.current_tenant', true), '')::uuid);"
open_table="CREATE TABLE payments (tenant_id uuid NOT NULL, id uuid, PRIMARY KEY (tenant_id, id));"

make_project() {
  mkdir -p "$1/migrations"
  printf '%s\n' "$protected_table" >"$1/migrations/0001_invoices.sql"
}
