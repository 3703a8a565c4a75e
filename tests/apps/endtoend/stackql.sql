-- Statements in every form that StackQL's documentation shows, class by class, on tables of AWS, run in one session in this order.
-- Each case is a name, a statement, and how many rows come back ("some": not the page's to say), or what the error says.
-- Names and values are our own.

-- INSERT: with SELECT of literals
INSERT INTO aws.ec2.volumes (region, AvailabilityZone, Size, VolumeType)
SELECT 'us-east-1', 'us-east-1a', 10, 'gp3';
--> 1

-- INSERT: VALUES, with data__
INSERT INTO aws.iam.users (data__UserName, data__Path, data__Tags)
VALUES ('ann', '/people/', '[{"Key": "team", "Value": "data"}]');
--> 1

-- INSERT: waiting
INSERT /*+ AWAIT */ INTO aws.ec2.volumes (region, AvailabilityZone, Size) SELECT 'us-east-1', 'us-east-1a', 20;
--> 1

-- INSERT: several rows
INSERT INTO aws.iam.groups (GroupName, Path) VALUES ('admins', '/'), ('readers', '/');
--> 2

-- INSERT: SELECT from a resource
INSERT INTO aws.iam.users (UserName, Path) SELECT UserName || '-copy', Path FROM aws.iam.users WHERE UserName = 'ann';
--> 1

-- INSERT: with a document
INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) SELECT 'job',
'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}';
--> 1

-- INSERT: RETURNING
INSERT INTO aws.ec2.vpcs (CidrBlock, region) SELECT '10.9.0.0/16', 'us-east-1' RETURNING VpcId;
--> 1

-- INSERT: an instance to work with
INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, region) VALUES ('ami-1', 't3.nano', 2, 2, 'us-east-1');
--> some

-- INSERT: a key
INSERT INTO aws.iam_api.access_keys (UserName, region) SELECT 'ann', 'us-east-1';
--> 1

-- SELECT: all columns
SELECT * FROM aws.ec2.instances WHERE region = 'us-east-1';
--> 2

-- SELECT: fields, in the documentation's case
select instanceId, instanceType from aws.ec2.instances where region = 'us-east-1';
--> 2

-- SELECT: ordered
SELECT UserName, CreateDate FROM aws.iam.users ORDER BY CreateDate DESC;
--> 2

-- SELECT: the newest
SELECT UserName, CreateDate FROM aws.iam.users WHERE region = 'us-east-1' ORDER BY CreateDate DESC LIMIT 1;
--> 1

-- SELECT: grouped, with HAVING
SELECT InstanceType, count(*) AS num_instances FROM aws.ec2.instances WHERE region = 'us-east-1'
GROUP BY InstanceType HAVING InstanceType != 't2.micro';
--> 1

-- SELECT: a column beside GROUP BY, as SQLite allows
SELECT volumeId, volumeType, count(*) AS num FROM aws.ec2.volumes WHERE region = 'us-east-1' GROUP BY volumeType;
--> error: must appear in the GROUP BY clause

-- SELECT: several regions
SELECT region, COUNT(*) AS num_volumes FROM aws.ec2.volumes
WHERE region IN ('us-east-1', 'us-east-2', 'eu-west-1') GROUP BY region;
--> some

-- SELECT: every region
SELECT region, VolumeId FROM aws.ec2.volumes WHERE region = '*';
--> some

-- SELECT: the caller's own, under the _api name
SELECT AccessKeyId, Status FROM aws.iam_api.access_keys WHERE UserName = 'ann' AND region = 'us-east-1';
--> 1

-- SELECT: one of the _api names of the registry
SELECT Account, Arn FROM aws.sts_api.caller_identities WHERE region = 'us-east-1';
--> 1

-- SELECT: what hands out credentials
SELECT * FROM aws.sts.session_tokens WHERE region = 'us-east-1';
--> error: SELECT … FROM (EXEC aws.sts.session_tokens.get_session_token)

-- SELECT: aliases and a literal
SELECT 'aws' AS vendor, volumeId AS name, split_part(volumeType, 'p', 1) AS kind, size FROM aws.ec2.volumes WHERE region = 'us-east-1';
--> some

-- SELECT: DISTINCT
SELECT DISTINCT InstanceType FROM aws.ec2.instances WHERE region = 'us-east-1';
--> 1

-- SELECT: CASE
SELECT UserName, CASE WHEN Path = '/people/' THEN 'person' ELSE 'service' END AS kind FROM aws.iam.users;
--> 2

