-- Every statement that the language's own page shows, in its order, run in one session. Each case is a name, a
-- statement and how many rows come back ("some" where that is not the page's to say).

-- 6: INSERT … VALUES
INSERT INTO aws.iam.users (UserName, Path) VALUES ('ann', '/people/'), ('bob', '/people/');
--> 2

-- a key of ann's
INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann');
--> 1

-- 6: INSERT … SELECT
INSERT INTO aws.iam.users (UserName, Path) SELECT UserName || '-2', Path FROM aws.iam.users;
--> 2

-- 1: the API's spelling
SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = 'ann';
--> 1

-- 1: snake_case, and names without case
SELECT access_key_id, USERNAME FROM AWS.IAM.ACCESS_KEYS WHERE user_name = 'ann';
--> 1

-- 1: the noun as it stands
SELECT AccessKeyId FROM aws.iam.access_key WHERE UserName = 'ann';
--> 1

-- 1: the _api spelling
SELECT AccessKeyId FROM aws.iam_api.access_keys WHERE UserName = 'ann';
--> 1

-- something with tags and a state
INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, TagSpecifications) VALUES
  ('ami-1', 't3.nano', 1, 1, [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': 'web'}]}]);
--> 1

-- 3: an item of a list
SELECT Tags[1].Key FROM aws.ec2.instances;
--> 1

-- 3: unnest
SELECT unnest(Tags) FROM aws.ec2.instances;
--> 1

-- 3: json_extract
SELECT json_extract(Tags, '$[0].Key') FROM aws.ec2.instances;
--> 1

-- 3: -> and ->>
SELECT Tags -> '$[0].Key', State ->> '$.Name' FROM aws.ec2.instances;
--> 1

-- 3: tags
SELECT tags(Tags)['Name'] FROM aws.ec2.instances;
--> 1

-- 3: arn_parse
SELECT arn_parse(Arn).account_id FROM aws.iam.users WHERE UserName = 'ann';
--> 1

-- 3: policy_equal and json_equal
SELECT policy_equal('{"Statement": []}', '{"Statement": []}'), json_equal('{"a": 1, "b": 2}', '{"b": 2, "a": 1}');
--> 1

-- 3: policy_std
SELECT policy_std('{"Statement": {"Action": "s3:*"}}');
--> 1

-- 4: a join on a parameter feeds it
SELECT u.UserName, k.AccessKeyId FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = u.UserName;
--> 1

-- 4: parents
SELECT * FROM aws.ecs.services;
--> 0

-- 4: max_calls
SET max_calls = 20000;
--> 0

-- 4: parents off
SET parents = 'off';
--> 0

-- 4: parents on again
SET parents = 'on';
--> 0

-- 4: LIMIT
SELECT InstanceId FROM aws.ec2.instances LIMIT 5;
--> 1

-- 4: count
SELECT count(*) FROM aws.dynamodb.tables;
--> 1

-- 4: a region
SELECT VpcId FROM aws.ec2.vpcs WHERE region = 'eu-west-1';
--> 1

-- 4: some regions
SELECT VpcId FROM aws.ec2.vpcs WHERE region IN ('eu-west-1', 'us-east-1');
--> 2

-- 4: regions like
SELECT region, VpcId FROM aws.ec2.vpcs WHERE region LIKE 'eu-west-%';
--> 3

-- 4: all regions but one
SELECT VpcId FROM aws.ec2.vpcs WHERE region <> 'us-east-1';
--> some

-- 4: all regions
SELECT VpcId FROM aws.ec2.vpcs WHERE region = '*';
--> some

-- 4: all connections
SELECT connection, count(*) FROM aws.iam.users WHERE connection = '*' GROUP BY ALL;
--> 0

-- 4: no cache
SET cache_ttl = '0s';
--> 0

-- 4: FRESH
SELECT /*+ FRESH */ UserName FROM aws.iam.users;
--> 4

-- 4: every join
SELECT a.UserName FROM aws.iam.users a FULL JOIN aws.iam.users b ON a.UserName = b.UserName RIGHT JOIN aws.iam.groups g ON true;
--> 0

-- 4: a recursive CTE
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT count(*) FROM aws.iam.users)) SELECT i FROM n;
--> 4

-- 4: a window and QUALIFY
SELECT UserName FROM aws.iam.users QUALIFY row_number() OVER (ORDER BY UserName) = 1;
--> 1

-- 4: GROUPING SETS
SELECT Path, count(*) FROM aws.iam.users GROUP BY GROUPING SETS ((Path), ());
--> 2

-- 4: PIVOT
PIVOT aws.iam.users ON Path USING count(*) GROUP BY UserName;
--> 4

-- 4: UNION, EXCEPT, INTERSECT
SELECT UserName FROM aws.iam.users UNION SELECT GroupName FROM aws.iam.groups EXCEPT SELECT 'ann';
--> 3

-- 5: SHOW PROVIDERS
SHOW PROVIDERS;
--> 1

-- 5: SHOW SERVICES
SHOW SERVICES IN aws LIKE '%iam%';
--> some

-- 5: SHOW RESOURCES
SHOW RESOURCES IN aws.iam;
--> some

-- 5: SHOW RESOURCES LIKE
SHOW RESOURCES IN aws.iam LIKE '%key%';
--> some

-- 5: SHOW METHODS
SHOW METHODS IN aws.iam_api.access_keys;
--> some

-- 5: SHOW EXTENDED
SHOW EXTENDED METHODS IN aws.iam_api.access_keys;
--> some

-- 5: DESCRIBE
DESCRIBE aws.iam_api.access_keys;
--> some

-- 5: DESCRIBE EXTENDED
DESCRIBE EXTENDED aws.iam_api.access_keys;
--> some

