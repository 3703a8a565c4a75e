"""Tables whose rows are the statements of a policy: permissions added and removed one by one.

AddPermission and RemovePermission write one statement, but only the whole document can be read:
GetPolicy. Here its statements become rows, with the columns that the writes name. ``listings.toml``
defines the tables; ``decode.statements`` takes documents apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from cirrusql.api.model import Kind, Member, Operation, Service, Shape
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.inference.words import words
from cirrusql.catalog.model import DocumentRows, FieldPath, Method, RowPath, StatementField, Verb
from cirrusql.data_files import entry

FILE = "listings.toml"
_SECTION = "statements"
_STATEMENT = "Statement"
_ALWAYS = {
    "Effect": StatementField(("Effect",)),
    "Resource": StatementField(("Resource",)),
    "Condition": StatementField(("Condition",), is_rest=True),
}


@dataclass(frozen=True)
class StatementTable:
    """The data file's entry for one table."""

    reads: str
    columns: Mapping[str, str]
    keys: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)


@cache
def statement_tables(overlay: Overlay) -> Mapping[str, StatementTable]:
    """The entries by ``service.resource``. Raises ValueError naming the invalid entry."""
    found = overlay.section(FILE, _SECTION).items()
    return {
        key: entry(StatementTable, FILE, key, raw) for key, raw in found if isinstance(raw, Mapping)
    }


def statement_readers(
    service: Service, method_of: Callable[[str], Method]
) -> Iterator[tuple[str, Method]]:
    """The resources of a service whose rows are statements, each with the method that
    reads them."""
    for key, given in statement_tables(service.overlay).items():
        if key.partition(".")[0] == service.key:
            resource = key.partition(".")[2]
            yield resource, _method(resource, given, method_of(given.reads.partition(".")[0]))


def _method(resource: str, given: StatementTable, method: Method) -> Method:
    columns = {name: _field(said) for name, said in given.columns.items()} | _ALWAYS
    fields = {n: FieldPath(1, (n,)) for n in columns} | {
        n: FieldPath(0, (p,)) for n, p in given.beside.items()
    }
    plain = method.operation.overlay.section(FILE, _SECTION).get("plain", "")
    document = DocumentRows(tuple(given.reads.split(".")[1:]), columns, str(plain))
    verb = method.operation.name[: len(words(method.operation.name)[0])]
    return replace(
        method,
        name=f"{method.name}_statements",
        api_name=f"{resource}_{verb}",
        operation=_as_listing(method.operation, columns),
        verb=Verb.SELECT,
        rows=RowPath(lists=((_STATEMENT,),), fields=fields, document=document),
        keys=tuple(dict.fromkeys((*method.keys, *given.keys))),
        is_further=True,
    )


def _field(said: str) -> StatementField:
    path, is_list = said.removesuffix("[]"), said.endswith("[]")
    return StatementField(
        tuple(path.removesuffix("=").split(".")), is_list, is_plain=path.endswith("=")
    )


def _as_listing(operation: Operation, columns: Mapping[str, StatementField]) -> Operation:
    """The operation as if its response listed the statements."""
    text = Shape("PolicyText", Kind.STRING)
    texts = Shape("PolicyTexts", Kind.LIST, resolve=lambda role: Member(role, text))
    members = {
        name: Member(name, texts if found.is_list else _shape(name, text))
        for name, found in columns.items()
    }
    item = Shape(
        "PolicyStatement", Kind.STRUCTURE, member_names=tuple(members), resolve=members.__getitem__
    )
    listed = Member(
        _STATEMENT, Shape("PolicyStatements", Kind.LIST, resolve=lambda role: Member(role, item))
    )
    assert operation.output is not None
    whole = {**operation.output.members, _STATEMENT: listed}
    output = replace(operation.output, member_names=tuple(whole), resolve=whole.__getitem__)
    return replace(operation, output=output, paging=None)


def _shape(name: str, text: Shape) -> Shape:
    return Shape("PolicyElement", Kind.DOCUMENT) if name == "Condition" else text
