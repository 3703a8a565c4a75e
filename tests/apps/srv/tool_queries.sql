-- What table browsers ask of PostgreSQL's catalogs, one query each: after the tools' public sources,
-- with the same relations, columns, joins, casts and functions, in words of our own.
-- tool: which, and in which of its files. rows: how many at least, or none. finds: a value among them.

-- tool: Grafana, grafana-postgresql-datasource/postgresMetaQuery.ts, version
-- finds: 1600
SELECT current_setting('server_version_num')::int / 100 AS version;

-- tool: Grafana, grafana-postgresql-datasource/postgresMetaQuery.ts, TimescaleDB
-- rows: none
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb';

-- tool: Grafana, grafana-postgresql-datasource/postgresMetaQuery.ts, schemas
-- finds: iam
SELECT schema_name AS "name" FROM information_schema.schemata
WHERE schema_name NOT IN ('information_schema', 'pg_catalog', 'pg_toast', '_timescaledb_cache')
ORDER BY schema_name;

-- tool: Grafana, grafana-postgresql-datasource/postgresMetaQuery.ts, tables of a schema
-- finds: users
SELECT quote_ident(table_name) AS "table" FROM information_schema.tables
WHERE quote_ident(table_schema) = 'iam' ORDER BY 1;

-- tool: Grafana, grafana-postgresql-datasource/postgresMetaQuery.ts, all tables, those of the path first
-- finds: iam.users
SELECT CASE WHEN quote_ident(table_schema) IN (
    SELECT CASE WHEN trim(p[n]) = '"$user"' THEN user ELSE trim(p[n]) END
    FROM generate_series(
      array_lower(string_to_array(current_setting('search_path'), ','), 1),
      array_upper(string_to_array(current_setting('search_path'), ','), 1)
    ) AS n, string_to_array(current_setting('search_path'), ',') p
  ) THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
FROM information_schema.tables
WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog')
ORDER BY 1;

-- tool: Grafana, grafana-postgresql-datasource/postgresMetaQuery.ts, columns of a table
-- finds: "UserName"
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
WHERE CASE WHEN array_length(parse_ident('iam.users'), 1) = 2
  THEN quote_ident(table_schema) = (parse_ident('iam.users'))[1]
    AND quote_ident(table_name) = (parse_ident('iam.users'))[2]
  ELSE quote_ident(table_name) = 'iam.users' END;

-- tool: Metabase, src/metabase/driver/postgres.clj, get-tables-sql
-- finds: users
SELECT "n"."nspname" AS "schema", "c"."relname" AS "name",
  CASE "c"."relkind" WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW'
    WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END AS "type",
  "d"."description" AS "description", "stat"."n_live_tup" AS "estimated_row_count"
FROM "pg_catalog"."pg_class" AS "c"
INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "c"."relnamespace" = "n"."oid"
LEFT JOIN "pg_catalog"."pg_description" AS "d"
  ON ("c"."oid" = "d"."objoid") AND ("d"."objsubid" = 0) AND ("d"."classoid" = 'pg_class'::regclass)
LEFT JOIN "pg_stat_user_tables" AS "stat"
  ON ("n"."nspname" = "stat"."schemaname") AND ("c"."relname" = "stat"."relname")
WHERE ("c"."relnamespace" = "n"."oid") AND ("n"."nspname" !~ '^pg_')
  AND ("n"."nspname" <> 'information_schema') AND c.relkind IN ('r', 'p', 'v', 'f', 'm')
  AND ("n"."nspname" IN ('iam', 's3'))
ORDER BY "type" ASC, "schema" ASC, "name" ASC;

-- tool: Metabase, src/metabase/driver/postgres.clj, describe-fields-sql
-- finds: UserName
SELECT c.column_name AS name,
  CASE WHEN c.udt_schema IN ('public', 'pg_catalog') THEN FORMAT('%s', c.udt_name)
    ELSE FORMAT('"%s"."%s"', c.udt_schema, c.udt_name) END AS "database-type",
  c.ordinal_position - 1 AS "database-position", c.table_schema AS "table-schema",
  c.table_name AS "table-name", pk.column_name IS NOT NULL AS "pk?",
  COL_DESCRIPTION(CAST(CAST(FORMAT('%I.%I', CAST(c.table_schema AS TEXT), CAST(c.table_name AS TEXT)) AS REGCLASS)
    AS OID), c.ordinal_position) AS "field-comment",
  ((column_default IS NULL) OR (LOWER(column_default) = 'null')) AND (is_nullable = 'NO')
    AND NOT (((column_default IS NOT NULL) AND (column_default LIKE '%nextval(%')) OR (is_identity <> 'NO'))
    AS "database-required"
