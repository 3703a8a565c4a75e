-- PostgreSQL's functions over the relations of pg_tables. Each is made when a query first needs
-- it: the engine binds a macro when it is made, so what it names must be there. Aliases that no client
-- uses (zc, zn): an argument such as c.oid must not be taken for a column of the macro's own tables.
CREATE OR REPLACE TEMP MACRO f_pg_get_userbyid(x) AS owner_name();
CREATE OR REPLACE TEMP MACRO f_pg_encoding_to_char(x) AS 'UTF8';
CREATE OR REPLACE TEMP MACRO f_pg_table_is_visible(x) AS x < 20000 OR x >= 10000000 OR on_search_path(x);
CREATE OR REPLACE TEMP MACRO f_pg_type_is_visible(x) AS true;
CREATE OR REPLACE TEMP MACRO f_pg_function_is_visible(x) AS true;
CREATE OR REPLACE TEMP MACRO f_pg_collation_is_visible(x) AS true;
CREATE OR REPLACE TEMP MACRO f_pg_operator_is_visible(x) AS true;
CREATE OR REPLACE TEMP MACRO f_pg_opclass_is_visible(x) AS true;
CREATE OR REPLACE TEMP MACRO f_pg_statistics_obj_is_visible(x) AS true;
CREATE OR REPLACE TEMP MACRO f_pg_relation_is_publishable(x) AS false;
CREATE OR REPLACE TEMP MACRO f_pg_relation_is_updatable(a, b) AS 0;
CREATE OR REPLACE TEMP MACRO f_pg_is_in_recovery() AS false;
CREATE OR REPLACE TEMP MACRO f_pg_is_other_temp_schema(x) AS false;
CREATE OR REPLACE TEMP MACRO f_pg_my_temp_schema() AS 0;
CREATE OR REPLACE TEMP MACRO f_pg_get_expr(a, b) AS CAST(NULL AS VARCHAR), (a, b, c) AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_pg_get_viewdef(a) AS '', (a, b) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_indexdef(a) AS '', (a, b, c) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_constraintdef(a) AS '', (a, b) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_triggerdef(a) AS '', (a, b) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_ruledef(a) AS '', (a, b) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_partkeydef(a) AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_pg_get_partition_constraintdef(a) AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_pg_get_functiondef(a) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_function_sqlbody(a) AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_pg_get_function_result(x) AS
  (SELECT f_format_type(zp.prorettype, -1) FROM _pg_proc zp WHERE zp.oid = x);
CREATE OR REPLACE TEMP MACRO f_pg_get_function_arguments(x) AS
  (SELECT zp.proargs FROM _pg_proc zp WHERE zp.oid = x);
CREATE OR REPLACE TEMP MACRO f_pg_get_function_identity_arguments(x) AS
  (SELECT zp.proargs FROM _pg_proc zp WHERE zp.oid = x);
CREATE OR REPLACE TEMP MACRO f_pg_get_statisticsobjdef_columns(a) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_get_serial_sequence(a, b) AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_pg_relation_size(a) AS 0::BIGINT, (a, b) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_total_relation_size(a) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_table_size(a) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_indexes_size(a) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_database_size(a) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_size_pretty(a) AS a::VARCHAR || ' bytes';
CREATE OR REPLACE TEMP MACRO f_pg_tablespace_location(a) AS '';
CREATE OR REPLACE TEMP MACRO f_pg_stat_get_numscans(a) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_char_to_encoding(a) AS 6;
CREATE OR REPLACE TEMP MACRO f_pg_client_encoding() AS 'UTF8';
CREATE OR REPLACE TEMP MACRO f_pg_postmaster_start_time() AS now();
CREATE OR REPLACE TEMP MACRO f_pg_has_role(a, b) AS true, (a, b, c) AS true;
CREATE OR REPLACE TEMP MACRO f_has_schema_privilege(a, b) AS true, (a, b, c) AS true;
CREATE OR REPLACE TEMP MACRO f_has_table_privilege(a, b) AS lower(b) LIKE '%select%',
  (a, b, c) AS lower(c) LIKE '%select%';
CREATE OR REPLACE TEMP MACRO f_has_column_privilege(a, b, c) AS lower(c) LIKE '%select%',
  (a, b, c, d) AS lower(d) LIKE '%select%';
CREATE OR REPLACE TEMP MACRO f_has_any_column_privilege(a, b) AS lower(b) LIKE '%select%',
  (a, b, c) AS lower(c) LIKE '%select%';
CREATE OR REPLACE TEMP MACRO f_has_database_privilege(a, b) AS lower(b) LIKE '%connect%',
  (a, b, c) AS lower(c) LIKE '%connect%';