-- SELECT: UNION of services
SELECT UserName AS name, 'user' AS kind FROM aws.iam.users WHERE region = 'us-east-1'
UNION SELECT GroupName, 'group' FROM aws.iam.groups WHERE region = 'us-east-1';
--> 4

-- SELECT: a subquery
SELECT t.Path, count(*) AS n FROM (SELECT UserName, Path FROM aws.iam.users WHERE region = 'us-east-1') t GROUP BY t.Path;
--> 1

-- SELECT: WITH
WITH people AS (SELECT UserName, Path FROM aws.iam.users), crowds AS (SELECT GroupName AS name, Path FROM aws.iam.groups)
SELECT Path, count(*) FROM (SELECT * FROM people UNION ALL SELECT * FROM crowds) GROUP BY Path;
--> 2

-- SELECT: WITH RECURSIVE
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n;
--> 3

-- SELECT: window functions
SELECT UserName, ROW_NUMBER() OVER (ORDER BY UserName) AS n, DENSE_RANK() OVER (PARTITION BY Path ORDER BY UserName) AS r,
LAG(UserName) OVER w AS before, FIRST_VALUE(UserName) OVER w AS first FROM aws.iam.users WINDOW w AS (ORDER BY UserName);
--> 2

-- joins: inner
SELECT u.UserName, k.AccessKeyId FROM aws.iam.users u INNER JOIN aws.iam.access_keys k ON u.UserName = k.UserName;
--> 1

-- joins: left outer
SELECT u.UserName, k.AccessKeyId FROM aws.iam.users u LEFT OUTER JOIN aws.iam.access_keys k ON u.UserName = k.UserName WHERE u.region = 'us-east-1';
--> 2

-- joins: a parameter without a qualifier
SELECT i.InstanceId, v.VpcId FROM aws.ec2.instances i JOIN aws.ec2.vpcs v ON i.VpcId = v.VpcId WHERE region = 'us-east-1';
--> error: region

-- joins: the same, qualified
SELECT i.InstanceId, v.VpcId FROM aws.ec2.instances i JOIN aws.ec2.vpcs v ON i.VpcId = v.VpcId WHERE i.region = 'us-east-1';
--> some

-- joins: a table function of an array
SELECT u.UserName, json_each.value FROM aws.iam.users u, json_each(u.Tags) WHERE u.UserName = 'ann';
--> 1

-- joins: the table function's alias
SELECT i.InstanceId, g.value FROM aws.ec2.instances i, json_each(i.SecurityGroups) AS g WHERE i.region = 'us-east-1';
--> some

-- JSON: json_extract in the list and in WHERE
SELECT InstanceId, json_extract(State, '$.Name') AS state FROM aws.ec2.instances
WHERE region = 'us-east-1' AND json_extract(State, '$.Name') = 'running';
--> 2

-- JSON: json_extract of a document
SELECT RoleName, json_extract(AssumeRolePolicyDocument, '$.Statement[0].Principal.Service') AS service FROM aws.iam.roles
WHERE json_extract(AssumeRolePolicyDocument, '$.Statement[0].Effect') = 'Allow';
--> some

-- JSON: json_array_length
SELECT UserName, json_array_length(Tags) AS n FROM aws.iam.users WHERE UserName = 'ann' AND json_array_length(Tags) = 1;
--> 1

-- JSON: json_type
SELECT json_type('{"a": [1]}', '$.a') AS type;
--> 1

-- JSON: json_object, json_group_array, json_group_object
SELECT json_group_array(UserName) AS names, json_group_object(UserName, Path) AS paths, json_object('a', 1) AS one FROM aws.iam.users;
--> 1

-- JSON: json_equal
SELECT json_equal('{"a": 1, "b": 2}', '{"b": 2, "a": 1}') AS same;
--> 1

-- JSON: aws_policy_equal
SELECT RoleName FROM aws.iam.roles WHERE aws_policy_equal(AssumeRolePolicyDocument,
'{"Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}], "Version": "2012-10-17"}') = 1;
--> 1

-- JSON: aws_policy_equal of tags, in any order
SELECT UserName FROM aws.iam.users WHERE aws_policy_equal(Tags, '[{"Value": "data", "Key": "team"}]') = 1;
--> 1