FROM information_schema.columns AS c
LEFT JOIN (
  SELECT tc.table_schema, tc.table_name, kc.column_name FROM information_schema.table_constraints AS tc
  INNER JOIN information_schema.key_column_usage AS kc
    ON (tc.constraint_name = kc.constraint_name) AND (tc.table_schema = kc.table_schema)
    AND (tc.table_name = kc.table_name)
  WHERE tc.constraint_type = 'PRIMARY KEY'
) AS pk ON (c.table_schema = pk.table_schema) AND (c.table_name = pk.table_name)
  AND (c.column_name = pk.column_name)
WHERE c.table_schema !~ '^information_schema|catalog_history|pg_'
  AND (c.table_schema IN ('iam')) AND (c.table_name IN ('users'))
UNION ALL
SELECT pa.attname, CASE WHEN ptn.nspname IN ('public', 'pg_catalog') THEN FORMAT('%s', pt.typname)
    ELSE FORMAT('"%s"."%s"', ptn.nspname, pt.typname) END,
  pa.attnum - 1, pn.nspname, pc.relname, FALSE, NULL, FALSE
FROM pg_catalog.pg_class AS pc
INNER JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pc.relnamespace
INNER JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = pc.oid
INNER JOIN pg_catalog.pg_type AS pt ON pt.oid = pa.atttypid
INNER JOIN pg_catalog.pg_namespace AS ptn ON ptn.oid = pt.typnamespace
WHERE (pc.relkind = 'm') AND (pa.attnum >= 1)
ORDER BY "table-schema", "table-name", "database-position";

-- tool: Metabase, src/metabase/driver/postgres.clj, describe-fks-sql
-- rows: none
SELECT fk_ns.nspname AS "fk-table-schema", fk_table.relname AS "fk-table-name",
  fk_column.attname AS "fk-column-name", pk_ns.nspname AS "pk-table-schema"
FROM pg_constraint AS c
INNER JOIN pg_class AS fk_table ON c.conrelid = fk_table.oid
INNER JOIN pg_namespace AS fk_ns ON c.connamespace = fk_ns.oid
INNER JOIN pg_attribute AS fk_column ON c.conrelid = fk_column.attrelid
INNER JOIN pg_class AS pk_table ON c.confrelid = pk_table.oid
INNER JOIN pg_namespace AS pk_ns ON pk_table.relnamespace = pk_ns.oid
WHERE fk_ns.nspname !~ '^information_schema|catalog_history|pg_' AND c.contype = 'f'::char
  AND fk_column.attnum = ANY(c.conkey)
ORDER BY 1, 2;

-- tool: Metabase, src/metabase/driver/postgres.clj, describe-indexes-sql
-- rows: none
SELECT tmp."table-schema", tmp."table-name",
  TRIM(BOTH '"' FROM pg_catalog.pg_get_indexdef(tmp.ci_oid, tmp.pos, false)) AS "field-name"
FROM (
  SELECT n.nspname AS "table-schema", ct.relname AS "table-name", ci.oid AS ci_oid,
    (information_schema._pg_expandarray(i.indkey)).n AS pos
  FROM pg_catalog.pg_class AS ct
  INNER JOIN pg_catalog.pg_namespace AS n ON ct.relnamespace = n.oid
  INNER JOIN pg_catalog.pg_index AS i ON ct.oid = i.indrelid
  INNER JOIN pg_catalog.pg_class AS ci ON ci.oid = i.indexrelid
  WHERE pg_catalog.pg_get_expr(i.indpred, i.indrelid) IS NULL
) AS tmp WHERE tmp.pos = 1;

-- tool: Metabase, src/metabase/driver/postgres.clj, enum-types
-- rows: none
SELECT nspname, typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid IN (SELECT DISTINCT enumtypid FROM pg_enum e);

