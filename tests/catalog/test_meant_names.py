"""Table names that people know from elsewhere lead to the right tables."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cirrusql.catalog.meant_names import meant_tables
from cirrusql.errors import UnknownService, UnknownTable
from tests.support.catalog import CATALOG

FROM_STEAMPIPE = {
    "aws_acm_certificate": "acm.certificates",
    "aws_api_gateway_rest_api": "apigateway.rest_apis",
    "aws_api_gatewayv2_api": "apigatewayv2.apis",
    "aws_cloudtrail_trail": "cloudtrail.trails",
    "aws_cloudwatch_log_group": "logs.log_groups",
    "aws_directory_service_directory": "ds.directories",
    "aws_ebs_volume": "ec2.volumes",
    "aws_ec2_ami": "ec2.images",
    "aws_ec2_application_load_balancer": "elbv2.load_balancers",
    "aws_ec2_autoscaling_group": "autoscaling.auto_scaling_groups",
    "aws_ec2_instance": "ec2.instances",
    "aws_ec2_target_group": "elbv2.target_groups",
    "aws_elasticache_subnet_group": "elasticache.cache_subnet_groups",
    "aws_eventbridge_rule": "events.rules",
    "aws_guardduty_ipset": "guardduty.ip_sets",
    "aws_iam_access_key": "iam.access_keys",
    "aws_iam_user": "iam.users",
    "aws_kinesis_firehose_delivery_stream": "firehose.delivery_streams",
    "aws_rds_db_instance": "rds.db_instances",
    "aws_region": "ec2.regions",
    "aws_route53_record": "route53.resource_record_sets",
    "aws_route53_resolver_rule": "route53resolver.resolver_rules",
    "aws_route53_zone": "route53.hosted_zones",
    "aws_s3_bucket": "s3.buckets",
    "aws_sns_topic_subscription": "sns.subscriptions",
    "aws_ssm_managed_instance": "ssm.instance_information",
    "aws_vpc": "ec2.vpcs",
    "aws_vpc_eip": "ec2.addresses",
    "aws_vpc_route_table": "ec2.route_tables",
    "aws_vpc_security_group": "ec2.security_groups",
    "aws_wafv2_web_acl": "wafv2.web_acls",
}
FROM_TERRAFORM = {
    "aws_ami": "ec2.images",
    "aws_cloudwatch_event_rule": "events.rules",
    "aws_cloudwatch_metric_alarm": "cloudwatch.alarms",
    "aws_db_instance": "rds.db_instances",
    "aws_eks_node_group": "eks.nodegroups",
    "aws_iam_role_policy": "iam.role_policies",
    "aws_iam_policy_attachment": "iam.attached_role_policies",
    "aws_iam_role_policy_attachment": "iam.attached_role_policies",
    "aws_internet_gateway_attachment": "ec2.internet_gateways",
    "aws_vpn_gateway_attachment": "ec2.vpn_gateways",
    "aws_network_interface_sg_attachment": "ec2.network_interfaces",
    "aws_lb_target_group_attachment": "elbv2.target_health",
    "aws_elb_attachment": "elb.instance_health",
    "aws_autoscaling_attachment": "autoscaling.load_balancer_target_groups",
    "aws_organizations_policy_attachment": "organizations.targets_for_policies",
    "aws_iot_thing_principal_attachment": "iot.thing_principals",
    "aws_lightsail_disk_attachment": "lightsail.disks",
    "aws_ssoadmin_managed_policy_attachment": "sso_admin.managed_policies_in_permission_sets",
    "aws_vpclattice_target_group_attachment": "vpc_lattice.targets",
    "aws_instance": "ec2.instances",
    "aws_lb_target_group": "elbv2.target_groups",
    "aws_msk_cluster": "kafka.clusters",
    "aws_rds_cluster": "rds.db_clusters",
    "aws_s3_bucket_object": "s3.objects",
    "aws_security_group": "ec2.security_groups",
    "aws_sfn_state_machine": "stepfunctions.state_machines",
    "aws_subnet": "ec2.subnets",
}
BARE = {
    "buckets": "s3.buckets",
    "instancez": "ec2.instances",
    "instances": "ec2.instances",
    "log_group": "logs.log_groups",
    "iam.users": "iam.users",
}
ELSEWHERE = {
    "aws.cloudwatch.log_groups": "logs.log_groups",
    "aws.ebs.volumes": "ec2.volumes",
    "aws.ec2.amis": "ec2.images",
    "aws.elasticsearch.domains": "es.elasticsearch_domains",
    "aws.elb.target_groups": "elbv2.target_groups",
    "aws.eventbridge.rules": "events.rules",
    "aws.msk.clusters": "kafka.clusters",
    "aws.s3.access_points": "s3control.access_points",
    "aws.sfn.state_machines": "stepfunctions.state_machines",
    "aws.vpc.vpcs": "ec2.vpcs",
}


@pytest.mark.parametrize(
    "names", [FROM_STEAMPIPE, FROM_TERRAFORM, BARE, ELSEWHERE], ids=["s", "t", "b", "e"]
)
def test_the_table_that_is_meant_comes_first(names: Mapping[str, str]) -> None:
    found = {name: meant_tables(CATALOG, tuple(name.split("."))) for name in names}
    assert {name: tables[:1] for name, tables in found.items()} == {
        name: (f"aws.{table}",) for name, table in names.items()
    }


def test_a_noun_of_several_services_names_three() -> None:
    assert meant_tables(CATALOG, ("clusters",)) == (
        "aws.ecs.clusters",
        "aws.eks.clusters",
        "aws.redshift.clusters",
    )


def test_a_name_like_no_other_means_nothing() -> None:
    assert meant_tables(CATALOG, ("my_own_list",)) == ()


def test_the_error_of_a_service_names_the_table() -> None:
    with pytest.raises(UnknownService) as caught:
        CATALOG.table("aws", "vpc", "security_groups")
    assert caught.value.hint == "did you mean aws.ec2.security_groups?"


def test_the_error_of_a_service_alone_names_the_service() -> None:
    with pytest.raises(UnknownService) as caught:
        CATALOG.resources("aws", "msk")
    assert caught.value.hint == "did you mean aws.kafka?"


def test_a_misspelt_table_is_one_of_its_own_service() -> None:
    with pytest.raises(UnknownTable) as caught:
        CATALOG.table("aws", "ec2", "instancez")
    assert caught.value.near[0] == "instances"


def test_every_entry_leads_to_what_there_is() -> None:
    other, schemas = CATALOG.source("aws").other_names, set(CATALOG.schemas("aws"))
    named = {*other.first, *(s for meant in other.services.values() for s in meant)}
    assert named - schemas == set()
    for table in other.tables.values():
        schema, _, resource = table.partition(".")
        assert resource in CATALOG.resources("aws", schema), table


def test_no_entry_says_what_the_rule_says_already() -> None:
    other, schemas = CATALOG.source("aws").other_names, CATALOG.schemas("aws")
    folded = {schema.replace("_", ""): schema for schema in schemas}
    needless = [
        n for n, meant in other.services.items() if (folded.get(n.replace("_", "")),) == meant
    ]
    assert needless == []


def test_a_resource_comes_before_what_only_acts_on_it() -> None:
    assert CATALOG.table("aws", "ec2", "route_table").name == "route_tables"
    assert CATALOG.table("aws", "iam", "role_policy").name == "role_policies"
