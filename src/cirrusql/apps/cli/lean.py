"""A start without what the command line never uses.

Only where the process is the command's own: a program that calls ``run`` may want numpy.
"""

from __future__ import annotations

import gc
import sys

_THRESHOLDS = (100_000, 20, 50)
"""Objects and turns between two looks at each generation; Python's own are 700, 10, 10."""
_owned: list[bool] = []


def own_process() -> None:
    """Say that this process is the command's: nobody else imports anything in it.

    Garbage is looked for less often too: the catalog is large and stays, and looking through it
    again and again is a tenth of what a short statement costs.
    """
    gc.set_threshold(*_THRESHOLDS)
    _owned.append(True)


def load_pyarrow() -> None:
    """Import pyarrow without numpy, which it takes along where it can for half of its own time.

    numpy can be imported afterwards, as the engine does for functions in Python; only pyarrow
    does without, and nothing of ours asks it for numpy's arrays.
    """
    if not _owned or "pyarrow" in sys.modules or "numpy" in sys.modules:
        return
    sys.modules["numpy"] = None  # type: ignore[assignment]
    try:
        import pyarrow as pyarrow
    finally:
        del sys.modules["numpy"]
