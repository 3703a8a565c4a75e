"""Which operations an UPDATE of a table may use, and which of their parameters it may set.

Names alone would let ``UPDATE db_cluster_snapshots SET Port`` change the cluster of a snapshot,
because both have a DBClusterIdentifier and a Port. So an operation fits a row only if it does no
more than set values, and some parameter that is not set identifies one of the table's own
resources; identifiers and parents are never set: ``SET AccessKeyId = 'x'`` would change another
key. Everything else requires EXEC. ``plan.updates.splitting`` chooses among several operations.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.identifiers import (
    ending_of,
    is_generic,
    is_of_a_version,
    names_thing,
    nouns_of,
    says_which,
    stem_of,
)
from cirrusql.catalog.inference.verbs import (
    LISTS,
    MAKES,
    RELATES,
    SEPARATES,
    TELLS,
    gives_values,
    parts,
)
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.request_fields import is_tags
from cirrusql.catalog.row_model.setting_methods import makes_default_version, sent_along
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.catalog.secrets.secret_columns import SECRET_NAMES
from cirrusql.catalog.write_rules.copying import copiers, copy_of_itself
from cirrusql.catalog.write_rules.preconditions import is_precondition
from cirrusql.catalog.write_rules.write_identity import (
    OF_THE_CALL,
    Source,
    is_given,
    is_read_encrypted,
    is_single,
    source_of,
)

_NO_PARTS = re.compile(
    r"does not support partial|(?:reverts?|sets?|resets?) (?:it |them )?to (?:its|the|their) "
    r"default|"
    r"completely replaces|replaces the entire|"
    r"(?:overwrites|replaces) all (?:of the )?(?:existing|previous|current)|"
    r"(?:omit|(?:don't|do not) (?:specify|include))[^.]{0,60}(?:is|are) "
    r"(?:removed|deleted|cleared)",
    re.IGNORECASE,
)
"""The documentation's wording for operations that reset what they are not sent."""
_OR_DEFAULT = re.compile(
    r"if [^.]{0,60}(?:not|n't|omit)[^.]{0,60}default (?:value|setting)[^.]{0,30}"
    r"(?:is applied|will be)",
    re.IGNORECASE,
)
"""The documentation's wording for parameters that are reset to their default when left out."""
_UPSERTS = re.compile(
    r"\A[^.]{0,40}?\b(?:creates? or updates?|updates? or creates?)\b", re.IGNORECASE
)
"""The documentation's wording for operations that create what does not exist."""
_ONE_OF = re.compile(r"exactly one of", re.IGNORECASE)
"""The documentation's wording for mutually exclusive values: a route has one target."""
_OF_THE_BODY = re.compile(r"content-(?:length|md5|range)$|x-amz-checksum-|x-amz-content-sha256$")
"""Headers that describe a request's body."""
_FACETS = frozenset(
    """detail description summary info information metadata status state attribute property setting
    configuration config""".split()
)
"""Suffixes of a table's name whose rows describe a resource: DomainDetail describes a domain."""


def updaters(table: Table) -> tuple[Method, ...]:
    """The table's own methods that UPDATE may use; SHOW METHODS prints UPDATE or
    REPLACE for them."""
    return tuple(
        m for m in table.reached_by(Verb.UPDATE, Verb.REPLACE) if gives_values(m.operation)
    )


def acts_on_row(
    table: Table, method: Method, columns: Mapping[str, Source], assigned: Collection[str]
) -> bool:
    """Whether a call with these columns of a row as parameters sets ``assigned`` of that row, and
    nothing else.

    ``columns``: those of parameters that are not set. A table of a single resource needs none.
    """
    is_giving = gives_values(method.operation) or makes_default_version(method)
    copied = copy_of_itself(method) if method in copiers(table) else None
    is_copying = copied is not None and set(assigned) <= set(copied.sets)
    if table.has_statements or not (is_giving or is_copying):
        return False
    if not is_copying and _contents(method) - set(assigned):
        # It would read and send all contents to change something beside them.
        return False
    if any(is_address(table, method, name) for name in assigned):
        return False
    if any(is_precondition(method, name) or name in sent_along(method) for name in assigned):
        return False
    if all(snake_case(name) in OF_THE_CALL for name in assigned):
        return False
    is_bare = method not in table.methods and any(map(is_generic, method.required))
    if is_bare and not _is_called_after(table, method):
        # A plain Name belongs to the resource that the operation is named after.
        return False
    if not columns or is_single(table):
        return is_single(table)
    if any(names_row(table, method, name) for name in columns):
        return True
    # If there is one per parent (an organization's settings), the parent identifies it. Not so for
    # one of several: hardware modules are removed by their cluster and an id.
    return not any(m.is_nested for m in table.methods) and any(
        m.required and set(m.required) <= set(columns) and not any(map(is_generic, m.required))
        for m in _finders(table)
    )