-- tool: Metabase, src/metabase/driver/sql_jdbc/sync/describe_database.clj, privileges
-- finds: users
WITH table_privileges AS (
  SELECT NULL AS role, t.schemaname AS schema, t.objectname AS "table",
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"'
      || replace(t.objectname, '"', '""') || '"', 'update') AS "update",
    pg_catalog.has_table_privilege(current_user, '"' || t.schemaname || '"."' || t.objectname || '"', 'delete') AS "delete"
  FROM (
    SELECT schemaname, tablename AS objectname FROM pg_catalog.pg_tables
    UNION SELECT schemaname, viewname FROM pg_catalog.pg_views
    UNION SELECT schemaname, matviewname FROM pg_catalog.pg_matviews
  ) t
  WHERE t.schemaname !~ '^pg_' AND t.schemaname <> 'information_schema'
    AND pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage')
)
SELECT t.* FROM table_privileges t WHERE t.schema = 'iam';

-- tool: pgAdmin, web/pgadmin/utils/driver/psycopg3/connection.py, database
-- finds: aws
SELECT d.oid AS did, d.datname, d.datallowconn, pg_catalog.pg_encoding_to_char(d.encoding) AS serverencoding,
  has_database_privilege(d.oid, 'CREATE') AS cancreate, datistemplate
FROM pg_catalog.pg_database d WHERE d.datname = current_database();

-- tool: pgAdmin, web/pgadmin/utils/driver/psycopg3/connection.py, GSSAPI
-- rows: 1
SELECT gss_authenticated, encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid();

-- tool: pgAdmin, web/pgadmin/utils/driver/psycopg3/connection.py, role
-- finds: ann
SELECT me.oid AS id, me.rolname AS name, me.rolsuper AS is_superuser,
  CASE WHEN me.rolsuper THEN true ELSE me.rolcreaterole END AS can_create_role,
  CASE WHEN 'pg_signal_backend' = ANY(ARRAY(WITH RECURSIVE up AS (
    SELECT pg_roles.oid, pg_roles.rolname FROM pg_catalog.pg_roles WHERE pg_roles.oid = me.oid
    UNION ALL
    SELECT m.roleid, r.rolname FROM up u JOIN pg_catalog.pg_auth_members m ON m.member = u.oid
    JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
  ) SELECT rolname FROM up)) THEN True ELSE False END AS can_signal_backend
FROM pg_catalog.pg_roles AS me WHERE rolname = current_user;

-- tool: pgAdmin, web/pgadmin/browser/server_groups/servers/templates/connect/sql/default/check_recovery.sql
-- rows: 1
SELECT CASE WHEN usesuper THEN pg_catalog.pg_is_in_recovery() ELSE FALSE END AS inrecovery,
  CASE WHEN usesuper AND pg_catalog.pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE FALSE END AS isreplaypaused
FROM pg_catalog.pg_user WHERE usename = current_user;

-- tool: pgAdmin, servers/replication_nodes, replication_type.sql
-- rows: 1
SELECT CASE WHEN (SELECT count(extname) FROM pg_catalog.pg_extension WHERE extname = 'bdr') > 0 THEN 'pgd'
  WHEN (SELECT COUNT(*) FROM pg_catalog.pg_replication_slots) > 0 THEN 'log' ELSE NULL END AS type;

-- tool: pgAdmin, servers/databases/templates/databases/sql/default/nodes.sql
-- finds: aws
SELECT b.oid AS did, b.datname AS name, s.spcname AS spcname, b.datallowconn, b.datistemplate AS is_template,
  pg_catalog.has_database_privilege(b.oid, 'CREATE') AS cancreate, datdba AS owner, x.description
FROM pg_catalog.pg_database b
LEFT OUTER JOIN pg_catalog.pg_tablespace s ON b.dattablespace = s.oid
LEFT OUTER JOIN pg_catalog.pg_shdescription x ON (b.oid = x.objoid AND x.classoid = 'pg_database'::regclass)
WHERE b.oid > 16383::OID OR b.datname IN ('postgres', 'edb') ORDER BY datname;

-- tool: pgAdmin, servers/databases/schemas/templates/schemas/pg/9.2_plus/sql/nodes.sql
-- finds: iam
SELECT s.oid, s.nspname AS name, has_schema_privilege(s.oid, 'CREATE') AS can_create,
  has_schema_privilege(s.oid, 'USAGE') AS has_usage
