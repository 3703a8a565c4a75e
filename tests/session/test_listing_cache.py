"""Catalog listings cached between runs."""

from pathlib import Path

from cirrusql.catalog.catalog import Catalog
from cirrusql.session.introspection.listing import Listing, listing
from cirrusql.session.introspection.listing_cache import kept
from cirrusql.sql.statements import Describe, Show

USERS = Describe("DESCRIBE aws.iam.users", ("aws", "iam", "users"))


class Made:
    """Makes a listing and counts how often."""

    def __init__(self, rows: list[tuple[object, ...]]) -> None:
        self.rows = rows
        self.times = 0

    def __call__(self) -> Listing:
        self.times += 1
        return listing("name type", self.rows)


def test_a_listing_is_made_once_and_read_the_same(tmp_path: Path) -> None:
    made = Made([("UserName", "string"), ("Größe", None)])
    first = kept(USERS, Catalog([], tmp_path), made)
    again = kept(USERS, Catalog([], tmp_path), made)
    assert (again, made.times) == (first, 1)


def test_extended_is_another_listing(tmp_path: Path) -> None:
    made = Made([])
    kept(USERS, Catalog([], tmp_path), made)
    kept(Describe("", USERS.path, is_extended=True), Catalog([], tmp_path), made)
    assert made.times == 2


def test_a_kept_listing_that_is_cut_short_is_made_anew(tmp_path: Path) -> None:
    made = Made([("a", "b")])
    kept(USERS, Catalog([], tmp_path), made)
    for path in tmp_path.rglob("*.json"):
        path.write_bytes(path.read_bytes()[:10])
    assert kept(USERS, Catalog([], tmp_path), made).rows == (("a", "b"),)
    assert made.times == 2


def test_what_the_session_says_of_itself_is_never_kept(tmp_path: Path) -> None:
    made = Made([])
    for _ in range(2):
        kept(Show("SHOW VARIABLES", "variables"), Catalog([], tmp_path), made)
    assert (made.times, list(tmp_path.iterdir())) == (2, [])
