"""On the path of the processes that tests start under throttling: their sandboxes have it too.

Waits for the module to be imported, so that a command that needs no sandbox starts as it does
elsewhere.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

_MODULE = "cirrusql.apps.sandbox.sandbox"


class _Hook(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_change(module: ModuleType) -> None:
            execute(module)
            sys.modules[name] = module
            sys.path.append(str(Path(__file__).parents[3]))
            from tests.support.sandbox_throttling import put_before_sandboxes

            put_before_sandboxes()

        spec.loader.exec_module = execute_and_change  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Hook())