CREATE OR REPLACE TEMP MACRO f_has_function_privilege(a, b) AS true, (a, b, c) AS true;
CREATE OR REPLACE TEMP MACRO f_has_sequence_privilege(a, b) AS false, (a, b, c) AS false;
CREATE OR REPLACE TEMP MACRO f_has_tablespace_privilege(a, b) AS false, (a, b, c) AS false;
CREATE OR REPLACE TEMP MACRO f_has_foreign_data_wrapper_privilege(a, b) AS false, (a, b, c) AS false;
CREATE OR REPLACE TEMP MACRO f_has_server_privilege(a, b) AS false, (a, b, c) AS false;
CREATE OR REPLACE TEMP MACRO f_has_language_privilege(a, b) AS true, (a, b, c) AS true;
CREATE OR REPLACE TEMP MACRO f_obj_description(x) AS
    (SELECT zd.description FROM _pg_description zd WHERE zd.objoid = x AND zd.objsubid = 0),
  (x, y) AS (SELECT zd.description FROM _pg_description zd
    WHERE zd.objoid = x AND zd.objsubid = 0 AND y = 'pg_class');
CREATE OR REPLACE TEMP MACRO f_col_description(x, y) AS
  (SELECT zd.description FROM _pg_description zd WHERE zd.objoid = x AND zd.objsubid = y);
CREATE OR REPLACE TEMP MACRO f_shobj_description(a, b) AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_format_type(x, y) AS
  (SELECT zt.typsqlname FROM _pg_type zt WHERE zt.oid = x);
CREATE OR REPLACE TEMP MACRO f_current_setting(x) AS
    (SELECT zs.setting FROM _pg_settings zs WHERE lower(zs.name) = lower(x)),
  (x, y) AS (SELECT zs.setting FROM _pg_settings zs WHERE lower(zs.name) = lower(x));
CREATE OR REPLACE TEMP MACRO f_txid_current() AS 1::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_current_xact_id() AS 1::BIGINT;
CREATE OR REPLACE TEMP MACRO f_pg_snapshot_xmin(x) AS 1::BIGINT;
CREATE OR REPLACE TEMP MACRO f_inet_server_addr() AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_inet_client_addr() AS CAST(NULL AS VARCHAR);
CREATE OR REPLACE TEMP MACRO f_inet_server_port() AS CAST(NULL AS INTEGER);
CREATE OR REPLACE TEMP MACRO f_inet_client_port() AS CAST(NULL AS INTEGER);
CREATE OR REPLACE TEMP MACRO f_regclass_name(x) AS
  (SELECT CASE WHEN f_pg_table_is_visible(zc.oid) THEN zc.relname ELSE zn.nspname || '.' || zc.relname END
   FROM _pg_class zc JOIN _pg_namespace zn ON zn.oid = zc.relnamespace WHERE zc.oid = x);
CREATE OR REPLACE TEMP MACRO f_regclass_oid(x) AS coalesce(
  CAST(map {'pg_type': 1247, 'pg_proc': 1255, 'pg_class': 1259, 'pg_database': 1262, 'pg_attrdef': 2604,
    'pg_constraint': 2606, 'pg_namespace': 2615, 'pg_trigger': 2620}[replace(x, 'pg_catalog.', '')] AS UINTEGER),
  (SELECT min(zc.oid) FROM _pg_class zc JOIN _pg_namespace zn ON zn.oid = zc.relnamespace
   WHERE replace(x, '"', '') = zn.nspname || '.' || zc.relname
      OR (replace(x, '"', '') = zc.relname AND f_pg_table_is_visible(zc.oid))));
CREATE OR REPLACE TEMP MACRO f_regnamespace_name(x) AS
  (SELECT zn.nspname FROM _pg_namespace zn WHERE zn.oid = x);
CREATE OR REPLACE TEMP MACRO f_regnamespace_oid(x) AS
  (SELECT zn.oid FROM _pg_namespace zn WHERE zn.nspname = replace(x, '"', ''));
CREATE OR REPLACE TEMP MACRO f_regtype_oid(x) AS
  (SELECT min(zt.oid) FROM _pg_type zt WHERE x IN (zt.typname, zt.typsqlname, 'pg_catalog.' || zt.typname));
CREATE OR REPLACE TEMP MACRO f_to_regtype(x) AS
  (SELECT min(zt.oid) FROM _pg_type zt WHERE x IN (zt.typname, zt.typsqlname, 'pg_catalog.' || zt.typname));