FROM pg_namespace s
WHERE nspname NOT LIKE 'pg\_%' AND NOT (
  (s.nspname = 'pg_catalog' AND EXISTS (
    SELECT 1 FROM pg_class WHERE relname = 'pg_class' AND relnamespace = s.oid LIMIT 1))
  OR (s.nspname = 'pgagent' AND EXISTS (
    SELECT 1 FROM pg_class WHERE relname = 'pga_job' AND relnamespace = s.oid LIMIT 1))
  OR (s.nspname = 'information_schema' AND EXISTS (
    SELECT 1 FROM pg_class WHERE relname = 'tables' AND relnamespace = s.oid LIMIT 1)))
ORDER BY nspname;

-- tool: pgAdmin, schemas/tables/templates/tables/sql/default/nodes.sql
-- finds: users
SELECT t.oid, t.relname AS name,
  (SELECT count(*) FROM pg_trigger WHERE tgrelid = t.oid) AS triggercount,
  (SELECT count(*) FROM pg_trigger WHERE tgrelid = t.oid AND tgenabled = 'O') AS has_enable_triggers,
  (SELECT count(1) FROM pg_inherits WHERE inhrelid = t.oid LIMIT 1) AS is_inherits,
  (SELECT count(1) FROM pg_inherits WHERE inhparent = t.oid LIMIT 1) AS is_inherited
FROM pg_class t
WHERE t.relkind IN ('r', 's', 't', 'p')
  AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'iam')::oid
  AND NOT t.relispartition
ORDER BY t.relname;

-- tool: pgAdmin, schemas/tables/templates/tables/sql/default/properties.sql
-- finds: users
SELECT *, (CASE WHEN parents IS NULL THEN ARRAY[]::varchar[] ELSE parents END) AS coll_inherits
FROM (
  SELECT r.oid, r.relname AS name, r.reltablespace AS spcoid, r.relacl AS relacl_str,
    (CASE WHEN length(spc.spcname::text) > 0 THEN spc.spcname ELSE
      (SELECT sp.spcname FROM pg_database dtb JOIN pg_tablespace sp ON dtb.dattablespace = sp.oid
       WHERE dtb.oid = 16384::oid) END) AS spcname,
    (SELECT nspname FROM pg_namespace WHERE oid = r.relnamespace) AS schema,
    pg_get_userbyid(r.relowner) AS relowner, r.relhassubclass, r.reltuples::bigint, des.description,
    con.conname, con.conkey,
    EXISTS(SELECT 1 FROM pg_trigger JOIN pg_proc pt ON pt.oid = tgfoid AND pt.proname = 'logtrigger'
      WHERE tgrelid = r.oid) AS isrepl,
    (SELECT ARRAY(SELECT CASE WHEN (nspname NOT LIKE 'pg\_%') THEN
        quote_ident(nspname) || '.' || quote_ident(c.relname) ELSE quote_ident(c.relname) END
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE i.inhrelid = r.oid ORDER BY inhseqno)) AS parents,
    substring(array_to_string(r.reloptions, ',') FROM 'fillfactor=([0-9]*)') AS fillfactor,
    (substring(array_to_string(tst.reloptions, ',') FROM 'autovacuum_enabled=([a-z|0-9]*)'))::BOOL AS toast_autovacuum,
    r.reloptions AS reloptions, tst.reloptions AS toast_reloptions, r.relrowsecurity AS rlspolicy,
    (CASE WHEN r.reltoastrelid = 0 THEN false ELSE true END) AS hastoasttable,
    (SELECT array_agg(provider || '=' || label) FROM pg_seclabels sl1
     WHERE sl1.objoid = r.oid AND sl1.objsubid = 0) AS seclabels
  FROM pg_class r
  LEFT OUTER JOIN pg_tablespace spc ON spc.oid = r.reltablespace
  LEFT OUTER JOIN pg_description des
    ON (des.objoid = r.oid AND des.objsubid = 0 AND des.classoid = 'pg_class'::regclass)
  LEFT OUTER JOIN pg_constraint con ON con.conrelid = r.oid AND con.contype = 'p'
  LEFT OUTER JOIN pg_class tst ON tst.oid = r.reltoastrelid
  WHERE r.relkind IN ('r', 's', 't') AND r.relname = 'users'
) AS about ORDER BY name;

