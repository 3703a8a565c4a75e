"""Our uses of other libraries' private names: all listed, one file a library, and still valid.

A library may change these without a word. This fails with the name of what has moved, before a user
meets it.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src"
OF_PYTHON = {"_exit", "_getframe"}
"""Documented in spite of their names."""
PRIVATE = {
    "cirrusql/apps/cli/process/process_tuning.py": ["atexit:_run_exitfuncs"],
    "cirrusql/apps/sandbox/moto_patches.py": [
        "moto.moto_api:_internal",
        "moto.iam.models:IAMBackend._init_aws_policies",
        "moto.core.responses:BaseResponse._get_param",
        "moto.ec2.responses.instances:InstanceResponse._security_grp_instance_attribute_handler",
    ],
    "cirrusql/apps/srv/protocol/message_stream.py": ["asyncio.streams:StreamReader._buffer"],
    "cirrusql/providers/aws/protocol/botocore_handlers.py": [
        "botocore.hooks:EventAliaser._alias_event_name"
    ],
    "cirrusql/providers/aws/protocol/endpoint.py": [
        "botocore.regions:EndpointRulesetResolver._builtins",
        "botocore.regions:EndpointRulesetResolver._client_context",
    ],
}


def used() -> dict[str, set[str]]:
    """Other libraries' private names, by the file that uses them."""
    trees = {str(p.relative_to(SRC)): ast.parse(p.read_text("utf-8")) for p in SRC.rglob("*.py")}
    ours = {name for tree in trees.values() for name in _made(tree)}
    found = {path: _reached(tree) - ours - OF_PYTHON for path, tree in trees.items()}
    return {path: names for path, names in found.items() if names}


def _made(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), ctx=ast.Store()):
                yield node.attr
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign():
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _reached(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif (
            isinstance(node, ast.ImportFrom)
            and node.module
            and not node.module.startswith("cirrusql")
        ):
            found.update([*node.module.split("."), *(alias.name for alias in node.names)])
    # A named tuple's are public; they are spelled so that no field is called like them.
    private = {name for name in found if name.startswith("_") and not name.endswith("__")}
    return private - {"_asdict", "_fields", "_make", "_replace"}


def test_each_place_that_reaches_into_a_library_is_listed() -> None:
    listed = {
        path: {part.split(".")[-1].split(":")[-1] for part in parts}
        for path, parts in PRIVATE.items()
    }
    assert used() == listed


@pytest.mark.parametrize("part", [part for parts in PRIVATE.values() for part in parts])
def test_what_is_reached_into_is_still_there(part: str) -> None:
    module, _, path = part.partition(":")
    *owners, name = path.split(".")
    owner: object = importlib.import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    is_of_instances = inspect.isclass(owner) and f"self.{name} =" in inspect.getsource(owner)
    is_package = not owners and hasattr(owner, "__path__")
    is_module = is_package and importlib.util.find_spec(f"{module}.{name}") is not None
    assert is_module or is_of_instances or hasattr(owner, name), f"{part} has moved"


def test_no_two_files_reach_into_one_library() -> None:
    # botocore's handlers and its endpoint rules are two subjects, each with a file.
    libraries = [{p.split(":")[0].split(".")[0] for p in parts} for parts in PRIVATE.values()]
    once = [name for names in libraries for name in names if name != "botocore"]
    assert len(once) == len(set(once))
