"""Large answers are read in slices, like one tree; odd ones are read as one tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.api.http_messages import Response
from cirrusql.decode.decoder import Decoder
from cirrusql.decode.formats import xml_slices
from cirrusql.errors import BadAnswer
from tests.support.operations import decoder_of, once

INSTANCES = (
    *("ec2", "instances", "describe_instances"),
    "InstanceId InstanceType State Tags LaunchTime ReservationId OwnerId",
)
INSTANCE = (
    "<item><instanceId>i-{0}</instanceId><instanceState><code>16</code><name>running</name></instanceState>"
    "<instanceType>m1.small</instanceType><launchTime>2026-05-01T10:00:00Z</launchTime>"
    "<tagSet><item><key>Name</key><value>n{0}</value></item></tagSet></item>"
)
RESERVATION = "<item><reservationId>r-{0}</reservationId><ownerId>1</ownerId><instancesSet>{1}</instancesSet></item>"  # noqa: E501
HEAD = (
    '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet>'
)
TAIL = "</reservationSet><nextToken>t</nextToken></DescribeInstancesResponse>"
GROUPS = (
    *("autoscaling", "auto_scaling_groups", "describe_auto_scaling_groups"),
    "AutoScalingGroupName Tags MinSize",
)
GROUP = (
    "<member><AutoScalingGroupName>g{0}</AutoScalingGroupName><MinSize>{0}</MinSize>"
    "<Tags><member><Key>k</Key><Value>v{0}</Value></member></Tags></member>"
)


def reservation(number: int, count: int = 3) -> str:
    inner = "".join(INSTANCE.format(number * 10 + i) for i in range(count))
    return RESERVATION.format(number, inner)


BODY = HEAD + "".join(map(reservation, range(6))) + TAIL
GROUPS_BODY = (
    '<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
    "<DescribeAutoScalingGroupsResult><AutoScalingGroups>"
    + "".join(map(GROUP.format, range(9)))
    + "</AutoScalingGroups><NextToken>n</NextToken></DescribeAutoScalingGroupsResult>"
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeAutoScalingGroupsResponse>"
)


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_slices, "_LEAST", 1)
    monkeypatch.setattr(xml_slices, "_PIECE", 300)
    monkeypatch.setattr(xml_slices, "_SLICE", 300)


def answer(decoder: Decoder, body: str) -> Any:
    """The page, or the error's words."""
    try:
        page = decoder(Response(200, {}, body.encode()))
    except BadAnswer as error:
        return error.message
    return page.rows.to_pylist(), page.tokens


def by_a_tree(method: tuple[str, str, str, str], body: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_slices, "_LEAST", 1 << 30)
        return answer(decoder_of(*method), body)


@pytest.mark.parametrize(
    ("method", "body"),
    [
        (INSTANCES, BODY),
        (INSTANCES, BODY.replace("><", ">\n <")),
        (INSTANCES, BODY.replace("n30", "n&amp;<!-- x -->é&#65;<![CDATA[<]]>")),
        (INSTANCES, HEAD + reservation(1, 0) + reservation(2) + reservation(3, 0) + TAIL),
        (INSTANCES, BODY.replace("<ownerId>1</ownerId>", "", 2)),
        (INSTANCES, BODY.replace("<nextToken>t</nextToken>", "")),
        (
            INSTANCES,
            BODY.replace("<reservationSet>", "<requestId>q</requestId><reservationSet>", 1),
        ),
        (INSTANCES, '<?xml version="1.0" encoding="UTF-8"?>\n\n' + BODY),
        (GROUPS, GROUPS_BODY),
    ],
)
def test_a_large_answer_is_read_by_slices_with_the_same_rows(
    method: tuple[str, str, str, str], body: str, roots: list[bytes]
) -> None:
    found = answer(decoder_of(*method), body)
    assert roots == []
    assert found == by_a_tree(method, body)
    assert len(found[0]) > 1


@pytest.mark.parametrize(
    "change",
    [
        once("</reservationSet>", "</reservationSet><reservationSet/>"),
        once(
            "</reservationSet>",
            "</reservationSet><reservationSet>" + reservation(8) + "</reservationSet>",
        ),
        lambda body: HEAD + reservation(1, 5) + TAIL,
        lambda body: HEAD + TAIL,
        lambda body: body.replace("reservationSet", "other"),
        lambda body: "\n" + body,
        lambda body: body[:-5],
        lambda body: body[: body.index("i-30")],
        once("</instanceId>", "</instanceIdd>"),
        once("i-30", "i-30&unknown;"),
        once("<Desc", "<!DOCTYPE x><Desc"),
        lambda body: body + "<x/>",
        lambda body: "<?x?>" + body,
        lambda body: body + "<?x?>",
        once("i-30", "i-<?x?>30"),
        lambda body: "no XML",
    ],
)
def test_an_odd_answer_is_left_to_the_whole_tree(
    change: Callable[[str], str], roots: list[bytes]
) -> None:
    body = change(BODY)
    found = answer(decoder_of(*INSTANCES), body)
    assert roots == [body.encode()]
    assert found == by_a_tree(INSTANCES, body)


def test_a_list_of_the_same_name_elsewhere_is_not_the_list(roots: list[bytes]) -> None:
    stranger = "<extra><reservationSet><item><reservationId>x</reservationId></item></reservationSet></extra>"  # noqa: E501
    body = BODY.replace("<reservationSet>", stranger + "<reservationSet>", 1)
    assert answer(decoder_of(*INSTANCES), body) == by_a_tree(INSTANCES, BODY)


def test_a_small_answer_makes_one_tree(monkeypatch: pytest.MonkeyPatch, roots: list[bytes]) -> None:
    monkeypatch.setattr(xml_slices, "_LEAST", len(BODY) + 1)
    assert len(answer(decoder_of(*INSTANCES), BODY)[0]) == 18
    assert len(roots) == 1
