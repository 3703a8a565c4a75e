"""The graph of a stack's resources, as Mermaid and as DOT for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from cirrusql.stacks.evaluation.nodes import Graph


def mermaid(graph: Graph) -> str:
    """A flowchart: an arrow leads from what is made first to what needs it."""
    numbers = {address: f"n{i}" for i, address in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for address, node in graph.nodes.items():
        label = f"{address}<br/>{'.'.join(node.resource.table)}".replace('"', "#quot;")
        lines.append(f'  {numbers[address]}["{label}"]')
    lines += [f"  {numbers[a]} --> {numbers[b]}" for a, b in _edges(graph)]
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """The same as a digraph."""
    lines = ["digraph stack {", "  rankdir=LR;", "  node [shape=box];"]
    for address, node in graph.nodes.items():
        label = _quoted(f"{address}\n{'.'.join(node.resource.table)}")
        lines.append(f"  {_quoted(address)} [label={label}];")
    lines += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in _edges(graph)]
    return "\n".join([*lines, "}"]) + "\n"


def _edges(graph: Graph) -> Iterator[tuple[str, str]]:
    for address, node in graph.nodes.items():
        for need in node.needs:
            if need in graph.nodes:
                yield need, address


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
