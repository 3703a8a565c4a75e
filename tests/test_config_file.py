"""Errors in a config file are reported with their position; valid settings are applied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cirrusql.config_file import load
from cirrusql.errors import ConfigError, UnknownSetting
from cirrusql.settings import Settings

Load = Callable[[str], Settings]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    def load_text(text: str) -> Settings:
        file = tmp_path / "config.toml"
        file.write_text(text, "utf-8")
        return load({}, {}, file)

    return load_text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_calls = true", "max_calls must be a whole number, not true"),
        ("max_calls = 5.5", "max_calls must be a whole number, not 5.5"),
        ("max_calls = -1", "must be a whole number, not '-1'"),
        ("concurrency = 0", "must be 1 or more, not '0'"),
        ("max_attempts = 0", "must be 1 or more, not '0'"),
        ("cache_ttl = true", "cache_ttl must be a number, not true"),
        ("strict = 1", "strict must be true or false, not 1"),
        ("region = ['eu-west-1']", "region must be text, not ['eu-west-1']"),
        ("connections = 3", "connections must be a table, not 3"),
        ("connections.a = 3", "connections.a must be a table, not 3"),
        ("connections.a.profile = 3", "connections.a.profile must be text, not 3"),
        ("connections.a.regions = [1, 2]", "connections.a.regions[0] must be text, not 1"),
        ("connections.a.regions = ['x', true]", "connections.a.regions[1] must be text, not true"),
        ("connections.a.organization = 'yes'", "organization must be true or false, not 'yes'"),
        ("limits.ec2 = 5", "limits.ec2 must be a table, not 5"),
        ("[limits.ec2]", "limits.ec2.rate is required"),
        ("limits.ec2.rate = 'fast'", "limits.ec2.rate must be a number, not 'fast'"),
        ("limits.ec2.rate = true", "limits.ec2.rate must be a number, not true"),
        ("limits.ec2.rate = 0", "limits.ec2.rate must be a number above 0, not 0"),
        ("limits.ec2.rate = -5", "limits.ec2.rate must be a number above 0, not -5"),
        ("limits.ec2.rate = inf", "limits.ec2.rate must be a number above 0, not inf"),
        ("limits.ec2.rate = nan", "limits.ec2.rate must be a number above 0, not nan"),
        ("policy.allow = 'aws.ec2'", "policy.allow must be a list of strings, not 'aws.ec2'"),
        ("policy.allow = ['aws.ec2', 3]", "policy.allow[1] must be text, not 3"),
        ("policy.deny = ['aws.ec2:look']", "'aws.ec2:look' has an unknown verb"),
        ("policy.connections = [1]", "policy.connections[0] must be text, not 1"),
        ("policy.users.ann = 1", "policy.users.ann must be a table, not 1"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_place(
    loaded: Load, text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(text)
    assert said in str(raised.value)
    assert str(tmp_path / "config.toml") in str(raised.value)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("max_calz = 1", "max_calls"),
        ("connections.a.region = 'x'", "regions"),
        ("connections.a.name = 'b'", "role_name"),
        ("limits.ec2 = { rate = 5, rates = 3 }", "rate"),
        ("policy.allows = []", "allow"),
        ("policy.users.ann.alow = []", "allow"),
    ],
)
def test_a_key_that_there_is_not_names_the_nearest(loaded: Load, text: str, near: str) -> None:
    with pytest.raises(UnknownSetting, match=near):
        loaded(text)


def test_what_is_right_is_taken(loaded: Load) -> None:
    found = loaded(
        """
        strict = true
        cache_ttl = "5m"
        read_timeout = 30
        [connections.prod]
        regions = "eu-*"
        exclude_accounts = ["111111111111"]
        [limits."ec2:DescribeInstances"]
        rate = 10
        [policy]
        allow = ["aws.ec2.*:select"]
        [policy.users.ann]
        connections = ["dev-*"]
        """
    )
    assert (found.strict, found.cache_ttl, found.read_timeout) == (True, 300.0, 30.0)
    assert found.connections["prod"].regions == ("eu-*",)
    assert found.connections["prod"].exclude_accounts == ("111111111111",)
    assert found.limits == {"ec2:DescribeInstances": 10.0}
    assert found.policy is not None
    assert found.policy.allow is not None
    assert found.policy.users["ann"].connections == ("dev-*",)
