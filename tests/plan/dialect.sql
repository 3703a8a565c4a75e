-- Everything the engine's SQL has, over cloud tables: one statement a line.
SELECT Path, count(*) AS n, max(Age) FROM toy.iam.users GROUP BY ALL ORDER BY ALL
FROM toy.iam.access_keys
FROM toy.iam.users SELECT UserName WHERE Age > 20 ORDER BY 1 LIMIT 2
SELECT * EXCLUDE (Status) FROM toy.iam.access_keys
SELECT * REPLACE (lower(Status) AS Status) FROM toy.iam.access_keys
SELECT * RENAME (Status AS s) FROM toy.iam.access_keys
SELECT k.* EXCLUDE (Status) FROM toy.iam.access_keys k
SELECT COLUMNS('User.*') FROM toy.iam.users
SELECT min(COLUMNS(* EXCLUDE (Status))) FROM toy.iam.access_keys
SELECT COLUMNS(lambda c: c LIKE '%Name') FROM toy.iam.users
SELECT * LIKE '%Name' FROM toy.iam.access_keys
SELECT unnest(Tags) FROM toy.ec2.instances
SELECT InstanceId, unnest(Tags, recursive := true) FROM toy.ec2.instances
SELECT InstanceId, t.Key FROM toy.ec2.instances, unnest(Tags) AS u(t)
SELECT InstanceId, u.t.Value FROM toy.ec2.instances i CROSS JOIN unnest(i.Tags) AS u(t)
SELECT u.UserName, x.n FROM toy.iam.users u LEFT JOIN LATERAL (SELECT u.Age + 1 AS n) x ON true
SELECT a.UserName, b.UserName FROM toy.iam.users a ASOF JOIN toy.iam.users b ON a.Age > b.Age
SELECT a.UserName, g.GroupName FROM (FROM toy.iam.users ORDER BY UserName) a POSITIONAL JOIN (FROM toy.iam.groups ORDER BY GroupName) g
SELECT UserName FROM toy.iam.users SEMI JOIN toy.iam.access_keys USING (UserName)
SELECT UserName FROM toy.iam.users ANTI JOIN toy.iam.access_keys USING (UserName)
SELECT UserName, Path FROM toy.iam.users QUALIFY row_number() OVER (PARTITION BY Path ORDER BY UserName) = 1
SELECT UserName, sum(Age) OVER w FROM toy.iam.users WINDOW w AS (ORDER BY UserName ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
SELECT UserName, lag(Age IGNORE NULLS) OVER (ORDER BY UserName) FROM toy.iam.users
SELECT Path, Age, count(*) FROM toy.iam.users GROUP BY GROUPING SETS ((Path), (Age), ())
SELECT Path, grouping_id(Path), count(*) FROM toy.iam.users GROUP BY ROLLUP (Path)
SELECT Path, Age, count(*) FROM toy.iam.users GROUP BY CUBE (Path, Age)
WITH RECURSIVE r(n, d) AS (SELECT UserName, 1 FROM toy.iam.users WHERE UserName = 'ann' UNION ALL SELECT n, d + 1 FROM r WHERE d < 3) SELECT * FROM r
WITH RECURSIVE r AS (SELECT GroupName AS g, 0 AS d FROM toy.iam.groups UNION SELECT m.UserName, d + 1 FROM r JOIN toy.iam.members m ON m.GroupName = r.g WHERE d < 2) SELECT * FROM r
WITH x AS MATERIALIZED (FROM toy.iam.users), y AS NOT MATERIALIZED (FROM x WHERE Age = 31) SELECT UserName FROM y
PIVOT (SELECT Path, Age FROM toy.iam.users) ON Path USING sum(Age)
SELECT * FROM (SELECT Path, Age FROM toy.iam.users) PIVOT (count(*) FOR Path IN ('/', '/admin/') GROUP BY Age)
UNPIVOT (SELECT UserName, Path FROM toy.iam.users) ON UserName, Path INTO NAME n VALUE v
SELECT {'name': UserName, 'in': {'path': Path}} AS s FROM toy.iam.users
SELECT MAP {'name': UserName, 'path': Path}['name'] AS m FROM toy.iam.users
SELECT Tags[1].Key, Tags[-1], Tags[1:1], Tags[1]['Value'] FROM toy.ec2.instances
SELECT State.Name, State['Code'], (State).Name AS again FROM toy.ec2.instances
SELECT [t.Key FOR t IN Tags IF t.Value IS NOT NULL] AS k FROM toy.ec2.instances
SELECT list_transform(Tags, lambda t: t.Key || '=' || coalesce(t.Value, '')) AS k FROM toy.ec2.instances
SELECT list_filter(Tags, lambda UserName: UserName.Key = 'Name') AS k FROM toy.ec2.instances
SELECT Tags.list_filter(lambda t: t.Key = 'Name').len() AS n FROM toy.ec2.instances
SELECT UserName.upper().lower() AS u FROM toy.iam.users
SELECT Age::VARCHAR, TRY_CAST(UserName AS INT), CAST(Age AS DECIMAL(5, 1)) FROM toy.iam.users
SELECT date_diff('day', DATE '2020-01-01', DATE '2020-01-01' + INTERVAL (Age) DAYS) AS d FROM toy.iam.users
SELECT UserName FROM toy.iam.users WHERE Age BETWEEN 20 AND 40 AND UserName NOT BETWEEN 'b' AND 'c'
SELECT UserName FROM toy.iam.users WHERE Path IS DISTINCT FROM '/' AND Age IS NOT DISTINCT FROM 31
SELECT UserName FROM toy.iam.users WHERE (UserName, Path) IN (SELECT UserName, '/admin/' FROM toy.iam.access_keys)
SELECT UserName FROM toy.iam.users WHERE Age >= ALL (SELECT Age FROM toy.iam.users WHERE Age IS NOT NULL)
SELECT UserName FROM toy.iam.users WHERE UserName LIKE 'a_n' ESCAPE '\' OR UserName ILIKE 'BO%' OR UserName SIMILAR TO 'c.d' OR UserName GLOB 'd*' OR UserName ^@ 'e'
SELECT UserName FROM toy.iam.users u WHERE EXISTS (FROM toy.iam.access_keys k WHERE k.UserName = u.UserName)
SELECT Age // 2, Age % 2, Age ** 2, Age & 1, Age | 1, Age << 1, ~Age, -Age, @Age FROM toy.iam.users
SELECT count(*) FILTER (WHERE Age > 20), count(DISTINCT Path), list(UserName ORDER BY UserName DESC NULLS LAST), string_agg(UserName, ',' ORDER BY UserName) FROM toy.iam.users
SELECT count() FROM toy.iam.users
SELECT arg_max(UserName, Age), quantile_cont(Age, [0.5, 0.9]), max(Path), bool_and(Age > 1) FROM toy.iam.users
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY Age) FROM toy.iam.users
SELECT DISTINCT ON (Path) Path, UserName FROM toy.iam.users ORDER BY Path, UserName DESC
SELECT UserName AS "A b", Path p FROM toy.iam.users
SELECT name: UserName, older: Age + 1 FROM toy.iam.users
SELECT UserName FROM toy.iam.users UNION ALL BY NAME SELECT GroupName AS UserName FROM toy.iam.groups
SELECT UserName FROM toy.iam.users INTERSECT SELECT UserName FROM toy.iam.members EXCEPT SELECT 'ann'
(SELECT UserName FROM toy.iam.users) UNION (SELECT GroupName FROM toy.iam.groups) ORDER BY 1 LIMIT 3
SELECT UserName FROM toy.iam.users ORDER BY UserName COLLATE NOCASE DESC NULLS FIRST OFFSET 1
SELECT UserName FROM toy.iam.users ORDER BY Age DESC NULLS LAST, UserName LIMIT 40%
SELECT u.UserName, r.i FROM toy.iam.users u, range(2) r(i) WHERE r.i = 1
SELECT CASE Path WHEN '/' THEN 'root' ELSE 'other' END AS c, IF(Age > 30, 1, 0) AS o, nullif(Path, '/') FROM toy.iam.users
SELECT extract(year FROM DATE '2020-01-01') + Age AS y FROM toy.iam.users
SELECT substring(UserName FROM 1 FOR 2), position('n' IN UserName), trim(BOTH 'a' FROM UserName) FROM toy.iam.users
SELECT struct_pack(a := UserName, b := Age) AS s, row(UserName, Age) AS r FROM toy.iam.users
SELECT GroupName, (SELECT max(Since) FROM toy.iam.members m WHERE m.GroupName = g.GroupName) AS latest FROM toy.iam.groups g
SELECT ARRAY(SELECT UserName FROM toy.iam.users ORDER BY UserName) AS l
SELECT t.UserName FROM (toy.iam.users t JOIN toy.iam.access_keys USING (UserName)) LEFT JOIN (toy.iam.groups CROSS JOIN (SELECT 1 AS one)) ON true
SELECT x.* FROM (SELECT UserName, Age FROM toy.iam.users) x
SELECT "UserName", "users"."Path" FROM "toy"."iam"."users"
SELECT USERNAME AS a, path AS b FROM toy.IAM.Users
SELECT /* toy.iam.groups */ UserName FROM /* one */ toy.iam.users /* two */ WHERE /* three */ UserName = 'ann'
SELECT 'toy.iam.users' AS text, UserName FROM toy.iam.users
SELECT $$it's toy.iam.users$$ AS text, E'it\'s' AS e, UserName FROM toy.iam.users
SELECT SUM(Age) FROM toy.iam.users HAVING count(*) > 1
SELECT Path FROM toy.iam.users GROUP BY Path HAVING max(Age) > 40
SELECT u.UserName, m.n FROM toy.iam.users u JOIN (SELECT UserName, count(*) AS n FROM toy.iam.members GROUP BY UserName) m USING (UserName)
VALUES ((SELECT count(*) FROM toy.iam.users)), (1)
SELECT UserName FROM toy.iam.users WHERE UserName IN (VALUES ('ann'), ('x'))
SELECT (SELECT UserName FROM toy.iam.users WHERE Age = 47) || '!' AS x
SELECT try_cast(State.Code AS VARCHAR) AS c, State IS NULL AS n, struct_extract(State, 'Name') AS s FROM toy.ec2.instances
SELECT json_extract_string(to_json(State), '$.Name') AS j, to_json(Tags)->>'$[0].Key' AS k FROM toy.ec2.instances
SELECT InstanceId FROM toy.ec2.instances WHERE list_contains(list_transform(Tags, lambda t: t.Value), 'web')
SUMMARIZE SELECT UserName FROM toy.iam.users