-- tool: pgAdmin, schemas/tables/columns/templates/columns/sql/default/nodes.sql
-- finds: UserName
SELECT DISTINCT a.attname AS name, a.attnum AS OID, pg_catalog.format_type(t.oid, NULL) AS datatype,
  pg_catalog.format_type(t.oid, a.atttypmod) AS displaytypname, a.attnotnull AS not_null,
  CASE WHEN a.atthasdef OR a.attidentity != '' OR t.typtype = 'd' THEN true ELSE false END AS has_default_val,
  des.description
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
LEFT OUTER JOIN pg_catalog.pg_attrdef d ON adrelid = a.attrelid AND d.adnum = a.attnum
LEFT OUTER JOIN pg_catalog.pg_description des
  ON (des.objoid = a.attrelid AND des.objsubid = a.attnum AND des.classoid = 'pg_class'::regclass)
WHERE a.attrelid = 'iam.users'::regclass::oid AND a.attnum > 0 AND a.attisdropped IS FALSE
ORDER BY a.attnum;

-- tool: pgAdmin, schemas/tables/templates/tables/sql/default/get_columns_for_table.sql
-- finds: iam.users
SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, NULL) AS cltype,
  pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS defval,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS inheritedfrom, c.oid AS inheritedid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped AND a.attnum > 0
LEFT OUTER JOIN pg_catalog.pg_attrdef f ON adrelid = a.attrelid AND adnum = a.attnum
WHERE c.relname = 'users' AND n.nspname = 'iam';

-- tool: DBeaver, ext.postgresql/model/PostgreDatabase.java, schemas
-- finds: iam
SELECT s.oid, s.*, d.description FROM pg_catalog.pg_namespace s
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = s.oid AND d.objsubid = 0
  AND d.classoid = 'pg_namespace'::regclass
ORDER BY nspname;

-- tool: DBeaver, ext.postgresql/model/PostgreDataSource.java, databases
-- finds: aws
SELECT b.oid, b.* FROM pg_catalog.pg_database b
WHERE datallowconn AND NOT datistemplate OR b.datname = 'aws' ORDER BY b.datname;

-- tool: DBeaver, ext.postgresql/model/PostgreDataTypeCache.java
-- finds: timestamptz
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name, d.description
FROM pg_catalog.pg_type t
LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid = t.typelem
LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c')
  AND (et.typcategory IS NULL OR et.typcategory <> 'C') AND t.typnamespace = 11;

-- tool: DBeaver, ext.postgresql/model/PostgreSchema.java, tables
-- finds: users
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr,
  pg_catalog.pg_get_partkeydef(c.oid) AS partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d
  ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'iam') AND c.relkind NOT IN ('i', 'I', 'c');

-- tool: DBeaver, ext.postgresql/model/PostgreSchema.java, columns
-- finds: UserName
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i'
  AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.oid = 'iam.users'::regclass ORDER BY a.attnum;

-- tool: DBeaver, ext.postgresql/model/PostgreSchema.java, constraints
-- rows: none
SELECT c.oid, c.*, t.relname AS tabrelname, rt.relnamespace AS refnamespace, d.description,
  case when c.contype = 'c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy
FROM pg_catalog.pg_constraint c
INNER JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d
  ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass
WHERE c.conrelid = 'iam.users'::regclass ORDER BY c.oid;

-- tool: DBeaver, ext.postgresql/model/PostgreSchema.java, indexes
-- rows: none
SELECT i.*, i.indkey AS keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname AS tabrelname,
  dsc.description, pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS pred_expr,
  pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) AS expr, pg_catalog.pg_relation_size(i.indexrelid) AS index_rel_size
FROM pg_catalog.pg_index i
INNER JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
INNER JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid = dsc.objoid
WHERE i.indrelid = 'iam.users'::regclass ORDER BY tabrelname, c.relname;

-- tool: DBeaver, ext.postgresql/model/PostgreSchema.java, procedures
-- rows: 5
SELECT p.oid, p.*, d.description FROM pg_catalog.pg_proc p
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = p.oid
WHERE p.pronamespace = 2200 ORDER BY p.proname;

-- tool: DBeaver, ext.postgresql/model/PostgreRole.java, roles
-- finds: ann
SELECT a.oid, a.*, pd.description FROM pg_catalog.pg_roles a
LEFT JOIN pg_catalog.pg_shdescription pd ON a.oid = pd.objoid ORDER BY a.rolname;

