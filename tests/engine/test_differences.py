"""What to add to a set-valued column and what to remove, ignoring the API's own defaults."""

from __future__ import annotations

import json
from typing import Any

from cirrusql.engine import differences


def less(first: Any, second: Any, by: str = "set_less") -> Any:
    found = getattr(differences, by)(json.dumps(first), json.dumps(second))
    return None if found is None else json.loads(found)


def test_items_that_are_there_are_left_alone() -> None:
    assert less(["a", "b"], ["b"]) == ["a"]
    assert less(["b"], ["a", "b"]) is None


def test_of_a_map_entries_are_added_and_keys_taken_away() -> None:
    new, old = {"a": "1", "b": "2"}, {"a": "0", "c": "3"}
    assert less(new, old) == {"a": "1", "b": "2"}
    assert less(old, new, "keys_less") == ["c"]


def test_an_item_of_another_value_is_not_taken_away_where_adding_updates_it() -> None:
    new = [{"key": "k", "value": "w", "effect": "NO_SCHEDULE"}]
    old = [
        {"key": "k", "value": "v", "effect": "NO_SCHEDULE"},
        {"key": "z", "effect": "NO_SCHEDULE"},
    ]
    assert less(old, new, "names_less") == [{"key": "z", "effect": "NO_SCHEDULE"}]


WEB = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


def test_a_permission_is_as_many_rules_as_it_has_sources() -> None:
    old = [
        {**WEB, "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "11.0.0.0/8"}], "Ipv6Ranges": []}
    ]
    new = [{**WEB, "IpRanges": [{"CidrIp": "11.0.0.0/8"}, {"CidrIp": "12.0.0.0/8"}]}]
    assert less(new, old, "rules_less") == [{**WEB, "IpRanges": [{"CidrIp": "12.0.0.0/8"}]}]
    assert less(old, new, "rules_less") == [{**WEB, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]


def test_what_the_api_fills_in_makes_no_other_rule_and_a_description_does() -> None:
    read = [
        {
            **WEB,
            "UserIdGroupPairs": [
                {"GroupId": "sg-1", "UserId": "123456789012", "Description": None}
            ],
        }
    ]
    assert less([{**WEB, "UserIdGroupPairs": [{"GroupId": "sg-1"}]}], read, "rules_less") is None
    told = [{**WEB, "UserIdGroupPairs": [{"GroupId": "sg-1", "Description": "web"}]}]
    assert less(told, read, "rules_less") == told


def test_ids_are_taken_from_structures_and_as_they_are() -> None:
    assert (
        differences.ids_of('[{"GroupId": "sg-1", "GroupName": "g"}, "sg-2"]', "GroupId")
        == '["sg-1", "sg-2"]'
    )
    assert differences.ids_of(None, "GroupId") is None
