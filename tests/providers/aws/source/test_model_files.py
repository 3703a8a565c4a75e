"""botocore's files read by us and by botocore."""

import gzip
import json
from pathlib import Path

import botocore
import pytest
from botocore.loaders import JSONFileLoader, create_loader

from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.providers.aws.source.model_files import ModelFiles

DATA = Path(botocore.__file__).parent / "data"


@pytest.mark.parametrize(
    "name", ["iam/2010-05-08/service-2", "s3/2006-03-01/service-2", "partitions"]
)
def test_a_file_is_read_as_botocore_reads_it_in_the_same_order(name: str) -> None:
    ours, theirs = (files.load_file(str(DATA / name)) for files in (ModelFiles(), JSONFileLoader()))
    assert json.dumps(ours, default=dict) == json.dumps(theirs)


def test_a_shape_is_read_when_it_is_asked_for_and_then_is_that_one() -> None:
    model = ModelFiles().load_file(str(DATA / "iam/2010-05-08/service-2"))
    assert model is not None
    shapes = model["shapes"]
    assert shapes["User"]["type"] == "structure"
    assert shapes["User"] is shapes["User"]
    assert len(shapes) == len(list(shapes)) > 100
    assert shapes.get("Nosuch") is None


def test_what_botocore_adds_is_merged_into_a_model_read_in_parts() -> None:
    model = BotocoreSource()._read("docdb", "service-2")
    theirs = create_loader().load_service_model("docdb", "service-2")
    assert json.dumps(model, default=dict) == json.dumps(theirs)


def test_what_is_not_there_is_none() -> None:
    assert ModelFiles().load_file(str(DATA / "nosuch")) is None
    assert not ModelFiles().exists(str(DATA / "nosuch"))


def test_an_unpacked_file_comes_before_a_packed_one(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'{"is": "packed"}'))
    assert ModelFiles().load_file(str(tmp_path / "a")) == {"is": "packed"}
    (tmp_path / "a.json").write_text('{"is": "plain"}')
    assert ModelFiles().load_file(str(tmp_path / "a")) == {"is": "plain"}
