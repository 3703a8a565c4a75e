"""Prompts for common audits. Texts only."""

from __future__ import annotations

from dataclasses import dataclass

HOW = """\
Work with the tools of this server: search_catalog finds tables, describe_table shows their
columns, explain_query shows the calls and permissions of a statement before you run it,
run_query runs it. A column spelled as the API spells it is best quoted. Say which accounts and
regions you read; `region = '*'` reads all enabled regions, `connection = '*'` all accounts
of the config. If a page has failures, say what could not be read. Do not write anything.
"""


@dataclass(frozen=True)
class Audit:
    """One prompt."""

    name: str
    title: str
    description: str
    task: str
    sql: str


AUDITS = (
    Audit(
        "old_access_keys",
        "Old access keys",
        "Access keys older than a number of days, with their last use",
        "List the active access keys older than {days} days, oldest first, and say for each "
        "whether "
        "it was used in the last {days} days.",
        "SELECT u.UserName, k.AccessKeyId, k.Status, date_diff('day', k.CreateDate, now()) AS age\n"
        "FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = u.UserName\n"
        "WHERE k.CreateDate < now() - INTERVAL {days} DAY ORDER BY age DESC",
    ),
    Audit(
        "users_without_mfa",
        "Users without MFA",
        "IAM users with a password and no MFA device",
        "List the IAM users that can sign in with a password and have no MFA device.",
        "SELECT u.UserName FROM aws.iam.users u\n"
        "WHERE u.UserName NOT IN (SELECT d.UserName FROM aws.iam.mfa_devices d\n"
        "                         WHERE d.UserName IN (SELECT UserName FROM aws.iam.users))",
    ),
    Audit(
        "open_security_groups",
        "Open security groups",
        "Security groups that let the whole internet in",
        "List the security groups with an inbound rule for 0.0.0.0/0 or ::/0 on anything but "
        "ports 80 "
        "and 443, and the instances that use them.",
        "SELECT region, GroupId, GroupName, IpPermissions FROM aws.ec2.security_groups WHERE "
        "region = '*'",
    ),
    Audit(
        "public_buckets",
        "Public buckets",
        "Buckets whose public access is not blocked",
        "List the S3 buckets without a full public access block, and say for each whether its "
        "policy or "
        "its ACL makes it public.",
        "SELECT b.Name, p.* FROM aws.s3.buckets b\n"
        "LEFT JOIN aws.s3.public_access_blocks p ON p.Bucket = b.Name",
    ),
    Audit(
        "idle_volumes",
        "Idle volumes",
        "EBS volumes that are not attached to an instance",
        "List the EBS volumes that are not attached, with their size and age, largest first, and "
        "the total size for each region.",
        "SELECT region, VolumeId, Size, VolumeType, CreateTime FROM aws.ec2.volumes\n"
        "WHERE region = '*' AND State = 'available' ORDER BY Size DESC",
    ),
    Audit(
        "untagged_resources",
        "Untagged resources",
        "EC2 instances without a required tag",
        "List the EC2 instances without the tag {tag}, with their owner where another tag names "
        "one.",
        "SELECT region, InstanceId, InstanceType, Tags FROM aws.ec2.instances\n"
        "WHERE region = '*' AND tags(Tags)['{tag}'] IS NULL",
    ),
)


def text_of(audit: Audit, **values: object) -> str:
    """The prompt with its values filled in."""
    task, sql = (part.format(**values) for part in (audit.task, audit.sql))
    return f"{task}\n\n{HOW}\nA statement to start from:\n\n```sql\n{sql}\n```\n"