-- 5: DESCRIBE METHOD
DESCRIBE METHOD aws.iam_api.access_keys.access_keys_List;
--> some

-- 5: SHOW INSERT
SHOW INSERT INTO aws.iam.users;
--> 1

-- 5: SHOW CREATE
SHOW CREATE TABLE aws.iam.users;
--> 1

-- 5: SHOW TABLES
SHOW TABLES;
--> 0

-- 5: SHOW CONNECTIONS
SHOW CONNECTIONS;
--> some

-- 5: SHOW REGIONS
SHOW REGIONS;
--> some

-- 5: SHOW VARIABLES
SHOW VARIABLES;
--> some

-- 5: SHOW PARENTS
SHOW PARENTS IN aws.ecs;
--> some

-- 5: information_schema
SELECT table_name FROM information_schema.tables WHERE table_catalog = 'aws' AND table_schema = 'iam' LIMIT 1;
--> some

-- 5: cirrusql.calls
SELECT service, operation, account, region, page, attempt, status, error, request_id, bytes, ms, cached FROM cirrusql.calls;
--> some

-- 5: cirrusql.errors
SELECT * FROM cirrusql.errors;
--> 0

-- 5: cirrusql.services
SELECT * FROM cirrusql.services WHERE service = 'iam';
--> 1

-- 5: cirrusql.resources
SELECT * FROM cirrusql.resources WHERE service = 'iam' LIMIT 3;
--> 3

-- 5: cirrusql.methods
SELECT provider, service, resource, method, api_method, operation, sql_verb, required, description FROM cirrusql.methods WHERE operation = 'ListAccessKeys';
--> some

-- 5: cirrusql.fields
SELECT provider, service, resource, name, type, sql_type, role, required, description FROM cirrusql.fields WHERE resource = 'access_keys' LIMIT 1;
--> 1

-- 5: EXPLAIN
EXPLAIN SELECT UserName FROM aws.iam.users;
--> 1

-- 5: EXPLAIN (FORMAT json)
EXPLAIN (FORMAT json) SELECT UserName FROM aws.iam.users;
--> 1

-- 5: EXPLAIN (FORMAT tree)
EXPLAIN (FORMAT tree) SELECT UserName FROM aws.iam.users;
--> 1

-- 5: EXPLAIN ANALYZE
EXPLAIN ANALYZE SELECT UserName FROM aws.iam.users;
--> 1

-- 5: EXPLAIN (POLICY)
EXPLAIN (POLICY) SELECT UserName FROM aws.iam.users;
--> 1

-- 6: UPDATE
UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'ann' AND Status = 'Active';
--> 1

-- 6: REPLACE
REPLACE INTO aws.ssm.parameters (Name, Value, Type) VALUES ('/a', '1', 'String');
--> 1

-- 6: EXEC
EXEC aws.iam_api.access_keys.access_keys_Update @AccessKeyId = (SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = 'ann'), @UserName = 'ann', @Status = 'Inactive', @region = 'us-east-1';
--> some

-- 6: a whole request
EXEC aws.iam.groups.create_group @@json = '{"GroupName": "staff"}';
--> some

-- 6: an answer as a table
SELECT * FROM (EXEC aws.iam.users.list_users);
--> some

-- 6: DELETE of what a subquery finds
DELETE FROM aws.iam.access_keys WHERE Status = 'Inactive' AND UserName IN (SELECT UserName FROM aws.iam.users);
--> 1

-- 6: RETURNING
INSERT INTO aws.iam.groups (GroupName) VALUES ('guests') RETURNING *;
--> 1

-- 6: AWAIT
INSERT /*+ AWAIT('5m') */ INTO aws.iam.users (UserName) VALUES ('cid');
--> 1

-- 6: BEGIN
BEGIN;
--> 0

-- 6: a queued write
INSERT INTO aws.iam.groups (GroupName) VALUES ('queued');
--> some

-- 6: COMMIT
COMMIT;
--> some

-- 6: BEGIN again
BEGIN;
--> 0

-- 6: a write that is dropped
INSERT INTO aws.iam.groups (GroupName) VALUES ('dropped');
--> some

-- 6: ROLLBACK
ROLLBACK;
--> 0

-- 6: what was committed is there, and what was dropped is not
SELECT GroupName FROM aws.iam.groups WHERE GroupName IN ('queued', 'dropped');
--> 1

-- 6: WHERE true says all
DELETE FROM aws.iam.groups WHERE true;
--> 3

-- 7: CREATE VIEW
CREATE OR REPLACE VIEW v AS SELECT UserName FROM aws.iam.users;
--> 0

-- 7: a view
SELECT * FROM v WHERE UserName = 'ann';
--> 1

-- 7: CREATE MATERIALIZED VIEW
CREATE MATERIALIZED VIEW m AS SELECT UserName FROM aws.iam.users;
--> 0

-- 7: REFRESH MATERIALIZED VIEW
REFRESH MATERIALIZED VIEW m;
--> 0

-- 7: CREATE TABLE AS
CREATE TABLE t AS SELECT UserName FROM aws.iam.users;
--> 0

-- 7: COPY
COPY (SELECT UserName FROM aws.iam.users) TO 'f.parquet';
--> 0

-- 7: a local INSERT
INSERT INTO t VALUES ('dan');
--> 0

-- 7: a local UPDATE
UPDATE t SET UserName = 'eve' WHERE UserName = 'dan';
--> 0

-- 7: a local DELETE
DELETE FROM t WHERE UserName = 'eve';
--> 0

-- 9: a bound parameter
SELECT UserName, AccessKeyId FROM aws.iam.access_keys WHERE UserName = $u;
--> 0
