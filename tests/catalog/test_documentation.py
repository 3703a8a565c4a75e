"""The model's HTML as text, and its agreement with the reference page."""

from __future__ import annotations

import re

import pytest

from cirrusql.catalog.inference.documentation import first_sentence, plain_text
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The ID for this access key.</p>", "The ID for this access key."),
        ("<p>a</p> <p>b</p><ul> <li> <p>c</p> </li></ul>", "a b c"),
        ('See <a href="https://x">IAM &amp; STS</a> in\n  <i>here</i>', "See IAM & STS in here"),
        ("<code>a &lt; b</code>", "a < b"),
        ("", ""),
    ],
)
def test_plain_text_is_one_line_without_tags(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_first_sentence_does_not_end_at_an_abbreviation() -> None:
    assert (
        first_sentence("<p>Lists keys, e.g. old ones. If none, nothing.</p>")
        == "Lists keys, e.g. old ones."
    )


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        (
            "<note> <p>Not for x. Or y.</p> </note> <p>Deletes a bucket. Now.</p>",
            "Deletes a bucket.",
        ),
        ("<p><note> <p>Use b.</p> </note> <p>Calls it.</p>", "Calls it."),
        ("<important>A</important><note>B</note><p>Lists all.</p>", "Lists all."),
        ("<note><p>This is all there is.</p></note>", "This is all there is."),
        ("<p>Lists it.</p><note>Not for x.</note>", "Lists it."),
    ],
)
def test_the_first_sentence_is_not_that_of_a_note(html: str, sentence: str) -> None:
    assert first_sentence(html) == sentence


def test_a_listing_says_what_a_method_does_and_not_where_it_does_not() -> None:
    table = CATALOG.table("aws", "s3", "bucket_cors")
    told = {m.name: first_sentence(m.description) for m in table.methods}
    assert told["delete_bucket_cors"].startswith("Deletes the cors configuration")


def test_no_description_of_any_column_of_a_service_keeps_a_tag() -> None:
    for name in CATALOG.resources("aws", "iam"):
        for column in CATALOG.table("aws", "iam", name).columns:
            assert not re.search(r"</?(p|code|a|i|b|ul|li|note)\b", plain_text(column.description))


# The reference page's cells, HTML as it is before it is escaped. AWS has since reworded the
# descriptions of ListAccessKeys and UpdateAccessKey.
FIELDS = {
    "AccessKeyId": "The ID for this access key.",
    "CreateDate": "The date when the access key was created.",
    "Status": "The status of the access key. <code>Active</code> means that the key is valid for "
    "API calls; "
    "<code>Inactive</code> means it is not.",
    "UserName": "The name of the IAM user that the key is associated with.",
}


@pytest.mark.parametrize("name", FIELDS)
def test_field_is_described_in_the_words_of_the_reference_page(name: str) -> None:
    table = CATALOG.table("aws", "iam_api", "access_keys")
    assert table.by_alias[name.lower()].description == f"<p>{FIELDS[name]}</p>"
