"""What ``\\h`` prints: the form of each statement, and an example that runs in the sandbox."""

from __future__ import annotations

from cirrusql.errors import UnknownName

FORMS = {
    "SELECT": """\
SELECT columns FROM provider.service.resource [alias] [JOIN …] [WHERE …] [ORDER BY …] [LIMIT n]
  SELECT InstanceId, State.Name FROM aws.ec2.instances WHERE region = '*';
  SELECT u.UserName, k.AccessKeyId FROM aws.iam.users u JOIN aws.iam.access_keys k
    ON k.UserName = u.UserName;""",
    "INSERT": """\
INSERT INTO provider.service.resource (columns) VALUES (…), (…) [RETURNING …]
INSERT INTO provider.service.resource (columns) SELECT …
  INSERT INTO aws.iam.users (UserName) VALUES ('zoe');
  SHOW INSERT INTO aws.iam.users;    -- prints a statement with every column""",
    "UPDATE": """\
UPDATE provider.service.resource SET column = value [, …] WHERE condition
  UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'alice';""",
    "REPLACE": """\
REPLACE INTO provider.service.resource (columns) VALUES (…)
  Writes the whole thing, whether it exists or not.""",
    "DELETE": """\
DELETE FROM provider.service.resource WHERE condition
  DELETE FROM aws.iam.users WHERE UserName = 'zoe';""",
    "EXEC": """\
EXEC provider.service.resource.method @Parameter = value, … [, @region = '…']
EXEC provider.service.resource.method @@json = '{…}'
  EXEC aws.ec2.instances.stop_instances @InstanceIds = ['i-…'];
  SHOW METHODS IN aws.ec2.instances;    -- lists the methods""",
    "SHOW": """\
SHOW PROVIDERS
SHOW SERVICES IN provider [LIKE '%text%']
SHOW RESOURCES IN provider.service [LIKE '%text%']
SHOW METHODS IN provider.service.resource
SHOW INSERT INTO provider.service.resource
SHOW CREATE TABLE provider.service.resource
SHOW PARENTS IN provider.service
SHOW TABLES | CONNECTIONS | REGIONS | VARIABLES
  SHOW EXTENDED … adds descriptions.""",
    "DESCRIBE": """\
DESCRIBE [EXTENDED] provider.service.resource
DESCRIBE METHOD provider.service.resource.method
  DESCRIBE EXTENDED aws.iam.access_keys;""",
    "EXPLAIN": """\
EXPLAIN [(FORMAT json | FORMAT tree | POLICY)] statement    -- makes no call
EXPLAIN ANALYZE select                                      -- runs it
  EXPLAIN (POLICY) SELECT * FROM aws.iam.users;             -- the permissions it needs""",
    "BEGIN": """\
BEGIN; write; write; COMMIT | ROLLBACK
  Writes are queued, and run in order at COMMIT. If one fails, the writes before it are undone.""",
    "CREATE": """\
CREATE [OR REPLACE] [MATERIALIZED] VIEW name AS select
CREATE TABLE name AS select
REFRESH MATERIALIZED VIEW name
  CREATE VIEW active_keys AS SELECT * FROM aws.iam.access_keys WHERE Status = 'Active';""",
    "COPY": """\
COPY (select) TO 'file.parquet'
  The file extension sets the format: .parquet, .csv, .json.""",
    "SET": """\
SET setting = value | RESET setting
  SHOW VARIABLES;    -- lists the settings""",
}


class UnknownStatement(UnknownName):
    """A statement that there is not."""

    kind = "statement"


def statement_help(name: str) -> str:
    """The form of a statement; without a name, which statements there are."""
    word = name.split(None, 1)[0].upper() if name.split() else ""
    if not word:
        return f"\\h NAME shows the form of a statement:\n  {', '.join(FORMS)}"
    if word not in FORMS:
        raise UnknownStatement(name, FORMS)
    return FORMS[word]
