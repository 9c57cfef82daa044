-- What PostgreSQL made of a script, one JSON array per fact, in the shape of compare_catalogue.py.
\pset format unaligned
\pset tuples_only on
SET search_path = '';
CREATE TEMPORARY VIEW rel AS
SELECT c.*, n.nspname, n.nspname || '.' || c.relname AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e');
SELECT json_build_array('schema', nspname) FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema';
SELECT json_build_array('table', name, relkind, relpersistence, relrowsecurity, relforcerowsecurity,
  (SELECT json_agg(p.name ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i JOIN rel p ON p.oid = i.inhparent
   WHERE i.inhrelid = rel.oid))
FROM rel WHERE relkind IN ('r', 'p', 'f');
SELECT json_build_array('column', name, row_number() OVER (PARTITION BY rel.oid ORDER BY attnum), attname,
  pg_catalog.format_type(atttypid, atttypmod), attnotnull, atthasdef AND attgenerated = '', attidentity, attgenerated)
FROM rel JOIN pg_catalog.pg_attribute a ON attrelid = rel.oid AND attnum > 0 AND NOT attisdropped
WHERE relkind IN ('r', 'p', 'f');
SELECT json_build_array('view', name, relkind,
  (SELECT json_agg(o ORDER BY o) FROM unnest(reloptions) o WHERE relkind = 'v'),
  (SELECT json_agg(json_build_array(attname, pg_catalog.format_type(atttypid, atttypmod)) ORDER BY attnum)
   FROM pg_catalog.pg_attribute WHERE attrelid = rel.oid AND attnum > 0 AND NOT attisdropped))
FROM rel WHERE relkind IN ('v', 'm');
SELECT json_build_array('index', t.name, rel.name, i.indisunique, i.indisprimary, am.amname,
  (SELECT json_agg(coalesce(a.attname::text, '(expr)') ORDER BY g) FROM generate_series(1, i.indnkeyatts) g
   LEFT JOIN pg_catalog.pg_attribute a ON attrelid = i.indrelid AND attnum = i.indkey[g - 1] AND attnum <> 0),
  i.indnatts - i.indnkeyatts, i.indpred IS NOT NULL, i.indisvalid)
FROM pg_catalog.pg_index i JOIN rel ON rel.oid = i.indexrelid JOIN rel t ON t.oid = i.indrelid
JOIN pg_catalog.pg_am am ON am.oid = rel.relam;
SELECT json_build_array('constraint', t.name, k.conname, k.contype,
  (SELECT json_agg(a.attname ORDER BY x.o) FROM unnest(k.conkey) WITH ORDINALITY x(n, o)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.n),
  f.name, (SELECT json_agg(a.attname ORDER BY x.o) FROM unnest(k.confkey) WITH ORDINALITY x(n, o)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.n),
  CASE WHEN k.contype = 'f' THEN k.confdeltype END, k.convalidated)
FROM pg_catalog.pg_constraint k JOIN rel t ON t.oid = k.conrelid LEFT JOIN rel f ON f.oid = k.confrelid
WHERE t.relkind IN ('r', 'p', 'f');
SELECT json_build_array('policy', t.name, polname, polcmd, polpermissive,
  (SELECT json_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r) END ORDER BY 1)
   FROM (SELECT r FROM unnest(polroles) r ORDER BY CASE WHEN r = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r) END) x),
  polqual IS NOT NULL, polwithcheck IS NOT NULL)
FROM pg_catalog.pg_policy JOIN rel t ON t.oid = polrelid;
SELECT json_build_array('trigger', t.name, tgname, tgenabled) FROM pg_catalog.pg_trigger
JOIN rel t ON t.oid = tgrelid WHERE NOT tgisinternal;
SELECT json_build_array('function', n.nspname || '.' || p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid),
  p.prokind, p.prosecdef, p.provolatile)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass
                  AND d.objid = p.oid AND d.deptype = 'e');
SELECT json_build_array('type', n.nspname || '.' || t.typname, t.typtype,
  (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_catalog.pg_enum WHERE enumtypid = t.oid))
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::regclass
                  AND d.objid = t.oid AND d.deptype = 'e');
SELECT json_build_array('sequence', name) FROM rel WHERE relkind = 'S';
SELECT json_build_array('role', rolname, rolsuper, rolbypassrls, rolcanlogin, rolinherit,
  (SELECT json_agg(g.rolname ORDER BY g.rolname) FROM pg_catalog.pg_auth_members m
   JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid))
FROM pg_catalog.pg_roles r WHERE rolname !~ '^pg_' AND rolname <> 'postgres';
