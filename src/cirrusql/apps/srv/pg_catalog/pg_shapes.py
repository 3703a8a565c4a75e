"""The columns of pg_catalog's tables, and the views over them. Data only.

The columns of PostgreSQL 16 that clients read; tables for which the cloud catalog has no data are
empty.
"""

from __future__ import annotations

from collections.abc import Mapping

Shape = tuple[tuple[str, str], ...]


def _shape(text: str) -> Shape:
    """``oid relname:text`` → names with their kinds; the default kind is an OID."""
    return tuple(
        (name, kind or "oid") for name, _, kind in (word.partition(":") for word in text.split())
    )


SHAPES: Mapping[str, Shape] = {
    name: _shape(text)
    for name, text in {
        "pg_namespace": "oid nspname:text nspowner nspacl:texts",
        "pg_class": (
            "oid relname:text relnamespace reltype reloftype relowner relam relfilenode "
            "reltablespace "
            "relpages:int reltuples:real relallvisible:int reltoastrelid relhasindex:bool "
            "relisshared:bool "
            "relpersistence:text relkind:text relnatts:int relchecks:int relhasrules:bool "
            "relhastriggers:bool relhassubclass:bool relrowsecurity:bool relforcerowsecurity:bool "
            "relispopulated:bool relreplident:text relispartition:bool relrewrite relfrozenxid:int "
            "relminmxid:int relacl:texts reloptions:texts relpartbound:text"
        ),
        "pg_attribute": (
            "attrelid attname:text atttypid attlen:int attnum:int attcacheoff:int attcollation "
            "atttypmod:int attndims:int attbyval:bool attalign:text attstorage:text "
            "attcompression:text "
            "attnotnull:bool atthasdef:bool atthasmissing:bool attidentity:text attgenerated:text "
            "attisdropped:bool attislocal:bool attinhcount:int attstattarget:int attacl:texts "
            "attoptions:texts attfdwoptions:texts"
        ),
        "pg_type": (
            "oid typname:text typnamespace typowner typlen:int typbyval:bool typtype:text "
            "typcategory:text typispreferred:bool typisdefined:bool typdelim:text typrelid typelem "
            "typarray typinput:text typsqlname:text typtypmod:int typbasetype typnotnull:bool "
            "typcollation typndims:int typoutput:text typreceive:text typsend:text typmodin:text "
            "typdefault:text typacl:texts typsubscript:text"
        ),
        "pg_description": "objoid classoid objsubid:int description:text",
        "pg_database": (
            "oid datname:text datdba encoding:int datlocprovider:text datistemplate:bool "
            "datallowconn:bool datconnlimit:int datfrozenxid:int datminmxid:int dattablespace "
            "datcollate:text datctype:text daticulocale:text datcollversion:text datacl:texts "
            "datlastsysoid daticurules:text"
        ),
        "pg_roles": (
            "oid rolname:text rolsuper:bool rolinherit:bool rolcreaterole:bool rolcreatedb:bool "
            "rolcanlogin:bool rolreplication:bool rolconnlimit:int rolpassword:text "
            "rolvaliduntil:time rolbypassrls:bool rolconfig:texts"
        ),
        "pg_settings": "name:text setting:text unit:text category:text short_desc:text "
        "extra_desc:text "
        "context:text vartype:text source:text min_val:text max_val:text enumvals:texts "
        "boot_val:text "
        "reset_val:text pending_restart:bool",
        "pg_proc": (
            "oid proname:text pronamespace proowner prolang prokind:text prorettype pronargs:int "
            "proargs:text provolatile:text proisstrict:bool prosecdef:bool proleakproof:bool "
            "proparallel:text proretset:bool provariadic proargtypes:text proallargtypes:ints "
            "proargmodes:texts proargnames:texts prosrc:text proacl:texts procost:real prorows:real"
        ),
        "pg_am": "oid amname:text amhandler:text amtype:text",
        "pg_language": "oid lanname:text lanowner lanispl:bool lanpltrusted:bool lanplcallfoid "
        "laninline "
        "lanvalidator lanacl:texts",
        "pg_tablespace": "oid spcname:text spcowner spcacl:texts spcoptions:texts",
        "pg_collation": (
            "oid collname:text collnamespace collowner collprovider:text collisdeterministic:bool "
            "collencoding:int collcollate:text collctype:text colliculocale:text collversion:text"
        ),
        "pg_stat_activity": (
            "datid datname:text pid:int usesysid usename:text application_name:text state:text "
            "client_addr:text client_hostname:text client_port:int backend_start:time "
            "xact_start:time "
            "query_start:time state_change:time wait_event_type:text wait_event:text "
            "backend_xid:int "
            "backend_xmin:int query:text backend_type:text leader_pid:int"
        ),
        # A cloud catalog has none of these.
        "pg_attrdef": "oid adrelid adnum:int adbin:text",
        "pg_auth_members": "oid roleid member grantor admin_option:bool",
        "pg_available_extensions": "name:text default_version:text installed_version:text "
        "comment:text",
        "pg_cast": "oid castsource casttarget castfunc castcontext:text castmethod:text",
        "pg_constraint": (
            "oid conname:text connamespace contype:text condeferrable:bool condeferred:bool "
            "convalidated:bool conrelid contypid conindid conparentid confrelid confupdtype:text "
            "confdeltype:text confmatchtype:text conislocal:bool coninhcount:int connoinherit:bool "
            "conkey:ints confkey:ints conpfeqop:ints conexclop:ints conbin:text confdelsetcols:ints"
        ),
        "pg_conversion": "oid conname:text connamespace conowner conforencoding:int "
        "contoencoding:int conproc condefault:bool",
        "pg_db_role_setting": "setdatabase setrole setconfig:texts",
        "pg_default_acl": "oid defaclrole defaclnamespace defaclobjtype:text defaclacl:texts",
        "pg_depend": "classid objid objsubid:int refclassid refobjid refobjsubid:int deptype:text",
        "pg_enum": "oid enumtypid enumsortorder:real enumlabel:text",
        "pg_event_trigger": "oid evtname:text evtevent:text evtowner evtfoid evtenabled:text "
        "evttags:texts",
        "pg_extension": (
            "oid extname:text extowner extnamespace extrelocatable:bool extversion:text "
            "extconfig:ints "
            "extcondition:texts"
        ),
        "pg_foreign_data_wrapper": "oid fdwname:text fdwowner fdwhandler fdwvalidator fdwacl:texts "
        "fdwoptions:texts",
        "pg_foreign_server": (
            "oid srvname:text srvowner srvfdw srvtype:text srvversion:text srvacl:texts srvoptions:texts"  # noqa: E501
        ),
        "pg_foreign_table": "ftrelid ftserver ftoptions:texts",
        "pg_index": (
            "indexrelid indrelid indnatts:int indnkeyatts:int indisunique:bool "
            "indnullsnotdistinct:bool indisprimary:bool indisexclusion:bool indimmediate:bool "
            "indisclustered:bool indisvalid:bool indcheckxmin:bool indisready:bool indislive:bool "
            "indisreplident:bool indkey:ints indcollation:ints indclass:ints indoption:ints "
            "indexprs:text indpred:text"
        ),
        "pg_inherits": "inhrelid inhparent inhseqno:int inhdetachpending:bool",
        "pg_locks": "locktype:text database relation pid:int mode:text granted:bool transactionid:int",  # noqa: E501
        "pg_matviews": "schemaname:text matviewname:text matviewowner:text definition:text",
        "pg_opclass": "oid opcname:text opcmethod opcnamespace opcintype opcdefault:bool "
        "opckeytype opcfamily opcowner",
        "pg_operator": "oid oprname:text oprnamespace oprleft oprright oprresult",
        "pg_opfamily": "oid opfmethod opfname:text opfnamespace opfowner",
        "pg_partitioned_table": "partrelid partstrat:text partnatts:int partdefid partattrs:ints",
        "pg_policy": (
            "oid polname:text polrelid polcmd:text polpermissive:bool polroles:ints polqual:text "
            "polwithcheck:text"
        ),
        "pg_publication": "oid pubname:text pubowner puballtables:bool pubinsert:bool pubupdate:bool "  # noqa: E501
        "pubdelete:bool pubtruncate:bool pubviaroot:bool",
        "pg_publication_namespace": "oid pnpubid pnnspid",
        "pg_publication_rel": "oid prpubid prrelid prqual:text prattrs:ints",
        "pg_amop": "oid amopfamily amoplefttype amoprighttype amopstrategy:int amoppurpose:text "
        "amopopr amopmethod amopsortfamily",
        "pg_amproc": "oid amprocfamily amproclefttype amprocrighttype amprocnum:int amproc",
        "pg_ts_dict": "oid dictname:text dictnamespace dictowner dicttemplate dictinitoption:text",
        "pg_ts_parser": "oid prsname:text prsnamespace prsstart prstoken prsend prsheadline "
        "prslextype",
        "pg_ts_template": "oid tmplname:text tmplnamespace tmplinit tmpllexize",
        "pg_ts_config_map": "mapcfg maptokentype:int mapseqno:int mapdict",
        "pg_transform": "oid trftype trflang trffromsql trftosql",
        "pg_largeobject_metadata": "oid lomowner lomacl:texts",
        "pg_last_errors": "at:time pid:int usename:text sqlstate:text message:text query:text",
        "pg_policies": "schemaname:text tablename:text policyname:text permissive:text roles:texts "
        "cmd:text qual:text with_check:text",
        "pg_rules": "schemaname:text tablename:text rulename:text definition:text",
        "pg_indexes": "schemaname:text tablename:text indexname:text tablespace:text indexdef:text",
        "pg_sequences": "schemaname:text sequencename:text sequenceowner:text data_type:text "
        "start_value:oid min_value:oid max_value:oid increment_by:oid cycle:bool cache_size:oid "
        "last_value:oid",
        "pg_stat_all_tables": "relid schemaname:text relname:text seq_scan:oid idx_scan:oid "
        "n_live_tup:oid n_dead_tup:oid last_vacuum:time last_analyze:time",
        "pg_statio_user_tables": "relid schemaname:text relname:text heap_blks_read:oid "
        "heap_blks_hit:oid",
        "pg_stat_user_indexes": "relid indexrelid schemaname:text relname:text indexrelname:text "
        "idx_scan:oid idx_tup_read:oid idx_tup_fetch:oid",
        "pg_stat_database": "datid datname:text numbackends:int xact_commit:oid xact_rollback:oid "
        "blks_read:oid blks_hit:oid tup_returned:oid tup_fetched:oid tup_inserted:oid "
        "tup_updated:oid tup_deleted:oid deadlocks:oid stats_reset:time",
        "pg_range": "rngtypid rngsubtype rngmultitypid rngcollation rngsubopc",
        "pg_rewrite": "oid rulename:text ev_class ev_type:text ev_enabled:text is_instead:bool ev_qual:text",  # noqa: E501
        "pg_seclabel": "objoid classoid objsubid:int provider:text label:text",
        "pg_seclabels": "objoid classoid objsubid:int objtype:text objnamespace objname:text provider:text "  # noqa: E501
        "label:text",
        "pg_sequence": (
            "seqrelid seqtypid seqstart:oid seqincrement:oid seqmax:oid seqmin:oid seqcache:oid seqcycle:bool"  # noqa: E501
        ),
        "pg_shdescription": "objoid classoid description:text",
        "pg_shdepend": "dbid classid objid objsubid:int refclassid refobjid deptype:text",
        "pg_statistic_ext": (
            "oid stxrelid stxname:text stxnamespace stxowner stxstattarget:int stxkeys:ints stxkind:texts"  # noqa: E501
        ),
        "pg_stat_user_tables": "relid schemaname:text relname:text n_live_tup:oid n_dead_tup:oid",
        "pg_subscription": "oid subdbid subname:text subowner subenabled:bool subpublications:texts "  # noqa: E501
        "subconninfo:text subbinary:bool substream:text subtwophasestate:text subdisableonerr:bool "
        "subsynccommit:text subskiplsn:text suborigin:text subpasswordrequired:bool subrunasowner:bool",  # noqa: E501
        "pg_trigger": (
            "oid tgrelid tgparentid tgname:text tgfoid tgtype:int tgenabled:text tgisinternal:bool "
            "tgconstrrelid tgconstrindid tgconstraint tgdeferrable:bool tginitdeferred:bool "
            "tgnargs:int tgattr:ints tgargs:text tgqual:text tgoldtable:text tgnewtable:text"
        ),
        "pg_ts_config": "oid cfgname:text cfgnamespace cfgowner",
        "pg_user_mapping": "oid umuser umserver umoptions:texts",
        "pg_available_extension_versions": "name:text version:text installed:bool superuser:bool "
        "trusted:bool relocatable:bool schema:text requires:texts comment:text",
        "pg_replication_slots": "slot_name:text plugin:text slot_type:text datoid database:text "
        "temporary:bool active:bool active_pid:int xmin:int restart_lsn:text wal_status:text",
        "pg_stat_replication": "pid:int usesysid usename:text application_name:text client_addr:text "  # noqa: E501
        "state:text sync_state:text",
        "pg_prepared_xacts": "transaction:int gid:text prepared:time owner:text database:text",
        "pg_stat_gssapi": "pid:int gss_authenticated:bool principal:text encrypted:bool "
        "credentials_delegated:bool",
        "pg_stat_ssl": "pid:int ssl:bool version:text cipher:text bits:int client_dn:text "
        "client_serial:text issuer_dn:text",
        "pg_timezone_names": "name:text abbrev:text utc_offset:text is_dst:bool",
        "pg_timezone_abbrevs": "abbrev:text utc_offset:text is_dst:bool",
    }.items()
}

