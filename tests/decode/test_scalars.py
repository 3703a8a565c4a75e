"""One scalar at a time: the forms that services write them in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from cirrusql.api.model import Kind, Shape
from cirrusql.decode import scalars
from cirrusql.types import BIGINT, BLOB, BOOLEAN, DOUBLE, TIMESTAMPTZ, VARCHAR, SqlType

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECONDS = 1714564800


@pytest.fixture(params=[True, False], ids=["kernels", "no kernels"])
def _kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Arrow's kernels and without: a short statement does not load them."""
    monkeypatch.setattr(scalars._Kernels, "are_worth", lambda self, count: request.param)


@pytest.mark.parametrize(
    "written",
    [
        *("2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000Z", "2024-05-01T14:00:00+02:00"),
        *("Wed, 01 May 2024 12:00:00 "
          "GMT", "Wed May 1 12:00:00 2024", " 1714564800 ", "1714564800.0"),
        *("20240501T120000Z", SECONDS, float(SECONDS), NOON, NOON.replace(tzinfo=None)),
        NOON.astimezone(timezone(timedelta(hours=5))),
    ],
)  # fmt: skip
def test_a_moment_is_read_in_every_form(written: object) -> None:
    assert scalars.moment(written) == NOON


@pytest.mark.parametrize(
    "written", ["May 1 2024 12:00 XYZ", "May 1 2024 14:00 XYZ-02:00", "1 May 2024 12pm"]
)
def test_the_names_of_zones_mean_nothing_here(written: str) -> None:
    assert scalars.moment(written) == NOON


@pytest.mark.parametrize(
    "written", ["", "no time", "nan", "inf", 1e30, -1e30, float("nan"), "562769199199"]
)
def test_what_is_no_moment_is_a_value_error(written: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        scalars.moment(written)


def test_microseconds_are_kept() -> None:
    assert scalars.microseconds(1714564800.123456) == 1714564800123456
    assert scalars.microseconds("2024-05-01T12:00:00.123456Z") == 1714564800123456


@pytest.mark.parametrize(
    ("written", "value"), [("true", True), (" TRUE ", True), ("1", False), (True, True)]
)
def test_only_true_is_true(written: object, value: bool) -> None:
    assert scalars.boolean(written) is value


@pytest.mark.parametrize(
    ("written", "value"),
    [("12", 12), (" 12 ", 12), ("12.0", 12), (2**70, 2**70), (12.0, 12), ("1e3", 1000)],
)
def test_whole_numbers_come_in_many_forms(written: object, value: int) -> None:
    assert scalars.integer(written) == value


@pytest.mark.parametrize(
    ("given", "text"),
    [(True, "true"), (1.5, "1.5"), ("\ud83d\ude00", "😀"), ("a\ud800b", "a�b"), ("é", "é")],
)
def test_text_is_text_whatever_is_sent(given: object, text: str) -> None:
    assert scalars.string(given) == text


def test_a_policy_of_iam_is_decoded() -> None:
    shape = Shape("policyDocumentType", Kind.STRING, traits={"percentEncoded": True})
    assert scalars.python_value(shape)("%7B%22a%22%3A%201%7D") == '{"a": 1}'
    assert scalars.from_texts(shape, VARCHAR)(["%7B%7D", None]).to_pylist() == ["{}", None]


@pytest.mark.parametrize(
    ("kind", "type_", "texts", "values"),
    [
        (Kind.STRING, VARCHAR, ["a", "", None], ["a", "", None]),
        (Kind.LONG, BIGINT, ["1", "", None, "9223372036854775807"], [1, None, None, 2**63 - 1]),
        (Kind.LONG, BIGINT, ["1.0"], [1]),
        (Kind.DOUBLE, DOUBLE, ["1.5", "-0"], [1.5, -0.0]),
        (Kind.LONG, BIGINT, [" 12", None], [12, None]),
        (
            Kind.BOOLEAN,
            BOOLEAN,
            ["true", "False", "", "1", None, " TRUE"],
            [True, False, None, False, None, True],
        ),
        (Kind.TIMESTAMP, TIMESTAMPTZ, ["2024-05-01T12:00:00Z", "1714564800"], [NOON, NOON]),
        (Kind.TIMESTAMP, TIMESTAMPTZ, ["2024-05-01T12:00:00.000Z", "", None], [NOON, None, None]),
        (Kind.BLOB, BLOB, ["YWJj", None, ""], [b"abc", None, b""]),
    ],
)
@pytest.mark.usefixtures("_kernels")
def test_texts_become_a_column(
    kind: Kind, type_: SqlType, texts: list[str | None], values: list[object]
) -> None:
    column = scalars.from_texts(Shape("s", kind), type_)(texts)
    assert column.type == type_.arrow
    assert column.to_pylist() == values


@pytest.mark.parametrize(
    ("kind", "type_", "given", "values"),
    [
        (Kind.STRING, VARCHAR, ["a", 1, True], ["a", "1", "true"]),
        (Kind.LONG, BIGINT, [1, "2", 3.0, None], [1, 2, 3, None]),
        (Kind.DOUBLE, DOUBLE, [1, "2.5", None], [1.0, 2.5, None]),
        (Kind.TIMESTAMP, TIMESTAMPTZ, [SECONDS, None], [NOON, None]),
        (Kind.TIMESTAMP, TIMESTAMPTZ, [SECONDS, "2024-05-01T12:00:00Z", NOON], [NOON] * 3),
        (Kind.BLOB, BLOB, ["YWJj", b"abc"], [b"abc", b"abc"]),
    ],
)
@pytest.mark.usefixtures("_kernels")
def test_objects_become_a_column(
    kind: Kind, type_: SqlType, given: list[object], values: list[object]
) -> None:
    assert scalars.from_objects(Shape("s", kind), type_)(given).to_pylist() == values


@pytest.mark.usefixtures("_kernels")
@pytest.mark.parametrize(("kind", "type_", "bad"), [
    (Kind.LONG, BIGINT, "x"), (Kind.LONG, BIGINT, 2**64), (Kind.TIMESTAMP, TIMESTAMPTZ, 1e18),
    (Kind.TIMESTAMP, TIMESTAMPTZ, [1]), (Kind.BLOB, BLOB, "é"), (Kind.LONG, BIGINT, float("nan")),
])  # fmt: skip
def test_what_cannot_be_read_is_an_error_that_decoding_knows(
    kind: Kind, type_: SqlType, bad: object
) -> None:
    from cirrusql.decode.misfits import MISFITS

    with pytest.raises(MISFITS):
        scalars.from_objects(Shape("s", kind), type_)([bad])


def test_kernels_are_loaded_once_there_are_times_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pyarrow.compute", raising=False)
    kernels = scalars._Kernels()
    assert [kernels.are_worth(4_000) for _ in range(4)] == [False, False, True, True]


def test_sparse_columns_keep_their_nulls() -> None:
    assert scalars.from_objects(Shape("s", Kind.TIMESTAMP), TIMESTAMPTZ)([None, None]) == pa.array(
        [None, None], TIMESTAMPTZ.arrow
    )
