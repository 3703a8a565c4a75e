"""Fixtures for stacks: a folder with files, planned and applied against an emulator behind a proxy
that counts calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stacks.stack_folder import StackFolder
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def stack(tmp_path: Path, proxy: FaultProxy) -> StackFolder:
    """A folder for a stack, empty."""
    return StackFolder(tmp_path / "stack", proxy)
