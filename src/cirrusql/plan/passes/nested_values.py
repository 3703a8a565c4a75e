"""Pass: rejects conditions on nested values that can never be true, with the correct form.

The engine would report them only for a row, if at all: ``State = 'running'`` on a structure is no
error if the table is empty, and ``Tags ->> 'Name'`` on a list is NULL in every row. No call is made
for such a statement; other statements are unchanged. A comparison with a value that a column never
has gets a notice.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from cirrusql.errors import ProgrammingError, nearest
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import Chain, ResolvedColumn, resolve
from cirrusql.plan.scope.scopes import SelectScope
from cirrusql.types import ListType, MapType, SqlType, StructType

_COMPARED = (exp.EQ, exp.NEQ, exp.In, exp.Like, exp.ILike)
_LIKE = (exp.Like, exp.ILike)
_TAG_KEYS = {"key", "tagkey"}
_TELLING = ("Name", "Value", "Status", "State", "Id")
"""Members that people use to identify a structure, before any other text."""


def nested_values(draft: PlanningContext) -> None:
    """Raise ProgrammingError if a nested column is used as text, or a list as a map."""
    for scope in draft.scopes():
        for node in scope.own(*_COMPARED):
            _refuse_text(scope, node)
            _doubt_word(draft, scope, node)
        for node in scope.own(exp.Bracket, exp.JSONExtract, exp.JSONExtractScalar):
            _refuse_key(scope, node)


def _refuse_text(scope: SelectScope, node: Any) -> None:
    """A structure, list or map that is compared with text which can be none."""
    for column, others in _sides(node):
        texts = [o.this for o in others if isinstance(o, exp.Literal) and o.is_string]
        type_ = _type_of(scope, column) if texts else None
        if not isinstance(type_, StructType | ListType | MapType):
            continue
        is_like = isinstance(node, _LIKE)
        if not is_like and any(t.lstrip()[:1] in ("{", "[") for t in texts):
            continue  # The engine reads it as such a value.
        name = column.sql(dialect="duckdb")
        raise _error(column, f"{name} is {_named(type_)}, not text", _instead(node, name, type_))


def _doubt_word(draft: PlanningContext, scope: SelectScope, node: Any) -> None:
    """Notice about a comparison with a value that the API's model does not list: a misspelling
    matches nothing. Not an error, since APIs add values before their models do."""
    if not isinstance(node, exp.EQ | exp.In):
        return
    for column, others in _sides(node):
        found = _resolved(scope, column)
        own = found.source.column(found.column) if found is not None and found.source else None
        if found is None or found.rest or own is None or not own.enum:
            continue
        words = [o.this for o in others if isinstance(o, exp.Literal) and o.is_string]
        for word in words:
            if word not in own.enum:
                near = nearest(word, own.enum) or own.enum[:6]
                draft.notices.append(
                    f"{column.sql(dialect='duckdb')} is never {word!r} as far as the API's model "
                    f"knows: did you mean {', '.join(near)}?"
                )


def _sides(node: Any) -> list[tuple[Any, list[Any]]]:
    """The column of a comparison, and the value."""
    if isinstance(node, exp.In):
        found = [(node.this, list(node.expressions))]
    else:
        found = [(node.this, [node.expression]), (node.expression, [node.this])]
    return [(c, others) for c, others in found if isinstance(c, exp.Column | exp.Dot)]


def _refuse_key(scope: SelectScope, node: Any) -> None:
    """The error for a list that is accessed by name: it has positions only."""
    if isinstance(node, exp.Bracket):
        keys = node.expressions
    elif node.this is not None and "->" in (node.args.get("operator") or "->"):
        keys = [_last_of_path(node.expression)]
    else:
        return
    is_one = len(keys) == 1 and isinstance(keys[0], exp.Literal) and keys[0].is_string
    if not is_one or keys[0].this[:1] in ("$", "/") or keys[0].this.lstrip("-").isdigit():
        return
    type_ = _type_of(scope, node.this)
    if not isinstance(type_, ListType):
        return
    name = node.this.sql(dialect="duckdb")
    hint = f"an item is {name}[1], and unnest({name}) gives a row for each"
    if _is_of_tags(type_):
        hint = f"tags({name})['{keys[0].this}'] is the value of that tag"
    raise _error(node.this, f"{name} is {_named(type_)}, which has no {keys[0].this!r}", hint)


def _last_of_path(path: Any) -> Any:
    """The key of ``->``: sqlglot makes a path of it."""
    if isinstance(path, exp.JSONPath):
        parts = [p for p in path.expressions if not isinstance(p, exp.JSONPathRoot)]
        if len(parts) == 1 and isinstance(parts[0], exp.JSONPathKey):
            return exp.Literal.string(str(parts[0].this))
        return None
    return path


def _type_of(scope: SelectScope, node: Any) -> SqlType | None:
    """The type of a cloud table's own field, or of a member of it."""
    found = _resolved(scope, node)
    if found is None or found.source is None:
        return None
    column = found.source.column(found.column)
    if column is None or column.parameter_role is not None:
        return None
    type_: SqlType | None = column.type
    for name in found.rest:
        fields = dict(type_.fields) if isinstance(type_, StructType) else {}
        by_name = {n.lower(): t for n, t in fields.items()}
        type_ = by_name.get(name.lower())
    return type_


