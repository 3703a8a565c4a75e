"""How long planning takes: a query over ten tables, once its services are loaded.

``python -m benchmarks.plan`` prints milliseconds: parsing and planning the first time, and the
median and the maximum of fifty times after that (goal: 50 ms). ``--profile`` prints where the time
goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import time

from cirrusql.catalog.catalog import Catalog
from cirrusql.plan.model import Plan
from cirrusql.plan.planner import plan_query
from cirrusql.providers.registry import default_catalog
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement

SQL = """
WITH open_groups AS (
  SELECT g.GroupId, g.VpcId FROM aws.ec2.security_groups g, unnest(g.IpPermissions) AS p(rule)
  WHERE p.rule.FromPort <= 22 AND g.region = 'eu-west-1'
),
keys AS (
  SELECT u.UserName, k.AccessKeyId, k.CreateDate
  FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = u.UserName
  WHERE k.Status = 'Active' AND u.Path LIKE '/people/%'
)
SELECT i.InstanceId, tags(i.Tags)['Name'] AS name, v.CidrBlock, s.AvailabilityZone, d.VolumeId, n.SnapshotId,
       f.FunctionName, q.QueueUrl, (SELECT count(*) FROM keys) AS keys
FROM aws.ec2.instances i
JOIN aws.ec2.vpcs v ON v.VpcId = i.VpcId AND v.region = i.region
JOIN aws.ec2.subnets s ON s.SubnetId = i.SubnetId AND s.region = i.region
LEFT JOIN aws.ec2.volumes d ON d.region = i.region AND d.AvailabilityZone = s.AvailabilityZone
LEFT JOIN aws.ec2.snapshots n ON n.VolumeId = d.VolumeId AND n.OwnerId = i.OwnerId
LEFT JOIN aws.lambda.functions f ON f.VpcConfig.VpcId = v.VpcId
LEFT JOIN aws.sqs.queues q ON q.QueueUrl LIKE '%' || f.FunctionName
WHERE i.State.Name IN ('running', 'stopped') AND i.region = 'eu-west-1' AND NOT d.Encrypted
  AND i.VpcId IN (SELECT VpcId FROM open_groups)
ORDER BY name
"""  # noqa: E501


def planned(catalog: Catalog) -> Plan:
    """The query, from its text to its plan."""
    statement = parse(SQL)
    assert isinstance(statement, QueryStatement)
    return plan_query(statement.text, statement.tree, catalog)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    catalog = default_catalog()
    took = []
    for number in range(51):
        started = time.perf_counter()
        plan = planned(catalog)
        took.append((time.perf_counter() - started) * 1e3)
        if number == 0:
            cpu = time.process_time()
    cpu = (time.process_time() - cpu) * 1e3 / 50
    tables = {scan.table.id for scan in plan.scans}
    assert len(tables) == 10, tables
    first, *warm = took
    worst, median = max(warm), statistics.median(warm)
    print(f"a query over {len(tables)} tables: {first:.0f} ms the first time, then {median:.1f} ms")
    print(f"(worst {worst:.1f}, CPU {cpu:.1f}; reach: 50 ms)")
    if given.profile:
        with cProfile.Profile() as profile:
            planned(catalog)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)


if __name__ == "__main__":
    main()
