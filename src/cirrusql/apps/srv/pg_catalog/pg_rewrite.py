"""Rewrites queries of pg_catalog and information_schema to the engine's SQL.

Only names change: tables become relations built by ``pg_tables``, PostgreSQL's functions become
macros, and reg* casts become lookups. The engine then answers the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from cirrusql.apps.srv.pg_catalog.pg_expressions import expressions
from cirrusql.apps.srv.pg_catalog.pg_shapes import FUNCTION_TABLES, SHAPES, VIEWS
from cirrusql.apps.srv.pg_catalog.pg_tables import Here
from cirrusql.errors import SqlSyntaxError
from cirrusql.sql.split import skip
from cirrusql.sql.tree import parsed

_MARK = re.compile(
    r"\bpg_\w+|\binformation_schema\b|\bcurrent_(?:user|role|catalog|schemas?|database|setting)\b"
    r"|\bsession_user\b|\bset_config\b|\bversion\s*\(|\bformat_type\b|\bhas_\w+_privilege\b"
    r"|\b(?:obj|col|shobj)_description\b|\binet_(?:server|client)_\w+|\btxid_current\b|::\s*reg",
    re.IGNORECASE,
)

MACROS: dict[str, str] = {
    found[1]: found[0]
    for found in re.finditer(
        r"CREATE OR REPLACE TEMP MACRO f_(\w+)\(.*?;\n",
        files("cirrusql.apps.srv.pg_catalog").joinpath("pg_functions.sql").read_text("utf-8"),
        re.DOTALL,
    )
}
"""The statement that creates each of PostgreSQL's functions, by its name."""

VISIBLE = "pg_table_is_visible"


@dataclass
class Rewritten:
    """The engine's SQL, the relations it reads, and settings that running it sets."""

    sql: str
    tables: set[str] = field(default_factory=set)
    functions: list[str] = field(default_factory=list)
    """Names in MACROS, each after those it needs."""
    sets: list[tuple[str, str]] = field(default_factory=list)


def is_catalog_query(text: str) -> bool:
    """Whether the text, outside strings and comments, names something that only PostgreSQL has."""
    # A quoted name may be one of the catalog's: ORMs quote everything.
    bare = [p if is_code else p.strip('"') if p[0] == '"' else " " for p, is_code in pieces(text)]
    return _MARK.search("".join(bare)) is not None


def rewrite(text: str, here: Here) -> Rewritten | None:
    """The query in the engine's SQL; None if it cannot be parsed."""
    try:
        (tree,) = parsed(_eased(text), "postgres")
    except (SqlglotError, SqlSyntaxError, ValueError):
        return None
    if not isinstance(tree, exp.Query):
        return None
    made = Rewritten("")
    tree = expressions(tree)
    for change in (_dots, _operators, _casts, _functions, _tables):
        tree = change(tree, here, made)
    made.sql = tree.sql(dialect="duckdb")
    return made


