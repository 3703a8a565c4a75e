"""An unchanged plan of 500 rows, and one with a changed cell, as whole processes.

    python -m benchmarks.stack_plan [--rows 100] [--rounds 3]

The stack has as many buckets (with versioning, public access block and tags), queues, roles (with
an attachment), log groups and topics as ``--rows``. The rival is a boto3 script that makes the
reads which the same comparison needs, one after the other as such scripts do. Calls are those that
each side makes itself; the table shows the least CPU time (user and system) of all rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.emulator import emulator
from benchmarks.small_things import Spent, environment, spent

MOST_CALLS, MOST_SECONDS = 700, 3.0
"""What an unchanged plan of 500 rows may take."""

_STACK = """
STACK 'five-hundred';
PARAM rows INTEGER;
RESOURCE buckets IN aws.s3.buckets KEY (Bucket) AS
  SELECT printf('bench-%03d', i) AS Bucket, {'Status': 'STATUS'} AS VersioningConfiguration,
         {'BlockPublicAcls': true, 'IgnorePublicAcls': true, 'BlockPublicPolicy': true,
          'RestrictPublicBuckets': true} AS PublicAccessBlockConfiguration,
         MAP {'team': 'a'} AS Tags
  FROM range($rows) t(i);
RESOURCE queues IN aws.sqs.queues KEY (QueueName) AS
  SELECT printf('bench-%03d', i) AS QueueName, 60 AS VisibilityTimeout FROM range($rows) t(i);
RESOURCE policy IN aws.iam.policies AS
  SELECT 'bench' AS PolicyName, '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "s3:ListBucket", "Resource": "*"}]}' AS PolicyDocument;
RESOURCE roles IN aws.iam.roles KEY (RoleName) AS
  SELECT printf('bench-%03d', i) AS RoleName,
         '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
           "Principal": {"Service": "lambda.amazonaws.com"}}]}' AS AssumeRolePolicyDocument
  FROM range($rows) t(i);
RESOURCE attached IN aws.iam.attached_role_policies KEY (RoleName) AS
  SELECT roles.RoleName, policy.Arn AS PolicyArn FROM roles, policy;
RESOURCE logs IN aws.logs.log_groups KEY (logGroupName) AS
  SELECT printf('/bench/%03d', i) AS logGroupName, 30 AS retentionInDays FROM range($rows) t(i);
RESOURCE topics IN aws.sns.topics KEY (Name) AS
  SELECT printf('bench-%03d', i) AS Name FROM range($rows) t(i);
"""

_OURS = """
import json, os, sys
from pathlib import Path
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from cirrusql.stacks.stack import Stack
folder, rows, applies, told = sys.argv[1:]
settings = Settings(endpoint_url=os.environ["AWS_ENDPOINT_URL"], region="us-east-1",
                    on_error="continue", audit="off")
with Session(settings, os.environ, options=WriteOptions(assume_yes=True)) as session:
    with Stack(Path(folder), session, values={"rows": int(rows)}) as stack:
        plan = stack.plan()
        if applies == "yes":
            report = stack.apply(plan)
            assert not report.failed, report.failed[0]
        Path(told).write_text(json.dumps(
            {"calls": sum(plan.calls.values()), "pending": len(plan.pending)}))
"""

_BOTO3 = """
import json, os, sys
import boto3
rows, told = int(sys.argv[1]), sys.argv[2]
calls = 0
def client(name):
    global calls
    made = boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    def count(**_):
        global calls
        calls += 1
    made.meta.events.register("before-send.*.*", count)
    return made
names = [f"bench-{i:03d}" for i in range(rows)]
s3, sqs, iam, logs, sns = map(client, ("s3", "sqs", "iam", "logs", "sns"))
s3.list_buckets()
for n in names:
    s3.get_bucket_versioning(Bucket=n)
    s3.get_public_access_block(Bucket=n)
    s3.get_bucket_tagging(Bucket=n)
    sqs.get_queue_attributes(
        QueueUrl=sqs.get_queue_url(QueueName=n)["QueueUrl"], AttributeNames=["All"])
    iam.list_attached_role_policies(RoleName=n)
for page in iam.get_paginator("list_roles").paginate():
    pass
for page in logs.get_paginator("describe_log_groups").paginate():
    pass
for page in sns.get_paginator("list_topics").paginate():
    for topic in page["Topics"]:
        sns.get_topic_attributes(TopicArn=topic["TopicArn"])
open(told, "w").write(json.dumps({"calls": calls}))
"""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with emulator() as url, tempfile.TemporaryDirectory() as home:
        environ = environment(home, url)
        folder = Path(home) / "stack"
        folder.mkdir()
        told = Path(home) / "told.json"
        text = folder / "stack.sql"

        def ours(status: str, applies: str = "no") -> tuple[Spent, dict[str, int]]:
            text.write_text(_STACK.replace("STATUS", status), "utf-8")
            command = (
                sys.executable,
                "-c",
                _OURS,
                str(folder),
                str(given.rows),
                applies,
                str(told),
            )
            return spent(command, environ), json.loads(told.read_text())

        def theirs() -> tuple[Spent, dict[str, int]]:
            command = (sys.executable, "-c", _BOTO3, str(given.rows), str(told))
            return spent(command, environ), json.loads(told.read_text())

        made, _ = ours("Enabled", "yes")
        rows = 5 * given.rows + given.rows + 1
        print(f"{rows} rows created in {made.wall:.1f} s, {made.cpu:.1f} s of CPU")
        found: dict[str, list[tuple[Spent, dict[str, int]]]] = {}
        for _ in range(given.rounds):
            found.setdefault("plan, nothing changed", []).append(ours("Enabled"))
            found.setdefault("plan, one cell of each bucket changed", []).append(ours("Suspended"))
            found.setdefault("boto3, the same reads", []).append(theirs())
        rival = min(s.cpu for s, _ in found["boto3, the same reads"])
        print(f"{'':38}{'calls':>7}{'CPU s':>8}{'wall s':>8}{'ratio':>7}")
        for name, runs in found.items():
            cpu = min(s.cpu for s, _ in runs)
            wall = min(s.wall for s, _ in runs)
            calls = runs[0][1]["calls"]
            print(f"{name:38}{calls:>7}{cpu:>8.2f}{wall:>8.2f}{cpu / rival:>7.2f}")
        assert found["plan, nothing changed"][0][1]["pending"] == 0


if __name__ == "__main__":
    main()
