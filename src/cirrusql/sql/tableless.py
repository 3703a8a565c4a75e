"""Recognizes a SELECT that reads no table from its words, so that it needs no parsing or planning.

When in doubt the answer is no: a word that may start a table, a write or a call counts as one, even
where it is a column's name.
"""

from __future__ import annotations

import re

from cirrusql.sql.split import skip

_TABLES = frozenset(
    """
    FROM JOIN TABLE WITH VALUES INTO EXEC EXECUTE CALL COPY SHOW DESC DESCRIBE SUMMARIZE PIVOT UNPIVOT
    INSERT REPLACE UPDATE DELETE CREATE DROP CIRRUSQL CURRENT_USER
    """.split()  # noqa: E501
)
_WORD = re.compile(r"[A-Za-z_]\w*")


def reads_no_table(text: str) -> bool:
    """Whether a statement without comments and hints is a SELECT without tables.

    ``SELECT 1``, ``SELECT now(), $a + 1``. The engine runs such a statement unchanged.
    """
    if text[:6].upper() != "SELECT":
        return False
    i = 0
    bare = []
    while i < len(text):
        end = skip(text, i)
        if end is None:
            bare.append(text[i])
            i += 1
        elif text.startswith(("--", "/*"), i):
            return False
        else:
            bare.append(" ")
            i = end
    return _TABLES.isdisjoint(word.upper() for word in _WORD.findall("".join(bare)))