-- JSON: json_replace, json_remove, json_set, json_insert, json_patch
SELECT json_replace('{"a": 1}', '$.a', 2) AS a, json_remove('{"a": 1, "b": 2}', '$.b') AS b, json_set('{"a": 1}', '$.c', 3) AS c,
json_insert('{"a": 1}', '$.d', 4) AS d, json_patch('{"a": 1}', '{"a": null, "e": 5}') AS e;
--> 1

-- functions: aggregates
SELECT sum(size), avg(size), min(size), max(size), total(size), count(*), group_concat(volumeId, ', ') FROM aws.ec2.volumes WHERE region = 'us-east-1';
--> 1

-- functions: text
SELECT upper('a'), lower('A'), length('abc'), trim(' a '), ltrim(' a'), rtrim('a '), replace('abc', 'b', 'x'), substr('abc', 1, 2),
substring('abc', 2), instr('abc', 'c'), 'a' || 'b', split_part('a/b/c', '/', -1), char(65, 66);
--> 1

-- functions: general
SELECT coalesce(NULL, 'a'), ifnull(NULL, 'b'), nullif('a', 'a'), iif(1 < 2, 'yes', 'no');
--> 1

-- functions: mathematics
SELECT abs(-1), round(1.25, 1), sign(-3), ceil(1.2), floor(1.8), trunc(1.7), mod(7, 3), pow(2, 3), sqrt(9), ln(1), log10(100), log2(8),
pi(), degrees(pi()), radians(180), sin(0), cos(0), tan(0), atan2(1, 1), sinh(0);
--> 1

-- functions: dates
SELECT UserName FROM aws.iam.users WHERE CreateDate > datetime('now', '-1 day') AND julianday('now') - julianday(CreateDate) < 1;
--> 2

-- functions: forms of dates
SELECT date('now', 'start of month', '+1 month', '-1 day'), time('12:00', '+30 minutes'), strftime('%Y-%m', 'now'), unixepoch('2026-01-01'),
datetime(0, 'unixepoch');
--> 1

-- functions: regular expressions
SELECT UserName, regexp_substr(Arn, '[0-9]+') AS account, regexp_replace(UserName, '-.*', '') AS short FROM aws.iam.users
WHERE regexp_like(UserName, '^ann');
--> 2

-- functions: REGEXP as an operator
SELECT UserName FROM aws.iam.users WHERE UserName REGEXP '^ann$';
--> error: regexp_matches(text, 'pattern')

-- SHOW: providers
SHOW PROVIDERS;
--> some

-- SHOW: services
SHOW SERVICES IN aws LIKE '%iam%';
--> some

-- SHOW: services, extended
SHOW EXTENDED SERVICES IN aws WHERE name = 'ec2';
--> error: cirrusql.services

-- SHOW: services, extended, by name
SHOW EXTENDED SERVICES IN aws LIKE 'ec2';
--> 1

-- SHOW: services FROM
SHOW SERVICES FROM aws LIKE 'ec2';
--> 1

-- SHOW: resources
SHOW RESOURCES IN aws.ec2;
--> some

-- SHOW: resources, extended, filtered
SHOW EXTENDED RESOURCES IN aws.iam_api LIKE '%key%';
--> some

-- SHOW: methods
SHOW METHODS IN aws.iam_api.access_keys;
--> 4

-- SHOW: methods, extended
SHOW EXTENDED METHODS IN aws.ec2.instances WHERE SQLVerb = 'EXEC';
--> error: cirrusql.methods

-- SHOW: a template of INSERT
SHOW INSERT INTO aws.iam.users;
--> 1

-- SHOW: only what is required
SHOW INSERT /*+ REQUIRED */ INTO aws.iam.users;
--> 1

-- SHOW: the version
SHOW VERSION;
--> 1

-- SHOW: the version, extended
SHOW EXTENDED VERSION;
--> 1

-- SHOW: the level of isolation
SHOW TRANSACTION ISOLATION LEVEL;
--> 1

-- DESCRIBE: a resource
DESCRIBE aws.iam.users;
--> some

-- DESCRIBE: extended
DESCRIBE EXTENDED aws.iam.users;
--> some

-- DESCRIBE: its short name
DESC EXTENDED aws.iam.users;
--> some

-- DESCRIBE: a method
DESCRIBE METHOD aws.iam.users.create_user;
--> some

-- DESCRIBE: a method of the _api name, extended
DESCRIBE METHOD EXTENDED aws.iam_api.access_keys.access_keys_Create;
--> some