def _resolved(scope: SelectScope, node: Any) -> ResolvedColumn | None:
    """The cloud table's own column that a node names."""
    if isinstance(node, exp.Paren):
        return _resolved(scope, node.this)
    if not isinstance(node, exp.Column | exp.Dot):
        return None
    named: Any = Chain(node) if isinstance(node, exp.Dot) else node
    found = resolve(scope, named)
    return found if found is not None and not found.item.columns else None


def _instead(node: Any, name: str, type_: SqlType) -> str:
    """What to write in place of a comparison with text."""
    text = "'…'"
    literals = [x.sql(dialect="duckdb") for x in node.find_all(exp.Literal) if x.is_string]
    if literals:
        text = ", ".join(literals[:3]) if isinstance(node, exp.In) else literals[0]
    if isinstance(type_, StructType):
        member = _member(type_)
        operator = {exp.Like: "LIKE", exp.ILike: "ILIKE", exp.NEQ: "<>"}.get(type(node), "=")
        condition = f"IN ({text})" if isinstance(node, exp.In) else f"{operator} {text}"
        members = ", ".join(n for n, _ in type_.fields)
        return (
            f"compare a member of it: {name}.{member} {condition}"
            if member
            else f"its members are {members}"
        )
    if isinstance(node, _LIKE):
        return f"as text it is CAST({name} AS VARCHAR)"
    if isinstance(type_, MapType):
        return f"compare a value of it: {name}['key'] = {text}"
    if isinstance(type_, ListType) and _is_of_tags(type_):
        return f"compare a tag: tags({name})['Name'] = {text}"
    element = type_.element if isinstance(type_, ListType) else None
    if isinstance(element, StructType) and (member := _member(element)):
        return f"look for an item: list_contains([x.{member} FOR x IN {name}], {text})"
    return f"look for an item: list_contains({name}, {text})"


def _member(type_: StructType) -> str:
    texts = [name for name, kind in type_.fields if kind.name == "VARCHAR"]
    return next((n for n in _TELLING if n in texts), texts[0] if texts else "")


def _is_of_tags(type_: ListType) -> bool:
    fields = type_.element.fields if isinstance(type_.element, StructType) else ()
    return any(name.lower() in _TAG_KEYS for name, _ in fields) and len(fields) == 2


def _named(type_: SqlType) -> str:
    """The kind of a type, with its members."""
    if isinstance(type_, StructType):
        shown = [name for name, _ in type_.fields[:6]]
        return f"a STRUCT({', '.join(shown)}{', …' if len(type_.fields) > 6 else ''})"
    if isinstance(type_, ListType):
        inner = _named(type_.element) if isinstance(type_.element, StructType) else ""
        return f"a list, each item {inner}" if inner else "a list"
    return "a MAP"


def _error(column: Any, message: str, hint: str) -> ProgrammingError:
    found = ProgrammingError(message, hint=hint)
    found.about = column.parts[0].name if isinstance(column, exp.Column) else column.name
    if isinstance(column, exp.Column):
        found.about = column.parts[-1].name
    return found