CREATE OR REPLACE TEMP MACRO f_to_regclass(x) AS f_regclass_oid(x);
CREATE OR REPLACE TEMP MACRO f_to_regnamespace(x) AS f_regnamespace_oid(x);
CREATE OR REPLACE TEMP MACRO f_regrole_name(x) AS owner_name();
CREATE OR REPLACE TEMP MACRO f_json_build_object(k1, v1) AS
    json_object(k1::VARCHAR, v1),
  (k1, v1, k2, v2) AS
    json_object(k1::VARCHAR, v1, k2::VARCHAR, v2),
  (k1, v1, k2, v2, k3, v3) AS
    json_object(k1::VARCHAR, v1, k2::VARCHAR, v2, k3::VARCHAR, v3),
  (k1, v1, k2, v2, k3, v3, k4, v4) AS
    json_object(k1::VARCHAR, v1, k2::VARCHAR, v2, k3::VARCHAR, v3, k4::VARCHAR, v4),
  (k1, v1, k2, v2, k3, v3, k4, v4, k5, v5) AS
    json_object(k1::VARCHAR, v1, k2::VARCHAR, v2, k3::VARCHAR, v3, k4::VARCHAR, v4, k5::VARCHAR, v5),
  (k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6) AS
    json_object(k1::VARCHAR, v1, k2::VARCHAR, v2, k3::VARCHAR, v3, k4::VARCHAR, v4, k5::VARCHAR, v5, k6::VARCHAR, v6),
  (k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7) AS
    json_object(k1::VARCHAR, v1, k2::VARCHAR, v2, k3::VARCHAR, v3, k4::VARCHAR, v4, k5::VARCHAR, v5, k6::VARCHAR, v6, k7::VARCHAR, v7);
CREATE OR REPLACE TEMP MACRO f_quote_ident(x) AS CASE
  WHEN regexp_full_match(x, '[a-z_][a-z0-9_$]*') AND x NOT IN (
    'all', 'and', 'any', 'array', 'as', 'asc', 'both', 'case', 'cast', 'check', 'column', 'constraint', 'create',
    'current_user', 'default', 'desc', 'distinct', 'do', 'else', 'end', 'except', 'false', 'fetch', 'for', 'foreign',
    'from', 'grant', 'group', 'having', 'in', 'into', 'lateral', 'leading', 'limit', 'not', 'null', 'offset', 'on',
    'only', 'or', 'order', 'primary', 'references', 'returning', 'select', 'session_user', 'some', 'table', 'then',
    'to', 'trailing', 'true', 'union', 'unique', 'user', 'using', 'when', 'where', 'window', 'with') THEN x
  ELSE '"' || replace(x, '"', '""') || '"' END;
CREATE OR REPLACE TEMP MACRO f_quote_literal(x) AS chr(39) || replace(x::VARCHAR, chr(39), chr(39) || chr(39)) || chr(39);
CREATE OR REPLACE TEMP MACRO f_parse_ident(x) AS list_transform(
  regexp_extract_all(x, '"(?:[^"]|"")*"|[^."]+'),
  lambda p: CASE WHEN p[1] = '"' THEN replace(p[2:-2], '""', '"') ELSE lower(p) END);
CREATE OR REPLACE TEMP MACRO f_pg_is_wal_replay_paused() AS false;
CREATE OR REPLACE TEMP MACRO f__pg_expandarray(x) AS
  unnest(list_transform(x, lambda v, i: {'x': v, 'n': i}));
CREATE OR REPLACE TEMP MACRO f_pg_typeof(x) AS CASE WHEN starts_with(typeof(x), 'DECIMAL') THEN 'numeric'
  WHEN starts_with(typeof(x), 'STRUCT') THEN 'record' ELSE coalesce(map {'VARCHAR': 'text', 'DOUBLE': 'double precision',
  'FLOAT': 'real', 'BLOB': 'bytea', 'TIMESTAMP': 'timestamp without time zone', '"NULL"': 'unknown',
  'TIME': 'time without time zone', 'VARCHAR[]': 'text[]', 'HUGEINT': 'numeric'}[typeof(x)], lower(typeof(x))) END;
CREATE OR REPLACE TEMP MACRO f_pg_advisory_unlock_all() AS '';
CREATE OR REPLACE TEMP MACRO f_pg_tablespace_size(a) AS 0::BIGINT;
CREATE OR REPLACE TEMP MACRO f_aclexplode(x) AS unnest(list_filter([{'grantor': 0::UINTEGER, 'grantee': 0::UINTEGER,
  'privilege_type': '', 'is_grantable': false}], lambda a: false));
