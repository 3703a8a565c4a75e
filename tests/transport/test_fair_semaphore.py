"""Slots for calls, given out fairly."""

from __future__ import annotations

import asyncio

import pytest

from cirrusql.transport.throttling.fair_semaphore import FairSemaphore


async def served(slots: FairSemaphore, *kinds: str) -> list[str]:
    """The kinds in the order in which they get slots; each releases its slot at once."""
    order: list[str] = []

    async def one(kind: str) -> None:
        await slots.enter(kind)
        order.append(kind)
        slots.leave()

    await slots.enter("holder")
    waiting = [asyncio.ensure_future(one(kind)) for kind in kinds]
    await asyncio.sleep(0)
    slots.leave()
    await asyncio.gather(*waiting)
    return order


def test_kinds_are_served_in_turn_however_long_one_queue_is() -> None:
    order = asyncio.run(served(FairSemaphore(1), *["many"] * 50, "one", "other"))
    assert order[:5] == ["many", "one", "other", "many", "many"]
    assert len(order) == 52


def test_no_more_have_places_than_there_are() -> None:
    async def most() -> int:
        slots, inside, found = FairSemaphore(3), 0, 0

        async def one() -> None:
            nonlocal inside, found
            await slots.enter("x")
            inside += 1
            found = max(found, inside)
            await asyncio.sleep(0)
            inside -= 1
            slots.leave()

        await asyncio.gather(*(one() for _ in range(20)))
        return found

    assert asyncio.run(most()) == 3


def test_who_is_cancelled_while_waiting_takes_no_place_away() -> None:
    async def work() -> None:
        slots = FairSemaphore(1)
        await slots.enter("a")
        waiting = asyncio.ensure_future(slots.enter("b"))
        await asyncio.sleep(0)
        waiting.cancel()
        slots.leave()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wait_for(slots.enter("c"), 1)

    asyncio.run(work())


def test_who_is_cancelled_as_its_turn_comes_hands_the_place_on() -> None:
    async def work() -> None:
        slots = FairSemaphore(1)
        await slots.enter("a")
        waiting = asyncio.ensure_future(slots.enter("b"))
        await asyncio.sleep(0)
        slots.leave()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wait_for(slots.enter("c"), 1)

    asyncio.run(work())


def test_places_taken_away_are_given_back_first_and_new_ones_are_given_out() -> None:
    async def inside() -> list[int]:
        slots, found = FairSemaphore(3), []
        waiting = [asyncio.ensure_future(slots.enter("kind")) for _ in range(6)]

        async def count() -> None:
            await asyncio.sleep(0)
            found.append(sum(turn.done() for turn in waiting))

        await count()
        slots.resize(1)
        slots.leave()
        slots.leave()
        await count()
        slots.resize(3)
        await count()
        slots.leave()
        await count()
        return found

    assert asyncio.run(inside()) == [3, 3, 5, 6]