-- EXEC: with named arguments
EXEC aws.iam_api.access_keys.access_keys_List @UserName = 'ann', @region = 'us-east-1';
--> some

-- EXEC: its rows
EXEC /*+ SHOWRESULTS */ aws.iam.users.get_user @UserName = 'ann';
--> some

-- EXEC: a body, without a comma before it
EXEC aws.iam.users.update_user @UserName = 'ann-copy' @@json = '{"NewPath": "/people/new/"}';
--> some

-- EXEC: a body, after a comma, waiting
EXEC /*+ AWAIT */ aws.iam.groups.update_group @GroupName = 'readers', @@json = '{"NewPath": "/people/"}';
--> error: remove AWAIT

-- EXEC: one instance, where the parameter is a list
EXEC aws.ec2.instances.stop_instances @InstanceId = 'i-0fc989cf4efcd8b88', @region = 'us-east-1';
--> failed

-- UPDATE: with data__
UPDATE aws.iam.users SET data__NewPath = '/' WHERE data__UserName = 'ann-copy';
--> 1

-- UPDATE: a column
UPDATE aws.iam.users SET Path = '/staff/' WHERE UserName = 'ann-copy';
--> 1

-- UPDATE: waiting
UPDATE /*+ AWAIT */ aws.iam.roles SET Description = 'jobs' WHERE RoleName = 'job';
--> error: remove AWAIT

-- REPLACE: all of a resource
REPLACE aws.iam.account_password_policies SET MinimumPasswordLength = 12 WHERE region = 'us-east-1';
--> error: REPLACE INTO table (columns) VALUES

-- REPLACE: as it is written here
REPLACE INTO aws.iam.role_policies (RoleName, PolicyName, PolicyDocument) VALUES ('job', 'read',
'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}');
--> 1

-- views: made
CREATE VIEW people AS SELECT UserName, Path FROM aws.iam.users WHERE region = 'us-east-1';
--> some

-- views: made again
CREATE OR REPLACE VIEW people AS SELECT UserName, Path, CreateDate FROM aws.iam.users WHERE region = 'us-east-1';
--> some

-- views: read
SELECT * FROM people WHERE Path LIKE '/people/%';
--> 1

-- views: described
DESCRIBE people;
--> 3

-- views: materialized
CREATE MATERIALIZED VIEW crowd AS SELECT GroupName FROM aws.iam.groups;
--> some

-- views: refreshed
REFRESH MATERIALIZED VIEW crowd;
--> some

-- views: dropped
DROP VIEW people;
--> some

-- views: a materialized one dropped
DROP MATERIALIZED VIEW crowd;
--> some

-- tables: made from a query
CREATE TABLE staff AS SELECT UserName FROM aws.iam.users;
--> some

-- transactions: BEGIN
BEGIN;
--> some

-- transactions: ROLLBACK
ROLLBACK;
--> some

-- DELETE: by its key
DELETE FROM aws.iam.users WHERE UserName = 'ann-copy' AND region = 'us-east-1';
--> 1

-- DELETE: waiting, with data__
DELETE /*+ AWAIT */ FROM aws.iam.groups WHERE data__GroupName = 'readers';
--> error: remove AWAIT

-- REGISTRY: LIST
REGISTRY LIST;
--> some

-- REGISTRY: LIST of one
REGISTRY LIST aws;
--> some

-- REGISTRY: PULL
REGISTRY PULL aws v24.07.00246;
--> some

-- REGISTRY: REMOVE
REGISTRY REMOVE aws;
--> error: REGISTRY

-- AUTH: LOGIN
AUTH LOGIN aws;
--> error: log in with those tools

-- AUTH: with a type
AUTH LOGIN aws SERVICEACCOUNT;
--> error: log in with those tools

-- AUTH: REVOKE
AUTH REVOKE aws;
--> error: log in with those tools

-- others: USE
USE aws;
--> some

-- others: PURGE
PURGE;
--> some

-- others: PURGE CONSERVATIVE
PURGE CONSERVATIVE;
--> some

-- others: NATIVEQUERY
NATIVEQUERY 'SELECT 1 AS one';
--> 1

-- others: SLEEP
SLEEP 1000;
--> error: AWAIT

-- others: EXPLAIN
EXPLAIN SELECT UserName FROM aws.iam.users;
--> some

-- others: a template that nothing filled in
SELECT UserName FROM aws.iam.users WHERE UserName = '{{ .values.user }}';
--> error: --iqldata
