"""Which operations return credentials, over the whole catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cirrusql.api.model import Operation
from cirrusql.catalog.inference.verbs import registry_verb, verb_of
from cirrusql.catalog.model import Verb
from cirrusql.catalog.secrets.credential_operations import (
    Gives,
    credential_notes,
    gives,
    is_harmless,
    mints,
)
from cirrusql.catalog.secrets.credential_values import is_credential, texts
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG

LIST = Path(__file__).with_name("credentials.txt")

MINTS = """
    sts:GetSessionToken sts:GetFederationToken sts:AssumeRole sts:AssumeRoleWithWebIdentity
    sts:GetWebIdentityToken ecr:GetAuthorizationToken ecr-public:GetAuthorizationToken
    codeartifact:GetAuthorizationToken
    redshift:GetClusterCredentials redshift:GetClusterCredentialsWithIAM redshift-serverless:GetCredentials
    sso:GetRoleCredentials ec2:GetPasswordData cognito-identity:GetCredentialsForIdentity
    cognito-identity:GetOpenIdToken cognito-idp:GetTokensFromRefreshToken connect:GetFederationToken
    lakeformation:GetTemporaryGlueTableCredentials s3control:GetDataAccess ssm:GetAccessToken kms:Decrypt
    emr:GetClusterSessionCredentials lightsail:GetInstanceAccessDetails amplify:GetArtifactUrl
    s3:CreateSession sagemaker:CreatePresignedDomainUrl sagemaker:CreatePresignedNotebookInstanceUrl
    appstream:CreateStreamingURL snowball:GetJobUnlockCode gamelift:GetGameSessionLogUrl kms:GenerateDataKey
    acm:ExportCertificate codepipeline:PollForJobs quicksight:GetDashboardEmbedUrl
""".split()  # noqa: E501
HARMLESS = """
    iam:ListAccessKeys iam:ListServiceSpecificCredentials iam:GetUser secretsmanager:ListSecrets
    ec2:DescribeKeyPairs lambda:GetFunction s3:GetObject rds:DescribeDBInstances kms:GetKeyPolicy
    cloudformation:GetTemplate
    bedrock-agentcore-control:ListApiKeyCredentialProviders logs:DescribeLogStreams sts:GetCallerIdentity
    secretsmanager:GetRandomPassword eks:DescribeCluster iam:CreateAccessKey rds:CreateDBInstance
""".split()  # noqa: E501


def _operation(operation_id: str) -> Operation:
    service, _, name = operation_id.partition(":")
    return CATALOG.service("aws", service.replace("-", "_")).operation(name)


@pytest.mark.parametrize("operation_id", MINTS)
def test_minting_is_told_and_no_verb_of_reading_reaches_it(operation_id: str) -> None:
    operation = _operation(operation_id)
    assert mints(operation)
    assert Verb.SELECT not in (verb_of(operation), registry_verb(operation))


@pytest.mark.parametrize("operation_id", HARMLESS)
def test_what_hands_out_nothing_is_left_alone(operation_id: str) -> None:
    assert gives(_operation(operation_id)) is None


def test_a_stored_secret_is_one_as_it_is_asked_for() -> None:
    assert gives(_operation("secretsmanager:GetSecretValue")) is Gives.STORED
    parameter = _operation("ssm:GetParameter")
    assert gives(parameter, {"Name"}) is None
    assert gives(parameter, {"Name", "WithDecryption"}) is Gives.STORED


def classified() -> Iterator[str]:
    """Everything in the catalog that hands out credentials: the operation and its output."""
    data = credential_notes(OVERLAY)
    for service_id in sorted(CATALOG.source("aws").ids()):
        service = CATALOG.service("aws", service_id.replace("-", "_"))
        for operation in map(service.operation, sorted(service.operation_names)):
            given = gives(operation, tuple(operation.parameters))
            by = data["stored_with"].get(operation.id, "")
            fields = (
                []
                if given is Gives.MINTED or is_harmless(operation)
                else sorted(_fields(operation))
            )
            if given is None and not fields:
                continue
            what = {Gives.MINTED: "mints", Gives.STORED: f"stored {by}".strip(), None: "fields"}[
                given
            ]
            why = next(
                (data[k][operation.id] for k in ("mints", "stored") if operation.id in data[k]), ""
            )
            said = "; ".join(filter(None, [", ".join(fields), why]))
            yield f"{operation.id} {what}{': ' if said else ''}{said}\n"


def _fields(operation: Operation) -> set[str]:
    if operation.output is None:
        return set()
    paging = operation.paging
    tokens = paging.output_tokens if paging is not None else ()
    return {n for n, m in texts(operation.output, 9) if is_credential(n, m) and n not in tokens}


def test_the_list_of_what_hands_out_credentials_is_as_it_was_read_over() -> None:
    """``python -m tests.catalog.secrets.test_credential_operations`` writes it again;
    read what changed."""
    found = list(classified())
    kept = LIST.read_text("utf-8").splitlines(keepends=True)
    assert sorted(set(kept) - set(found)) == []
    assert sorted(set(found) - set(kept)) == []


def test_every_column_that_has_a_credential_is_hidden_from_a_star() -> None:
    table = CATALOG.table("aws", "lambda", "functions")
    column = table.by_alias["code"]
    assert column.is_credential
    assert is_secret_column(column)


def test_every_key_of_the_data_names_an_operation_and_is_needed() -> None:
    notes = credential_notes(OVERLAY)
    for kind, entries in notes.items():
        for operation_id, said in entries.items():
            operation = _operation(operation_id)
            assert said, f"credentials.toml: {kind}: {operation_id} says nothing"
            if kind == "stored_with":
                assert said in operation.parameters, (
                    f"credentials.toml: {operation_id} has no {said}"
                )


if __name__ == "__main__":
    LIST.write_text("".join(classified()), "utf-8")