def _contents(method: Method) -> set[str]:
    """The parameters whose values are sent as a stream: those of what puts a whole object."""
    if not replaces_all(method):
        return set()
    return {n for n, m in method.parameters.items() if m.is_streaming}


def names_row(table: Table, method: Method, parameter: str) -> bool:
    """Whether a parameter identifies the table's own resource that a method changes."""
    things = {"_".join(thing) for thing in _things(table)}
    stem = "_".join(stem_of(parameter))
    operation = _noun(method)
    if not stem or is_generic(parameter):
        return method in table.methods or _is_called_after(table, method)
    called = {noun for thing in _things(table) for noun in nouns_of(thing)}
    if stem in called or stem.removeprefix("current_") in called or snake_case(parameter) in called:
        return True
    if method in table.methods:
        if says_which(parameter) and any(
            parameter in m.parameters for m in table.reached_by(Verb.DELETE)
        ):
            return True
        # The operation is already known to act on these resources: a domain association is
        # identified by its domain.
        words = {*operation.split("_"), *(word for thing in _things(table) for word in thing)}
        return bool(words.intersection(stem_of(parameter)))
    # A key's rotation is changed through the key: both are named after it.
    return any(
        thing.startswith(f"{stem}_") and (thing == operation or thing.startswith(f"{operation}_"))
        for thing in things
    ) and operation.startswith(f"{stem}_")


def is_address(table: Table, method: Method, parameter: str) -> bool:
    """Whether a parameter is part of a row's identity: operations that remove or describe one
    resource require it."""
    if is_given(method, parameter) or is_in_address(method, parameter):
        return True
    if _is_other_name(table, method, parameter):
        return True
    own = {noun for thing in _things(table) for noun in nouns_of(thing)}
    if _says_which_row(table, method, parameter):
        return True
    if method not in table.methods and parameter in method.required and says_which(parameter):
        stem, operation = "_".join(stem_of(parameter)), _noun(method)
        is_named = is_generic(parameter) or operation == stem or operation.startswith(f"{stem}_")
        if is_named and parts(method.operation.name).verb not in RELATES:
            return True
    for finder in _finders(table):
        if parameter in finder.required:
            return True
        # The owner of a registry, which defaults to the caller's own.
        is_of_others = says_which(parameter) and "_".join(stem_of(parameter)) not in (*own, "")
        if is_of_others and parameter in finder.parameters:
            return True
    return False


def _is_other_name(table: Table, method: Method, parameter: str) -> bool:
    """Whether a parameter is one of several names of a row, of which calls need only one: the
    PublicIp of AssociateAddress and ReleaseAddress, beside AllocationId."""
    column = table.by_alias.get(parameter.lower())
    if column is None or column.role is not Role.FIELD:
        return False
    # What requires the one name sets the other: the document's Name in UpdateAssociation.
    return any(
        parameter in remover.parameters
        and not remover.required
        and not any(n in remover.parameters for n in method.required)
        for remover in table.reached_by(Verb.DELETE)
    )


def is_in_address(method: Method, parameter: str) -> bool:
    """Whether a parameter is in the URL path of an operation that sets values: not one that names a
    related resource or a version."""
    member = method.parameters.get(parameter)
    if member is None or member.traits.get("location") != "uri":
        return False
    return parts(method.operation.name).verb not in RELATES and not is_of_a_version(parameter)


