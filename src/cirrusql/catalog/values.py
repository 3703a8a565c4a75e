"""Which field of a listing can be the value of a parameter: by name, by type and by what the model says.

Pure rules over two members of a model. Which listing a parameter is asked of is
``catalog.parents``' to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.columns import member_at
from cirrusql.catalog.documentation import plain_text
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.naming import singular, snake_case, thing_noun
from cirrusql.catalog.sensitive import SECRET_NAMES

ENDINGS = ("name", "id", "arn", "url", "identifier", "key", "number")
"""What a parameter's name may end in besides the noun it is named after."""

_BARE = ("name", "id", "arn", "identifier")
GENERIC = frozenset({*_BARE, "resource", *(f"resource_{end}" for end in _BARE)})
"""Names that say nothing of which thing is meant."""

_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)
_NUMBERS = (Kind.INTEGER, Kind.LONG)
_ARN = "arn:aws:service:us-east-1:123456789012:thing/name"
_ARN_WORDS = re.compile(r"\bARNs?\b|Amazon Resource Names?", re.IGNORECASE)


def is_scalar(method: Method, parameter: str) -> bool:
    """Whether a parameter takes one value rather than a list or structure."""
    return method.operation.parameters[parameter].shape.kind not in _NESTED


def is_list_of_scalars(method: Method, parameter: str) -> bool:
    """Whether a parameter takes a list of single values, of which one is enough."""
    shape = method.operation.parameters[parameter].shape
    return shape.kind is Kind.LIST and shape.element.shape.kind not in _NESTED and (shape.minimum or 0) <= 1


def stem_of(name: str) -> tuple[str, ...]:
    """What a parameter is named after, in the singular: ``TableName`` → table; ``cluster`` → cluster."""
    words = snake_case(name).split("_")
    if len(words) > 1 and singular(words[-1]) in ENDINGS:
        words.pop()
        while len(words) > 1 and (words[-1] == "or" or words[-1] in _BARE):
            words.pop()
    if len(words) == 1 and words[0] in _BARE:
        return ()
    return (*words[:-1], singular(words[-1]))


def ending_of(name: str) -> str:
    """``TableName`` → name; where it has none, empty."""
    last = singular(snake_case(name).split("_")[-1])
    return last if last in ENDINGS else ""


def reference_in(method: Method, parameter: str, member: Member) -> str | None:
    """The field of a listing's rows that says which other thing a row belongs to: ``domainName``."""
    noun = "_".join(stem_of(parameter))
    fields = fields_of(method)
    names = {snake_case(name): name for name in fields}
    ends = _ends(ending_of(parameter), member)
    for spelling in (snake_case(parameter), noun, *(f"{noun}_{end}" for end in ends)):
        name = names.get(spelling)
        if name is not None and suits(name, fields[name], parameter, member):
            return name
    return None


def field_for(method: Method, thing: Sequence[str], parameter: str, member: Member) -> str | None:
    """The field of a listing's rows that is the value of a parameter, or None.

    ``thing`` is what the rows are, singular words; ``member`` the parameter's own.
    """
    found = fields_of(method)
    names = {snake_case(name): name for name in found}
    spellings = tuple(dict.fromkeys(_spellings(method, tuple(thing), snake_case(parameter), member)))
    wrappers = [n for n, m in found.items() if m.shape.kind is Kind.STRUCTURE and _is_wrapper(n, thing)]
    for within in ("", *wrappers):
        inner = found[within].shape.members if within else found
        spelled = {snake_case(name): name for name in inner} if within else names
        for spelling in spellings:
            name = spelled.get(spelling)
            if name is not None and suits(name, inner[name], parameter, member):
                return f"{within}.{name}" if within else name
    return None


def fields_of(method: Method) -> dict[str, Member]:
    """The fields of a method's rows with the model's members behind them."""
    rows, output = method.rows, method.operation.output
    if rows is None or output is None:
        return {}
    return {name: member_at(output, rows, path) for name, path in rows.fields.items()}


def _is_wrapper(name: str, thing: Sequence[str]) -> bool:
    """Whether a structure in a row is the thing itself: ``CachePolicy`` of the items that list them."""
    words = tuple(snake_case(name).split("_"))
    return words == tuple(thing[-len(words) :]) or words == (*thing, "summary")


def _spellings(method: Method, thing: tuple[str, ...], wanted: str, member: Member) -> Iterator[str]:
    stem, ending = stem_of(wanted), ending_of(wanted)
    yield wanted
    is_the_thing = not stem or speaks_of(stem, thing) or wanted in GENERIC
    if not is_the_thing:
        return
    if stem and stem[-1] in ("type", "version"):
        # A version is called by nothing but its version.
        yield stem[-1]
        return
    nouns = tuple(dict.fromkeys("_".join(thing[start:]) for start in range(len(thing))))
    for end in _ends(ending, member):
        yield end
        for noun in nouns:
            yield f"{noun}_{end}"
    if ending in ("", "name", "identifier", "id", "arn"):
        scalars = _scalar_items(method)
        yield from (noun for noun in nouns if noun in scalars or ending == "")
        yield from (
            f for f in scalars if len(scalars) == 1 and ending == "" and f.rpartition("_")[0] in nouns
        )


