"""Over the catalog: which answers are maps whose entries are rows,
and what their keys are called."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from cirrusql.api.model import Kind
from cirrusql.catalog.model import Verb
from cirrusql.catalog.rows.answer_lists import content, is_aside
from tests.support.catalog import CATALOG


@cache
def entries() -> dict[str, str]:
    """The key column of each operation."""
    return dict(_entries())


def _entries() -> Iterator[tuple[str, str]]:
    for info in CATALOG.services("aws"):
        service, _ = CATALOG.loaded("aws", info.id)
        for name in (n for names in service.plain.values() for n in names):
            method = service.method(name)
            rows, output = method.rows, method.operation.output
            if method.verb is not Verb.SELECT or rows is None or output is None or not rows.lists:
                continue
            shape = output
            for step in rows.lists[0]:
                shape = shape.members[step].shape
            if shape.kind is Kind.MAP:
                key = [n for n, p in rows.fields.items() if (p.level, p.path) == (1, ("key",))]
                yield method.operation.id, "".join(key)
            elif not is_aside(rows.lists[0][-1]):
                continue
            else:
                # A list of failures is never the rows where a map beside it has the things.
                maps = [
                    n for n in content(method.operation, output) if _is_map_of_things(output, n)
                ]
                assert not maps, (method.operation.id, maps)


def _is_map_of_things(output: object, name: str) -> bool:
    shape = output.members[name].shape  # type: ignore[attr-defined]
    return (
        shape.kind is Kind.MAP and shape.value.shape.kind is Kind.STRUCTURE and not is_aside(name)
    )


def test_these_answers_are_maps_of_rows() -> None:
    assert entries() == {
        "appflow:ListConnectorEntities": "group",
        "detective:ListDatasourcePackages": "DatasourcePackage",
        "devicefarm:ListUniqueProblems": "executionResult",
        "es:DescribeElasticsearchInstanceTypeLimits": "InstanceRole",
        "forecastquery:QueryForecast": "Statistic",
        "forecastquery:QueryWhatIfForecast": "Statistic",
        "inspector:DescribeExclusions": "exclusionArn",
        "marketplace-catalog:BatchDescribeEntities": "EntityId",
        "marketplace-discovery:SearchFacets": "searchFacetType",
        "opensearch:DescribeInstanceTypeLimits": "InstanceRole",
        "pinpoint-email:GetBlacklistReports": "BlacklistItemName",
        "pinpoint:GetChannels": "Channel",
        "sagemaker:BatchDescribeModelPackage": "",  # What it leads to has the ARN itself.
        "ses:GetIdentityDkimAttributes": "Identity",
        "ses:GetIdentityMailFromDomainAttributes": "Identity",
        "ses:GetIdentityNotificationAttributes": "Identity",
        "ses:GetIdentityVerificationAttributes": "Identity",
        "sesv2:GetBlacklistReports": "BlacklistItemName",
        "taxsettings:BatchGetTaxExemptions": "accountId",
        "taxsettings:ListTaxExemptions": "accountId",
    }
