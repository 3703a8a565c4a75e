"""``information_schema`` over the engine's own tables and the whole catalog.

Written as SQL views, which are expanded if a statement names one, like the user's own. The engine's
columns are kept; those that do not apply to a cloud table are NULL.
"""

from __future__ import annotations

from collections.abc import Mapping

NAME = "information_schema"
VIEWS = "view_columns"
"""The system table with the columns of the user's views."""

# A service is a schema and its provider a catalog, as in a table's name.
_VIEWS: Mapping[str, str] = {
    "information_schema.schemata": """
        SELECT * FROM system.information_schema.schemata
        UNION ALL BY NAME
        SELECT provider AS catalog_name, service AS schema_name FROM cirrusql.services""",
    "information_schema.tables": """
        SELECT * FROM system.information_schema.tables
        UNION ALL BY NAME
        SELECT provider AS table_catalog, service AS table_schema, resource AS table_name,
            'BASE TABLE' AS table_type, description AS "TABLE_COMMENT"
        FROM cirrusql.resources WHERE readable
        UNION ALL BY NAME
        SELECT DISTINCT current_database() AS table_catalog, 'main' AS table_schema,
            view AS table_name, 'VIEW' AS table_type
        FROM cirrusql.view_columns""",
    "information_schema.columns": """
        SELECT * FROM system.information_schema.columns
        UNION ALL BY NAME
        SELECT provider AS table_catalog, service AS table_schema, resource AS table_name,
            name AS column_name,
            row_number() OVER (PARTITION BY provider, service, resource ORDER BY rowid) AS ordinal_position,
            'YES' AS is_nullable, sql_type AS data_type, in_star
        FROM cirrusql.fields WHERE readable
        UNION ALL BY NAME
        SELECT current_database() AS table_catalog, 'main' AS table_schema, view AS table_name,
            name AS column_name, row_number() OVER (PARTITION BY view ORDER BY rowid) AS ordinal_position,
            'YES' AS is_nullable, type AS data_type, true AS in_star
        FROM cirrusql.view_columns""",  # noqa: E501
}

CATALOG_TABLES: Mapping[str, str] = {
    "schemata": "services",
    "tables": "resources",
    "columns": "fields",
}
"""The catalog table that each view reads."""


def views(text: str) -> Mapping[str, str]:
    """The views that a statement's text may name."""
    return _VIEWS if NAME in text.lower() else {}
