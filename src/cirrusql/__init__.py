"""SQL over cloud APIs: SELECT reads live resources, INSERT, UPDATE and DELETE provision them.

``connect`` opens a connection; the module is one of PEP 249. Importing this loads nothing
else; what a statement needs is loaded when it runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cirrusql.version import __version__ as __version__

if TYPE_CHECKING:
    from cirrusql.apps.python.asynchronous import AsyncRelation as AsyncRelation
    from cirrusql.apps.python.connection import Connection as Connection
    from cirrusql.apps.python.connection import connect as connect
    from cirrusql.apps.python.cursor import Cursor as Cursor
    from cirrusql.apps.python.dbapi import BINARY as BINARY
    from cirrusql.apps.python.dbapi import DATETIME as DATETIME
    from cirrusql.apps.python.dbapi import NUMBER as NUMBER
    from cirrusql.apps.python.dbapi import ROWID as ROWID
    from cirrusql.apps.python.dbapi import STRING as STRING
    from cirrusql.apps.python.dbapi import Binary as Binary
    from cirrusql.apps.python.dbapi import Date as Date
    from cirrusql.apps.python.dbapi import DateFromTicks as DateFromTicks
    from cirrusql.apps.python.dbapi import Time as Time
    from cirrusql.apps.python.dbapi import TimeFromTicks as TimeFromTicks
    from cirrusql.apps.python.dbapi import Timestamp as Timestamp
    from cirrusql.apps.python.dbapi import TimestampFromTicks as TimestampFromTicks
    from cirrusql.apps.python.dbapi import apilevel as apilevel
    from cirrusql.apps.python.dbapi import paramstyle as paramstyle
    from cirrusql.apps.python.dbapi import threadsafety as threadsafety
    from cirrusql.apps.python.magic import load_ipython_extension as load_ipython_extension
    from cirrusql.apps.python.relation import PartialAnswer as PartialAnswer
    from cirrusql.apps.python.relation import Relation as Relation
    from cirrusql.apps.python.stack import OpenStack as OpenStack
    from cirrusql.apps.python.stack import PlannedStack as PlannedStack
    from cirrusql.apps.python.stack import stack as stack
    from cirrusql.errors import DatabaseError as DatabaseError
    from cirrusql.errors import DataError as DataError
    from cirrusql.errors import Error as Error
    from cirrusql.errors import IntegrityError as IntegrityError
    from cirrusql.errors import InterfaceError as InterfaceError
    from cirrusql.errors import InternalError as InternalError
    from cirrusql.errors import NotSupportedError as NotSupportedError
    from cirrusql.errors import OperationalError as OperationalError
    from cirrusql.errors import ProgrammingError as ProgrammingError
    from cirrusql.errors import Warning as Warning
    from cirrusql.errors import WriteFailed as WriteFailed

_PLACES = {
    "apps.python.connection": "Connection connect",
    "apps.python.relation": "Relation PartialAnswer",
    "apps.python.asynchronous": "AsyncRelation",
    "apps.python.stack": "stack OpenStack PlannedStack",
    "apps.python.cursor": "Cursor",
    "apps.python.magic": "load_ipython_extension",
    "apps.python.dbapi": (
        "apilevel threadsafety paramstyle Date Time Timestamp Binary DateFromTicks TimeFromTicks "
        "TimestampFromTicks STRING BINARY NUMBER DATETIME ROWID"
    ),
    "errors": (
        "Warning Error InterfaceError DatabaseError DataError OperationalError IntegrityError "
        "InternalError ProgrammingError NotSupportedError WriteFailed"
    ),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module 'cirrusql' has no attribute {name!r}")
    value = getattr(import_module(f"cirrusql.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
