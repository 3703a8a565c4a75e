"""AWS is one tenant: what still names it outside ``providers/aws`` and the apps is listed, and gets
less.

``aws_mentions.txt`` has a module for each line, and why. A module that is not in it may not name
AWS, not even in a comment; one that no longer does is taken out. ``python -m
tests.test_one_tenant`` writes the list.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1] / "src" / "cirrusql"
LISTED = Path(__file__).with_name("aws_mentions.txt")

_AWS = re.compile(
    r"\b(botocore|boto3?|arns?|iam|sts|aws|ec2|s3|rds|dynamodb|sqs|sns|route ?53|kms)\b"
    r"|\b(api ?gateway|cloudfront)\b"
    r"|(?<![a-z])(arn|iam|aws)_|_(arn|iam|aws)s?\b",
    re.IGNORECASE,
)
_MAY = ("providers/aws/", "providers/registry.py", "providers/__init__.py", "apps/")
"""AWS's own room, what names all providers, and the apps that present it."""


def mentions() -> list[str]:
    files = (
        path for path in ROOT.rglob("*.py") if not str(path.relative_to(ROOT)).startswith(_MAY)
    )
    return sorted(str(f.relative_to(ROOT)) for f in files if _AWS.search(f.read_text("utf-8")))


def test_the_modules_that_name_aws_are_those_that_are_listed() -> None:
    assert mentions() == list(listed())


def test_each_of_them_has_a_reason() -> None:
    assert [module for module, reason in listed().items() if not reason] == []


def listed() -> dict[str, str]:
    """The modules of the list with their reasons."""
    lines = (line.partition(":") for line in LISTED.read_text("utf-8").splitlines())
    return {module: reason.strip() for module, _, reason in lines}


if __name__ == "__main__":
    reasons = listed()
    LISTED.write_text("".join(f"{m}: {reasons.get(m, '')}\n" for m in mentions()), "utf-8")
