"""Which operations hand out credentials, over the whole catalog."""

from __future__ import annotations

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.api.model import Operation
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.credentials import Gives, credential_notes, gives, mints
from cirrusql.catalog.inference.verbs import registry_verb, verb_of
from cirrusql.catalog.model import Verb

CATALOG = Catalog([BotocoreSource()])

MINTS = """
    sts:GetSessionToken sts:GetFederationToken sts:AssumeRole sts:AssumeRoleWithWebIdentity
    sts:GetWebIdentityToken ecr:GetAuthorizationToken ecr-public:GetAuthorizationToken
    codeartifact:GetAuthorizationToken
    redshift:GetClusterCredentials redshift:GetClusterCredentialsWithIAM redshift-serverless:GetCredentials
    sso:GetRoleCredentials ec2:GetPasswordData cognito-identity:GetCredentialsForIdentity
    cognito-identity:GetOpenIdToken cognito-idp:GetTokensFromRefreshToken connect:GetFederationToken
    lakeformation:GetTemporaryGlueTableCredentials s3control:GetDataAccess ssm:GetAccessToken kms:Decrypt
    emr:GetClusterSessionCredentials lightsail:GetInstanceAccessDetails amplify:GetArtifactUrl
    s3:CreateSession sagemaker:CreatePresignedDomainUrl
""".split()
HARMLESS = """
    iam:ListAccessKeys iam:ListServiceSpecificCredentials iam:GetUser secretsmanager:ListSecrets
    ec2:DescribeKeyPairs lambda:GetFunction s3:GetObject rds:DescribeDBInstances kms:GetKeyPolicy
    cloudformation:GetTemplate
    bedrock-agentcore-control:ListApiKeyCredentialProviders logs:DescribeLogStreams sts:GetCallerIdentity
    secretsmanager:GetRandomPassword eks:DescribeCluster
""".split()


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


def test_every_key_of_the_data_names_an_operation_and_is_needed() -> None:
    notes = credential_notes()
    for kind, entries in notes.items():
        for operation_id, said in entries.items():
            operation = _operation(operation_id)
            assert said, f"credentials.toml: {kind}: {operation_id} says nothing"
            if kind == "stored_with":
                assert said in operation.parameters, f"credentials.toml: {operation_id} has no {said}"