def _says_which_row(table: Table, method: Method, parameter: str) -> bool:
    """Whether a parameter names the resource or its parent, rather than a new value:
    TargetGroupName and DBProxyName of a proxy's target group, but not RoleArn; also the account
    whose regions they are."""
    if (
        parts(method.operation.name).verb in RELATES
        or not says_which(parameter)
        or is_generic(parameter)
    ):
        return False
    column = table.by_alias.get(parameter.lower())
    is_field = column is not None and column.role is Role.FIELD
    if not is_field and any(parameter in m.parameters for m in table.reached_by(Verb.SELECT)):
        return True
    if _is_put_in_relation(table, method, parameter):
        return False
    stem = stem_of(parameter)
    if parameter not in method.required:
        is_sure = ending_of(parameter) in ("id", FULL, "identifier")
        return is_sure and any(names_thing(parameter, thing) for thing in _things(table))
    thing = thing_noun(table.name)
    return method in table.methods and any(
        stem == thing[i : i + len(stem)] for i in range(len(thing))
    )


def _is_put_in_relation(table: Table, method: Method, parameter: str) -> bool:
    """Whether an operation replaces a side of a relation that has an id of its own: the
    RouteTableId of ReplaceRouteTableAssociation, beside AssociationId."""
    thing = thing_noun(table.name)
    is_replace = parts(method.operation.name).verb == "replace" and not names_thing(
        parameter, thing
    )
    return is_replace and any(snake_case(n) == f"{thing[-1]}_id" for n in method.required)


def overwriting(method: Method) -> Mapping[str, str]:
    """Constants that an operation must be sent to change what exists, as SQL: PutParameter's
    Overwrite."""
    return dict(sent_along(method)) | dict.fromkeys(_overwrite_flags(method), "true")


def keeps_what_is_left_out(method: Method) -> bool:
    """Whether a Put of something that exists keeps what it is not sent: it overwrites only if it is
    told to."""
    return bool(_overwrite_flags(method))


def _overwrite_flags(method: Method) -> list[str]:
    return [
        name
        for name, member in method.parameters.items()
        if snake_case(name) == "overwrite"
        and member.shape.kind is Kind.BOOLEAN
        and plain_text(member.documentation).lower().startswith("overwrite an existing")
    ]


@dataclass(frozen=True)
class Rest:
    """The parameters that SET does not assign, for an operation that resets what it is not sent."""

    kept: tuple[str, ...] = ()
    """They are sent as they were read: PutRule without its Description would remove it."""
    lost: tuple[str, ...] = ()
    """The row has them, but not in the request's form; or they are secrets, which are not read."""
    secrets: tuple[str, ...] = ()
    """Those of ``lost`` that are secrets: none is lost in silence."""


def rest_of(table: Table, method: Method, assigned: Collection[str]) -> Rest:
    """What to do with the parameters that are not set, if an operation replaces the whole resource.

    Under the API's own names, nothing: what is not sent is reset.
    """
    if table.is_api_spelling:
        return Rest()
    kept: list[str] = []
    lost: list[str] = []
    secrets: list[str] = []
    for name, member in _dropped(method):
        column = table.by_alias.get(name.lower())
        if column is None or column.role is not Role.FIELD or name in (*assigned, *method.required):
            continue
        if is_of_a_version(name) or is_tags(name) or _is_of_the_body(member):
            continue
        is_secret = _is_secret(name, member.shape) or is_read_encrypted(table, column.name)
        (kept if column.type == sql_type(member.shape) and not is_secret else lost).append(name)
        if is_secret:
            secrets.append(name)
    if any(SECRET_NAMES.search(name) for name in assigned):
        # A secret is given: any other one replaces it, or is known to whoever sets it.
        secrets = []
    return Rest(tuple(kept), tuple(lost), tuple(secrets))


def _is_secret(name: str, shape: Shape, within: tuple[Shape, ...] = ()) -> bool:
    """Whether a text, or one in a structure, is called as a secret, which a service may show
    masked: no number, and no word of an enum."""
    if shape in within:
        return False
    if shape.kind is Kind.STRUCTURE:
        return any(_is_secret(n, m.shape, (*within, shape)) for n, m in shape.members.items())
    if shape.kind is Kind.LIST:
        return _is_secret(name, shape.element.shape, (*within, shape))
    is_text = shape.kind in (Kind.STRING, Kind.BLOB) and not shape.enum
    return is_text and SECRET_NAMES.search(name) is not None


def _dropped(method: Method) -> Iterable[tuple[str, Member]]:
    """The parameters that are reset when an operation is not sent them."""
    if replaces_all(method):
        return method.parameters.items()
    updates = parts(method.operation.name).verb in ("update", "modify")
    rest = method.parameters.items() if updates else ()
    return [(n, m) for n, m in rest if _OR_DEFAULT.search(plain_text(m.documentation))]


