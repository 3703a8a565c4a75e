"""What one attribute was before a write that sets attributes one by one: ModifyVpcAttribute is
preceded by DescribeVpcAttribute of the attribute that it sets."""

from __future__ import annotations

from collections.abc import Mapping

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.model import Method, Table

_SETS, _TELLS, _ATTRIBUTE = "Modify", "Describe", "Attribute"


def attribute_reading(
    catalog: Catalog, table: Table, write: Method, sent: Mapping[str, object]
) -> Reading | None:
    """The reading of the one attribute that is sent; None if there is none, or several are sent."""
    name = write.operation.name
    told_by = _TELLS + name.removeprefix(_SETS)
    if not (name.startswith(_SETS) and name.endswith(_ATTRIBUTE)):
        return None
    if told_by not in write.operation.service.operation_names:
        return None
    service, _ = catalog.service_catalog(
        table.provider, table.schema.removesuffix("_api") or table.schema
    )
    reader = service.method(told_by)
    asked = reader.parameters.get(_ATTRIBUTE)
    which = [n for n in reader.required if n != _ATTRIBUTE]
    changed = [n for n in sent if n not in which]
    if asked is None or asked.shape.kind is not Kind.STRING or len(changed) != 1:
        return None
    value = next((v for v in asked.shape.enum if v.lower() == changed[0].lower()), None)
    is_told = reader.rows is not None and not reader.rows.lists and changed[0] in reader.rows.fields
    if value is None or not which or not is_told or not set(which) <= sent.keys():
        return None
    reason = f"{reader.operation.id} of {value} by {', '.join(which)}"
    return Reading(table, reader, {n: n for n in which}, {}, True, reason, {_ATTRIBUTE: value})