PARAMETER_TYPES: Mapping[str, int] = {
    name: {"oid": 26, "int": 23, "bool": 16}.get(kind, 25)
    for shape in SHAPES.values()
    for name, kind in shape
}
"""The OID of the type of a catalog's column, by its name: the type of a parameter
compared with it."""

FUNCTION_TABLES: Mapping[str, str] = {
    "pg_available_extension_versions": "pg_available_extension_versions",
    "pg_available_extensions": "pg_available_extensions",
    "pg_get_keywords": "pg_get_keywords",
    "pg_show_all_settings": "pg_settings",
    "pg_stat_get_activity": "pg_stat_activity",
    "pg_timezone_names": "pg_timezone_names",
}
"""Functions used in FROM, and the table whose rows they return."""

_TABLE_KINDS = "CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END"
_OF_ALL = (
    "current_database_name() AS table_catalog, n.nspname AS table_schema, c.relname AS table_name"
)
_CLASS = "_pg_class c JOIN _pg_namespace n ON n.oid = c.relnamespace"

VIEWS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "pg_tables": (
        ("pg_class", "pg_namespace"),
        "SELECT n.nspname AS schemaname, c.relname AS tablename, owner_name() AS tableowner, "
        "CAST(NULL AS VARCHAR) AS tablespace, false AS hasindexes, false AS hasrules, "
        f"false AS hastriggers, false AS rowsecurity FROM {_CLASS} WHERE c.relkind = 'r'",
    ),
    "pg_views": (
        ("pg_class", "pg_namespace"),
        "SELECT n.nspname AS schemaname, c.relname AS viewname, owner_name() AS viewowner, "
        f"'' AS definition FROM {_CLASS} WHERE c.relkind = 'v'",
    ),
    "pg_user": (
        ("pg_roles",),
        "SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, "  # noqa: E501
        "rolreplication AS userepl, rolbypassrls AS usebypassrls, '********' AS passwd, "
        "rolvaliduntil AS valuntil, rolconfig AS useconfig FROM _pg_roles",
    ),
    "pg_get_keywords": (
        (),
        "SELECT keyword_name AS word, CASE keyword_category WHEN 'reserved' THEN 'R' WHEN 'unreserved' "  # noqa: E501
        "THEN 'U' WHEN 'column_name' THEN 'C' ELSE 'T' END AS catcode, true AS barelabel, "
        "keyword_category AS catdesc, keyword_category AS baredesc FROM duckdb_keywords()",
    ),
    "pg_authid": (("pg_roles",), "SELECT * FROM _pg_roles"),
    "information_schema.schemata": (
        ("pg_namespace",),
        "SELECT current_database_name() AS catalog_name, nspname AS schema_name, "
        "owner_name() AS schema_owner, CAST(NULL AS VARCHAR) AS default_character_set_name "
        "FROM _pg_namespace",
    ),
    "information_schema.tables": (
        ("pg_class", "pg_namespace"),
        f"SELECT {_OF_ALL}, {_TABLE_KINDS} AS table_type, 'NO' AS is_insertable_into, "
        f"'NO' AS is_typed, CAST(NULL AS VARCHAR) AS commit_action FROM {_CLASS}",
    ),
    "information_schema.views": (
        ("pg_class", "pg_namespace"),
        f"SELECT {_OF_ALL}, '' AS view_definition, 'NONE' AS check_option, 'NO' AS is_updatable "
        f"FROM {_CLASS} WHERE c.relkind = 'v'",
    ),
    "information_schema.columns": (
        ("pg_class", "pg_namespace", "pg_attribute", "pg_type"),
        f"SELECT {_OF_ALL}, a.attname AS column_name, a.attnum AS ordinal_position, "
        "CAST(NULL AS VARCHAR) AS column_default, 'YES' AS is_nullable, "
        "CASE WHEN t.typelem <> 0 THEN 'ARRAY' ELSE t.typsqlname END AS data_type, "
        "CAST(NULL AS INTEGER) AS character_maximum_length, "
        "CAST(NULL AS INTEGER) AS character_octet_length, CAST(NULL AS INTEGER) AS numeric_precision, "  # noqa: E501
        "CAST(NULL AS INTEGER) AS numeric_precision_radix, CAST(NULL AS INTEGER) AS numeric_scale, "
        "CAST(NULL AS INTEGER) AS datetime_precision, CAST(NULL AS VARCHAR) AS collation_name, "
        "CAST(NULL AS VARCHAR) AS domain_name, current_database_name() AS udt_catalog, "
        "'pg_catalog' AS udt_schema, t.typname AS udt_name, 'NO' AS is_identity, "
        "'NO' AS identity_cycle, CAST(NULL AS VARCHAR) AS identity_generation, "
        "CAST(NULL AS VARCHAR) AS identity_start, CAST(NULL AS VARCHAR) AS identity_increment, "
        "CAST(NULL AS VARCHAR) AS identity_maximum, CAST(NULL AS VARCHAR) AS identity_minimum, "
        "CAST(NULL AS VARCHAR) AS collation_schema, CAST(NULL AS VARCHAR) AS domain_schema, "
        "CAST(NULL AS VARCHAR) AS interval_type, CAST(NULL AS INTEGER) AS maximum_cardinality, "
        "CAST(a.attnum AS VARCHAR) AS dtd_identifier, 'NO' AS is_self_referencing, "
        "'NEVER' AS is_generated, CAST(NULL AS VARCHAR) AS generation_expression, 'NO' AS is_updatable "  # noqa: E501
        f"FROM {_CLASS} JOIN _pg_attribute a ON a.attrelid = c.oid JOIN _pg_type t ON t.oid = a.atttypid",  # noqa: E501
    ),
    "information_schema.table_constraints": (
        ("pg_constraint",),
        "SELECT conname AS constraint_catalog, conname AS constraint_schema, "
        "conname AS constraint_name, conname AS table_schema, conname AS table_name, "
        "contype AS constraint_type FROM _pg_constraint",
    ),
    "information_schema.key_column_usage": (
        ("pg_constraint",),
        "SELECT conname AS constraint_catalog, conname AS constraint_schema, "
        "conname AS constraint_name, conname AS table_catalog, conname AS table_schema, "
        "conname AS table_name, conname AS column_name, 0 AS ordinal_position, "
        "0 AS position_in_unique_constraint FROM _pg_constraint",
    ),
    "information_schema.referential_constraints": (
        ("pg_constraint",),
        "SELECT conname AS constraint_schema, conname AS constraint_name, "
        "conname AS unique_constraint_schema, conname AS unique_constraint_name FROM _pg_constraint",  # noqa: E501
    ),
    "information_schema.constraint_column_usage": (
        ("pg_constraint",),
        "SELECT conname AS table_schema, conname AS table_name, conname AS column_name, "
        "conname AS constraint_schema, conname AS constraint_name FROM _pg_constraint",
    ),
    "information_schema.routines": (
        ("pg_proc", "pg_namespace"),
        "SELECT current_database_name() AS routine_catalog, n.nspname AS routine_schema, "
        "p.proname AS routine_name, 'FUNCTION' AS routine_type, 'USER-DEFINED' AS data_type, "
        "p.proname AS specific_name FROM _pg_proc p JOIN _pg_namespace n ON n.oid = p.pronamespace",
    ),
    "information_schema.role_table_grants": (
        ("pg_constraint",),
        "SELECT conname AS grantor, conname AS grantee, conname AS table_schema, "
        "conname AS table_name, conname AS privilege_type FROM _pg_constraint",
    ),
    "information_schema.sequences": (
        ("pg_sequence",),
        "SELECT '' AS sequence_schema, '' AS sequence_name FROM _pg_sequence",
    ),
    "information_schema.triggers": (
        ("pg_trigger",),
        "SELECT tgname AS trigger_schema, tgname AS trigger_name FROM _pg_trigger",
    ),
}