-- tool: DBeaver, ext.postgresql/model/PostgreTableBase.java, sizes
-- finds: users
SELECT relname, pg_catalog.pg_total_relation_size(oid) AS total_rel_size, pg_catalog.pg_relation_size(oid) AS rel_size
FROM pg_class WHERE oid = 'iam.users'::regclass;

-- tool: DBeaver, ext.postgresql/model/PostgreExecutionContext.java
-- rows: 1
SELECT current_schema(), session_user, current_user;

-- tool: DBeaver, ext.postgresql/model/PostgreExecutionContext.java, settings
-- finds: UTF8
SELECT s.*, pg_catalog.current_setting(name) AS current FROM pg_catalog.pg_settings s ORDER BY name;

-- tool: DataGrip, introspector, session
-- rows: 1
SELECT round(extract(epoch from pg_postmaster_start_time() at time zone 'UTC')) AS startup_time;

-- tool: DataGrip, introspector, session
-- rows: 1
SELECT current_database() AS a, current_schemas(false) AS b;

-- tool: DataGrip, introspector, transactions
-- rows: none
SELECT L.transactionid::varchar::bigint AS transaction_id FROM pg_catalog.pg_locks L
WHERE L.transactionid IS NOT NULL ORDER BY pg_catalog.age(L.transactionid) DESC LIMIT 1;

-- tool: DataGrip, introspector, transactions
-- rows: 1
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN null
  ELSE (pg_catalog.txid_current() % 4294967296)::varchar::bigint END AS current_txid;

-- tool: DataGrip, introspector, databases
-- finds: aws
SELECT N.oid::bigint AS id, datname AS name, D.description, datistemplate AS is_template,
  datallowconn AS allow_connections, pg_catalog.pg_get_userbyid(N.datdba) AS "owner"
FROM pg_catalog.pg_database N LEFT JOIN pg_catalog.pg_shdescription D ON N.oid = D.objoid
ORDER BY CASE WHEN datname = pg_catalog.current_database() THEN -1::bigint ELSE N.oid::bigint END;

-- tool: DataGrip, introspector, time zones
-- finds: Europe/Berlin
SELECT name, is_dst FROM pg_catalog.pg_timezone_names
UNION DISTINCT SELECT abbrev AS name, is_dst FROM pg_catalog.pg_timezone_abbrevs;

-- tool: DataGrip, introspector, roles
-- finds: ann
SELECT R.oid::bigint AS role_id, rolname AS role_name, rolsuper is_super, rolinherit is_inherit,
  rolconnlimit conn_limit, rolvaliduntil valid_until, rolbypassrls bypass_rls, rolconfig config, D.description
FROM pg_catalog.pg_roles R LEFT JOIN pg_catalog.pg_shdescription D ON D.objoid = R.oid;

-- tool: DataGrip, introspector, members
-- rows: none
SELECT member id, roleid role_id, admin_option FROM pg_catalog.pg_auth_members ORDER BY id, roleid::text;

-- tool: DataGrip, introspector, tablespaces
-- finds: pg_default
SELECT T.oid::bigint AS id, T.spcname AS name, T.xmin AS state_number,
  pg_catalog.pg_get_userbyid(T.spcowner) AS owner, pg_catalog.pg_tablespace_location(T.oid) AS location,
  T.spcoptions AS options, D.description AS comment
FROM pg_catalog.pg_tablespace T LEFT JOIN pg_catalog.pg_shdescription D ON D.objoid = T.oid;

-- tool: DataGrip, introspector, schemas
-- finds: iam
SELECT N.oid::bigint AS id, N.xmin AS state_number, nspname AS name, D.description,
  pg_catalog.pg_get_userbyid(N.nspowner) AS "owner"
FROM pg_catalog.pg_namespace N LEFT JOIN pg_catalog.pg_description D ON N.oid = D.objoid
ORDER BY CASE WHEN nspname = pg_catalog.current_schema() THEN -1::bigint ELSE N.oid::bigint END;

-- tool: DataGrip, introspector, superuser
-- rows: 1
SELECT usesuper FROM pg_user WHERE usename = current_user;

-- tool: DataGrip, introspector, extensions
-- rows: none
SELECT E.oid AS id, E.xmin AS state_number, extname AS name, extversion AS version, extnamespace AS schema_id,
  nspname AS schema_name,
  array(SELECT unnest FROM unnest(available_versions) WHERE unnest > extversion) AS available_updates