def _is_of_the_body(member: Member) -> bool:
    """Whether a parameter describes the bytes that are sent: the old length or checksum would be
    wrong."""
    header = str(member.traits.get("locationName", "")).lower()
    return member.traits.get("location") == "header" and _OF_THE_BODY.match(header) is not None


def replaces_all(method: Method) -> bool:
    """Whether an operation resets what it is not sent: Put and Replace operations, and those
    documented to."""
    verb, text = parts(method.operation.name).verb, plain_text(method.operation.documentation)
    if verb == "put" or (verb == "replace" and _ONE_OF.search(text) is None):
        return True
    return copy_of_itself(method) is not None or _NO_PARTS.search(text) is not None


def may_create(table: Table, method: Method) -> bool:
    """Whether an operation that sets values of a row creates the row if it does not exist:
    PutUserPolicy.

    An operation that sets a property (a bucket's versioning) creates no row. Under the API's own
    names, the API's behaviour applies.
    """
    if table.is_api_spelling or method not in table.methods:
        return False
    text = plain_text(method.operation.documentation)
    return method.verb is Verb.REPLACE or _UPSERTS.search(text) is not None


def writes_another(
    table: Table, method: Method, columns: Collection[str], whole: Collection[str]
) -> bool:
    """Whether a completely replaced value itself identifies the resource: PutItem's Item contains
    its key.

    ``columns``: those of the row that are sent. True if removing a row requires a name or id that
    is neither among them nor a parameter of its own.
    """
    if not may_create(table, method) or not set(whole) & set(method.required):
        return False
    thing = thing_noun(table.name)
    if any(names_thing(n, thing) and not is_generic(n) for n in columns):
        return False
    known = frozenset({*columns, *method.parameters})
    enders = table.reached_by(Verb.DELETE)
    return bool(enders) and all(
        any(_is_unsaid(table, m, n, known) for n in m.required) for m in enders
    )


def _is_unsaid(table: Table, ender: Method, name: str, known: frozenset[str]) -> bool:
    """Whether a parameter that identifies the row to remove is not among the known ones."""
    one, source = singular_name(name), source_of(table, ender, name)
    is_which = says_which(one) or "identifier" in snake_case(name).split("_")
    if not is_which or is_generic(name):
        return False
    return known.isdisjoint({name, one, *(source or ())[:1]})


def _is_called_after(table: Table, method: Method) -> bool:
    """Whether an operation is named after the table's resource: UpdateClusterVersion of a cluster;
    but not UpdateRunCache of a run, because GetRunCache takes an id of run caches."""
    operation = _noun(method)
    things = {"_".join(thing) for thing in _things(table)}
    told, _, facet = operation.rpartition("_")
    if operation in things or (facet in _FACETS and told in things):
        return True
    if not any(operation.startswith(f"{thing}_") for thing in things):
        return False
    service = method.operation.service
    bare = {n for n in method.required if is_generic(n)}
    same = [n for n in service.operation_names if _called(n) == operation]
    tellers = [
        n for n in same if parts(n).verb in TELLS and bare & set(service.operation(n).required)
    ]
    # Something that exists once per resource (a cluster's policy) is neither created nor listed,
    # and belongs to that resource.
    return not tellers or not any(parts(n).verb in MAKES | LISTS for n in same)


def _noun(method: Method) -> str:
    return _called(method.operation.name)


@lru_cache(maxsize=4096)
def _called(operation: str) -> str:
    return "_".join(thing_noun("_".join(parts(operation).noun)))


def _things(table: Table) -> Iterable[tuple[str, ...]]:
    """The noun for a row, with and without the suffix for descriptions."""
    thing = thing_noun(table.name)
    yield thing
    if len(thing) > 1 and thing[-1] in _FACETS:
        yield thing[:-1]


def _finders(table: Table) -> tuple[Method, ...]:
    """Operations that remove a resource or relation, or describe one."""
    readers = table.reached_by(Verb.SELECT)
    tellers = (m for m in readers if m.rows is not None and not m.rows.lists and not m.is_further)
    parting = (m for m in table.methods if parts(m.operation.name).verb in SEPARATES)
    return (*table.reached_by(Verb.DELETE), *parting, *tellers)
