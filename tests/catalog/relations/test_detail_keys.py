"""Which column of a listing's rows is the key of a detail, where several could be."""

from __future__ import annotations

import pytest

from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("table", "operation", "parameter", "column"),
    [
        # Values that do not fit the parameter's pattern or length are not candidates.
        ("codeartifact.domains", "DescribeDomain", "domain", "name"),
        ("codeartifact.domains", "GetDomainPermissionsPolicy", "domain", "name"),
        ("quicksight.namespaces", "DescribeNamespace", "Namespace", "Name"),
        (
            "iot_managed_integrations.ota_task_configurations",
            "GetOtaTaskConfiguration",
            "Identifier",
            "TaskConfigurationId",
        ),
        ("ivschat.rooms", "GetRoom", "identifier", "arn"),
        ("ivschat.logging_configurations", "GetLoggingConfiguration", "identifier", "arn"),
        # The group's, not its own.
        ("gameliftstreams.stream_urls", "GetStreamUrl", "Identifier", "StreamGroupArn"),
        # A version is identified by its version number: its id is its parent's.
        ("bedrock_agent.flow_versions", "GetFlowVersion", "flowVersion", "version"),
        (
            "greengrass.core_definition_versions",
            "GetCoreDefinitionVersion",
            "CoreDefinitionVersionId",
            "Version",
        ),
        ("greengrass.group_versions", "GetGroupVersion", "GroupVersionId", "Version"),
        ("lambda.layer_versions", "GetLayerVersion", "VersionNumber", "Version"),
        # The documentation says which of an id, a name and an ARN it is.
        ("oam.links", "GetLink", "Identifier", "Arn"),
        ("oam.sinks", "GetSinkPolicy", "SinkIdentifier", "Arn"),
        ("securityhub.automation_rules_v2", "GetAutomationRuleV2", "Identifier", "RuleArn"),
        ("network_security_manager.rules", "GetRule", "ruleIdentifier", "ruleArn"),
        (
            "servicecatalog_appregistry.associated_resources",
            "GetAssociatedResource",
            "resource",
            "name",
        ),
        # And these are as they were.
        ("controltower.enabled_controls", "GetEnabledControl", "enabledControlIdentifier", "arn"),
        (
            "ssm.maintenance_window_execution_tasks",
            "GetMaintenanceWindowExecutionTask",
            "TaskId",
            "TaskExecutionId",
        ),
        ("ecs.task_definitions", "DescribeTaskDefinition", "taskDefinition", "taskDefinitionArn"),
    ],
)
def test_a_detail_is_asked_by_what_its_documentation_means(
    table: str, operation: str, parameter: str, column: str
) -> None:
    found = CATALOG.table("aws", *table.split("."))
    (keys,) = (dict(d.keys) for d in found.details if d.method.operation.name == operation)
    assert keys[parameter] == column