FROM pg_catalog.pg_extension E JOIN pg_namespace N ON E.extnamespace = N.oid
LEFT JOIN (SELECT name, array_agg(version) AS available_versions FROM pg_available_extension_versions()
  GROUP BY name) V ON E.extname = V.name;

-- tool: DataGrip, introspector, languages
-- finds: sql
SELECT l.oid AS id, l.xmin state_number, lanname AS name, lanpltrusted AS trusted, h.proname AS handler,
  hs.nspname AS handlerSchema
FROM pg_catalog.pg_language l
LEFT JOIN pg_catalog.pg_proc h ON h.oid = lanplcallfoid
LEFT JOIN pg_catalog.pg_namespace hs ON hs.oid = h.pronamespace ORDER BY lanname;

-- tool: DataGrip, introspector, descriptions
-- rows: none
SELECT D.objoid id, CASE WHEN 'pg_catalog.pg_event_trigger'::regclass = classoid THEN 'T'
  WHEN 'pg_catalog.pg_am'::regclass = classoid THEN 'A' END AS kind, D.objsubid sub_id, D.description
FROM pg_catalog.pg_description D
WHERE classoid IN ('pg_catalog.pg_event_trigger'::regclass, 'pg_catalog.pg_am'::regclass,
  'pg_catalog.pg_language'::regclass);

-- tool: DataGrip, introspector, foreign data wrappers
-- rows: none
SELECT w.oid AS id, w.xmin AS state_number, w.fdwname AS name, p.proname AS handler, w.fdwoptions AS options,
  pg_catalog.pg_get_userbyid(w.fdwowner) AS "owner"
FROM pg_catalog.pg_foreign_data_wrapper w
LEFT OUTER JOIN pg_catalog.pg_proc p ON w.fdwhandler = p.oid;

-- tool: DataGrip, introspector, casts
-- rows: none
SELECT C.oid, C.xmin AS state_number, C.castsource AS castsource_id,
  pg_catalog.quote_ident(SN.nspname) || '.' || pg_catalog.quote_ident(S.typname) AS castsource_name, C.castfunc AS castfunc_id
FROM pg_cast C LEFT OUTER JOIN pg_proc F ON C.castfunc::oid = F.oid
JOIN pg_type S ON C.castsource::oid = S.oid JOIN pg_namespace SN ON S.typnamespace = SN.oid;

-- tool: DataGrip, introspector, all objects of a schema
-- finds: users
SELECT T.oid AS oid, relnamespace AS schemaId, pg_catalog.translate(relkind, 'rmvpfS', 'rmvrfS') AS kind, relname AS name
FROM pg_catalog.pg_class T
WHERE relnamespace IN ((SELECT oid FROM pg_namespace WHERE nspname = 'iam')::oid)
  AND relkind IN ('r', 'm', 'v', 'p', 'f', 'S')
UNION ALL
SELECT T.oid, T.typnamespace, 'T', T.typname FROM pg_catalog.pg_type T
LEFT OUTER JOIN pg_catalog.pg_class C ON T.typrelid = C.oid
WHERE T.typnamespace IN (20001::oid) AND (T.typtype IN ('d', 'e') OR C.relkind = 'c'::"char"
  OR (T.typtype = 'b' AND (T.typelem = 0 OR T.typcategory <> 'A')) OR T.typtype = 'p' AND NOT T.typisdefined)
UNION ALL SELECT oid, oprnamespace, 'O', oprname FROM pg_catalog.pg_operator WHERE oprnamespace IN (20001::oid)
UNION ALL SELECT oid, pronamespace, CASE WHEN prokind != 'a' THEN 'R' ELSE 'a' END, proname
FROM pg_catalog.pg_proc WHERE pronamespace IN (20001::oid) ORDER BY schemaId;

-- tool: DataGrip, introspector, columns of a schema
-- finds: UserName
WITH T AS (
  SELECT T.oid AS oid, T.relkind AS kind, T.relnamespace AS schemaId FROM pg_catalog.pg_class T
  WHERE T.relnamespace IN ((SELECT oid FROM pg_namespace WHERE nspname = 'iam')::oid)
    AND T.relkind IN ('r', 'm', 'v', 'f', 'p')
)
SELECT T.schemaId AS schemaId, T.oid AS majorOid, pg_catalog.translate(T.kind, 'rmvpf', 'rmvrf') AS kind,
  C.attnum AS position, C.attname AS name, C.atttypid AS type_id, C.atttypmod AS type_mod, C.xmin AS column_state_number,
  C.attnotnull AS mandatory