def _eased(text: str) -> str:
    """The text without ``pg_catalog.``, and without constructs that the parser rejects."""
    out: list[str] = []
    for piece, is_code in pieces(text):
        if is_code:
            piece = re.sub(r"\bpg_catalog\s*\.\s*", "", piece)
            piece = re.sub(r"::\s*oid\s*\[\s*\]", "::uinteger[]", piece)
            piece = re.sub(r"::\s*(reg\w+)\s*::\s*text\b", r"::\1", piece)
        elif piece == '"char"' and out and out[-1].rstrip().endswith("::"):
            piece = "text"
        out.append(piece)
    return "".join(out)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order: code, alternating with strings, quoted names and comments."""
    start = i = 0
    while i < len(text):
        end = skip(text, i)
        if end is None:
            i += 1
            continue
        if start < i:
            yield text[start:i], True
        yield text[i:end], False
        start = i = end
    if start < len(text):
        yield text[start:], True


def _dots(tree: exp.Expr, here: Here, made: Rewritten) -> Any:
    """``pg_catalog.f(x)`` → ``f(x)``"""
    for node in list(tree.find_all(exp.Dot)):
        if isinstance(node.expression, exp.Func) and node.this.name.lower() in (
            "pg_catalog",
            "information_schema",
        ):
            node.replace(node.expression)
    return tree


def _operators(tree: Any, here: Here, made: Rewritten) -> Any:
    """``a OPERATOR(pg_catalog.~) b`` → a call; COLLATE is removed."""
    for node in list(tree.find_all(exp.Operator)):
        word = str(node.args.get("operator", "")).rpartition(".")[2].strip('" ')
        left, right = node.this, node.expression
        made_node: Any
        if word.lstrip("!").startswith("~"):
            options = [exp.Literal.string("i")] if word.endswith("*") else []
            made_node = exp.Anonymous(this="regexp_matches", expressions=[left, right, *options])
            made_node = exp.Not(this=made_node) if word.startswith("!") else made_node
        else:
            made_node = (
                exp.NEQ(this=left, expression=right)
                if word == "<>"
                else exp.EQ(this=left, expression=right)
            )
        node.replace(made_node)
    for node in list(tree.find_all(exp.Collate)):
        node.replace(node.this)
    return tree


def _casts(tree: exp.Expr, here: Here, made: Rewritten) -> Any:
    """reg* casts: a name to its OID, an OID to its name; oid and name to their base types."""
    for node in list(tree.find_all(exp.Cast)):
        target = node.to.sql(dialect="postgres").lower().removeprefix("pg_catalog.").strip('"')
        if target in ("regclass", "regnamespace", "regtype"):
            is_literal = isinstance(node.this, exp.Literal) and node.this.is_string
            is_name = is_literal or _is_text(node.this)
            if is_literal and str(node.this.this).isdigit():
                node.replace(exp.Literal.number(str(node.this.this)))
                continue
            suffix = (
                "oid"
                if is_name or isinstance(node.this, exp.Placeholder | exp.Parameter)
                else "name"
            )
            if target == "regtype" and suffix == "name":
                node.replace(_call("format_type", made, node.this, exp.Null()))
            else:
                node.replace(_call(f"{target}_{suffix}", made, node.this))
        elif target in (
            "regproc",
            "regprocedure",
            "regrole",
            "name",
            "cstring",
            "information_schema.sql_identifier",
        ):
            node.set("to", exp.DataType.build("text"))
        elif target in ("oid", "xid"):
            node.set("to", exp.DataType.build("uinteger", dialect="duckdb"))
        elif target in ("name[]", "text[]"):
            node.set("to", exp.DataType.build("text[]"))
        elif target in ("oid[]", "int2vector", "oidvector"):
            node.set("to", exp.DataType.build("uinteger[]", dialect="duckdb"))
    return tree


def _is_text(node: exp.Expr) -> bool:
    """Whether an expression looks like text, so that a reg* cast converts a name."""
    if isinstance(node, exp.Paren):
        return _is_text(node.this)
    if isinstance(node, exp.Cast):
        return bool(node.to.is_type("text", "varchar"))
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in ("quote_ident", "f_quote_ident", "concat")
    return isinstance(node, exp.DPipe | exp.Concat)


def _call(name: str, made: Rewritten, *arguments: Any) -> Any:
    _need(name, made)
    return exp.Anonymous(this=f"f_{name}", expressions=[a.copy() for a in arguments])


def _need(name: str, made: Rewritten) -> None:
    if name in made.functions:
        return
    body = MACROS[name]
    for other in re.findall(r"\bf_(\w+)\(", body):
        if other != name:
            _need(other, made)
    made.tables |= set(re.findall(r"\b_(pg_\w+)", body))
    if name == VISIBLE:
        made.tables |= {"pg_class", "pg_namespace"}
    made.functions.append(name)


def _functions(tree: Any, here: Here, made: Rewritten) -> Any:
    """The connection's own values as literals, PostgreSQL's functions as our macros."""
    for node in list(tree.find_all(exp.Func, exp.Column)):
        if isinstance(node, exp.Column):
            if node.name.lower() in _SYSTEM_COLUMNS:
                # For tableoid: used only in joins that tell descriptions apart; constant.
                _put(node, exp.Literal.number(0), node.name.lower())
                continue
            if node.table or node.this.quoted or node.name.lower() not in _WORDS:
                continue
            name, arguments = node.name.lower(), []
        else:
            name = (node.this if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            arguments = list(node.expressions) if isinstance(node, exp.Anonymous) else []
        said = _WORDS.get(name)
        special = _special(name, arguments, here, made)
        if said is not None:
            _put(node, said(here), name)
        elif special is not None:
            _put(node, special, name)
        elif name in MACROS:
            _need(name, made)
            node.set("this", f"f_{name}")
    return tree


def _put(node: exp.Expr, value: Any, name: str) -> None:
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        # An explicit heading, which PostgreSQL takes from the function.
        value = exp.alias_(value, name.replace("current_version", "version"), quoted=True)
    node.replace(value)


def _special(name: str, arguments: list[Any], here: Here, made: Rewritten) -> Any:
    if name == "pg_backend_pid":
        return exp.Literal.number(here.pid)
    if name == "current_schemas":
        path = list(here.variables.search_path) or ["public"]
        implicit = ["pg_catalog"] if arguments and arguments[0].sql().lower() == "true" else []
        return exp.Array(expressions=[exp.Literal.string(s) for s in (*implicit, *path)])
    if name == "current_setting" and arguments and arguments[0].is_string:
        found = here.variables.get(str(arguments[0].this))
        return exp.Null() if found is None else exp.Literal.string(found)
    if name == "set_config" and len(arguments) > 1 and arguments[0].is_string:
        value = str(arguments[1].this) if isinstance(arguments[1], exp.Literal) else ""
        made.sets.append((str(arguments[0].this), value))
        return exp.Literal.string(value)
    if name == "age" and len(arguments) == 1 and arguments[0].name.lower() in _TRANSACTIONS:
        return exp.cast(exp.Literal.number(0), "int")
    if name == "array_upper" and arguments:
        return exp.Anonymous(this="len", expressions=[arguments[0].copy()])
    if name == "array_lower":
        return exp.Literal.number(1)
    return None


_SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "xmax", "cmin", "cmax", "ctid"})
_TRANSACTIONS = frozenset(
    {"transactionid", "xmin", "backend_xmin", "backend_xid", "datfrozenxid", "relfrozenxid"}
)
"""Columns whose age is counted in transactions."""


def _literal(get: Callable[[Here], str]) -> Callable[[Here], Any]:
    def made(here: Here) -> Any:
        return exp.Literal.string(get(here))

    return made


_WORDS: dict[str, Callable[[Here], Any]] = {
    "current_user": _literal(lambda h: h.user),
    "session_user": _literal(lambda h: h.user),
    "user": _literal(lambda h: h.user),
    "current_role": _literal(lambda h: h.user),
    "current_database": _literal(lambda h: h.database),
    "current_catalog": _literal(lambda h: h.database),
    "current_schema": _literal(lambda h: (*h.variables.search_path, "public")[0]),
    "version": _literal(lambda h: f"PostgreSQL {h.variables['server_version']} (CirruSQL)"),
    "current_version": _literal(lambda h: f"PostgreSQL {h.variables['server_version']} (CirruSQL)"),
}


def _tables(tree: exp.Expr, here: Here, made: Rewritten) -> Any:
    """Tables of the catalogs as relations; the engine reports unknown ones."""
    own = {c.alias.lower() for c in tree.find_all(exp.CTE)}
    for node in list(tree.find_all(exp.Table)):
        schema, name = node.db.lower(), node.name.lower()
        if isinstance(node.this, exp.Anonymous):
            name = FUNCTION_TABLES.get(node.this.name.lower(), "")
        if schema not in ("", "pg_catalog", "information_schema") or (not schema and name in own):
            continue
        key = f"information_schema.{name}" if schema == "information_schema" else name
        alias = node.alias or node.name or node.this.name
        if key in SHAPES:
            made.tables.add(key)
            node.replace(_aliased(exp.to_table(f"_{key}"), alias, node))
        elif key in VIEWS:
            needed, text = VIEWS[key]
            made.tables |= set(needed)
            inner = exp.Subquery(this=parse_one(text, dialect="duckdb"))
            node.replace(_aliased(inner, alias, node))
    return tree


def _aliased(made: exp.Expr, alias: str, node: exp.Expr) -> Any:
    made.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    for key in ("joins", "laterals"):
        if node.args.get(key):
            made.set(key, node.args[key])
    return made
