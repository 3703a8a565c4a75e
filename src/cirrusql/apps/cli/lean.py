"""A start without what the command line never uses.

Only where the process is the command's own: a program that calls ``run`` may want numpy.
"""

from __future__ import annotations

import gc
import sys
from importlib.machinery import ModuleSpec

_THRESHOLDS = (100_000, 20, 50)
"""Objects and turns between two looks at each generation; Python's own are 700, 10, 10."""


class WithoutNumpy:
    """An import hook that hides numpy from pyarrow, which takes it along where it can.

    It is half of pyarrow's time and half of that of its kernels. Nothing of ours asks pyarrow for
    numpy's arrays; the engine, which wants numpy for functions in Python, still finds it.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """None, so that others look, but for numpy where pyarrow asks."""
        if name == "numpy" and _importer().partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("numpy is hidden from pyarrow", name="numpy")
        return None


def _importer() -> str:
    """The module whose code asks for an import. Compiled modules have no frame: who imports them has."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("importlib."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


def own_process() -> None:
    """Say that this process is the command's: nobody else imports anything in it.

    Garbage is looked for less often too: the catalog is large and stays, and looking through it
    again and again is a tenth of what a short statement costs.
    """
    gc.set_threshold(*_THRESHOLDS)
    sys.meta_path.insert(0, WithoutNumpy())
