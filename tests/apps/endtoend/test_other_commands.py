"""``cirrusql search`` and ``cirrusql doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql import __version__
from tests.apps.endtoend.conftest import Cirrusql, in_a_process


def test_search_finds_what_the_words_mean_the_nearest_first(cirrusql: Cirrusql) -> None:
    done = cirrusql("search", "access", "keys", "-o", "jsonl", "--limit", "5")
    assert (done.status, len(done.rows)) == (0, 5)
    assert done.rows[0]["name"] == "aws.iam.access_keys"
    nothing = cirrusql("search", "zyzzyva", "-o", "jsonl")
    assert (nothing.status, nothing.out) == (0, "")
    assert "zyzzyva" in nothing.err
    assert "hint: try" in nothing.err


@pytest.mark.parametrize("words", ["unattached volume", "public bucket", "old snapshots"])
def test_search_offers_questions_of_the_cookbook(cirrusql: Cirrusql, words: str) -> None:
    done = cirrusql("search", *words.split(), "-o", "jsonl", "--limit", "5")
    kinds = {row["kind"]: row["name"] for row in done.rows}
    assert {"resource", "question"} <= {*kinds}
    assert "cirrusql cookbook run" in done.err


def test_doctor_says_who_one_is_and_where_settings_come_from(
    cirrusql: Cirrusql, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", company)
    done = cirrusql("doctor", "--region", "eu-west-1")
    assert done.status == 0, done.out
    assert done.out.split()[:3] == ["ok", "cirrusql", __version__]
    assert "123456789012 as arn:aws:sts::123456789012" in done.out
    assert "eu-west-1  (from --region)" in done.out
    assert f"{company}  (from CIRRUSQL_ENDPOINT_URL)" in done.out


def test_doctor_says_what_to_do_without_credentials(tmp_path: Path) -> None:
    done = in_a_process(
        "doctor", HOME=str(tmp_path), AWS_EC2_METADATA_DISABLED="true", CIRRUSQL_REGION="us-east-1"
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "FAIL credentials" in done.stdout
    assert "sandbox" in done.stdout


def test_doctor_finds_a_config_file_that_cannot_be_used(cirrusql: Cirrusql, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("max_calz = 1")
    done = cirrusql("doctor", "--config", str(file))
    assert done.status == 1
    assert "FAIL settings" in done.out
    assert "max_calls" in done.out


def test_doctor_finds_an_endpoint_that_is_not_there(
    cirrusql: Cirrusql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    done = cirrusql("doctor", "--endpoint-url", "http://127.0.0.1:9")
    assert done.status == 1
    assert "FAIL endpoint" in done.out
