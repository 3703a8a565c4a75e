"""Which output goes through a pager."""

import io
import os

import pytest

from cirrusql.render.display.pager import Paged, pager_command

SMALL = os.terminal_size((20, 6))


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"CIRRUSQL_PAGER": "pspg", "PAGER": "more"}, "pspg"),
        ({"PAGER": "more"}, "more"),
        ({"PAGER": " "}, None),
        ({"CIRRUSQL_PAGER": "", "PAGER": "more"}, None),
    ],
)
def test_the_environment_names_the_pager(environ: dict[str, str], command: str | None) -> None:
    assert pager_command(environ) == command


def shown(data: bytes, way: str) -> bytes:
    out = io.BytesIO()
    with Paged(out, "cat > /dev/null", way, SMALL) as paged:
        paged.write(data)
    return out.getvalue()


@pytest.mark.parametrize("data", [b"a\nb\nc\n", "日本語日本語日本語日\n".encode()])
def test_what_fits_is_shown_as_it_is(data: bytes) -> None:
    assert shown(data, "on") == data


@pytest.mark.parametrize(
    "data", [b"a\n" * 5, b"x" * 21 + b"\n", "日本語日本語日本語日本\n".encode()]
)
def test_what_is_taller_or_wider_than_the_terminal_is_not(data: bytes) -> None:
    assert shown(data, "on") == b""
    assert shown(data, "off") == data


def test_always_is_always() -> None:
    assert shown(b"a\n", "always") == b""


def test_a_pager_that_was_left_ends_the_writing_quietly() -> None:
    with Paged(io.BytesIO(), "true", "always", SMALL) as paged:
        for _ in range(10_000):
            paged.write(b"line\n" * 1000)
        pytest.fail("it was never told")


def test_other_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), Paged(io.BytesIO(), "cat > /dev/null", "always", SMALL):
        raise ZeroDivisionError
