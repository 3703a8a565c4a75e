"""SQL of what a detail's answer has for a column: a map of attributes has it as text."""

from __future__ import annotations

from cirrusql.catalog.model import Pick
from cirrusql.sql.quoting import literal
from cirrusql.types import BIGINT, BOOLEAN, TIMESTAMPTZ

_NOT_EMPTY = {
    BOOLEAN: "CAST(nullif({}, '') AS BOOLEAN)",
    BIGINT: "CAST(nullif({}, '') AS BIGINT)",
    TIMESTAMPTZ: "to_timestamp(CAST(nullif({}, '') AS BIGINT))",
}


def picked(column: str, pick: Pick) -> str:
    """The value of a column, in the answer's column of that SQL."""
    if pick.key is None:
        return column
    text = f"{column}[{literal(pick.key)}]"
    return text if pick.type is None else _NOT_EMPTY[pick.type].format(text)