FROM T JOIN pg_catalog.pg_attribute C ON T.oid = C.attrelid
WHERE C.attnum > 0 AND NOT C.attisdropped ORDER BY schemaId, majorOid;

-- tool: DataGrip, introspector, sequences
-- rows: none
SELECT cls.xmin AS sequence_state_number, sq.seqrelid AS sequence_id, cls.relname AS sequence_name,
  pg_catalog.format_type(sq.seqtypid, null) AS data_type, sq.seqstart AS start_value
FROM pg_catalog.pg_sequence sq JOIN pg_class cls ON sq.seqrelid = cls.oid WHERE cls.relnamespace = 2200::oid;

-- tool: DataGrip, introspector, routine arguments
-- rows: 5
SELECT pronamespace AS schemaId, oid AS majorOid, proargnames AS argNames, proargmodes AS argModes,
  array_length(proargtypes, 1) AS nArgs
FROM pg_catalog.pg_proc WHERE pronamespace IN (2200::oid) ORDER BY schemaId;

-- tool: DataGrip, introspector, permissions
-- rows: 1
SELECT T.oid AS object_id, T.spcacl AS acl FROM pg_catalog.pg_tablespace T
UNION ALL SELECT T.oid AS object_id, T.datacl AS acl FROM pg_catalog.pg_database T;

-- tool: Tableau, libpq connector, tables
-- finds: users
SELECT NULL, s.nspname, t.relname, t.relkind, n.nspname, c.relname FROM (
  pg_catalog.pg_class t INNER JOIN pg_catalog.pg_namespace s ON (s.oid = t.relnamespace)
  LEFT JOIN (pg_catalog.pg_class c INNER JOIN pg_catalog.pg_namespace n ON (n.oid = c.relnamespace)) ON c.oid = t.reltoastrelid)
WHERE t.relkind IN ('r', 'v', 'm', 'f', 'p') AND s.nspname = 'iam' AND has_table_privilege(t.oid, 'select');

-- tool: dbt, plugins/postgres/dbt/include/postgres/macros/catalog.sql
-- finds: users
SELECT 'aws' AS table_database, s.nspname AS table_schema, t.relname AS table_name,
  CASE t.relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type, null::text AS table_comment,
  col.attname AS column_name, col.attnum AS column_index,
  pg_catalog.format_type(col.atttypid, col.atttypmod) AS column_type, pg_get_userbyid(t.relowner) AS table_owner
FROM pg_catalog.pg_namespace s
JOIN pg_catalog.pg_class t ON t.relnamespace = s.oid
JOIN pg_catalog.pg_attribute col ON col.attrelid = t.oid
WHERE s.nspname != 'information_schema' AND s.nspname NOT LIKE 'pg_%' AND NOT pg_is_other_temp_schema(s.oid)
  AND t.relpersistence = 'p' AND t.relkind IN ('r', 'v', 'f', 'p') AND col.attnum > 0 AND NOT col.attisdropped
ORDER BY s.nspname, t.relname, col.attnum;

-- tool: Supabase's postgres-meta, src/lib/sql/columns.sql
-- finds: UserName
SELECT c.oid::int8 AS table_id, table_schema AS schema, table_name AS table, (c.oid || '.' || ordinal_position) AS id,
  ordinal_position, column_name AS name, column_default AS default_value, data_type, udt_name AS format,
  col_description(c.oid, ordinal_position) AS description, is_identity::boolean, identity_generation,
  is_nullable::boolean, is_updatable::boolean,
  array_to_json(array(SELECT enumlabel FROM pg_catalog.pg_enum enums
    WHERE udt_name = pg_catalog.Format_type(enums.enumtypid::regclass, NULL) ORDER BY enums.enumsortorder)) AS enums
FROM information_schema.columns
JOIN pg_class c ON quote_ident(table_schema)::regnamespace = c.relnamespace AND c.relname = table_name
WHERE table_schema = 'iam' AND table_name = 'users';
