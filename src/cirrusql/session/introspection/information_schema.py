"""``information_schema`` over what the engine has and all that the catalog has.

Views in the words of SQL, expanded where a statement names one, as the user's own views are.
The engine's columns are kept; what the catalog cannot say of a cloud table is NULL.
"""

from __future__ import annotations

from collections.abc import Mapping

NAME = "information_schema"

# A service is a schema and its provider a catalog, as a table's own name says it.
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
        FROM cirrusql.resources""",
    "information_schema.columns": """
        SELECT * FROM system.information_schema.columns
        UNION ALL BY NAME
        SELECT provider AS table_catalog, service AS table_schema, resource AS table_name,
            name AS column_name,
            row_number() OVER (PARTITION BY provider, service, resource ORDER BY rowid) AS ordinal_position,
            'YES' AS is_nullable, sql_type AS data_type
        FROM cirrusql.fields""",  # noqa: E501
}

CATALOG_TABLES: Mapping[str, str] = {
    "schemata": "services",
    "tables": "resources",
    "columns": "fields",
}
"""The table of the catalog that each view reads."""


def views(text: str) -> Mapping[str, str]:
    """The views that a statement's text may name."""
    return _VIEWS if NAME in text.lower() else {}
