"""Which columns hold secrets: those the model marks, and those named as services name them."""

from __future__ import annotations

import re

from cirrusql.catalog.model import Column

SECRET_NAMES = re.compile(
    r"password|secret(access)?key|secretstring|secretbinary|privatekey|sessiontoken|authtoken|presignedurl",
    re.IGNORECASE,
)
"""Names under which services hand out secrets that their models do not mark."""


def is_secret_column(column: Column) -> bool:
    """Whether a column's values are not shown unless it is named."""
    return column.is_sensitive or (column.type.name == "VARCHAR" and bool(SECRET_NAMES.search(column.name)))
