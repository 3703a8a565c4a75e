"""A row of each common table is inserted, read back equal, updated, unset and deleted,
against moto."""

from __future__ import annotations

import os

import pytest

from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.session.lifecycles.lifecycle import STEPS, Life, Lifecycle, ids, lifecycles, needed
from tests.support.catalog import CATALOG

STORIES = list(lifecycles())
ROWS = [row for story in STORIES for row in story.rows]
each_table = pytest.mark.parametrize("story", STORIES, ids=ids(STORIES))


@pytest.mark.parametrize("story", ROWS, ids=ids(ROWS))
def test_a_row_lives(aws: str, story: Lifecycle) -> None:
    settings = Settings(endpoint_url=aws, sandbox=True)
    with Session(
        settings,
        os.environ,
        options=WriteOptions(assume_yes=True),
        catalog=CATALOG,
        has_cache=False,
    ) as session:
        Life(session, CATALOG, story).run()


@each_table
def test_what_can_be_set_is_exercised_or_left_out_for_a_reason(story: Lifecycle) -> None:
    wanted = needed(CATALOG, story)
    for step in STEPS:
        left = wanted[step] - story.exercised(step) - story.excused(step)
        assert not left, f"{step} of {story.name} leaves out {sorted(left)} without a reason"
        idle = story.excused(step) & story.exercised(step)
        assert not idle, f"{step} of {story.name} sets what it says to leave out: {sorted(idle)}"