def _ends(ending: str, member: Member) -> tuple[str, ...]:
    """What the fields that can be such a parameter end in, the surest first."""
    if ending in ("name", "arn", "url", "key", "number"):
        return (ending,)
    takes_arn = ("arn",) if _takes_arn(member) else ()
    if ending == "id":
        return ("id", "identifier", *takes_arn)
    told = plain_text(member.documentation)[:200].lower()
    ends = ["id", "arn", "name"] if ending == "identifier" else ["name", "id", "arn"]
    patterns = {"id": r"\bids?\b|identifier", "arn": r"\barns?\b|amazon resource name", "name": r"\bnames?\b"}
    places = {e: (m.start() if (m := re.search(patterns[e], told)) else 1000) for e in ends}
    if places["arn"] < 1000 and re.search(r"amazon resource name", told):
        places["name"] = (
            1000 if not re.search(r"\bname\b(?!\s*\(arn)", told.replace("resource name", "")) else 500
        )
    ordered = sorted(ends, key=lambda e: places[e])
    told_of = [e for e in ordered if places[e] < 1000]
    return ("identifier", *(told_of or ordered)) if ending == "identifier" else tuple(told_of or ordered)


def _takes_arn(member: Member) -> bool:
    told = _ARN_WORDS.search(plain_text(member.documentation)) is not None
    return told and matches(_shape(member), _ARN) is not False


def _scalar_items(method: Method) -> set[str]:
    """The one field of a listing that gives nothing but the names of things: EKS's clusters."""
    rows = method.rows
    return set() if rows is None else {snake_case(n) for n, path in rows.fields.items() if not path.path}


def speaks_of(stem: Sequence[str], thing: Sequence[str]) -> bool:
    """Whether what a parameter is named after is the thing: GroupId, KmsKeyId; or it is just Name."""
    shorter = min(len(stem), len(thing))
    return not stem or tuple(stem[-shorter:]) == tuple(thing[-shorter:])


def suits(field: str, found: Member, parameter: str, member: Member) -> bool:
    """Whether a field's values can be a parameter's: kind, secrecy, length, enum, ARN or not."""
    shape, own = _shape(member), found.shape
    if own.is_sensitive or SECRET_NAMES.search(field):
        return False
    if own.kind is not shape.kind and not (own.kind in _NUMBERS and shape.kind in _NUMBERS):
        return False
    if shape.kind is not Kind.STRING:
        return shape.kind in _NUMBERS
    if own.enum and shape.enum and not set(own.enum) & set(shape.enum):
        return False
    if shape.maximum is not None and own.minimum is not None and own.minimum > shape.maximum:
        return False
    if own.maximum is not None and shape.minimum is not None and own.maximum < shape.minimum:
        return False
    return _agree_on_arn(field, own, parameter, member)


def _agree_on_arn(field: str, own: Shape, parameter: str, member: Member) -> bool:
    is_arn = snake_case(field).endswith("arn") or (
        matches(own, _ARN) is True and "arn" in (own.pattern or "")
    )
    if snake_case(parameter).rstrip("s").endswith("arn"):
        return is_arn
    return not is_arn or (matches(_shape(member), _ARN) is not False)


def _shape(member: Member) -> Shape:
    """The shape of one value: what a list holds, where one of a list is asked for."""
    return member.shape.element.shape if member.shape.kind is Kind.LIST else member.shape


def matches(shape: Shape, value: str) -> bool | None:
    """Whether a value fits a shape's pattern; None where it has none that can be read."""
    return None if shape.pattern is None else _matches(shape.pattern, value)


@lru_cache(maxsize=4096)
def _matches(pattern: str, value: str) -> bool | None:
    # An ARN's parts are the service's own: only whether colons and slashes may stand there is asked.
    try:
        return _starts_as_arn(pattern) or re.search(rf"^(?:{pattern})$", value) is not None
    except (re.error, RecursionError):
        return None


def _starts_as_arn(pattern: str) -> bool:
    return re.search(r"arn(\\?:|\(|\[|:)", pattern) is not None


def fields_for(listing: Table, parameter: str) -> tuple[str, ...]:
    """The fields of a table that can be a parameter's value, the surest first: for writes by rows found."""
    fields = (c.name for c in listing.columns if c.role is Role.FIELD)
    names = {snake_case(n): n for n in fields if _is_text(listing, n)}
    wanted = snake_case(parameter)
    thing = thing_noun(listing.name)
    noun, whole = thing[-1], "_".join(thing)
    *stem, ending = wanted.split("_")
    spellings = [wanted]
    if ending in ENDINGS and speaks_of(tuple(stem), thing):
        spellings += [ending, f"{noun}_{ending}", f"{whole}_{ending}", *_only(listing, noun, whole)]
        if ending == "id":
            spellings += ["arn", f"{noun}_arn"]
        elif ending == "identifier":
            spellings += ["name", f"{noun}_name", "id", "arn"]
    elif wanted in (noun, whole):
        for end in ("name", "id", "arn"):
            spellings += [f"{whole}_{end}", f"{noun}_{end}", end]
    return tuple(dict.fromkeys(names[s] for s in spellings if s in names))


def _only(listing: Table, *nouns: str) -> list[str]:
    """The noun itself, where a listing gives nothing but the names of things: EKS's clusters."""
    scalars = {
        snake_case(name)
        for method in listing.reached_by(Verb.SELECT)
        if method.rows is not None and method.rows.lists
        for name, path in method.rows.fields.items()
        if not path.path
    }
    return [noun for noun in nouns if noun in scalars]


def _is_text(listing: Table, name: str) -> bool:
    column = listing.by_alias.get(name.lower())
    return column is not None and column.type.name in ("VARCHAR", "BIGINT", "INTEGER")
