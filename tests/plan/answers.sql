-- a listing
SELECT UserName FROM toy.iam.users;
--> ListUsers()

-- a key written in the statement
SELECT * FROM toy.iam.access_keys WHERE UserName='ann';
--> ListAccessKeys(UserName=ann)

-- a left join feeds its right side
SELECT u.UserName, k.AccessKeyId FROM toy.iam.users u LEFT JOIN toy.iam.access_keys k ON k.UserName=u.UserName;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- NOT EXISTS feeds what it looks for
SELECT u.UserName FROM toy.iam.users u WHERE NOT EXISTS (SELECT 1 FROM toy.iam.access_keys k WHERE k.UserName=u.UserName);
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- what NOT EXISTS says of the outside narrows nothing
SELECT u.UserName FROM toy.iam.users u WHERE NOT EXISTS (SELECT 1 FROM toy.iam.groups g WHERE u.UserName='ann');
--> ListGroups()
--> ListUsers()

-- ON of a left join narrows only its right side
SELECT u.UserName, k.AccessKeyId FROM (SELECT * FROM toy.iam.users) u LEFT JOIN toy.iam.access_keys k ON u.UserName='ann' AND k.UserName='bob';
--> ListAccessKeys(UserName=bob)
--> ListUsers()

-- a list of values drives
SELECT k.AccessKeyId FROM (VALUES ('ann'),('bob')) v(n) JOIN toy.iam.access_keys k ON k.UserName=v.n;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)

-- a positional join is not narrowed
SELECT u.UserName, g.GroupName FROM toy.iam.users u POSITIONAL JOIN toy.iam.groups g WHERE u.UserName='bob';
--> ListGroups()
--> ListUsers()

-- a subquery within a subquery, the same listing read once
SELECT Name FROM toy.store.buckets WHERE Name NOT IN (SELECT Bucket FROM toy.store.bucket_encryptions WHERE Bucket IN (SELECT Name FROM toy.store.buckets));
--> GetBucketEncryption(Bucket=logs)@north
--> GetBucketEncryption(Bucket=site)@north
--> ListBuckets()@north

-- NOT IN, fed by a parent
SELECT Name FROM toy.store.buckets WHERE Name NOT IN (SELECT Bucket FROM toy.store.bucket_encryptions);
--> GetBucketEncryption(Bucket=logs)@north
--> GetBucketEncryption(Bucket=site)@north
--> ListBuckets()@north

-- a correlated NOT IN
SELECT Name FROM toy.store.buckets b WHERE Name NOT IN (SELECT Bucket FROM toy.store.bucket_encryptions e WHERE e.Bucket = b.Name);
--> GetBucketEncryption(Bucket=logs)@north
--> GetBucketEncryption(Bucket=site)@north
--> ListBuckets()@north

-- a parent lists what nothing binds
SELECT cluster, serviceName FROM toy.ecs.services;
--> ListClusters()@north
--> ListServices(cluster=blue)@north
--> ListServices(cluster=green)@north

-- parents over two hops in every region
SELECT * FROM whole.ecs.tasks WHERE region LIKE '%';
--> ListClusters()@north
--> ListClusters()@south
--> ListServices(cluster=blue)@north
--> ListServices(cluster=blue)@south
--> ListServices(cluster=green)@north
--> ListTasks(cluster=blue, serviceName=api)@south
--> ListTasks(cluster=blue, serviceName=web)@north
--> ListTasks(cluster=green, serviceName=web)@north

-- a join on the region too
SELECT i.InstanceId, v.VolumeId FROM whole.ec2.instances i JOIN whole.ec2.volumes v ON v.InstanceId=i.InstanceId AND v.region=i.region WHERE i.region IN ('north','south');
--> DescribeInstances()@north
--> DescribeInstances()@south
--> DescribeVolumes()@north
--> DescribeVolumes()@south

-- a parent's key with its own listing
SELECT UserName, PolicyName, Document FROM toy.iam.user_policies;
--> GetUserPolicy(PolicyName=all, UserName=ann)
--> GetUserPolicy(PolicyName=read, UserName=ann)
--> GetUserPolicy(PolicyName=read, UserName=cid)
--> GetUserPolicy(PolicyName=write, UserName=eve)
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- a scalar subquery per row
SELECT UserName, (SELECT count(*) FROM toy.iam.access_keys k WHERE k.UserName=u.UserName) AS n FROM toy.iam.users u;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a lateral subquery with a LIMIT
SELECT u.UserName, l.AccessKeyId FROM toy.iam.users u, LATERAL (SELECT * FROM toy.iam.access_keys k WHERE k.UserName=u.UserName LIMIT 1) l WHERE u.Age=31;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a group key passes a predicate on
WITH x AS (SELECT UserName, count(*) n FROM toy.iam.access_keys GROUP BY 1) SELECT * FROM x WHERE UserName='ann';
--> ListAccessKeys(UserName=ann)

-- a CTE read twice is not narrowed by one of the readings
WITH x AS (SELECT UserName, Status FROM toy.iam.access_keys) SELECT * FROM x WHERE UserName='ann' UNION ALL SELECT * FROM x WHERE Status IS NULL;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a natural join sees every column
SELECT GroupName, UserName, Age FROM toy.iam.groups NATURAL JOIN toy.iam.members JOIN toy.iam.users USING (UserName);
--> ListGroups()
--> ListMembers(GroupName=admins)
--> ListMembers(GroupName=empty)
--> ListMembers(GroupName=staff)
--> ListUsers()

-- EXISTS drives what it compares with
SELECT k.AccessKeyId FROM toy.iam.access_keys k WHERE EXISTS (SELECT 1 FROM toy.iam.users u WHERE u.UserName=k.UserName AND u.Path='/admin/');
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=dan)
--> ListUsers(PathPrefix=/admin/)

-- a join in parentheses on the side that may be empty
SELECT a.UserName, l.AccessKeyId FROM toy.iam.users a LEFT JOIN (toy.iam.users b JOIN toy.iam.access_keys l ON l.UserName=b.UserName) ON a.UserName=b.UserName WHERE b.Age IS NULL;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- USING with a predicate on the shared column
FROM toy.iam.users u JOIN toy.iam.access_keys k USING (UserName) SELECT UserName, AccessKeyId WHERE UserName='ann';
--> GetUser(UserName=ann)
--> ListAccessKeys(UserName=ann)

-- USING of a right join
FROM toy.iam.users u RIGHT JOIN toy.iam.access_keys k USING (UserName) SELECT UserName, AccessKeyId WHERE UserName='ann';
--> GetUser(UserName=ann)
--> ListAccessKeys(UserName=ann)

-- USING of a full join
FROM toy.iam.users u FULL JOIN toy.iam.access_keys k USING (UserName) SELECT UserName, AccessKeyId WHERE UserName='ann';
--> GetUser(UserName=ann)
--> ListAccessKeys(UserName=ann)

-- USING with what a left join fills: it does not feed
SELECT UserName, k.AccessKeyId, p.PolicyName FROM toy.iam.users u LEFT JOIN toy.iam.access_keys k USING (UserName) JOIN toy.iam.user_policies p USING (UserName);
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- USING after a left join of a query: rows that it lacks are kept
SELECT UserName, o.Age, p.Document FROM toy.iam.users u LEFT JOIN (SELECT UserName, Age FROM toy.iam.users WHERE Age=31) o USING (UserName) JOIN toy.iam.user_policies p USING (UserName);
--> GetUserPolicy(PolicyName=all, UserName=ann)
--> GetUserPolicy(PolicyName=read, UserName=ann)
--> GetUserPolicy(PolicyName=read, UserName=cid)
--> GetUserPolicy(PolicyName=write, UserName=eve)
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- USING after a right join is the right side's column
SELECT UserName, p.PolicyName FROM (SELECT UserName FROM toy.iam.users WHERE Age=31) o RIGHT JOIN toy.iam.users u USING (UserName) JOIN toy.iam.user_policies p USING (UserName);
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- a name that a right join by USING merged feeds the rows of the right side
SELECT m.UserName FROM (SELECT 'admins' AS GroupName) o RIGHT JOIN toy.iam.groups g USING (GroupName) JOIN (SELECT GroupName AS G, UserName FROM toy.iam.members) m ON m.G = GroupName;
--> ListGroups()
--> ListMembers(GroupName=admins)
--> ListMembers(GroupName=empty)
--> ListMembers(GroupName=staff)

-- USING after a full join is either side's column
SELECT UserName, p.PolicyName FROM (SELECT 'ann' AS UserName) o FULL JOIN toy.iam.users u USING (UserName) JOIN toy.iam.user_policies p USING (UserName);
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- an inner join by USING after a left one narrows what both read
SELECT UserName, k.AccessKeyId FROM toy.iam.users u LEFT JOIN toy.iam.access_keys k USING (UserName) JOIN (SELECT 'ann' AS UserName) o USING (UserName);
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a semi join by USING feeds
SELECT UserName, p.PolicyName FROM toy.iam.users u SEMI JOIN (SELECT 'ann' AS UserName) o USING (UserName) JOIN toy.iam.user_policies p USING (UserName);
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- an anti join by USING feeds nothing that follows
SELECT UserName, p.PolicyName FROM toy.iam.users u ANTI JOIN (SELECT 'ann' AS UserName) o USING (UserName) JOIN toy.iam.user_policies p USING (UserName);
--> ListUserPolicies(UserName=ann)
--> ListUserPolicies(UserName=bob)
--> ListUserPolicies(UserName=cid)
--> ListUserPolicies(UserName=dan)
--> ListUserPolicies(UserName=eve)
--> ListUsers()

-- OR of equalities
SELECT UserName FROM toy.iam.users WHERE UserName='ann' OR UserName IN ('bob','zed') OR (UserName='cid' AND Age IS NULL);
--> GetUser(UserName=ann)
--> GetUser(UserName=bob)
--> GetUser(UserName=cid)
--> GetUser(UserName=zed)

-- a list of pairs
SELECT * FROM toy.iam.user_policies WHERE (UserName, PolicyName) IN (('ann','all'),('cid','read'),('bob','x'));
--> GetUserPolicy(PolicyName=all, UserName=ann)
--> GetUserPolicy(PolicyName=read, UserName=cid)
--> GetUserPolicy(PolicyName=x, UserName=bob)

-- a subquery of pairs
SELECT * FROM toy.iam.user_policies WHERE (UserName, PolicyName) IN (SELECT 'ann','all' UNION ALL SELECT 'eve','write');
--> GetUserPolicy(PolicyName=all, UserName=ann)
--> GetUserPolicy(PolicyName=write, UserName=eve)

-- equal to any of a subquery
SELECT UserName FROM toy.iam.users WHERE UserName = ANY (SELECT UserName FROM toy.iam.access_keys WHERE UserName='bob');
--> ListAccessKeys(UserName=bob)
--> ListUsers()

-- a recursive CTE
WITH RECURSIVE r AS (SELECT 'ann' AS n, 1 AS d UNION ALL SELECT m.UserName, d+1 FROM r JOIN toy.iam.members m ON m.GroupName='staff' AND d < 2) SELECT DISTINCT n FROM r;
--> ListMembers(GroupName=staff)

-- CTEs one over the other
WITH x AS MATERIALIZED (SELECT UserName AS n FROM toy.iam.users WHERE Age > 20), y(z) AS (SELECT n FROM x) SELECT k.* FROM y JOIN toy.iam.access_keys k ON k.UserName=y.z;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a scalar subquery that lists
SELECT g.GroupName, (SELECT list(m.UserName ORDER BY m.UserName) FROM toy.iam.members m WHERE m.GroupName=g.GroupName) l FROM toy.iam.groups g WHERE g.Path='/';
--> ListGroups()
--> ListMembers(GroupName=empty)
--> ListMembers(GroupName=staff)

-- a window and QUALIFY
SELECT UserName, count(*) OVER (PARTITION BY Path) FROM toy.iam.users WHERE Age IS NOT NULL QUALIFY row_number() OVER (ORDER BY UserName) < 3;
--> ListUsers()

-- a row number keeps its rows
SELECT x.UserName FROM (SELECT UserName, row_number() OVER (ORDER BY UserName) r FROM toy.iam.users) x WHERE x.UserName='bob' AND r=2;
--> ListUsers()

-- EXCEPT
SELECT UserName FROM toy.iam.users EXCEPT SELECT UserName FROM toy.iam.access_keys;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a predicate on UNION goes into both arms
SELECT * FROM (SELECT UserName FROM toy.iam.users UNION ALL SELECT UserName FROM toy.iam.members) q WHERE q.UserName='ann';
--> GetUser(UserName=ann)
--> ListGroups()
--> ListMembers(GroupName=admins)
--> ListMembers(GroupName=empty)
--> ListMembers(GroupName=staff)

-- unnest beside its table
SELECT i.InstanceId, t.tag.Key FROM toy.ec2.instances i, unnest(i.Tags) AS t(tag) WHERE i.State.Name='running';
--> DescribeInstances(Filters=instance-state-name:running)@north

-- a field of a structure
SELECT InstanceId FROM toy.ec2.instances WHERE State.Name = 'running';
--> DescribeInstances(Filters=instance-state-name:running)@north

-- a lambda and its own names
SELECT i.State.Name AS n, list_transform(i.Tags, lambda t: t.Key) k FROM toy.ec2.instances i;
--> DescribeInstances()@north

-- a list comprehension
SELECT [x.Key for x in Tags if x.Value is not null] FROM toy.ec2.instances;
--> DescribeInstances()@north

-- a column named by the whole path
SELECT users.UserName FROM toy.iam.users WHERE toy.iam.users.UserName = 'ann' AND iam.users.Path IS NOT NULL;
--> GetUser(UserName=ann)

-- COLUMNS by pattern
SELECT COLUMNS('.*Name') FROM toy.iam.users;
--> ListUsers()

-- a count
SELECT count(*) FROM toy.iam.users;
--> ListUsers()

-- an alias in the spelling of a column
SELECT lower(UserName) AS user_name FROM toy.iam.users ORDER BY user_name DESC;
--> ListUsers()

-- a query in the ON of a SEMI JOIN sees the columns of both tables
SELECT a.UserName FROM toy.iam.users a SEMI JOIN toy.iam.users b ON b.UserName = a.UserName AND EXISTS (SELECT 1 FROM (SELECT '/' AS n) AS z WHERE z.n = b.Path);
--> ListUsers()

-- SEMI JOIN
SELECT UserName FROM toy.iam.users u SEMI JOIN toy.iam.access_keys k ON k.UserName=u.UserName AND k.Status='Active';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- ANTI JOIN
SELECT UserName FROM toy.iam.users u ANTI JOIN toy.iam.access_keys k ON k.UserName=u.UserName AND k.Status='Active';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a key from a join and one written
SELECT v.VpcId, a.Value FROM toy.ec2.vpcs v JOIN toy.ec2.vpc_attributes a ON a.VpcId=v.VpcId AND a.Attribute='dns';
--> DescribeVpcAttribute(Attribute=dns, VpcId=v-1)@north
--> DescribeVpcAttribute(Attribute=dns, VpcId=v-2)@north
--> DescribeVpcs()@north

-- PIVOT as a statement
PIVOT (SELECT UserName, Path FROM toy.iam.users) ON Path USING count(*);
--> ListUsers()

-- PIVOT in a FROM
SELECT * FROM (PIVOT toy.iam.users ON Path USING count(*) GROUP BY Age);
--> ListUsers()

-- IN as a value feeds nothing
SELECT UserName, CASE WHEN UserName IN (SELECT UserName FROM toy.iam.access_keys) THEN 1 ELSE 0 END c FROM toy.iam.users WHERE Path='/';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- regions other than one
SELECT b.Name, o.Key FROM whole.store.buckets b, whole.store.objects o WHERE o.Bucket=b.Name AND b.region<>'south' AND o.region=b.region;
--> ListBuckets()@north
--> ListObjects(Bucket=logs)@north
--> ListObjects(Bucket=site)@north

-- a parent asked with the key that is known
SELECT taskArn FROM toy.ecs.tasks WHERE cluster='blue';
--> ListServices(cluster=blue)@north
--> ListTasks(cluster=blue, serviceName=web)@north

-- two keys of one row
SELECT t.taskArn FROM toy.ecs.services s JOIN toy.ecs.tasks t ON t.cluster=s.cluster AND t.serviceName=s.serviceName WHERE s.cluster='blue';
--> ListServices(cluster=blue)@north
--> ListTasks(cluster=blue, serviceName=web)@north

-- keys over two joins by USING
SELECT t.taskArn FROM toy.ecs.clusters c JOIN toy.ecs.services s ON s.cluster=c.clusterArn JOIN toy.ecs.tasks t USING (cluster, serviceName) WHERE s.status='UP';
--> ListClusters()@north
--> ListServices(cluster=blue)@north
--> ListServices(cluster=green)@north
--> ListTasks(cluster=blue, serviceName=web)@north

-- a constant expression
SELECT UserName FROM toy.iam.users WHERE UserName = 'a'||'nn';
--> GetUser(UserName=ann)

-- IS NOT DISTINCT FROM
SELECT UserName FROM toy.iam.users WHERE UserName IS NOT DISTINCT FROM 'ann';
--> GetUser(UserName=ann)

-- IN over three tables
SELECT u.UserName FROM toy.iam.users u WHERE u.UserName IN (SELECT m.UserName FROM toy.iam.members m WHERE m.GroupName IN (SELECT GroupName FROM toy.iam.groups WHERE Path='/admin/'));
--> ListGroups()
--> ListMembers(GroupName=admins)
--> ListUsers()

-- negations narrow nothing
SELECT UserName FROM toy.iam.users WHERE NOT (UserName = 'ann') AND UserName <> 'bob';
--> ListUsers()

-- ASOF finds the nearest before WHERE
SELECT a.UserName FROM toy.iam.users a ASOF JOIN toy.iam.users b ON a.UserName >= b.UserName WHERE b.UserName='bob';
--> ListUsers()

-- GROUPING SETS
SELECT max(Age) FROM toy.iam.users GROUP BY GROUPING SETS ((Path), ());
--> ListUsers()

-- a derived table with a list of columns
SELECT z FROM (SELECT UserName AS z, Path FROM toy.iam.users) AS t(z, p) WHERE z = 'ann' AND p='/admin/';
--> GetUser(UserName=ann)

-- JOIN LATERAL
SELECT k.AccessKeyId FROM toy.iam.users u JOIN LATERAL (SELECT * FROM toy.iam.access_keys x WHERE x.UserName = u.UserName) k ON true WHERE u.Path='/';
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListUsers(PathPrefix=/)

-- an aggregate drives
SELECT x.UserName, x.n FROM (SELECT m.UserName, count(*) n FROM toy.iam.members m WHERE m.GroupName IN ('admins','staff') GROUP BY ALL) x JOIN toy.iam.users u ON u.UserName=x.UserName;
--> ListMembers(GroupName=admins)
--> ListMembers(GroupName=staff)
--> ListUsers()

-- a subquery with its own LIMIT
SELECT UserName FROM toy.iam.access_keys k WHERE k.UserName IN (SELECT UserName FROM toy.iam.users ORDER BY UserName LIMIT 2);
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListUsers()

-- a derived table drives
SELECT k.AccessKeyId FROM (SELECT UserName FROM toy.iam.users WHERE Age > 30) u JOIN toy.iam.access_keys k ON k.UserName = u.UserName;
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a full join is not narrowed
SELECT u.UserName, k.AccessKeyId FROM toy.iam.users u FULL JOIN toy.iam.access_keys k ON k.UserName = u.UserName AND u.Path = '/';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- LIKE on the region, and the joined table follows
SELECT v.VpcId, i.InstanceId FROM whole.ec2.vpcs v LEFT JOIN whole.ec2.instances i ON i.VpcId = v.VpcId AND i.region = v.region WHERE v.region LIKE '%th' AND v.CidrBlock = '10.0.0.0/16';
--> DescribeInstances()@north
--> DescribeInstances()@south
--> DescribeVpcs()@north
--> DescribeVpcs()@south

-- OR of regions
SELECT region, count(*) FROM whole.ec2.instances WHERE region = 'south' OR region IN ('north') GROUP BY region;
--> DescribeInstances()@north
--> DescribeInstances()@south

-- every region but one
SELECT InstanceId FROM whole.ec2.instances WHERE region <> 'north';
--> DescribeInstances()@south

-- NOT LIKE on the region
SELECT InstanceId FROM whole.ec2.instances WHERE NOT region LIKE 'n%';
--> DescribeInstances()@south

-- LIMIT with OFFSET
SELECT UserName FROM toy.iam.users LIMIT 2 OFFSET 1;
--> ListUsers()

-- ANY of a list
SELECT UserName FROM toy.iam.users WHERE UserName = ANY (['ann','bob']);
--> GetUser(UserName=ann)
--> GetUser(UserName=bob)

-- IN a list
SELECT UserName FROM toy.iam.users WHERE UserName IN ['ann','bob'];
--> GetUser(UserName=ann)
--> GetUser(UserName=bob)

-- NOT IN of what is never NULL feeds the inside
SELECT UserName FROM toy.iam.users u WHERE Path = '/' AND UserName LIKE '%' AND UserName NOT IN (SELECT UserName FROM toy.iam.access_keys);
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListUsers(PathPrefix=/)

-- NOT IN of what may be NULL does not
SELECT a.UserName FROM toy.iam.groups g LEFT JOIN toy.iam.users a ON a.UserName = g.GroupName AND a.UserName <> 'x' WHERE a.UserName NOT IN (SELECT k.UserName FROM toy.iam.access_keys k);
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListGroups()
--> ListUsers()

-- a self join
SELECT a.UserName FROM toy.iam.users a JOIN toy.iam.users b ON a.UserName=b.UserName WHERE b.UserName='ann';
--> GetUser(UserName=ann)

-- a scalar subquery with ORDER BY and LIMIT
SELECT u.UserName, (SELECT k.Status FROM toy.iam.access_keys k WHERE k.UserName=u.UserName ORDER BY 1 LIMIT 1) s FROM toy.iam.users u WHERE u.UserName IN ('ann','bob');
--> GetUser(UserName=ann)
--> GetUser(UserName=bob)
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)

-- a key equal to a scalar subquery
SELECT m.UserName FROM toy.iam.members m WHERE m.GroupName = (SELECT GroupName FROM toy.iam.groups ORDER BY GroupName LIMIT 1);
--> ListGroups()
--> ListMembers(GroupName=admins)

-- LIKE on a parameter
SELECT * FROM toy.iam.members WHERE GroupName LIKE 'a%';
--> ListGroups()
--> ListMembers(GroupName=admins)

-- a correlated average
SELECT u.UserName FROM toy.iam.users u WHERE u.Age > (SELECT avg(Age) FROM toy.iam.users x WHERE x.Path = u.Path);
--> ListUsers()

-- a left join with a key of its own
SELECT u.UserName, m.GroupName FROM toy.iam.users u LEFT JOIN toy.iam.members m ON m.UserName = u.UserName AND m.GroupName = 'staff';
--> ListMembers(GroupName=staff)
--> ListUsers()

-- a comma join with predicates on three sides
SELECT DISTINCT m.GroupName FROM toy.iam.members m, toy.iam.access_keys k WHERE m.UserName = k.UserName AND k.Status = 'Active' AND m.GroupName = 'staff';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=gone)
--> ListMembers(GroupName=staff)

-- an aggregate over a left join by USING
SELECT g.GroupName, count(m.UserName) FROM toy.iam.groups g LEFT JOIN toy.iam.members m USING (GroupName) GROUP BY g.GroupName;
--> ListGroups()
--> ListMembers(GroupName=admins)
--> ListMembers(GroupName=empty)
--> ListMembers(GroupName=staff)

-- a filter is asked of the API
SELECT InstanceId FROM toy.ec2.instances i WHERE i.State.Name = 'running';
--> DescribeInstances(Filters=instance-state-name:running)@north

-- filters by column, field and tag are asked together
SELECT InstanceId FROM toy.ec2.instances i WHERE VpcId IN ('v-1', 'v-9') AND (i.State.Name='stopped' OR State.Name='running') AND tags(Tags)['Name'] = 'web';
--> DescribeInstances(Filters=instance-state-name:stopped|running,tag:Name:web,vpc-id:v-1|v-9)@north

-- LIKE is asked with wildcards where every server knows them
SELECT InstanceId FROM toy.ec2.instances WHERE InstanceId LIKE 'i-_' AND tags(Tags)['Name'] LIKE '%b';
--> DescribeInstances(Filters=tag:Name:*b)@north

-- a value with a wildcard in it is still found
SELECT InstanceId FROM toy.ec2.instances WHERE region = 'south' AND VpcId = 'v*3';
--> DescribeInstances()@south

-- a filter of the side that an outer join fills up
SELECT v.VpcId, i.InstanceId FROM toy.ec2.vpcs v LEFT JOIN toy.ec2.instances i ON i.VpcId = v.VpcId AND i.State.Name = 'running';
--> DescribeInstances(Filters=instance-state-name:running)@north
--> DescribeVpcs()@north

-- no filter of the side that an outer join keeps
SELECT i.InstanceId, v.VpcId FROM toy.ec2.instances i LEFT JOIN toy.ec2.vpcs v ON i.VpcId = v.VpcId AND i.State.Name = 'running';
--> DescribeInstances()@north
--> DescribeVpcs()@north

-- a filter goes down into a derived table
SELECT n FROM (SELECT VpcId AS n, State FROM toy.ec2.instances) q WHERE q.State.Name = 'stopped' AND n = 'v-1';
--> DescribeInstances(Filters=instance-state-name:stopped,vpc-id:v-1)@north

-- no filter where two references are one reading
SELECT a.InstanceId FROM toy.ec2.instances a JOIN toy.ec2.instances b ON a.VpcId = b.VpcId WHERE a.State.Name = 'running';
--> DescribeInstances()@north

-- a negation filters nothing
SELECT InstanceId FROM toy.ec2.instances i WHERE NOT (i.State.Name = 'running') AND VpcId NOT LIKE 'v-2%';
--> DescribeInstances()@north

-- alternatives of different columns filter nothing
SELECT InstanceId FROM toy.ec2.instances i WHERE i.State.Name = 'running' OR VpcId = 'v-1';
--> DescribeInstances()@north

-- a prefix of a column with a parameter of that name
SELECT UserName FROM toy.iam.users WHERE starts_with(Path, '/ad');
--> ListUsers(PathPrefix=/ad)

-- the shared beginning of alternatives is a prefix
SELECT UserName FROM toy.iam.users WHERE Path IN ('/admin/', '/and/');
--> ListUsers(PathPrefix=/a)

-- names alone, where nothing else is asked for
SELECT UserName FROM toy.org.people;
--> ListPeople()@north

-- a listing of names and what describes each are one table
SELECT UserName, Team, Level FROM toy.org.people;
--> DescribePerson(UserName=ann)@north
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=zoe)@north
--> ListPeople()@north

-- a star shows both
SELECT * FROM toy.org.people;
--> DescribePerson(UserName=ann)@north
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=zoe)@north
--> ListPeople()@north

-- rows are counted by the listing
SELECT count(*) FROM toy.org.people;
--> ListPeople()@north

-- only rows that survive what is said of the listing's columns are described
SELECT Team FROM toy.org.people WHERE UserName LIKE '%o%';
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=zoe)@north
--> ListPeople()@north

-- conditions on both, one of them not true of NULL
SELECT p.UserName FROM toy.org.people AS p WHERE NOT p.UserName > 'b' AND p.Team IS NOT NULL;
--> DescribePerson(UserName=ann)@north
--> ListPeople()@north

-- a key written in the statement needs no listing
SELECT UserName, Team FROM toy.org.people WHERE UserName = 'zoe';
--> DescribePerson(UserName=zoe)@north

-- a key from a join needs none either
SELECT g.GroupName, p.Team FROM toy.iam.members g JOIN toy.org.people p ON p.UserName = g.UserName WHERE g.GroupName = 'staff';
--> DescribePerson(UserName=ann)@north
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=gone)@north
--> ListMembers(GroupName=staff)

-- details of many in one call, chunked
SELECT UserName, Color FROM toy.org.badges;
--> DescribeBadges(UserNames=['ann', 'bob'])@north
--> DescribeBadges(UserNames=['dan'])@north
--> ListBadges()@north

-- each region's own
SELECT UserName, Color FROM whole.org.badges WHERE region LIKE '%';
--> DescribeBadges(UserNames=['ann', 'bob'])@north
--> DescribeBadges(UserNames=['ann'])@south
--> DescribeBadges(UserNames=['dan'])@north
--> ListBadges()@north
--> ListBadges()@south

-- the listing's columns decide which batch is asked for
SELECT Color FROM toy.org.badges WHERE Door IS NULL;
--> DescribeBadges(UserNames=['dan'])@north
--> ListBadges()@north

-- a column of another resource, fetched because it is named
SELECT Name, Algorithm FROM toy.store.buckets;
--> GetBucketEncryption(Bucket=logs)@north
--> GetBucketEncryption(Bucket=site)@north
--> ListBuckets()@north

-- a list of the detail's is one value
SELECT TeamName, len(Tags) AS n, Tags[1].Key AS k FROM toy.org.teams;
--> GetTeamTags(TeamName=grey)@north
--> GetTeamTags(TeamName=red)@north
--> ListTeams()@north

-- the outer side of a join keeps its rows whatever their details
SELECT u.UserName, p.Team FROM toy.iam.users u LEFT JOIN toy.org.people p ON p.UserName = u.UserName AND p.Team = 'red';
--> DescribePerson(UserName=ann)@north
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=cid)@north
--> DescribePerson(UserName=dan)@north
--> DescribePerson(UserName=eve)@north
--> ListUsers()

-- two readings of one table share the calls
SELECT a.Team FROM toy.org.people a, toy.org.people b WHERE a.Level < b.Level;
--> DescribePerson(UserName=ann)@north
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=zoe)@north
--> ListPeople()@north

-- a detail's column drives another table
SELECT p.UserName, t.Lead FROM toy.org.people p JOIN toy.org.teams t ON t.TeamName = p.Team;
--> DescribePerson(UserName=ann)@north
--> DescribePerson(UserName=bob)@north
--> DescribePerson(UserName=zoe)@north
--> ListPeople()@north
--> ListTeams()@north

-- a limit is one of the details too
SELECT Team IS NULL OR Team IS NOT NULL AS t FROM toy.org.people LIMIT 1;
--> DescribePerson(UserName=ann)@north
--> ListPeople()@north

-- what a detail is asked by is a column of the listing's rows
SELECT TeamName, len(Tags) AS n FROM toy.org.teams WHERE Name LIKE 'r%' AND Lead IS NOT NULL;
--> GetTeamTags(TeamName=red)@north
--> ListTeams()@north

-- and goes straight to the detail where nothing else is wanted
SELECT TeamName, Motto, Lead FROM toy.org.teams WHERE Name = 'red';
--> GetTeam(Name=red)@north

-- details of a detail
SELECT len(Tags) AS n, Motto FROM toy.org.teams WHERE Name = 'red';
--> GetTeam(Name=red)@north
--> GetTeamTags(TeamName=red)@north

-- details of those rows only that a join lets through
SELECT b.Door, b.Color FROM toy.org.badges b JOIN toy.iam.members m ON m.UserName = b.UserName WHERE m.GroupName = 'staff' AND b.Door <> '';
--> DescribeBadges(UserNames=['ann', 'bob'])@north
--> ListBadges()@north
--> ListMembers(GroupName=staff)

-- and a subquery, whichever stands first
SELECT Color FROM toy.org.badges WHERE Door IN (SELECT 'front' FROM toy.iam.groups);
--> DescribeBadges(UserNames=['ann'])@north
--> ListBadges()@north
--> ListGroups()

-- a condition reaches the details through a derived table
SELECT c FROM (SELECT Door AS d, Color AS c FROM toy.org.badges) q WHERE d = 'back';
--> DescribeBadges(UserNames=['bob'])@north
--> ListBadges()@north

-- a key under the listing's name
SELECT TeamName, Motto FROM toy.org.teams WHERE TeamName = 'red';
--> GetTeam(Name=red)@north

-- several, of which one is nobody's
SELECT TeamName, Lead FROM toy.org.teams WHERE TeamName IN ('red', 'none');
--> GetTeam(Name=none)@north
--> GetTeam(Name=red)@north

-- a key under the listing's name and another condition
SELECT Lead FROM toy.org.teams WHERE TeamName = 'red' AND Motto IS NULL;
--> GetTeam(Name=red)@north

-- a detail says again what the listing says
SELECT name FROM toy.org.rooms;
--> ListRooms()@north

-- what it says again decides which rows are described
SELECT room, floor FROM toy.org.rooms WHERE name LIKE 'h%';
--> DescribeRoom(name=hall)@north
--> ListRooms()@north

-- a thing by the name that its detail gives
SELECT * FROM toy.org.rooms WHERE name = 'hall';
--> DescribeRoom(name=hall)@north

-- the same by the name that the listing gives, in every region
SELECT name, floor, region FROM whole.org.rooms WHERE room = 'hall' AND region LIKE '%';
--> DescribeRoom(name=hall)@north
--> DescribeRoom(name=hall)@south

-- a left join on the name said again
SELECT t.TeamName, r.room FROM toy.org.teams t LEFT JOIN toy.org.rooms r ON r.name = t.TeamName;
--> ListRooms()@north
--> ListTeams()@north

-- a negation of it
SELECT name FROM toy.org.rooms WHERE NOT (name = 'hall') AND room IS NOT NULL;
--> ListRooms()@north

-- of two details the one that decides is asked first
SELECT TeamName, len(Tags) AS n FROM toy.org.teams WHERE Motto = 'go';
--> GetTeam(Name=grey)@north
--> GetTeam(Name=red)@north
--> GetTeamTags(TeamName=red)@north
--> ListTeams()@north

-- the other one
SELECT TeamName, Motto FROM toy.org.teams WHERE Tags[1].Key = 'floor';
--> GetTeam(Name=red)@north
--> GetTeamTags(TeamName=grey)@north
--> GetTeamTags(TeamName=red)@north
--> ListTeams()@north

-- a condition on both
SELECT TeamName FROM toy.org.teams WHERE Motto = 'go' OR Tags[1].Key IS NULL;
--> GetTeam(Name=grey)@north
--> GetTeam(Name=red)@north
--> GetTeamTags(TeamName=grey)@north
--> GetTeamTags(TeamName=red)@north
--> ListTeams()@north

-- a detail that others' rows decide
SELECT t.TeamName, len(t.Tags) AS n FROM toy.org.teams t WHERE t.Motto IN (SELECT 'go' FROM toy.iam.users) AND t.Lead <> 'x';
--> GetTeam(Name=red)@north
--> GetTeamTags(TeamName=red)@north
--> ListTeams()@north
--> ListUsers()

-- keys of a parent, many in one call
SELECT TeamName, Year FROM toy.org.prizes;
--> BatchGetPrizes(TeamNames=['grey', 'red'])@north
--> ListTeams()@north

-- each region's own keys, many in one call
SELECT TeamName FROM whole.org.prizes WHERE region LIKE '%' AND Year > 1;
--> BatchGetPrizes(TeamNames=['grey', 'red'])@north
--> ListTeams()@north
--> ListTeams()@south

-- what was sent for a row is told by its field
SELECT TeamNames, Year FROM toy.org.prizes;
--> BatchGetPrizes(TeamNames=['grey', 'red'])@north
--> ListTeams()@north

-- a condition on a key that a left join feeds
SELECT u.UserName, k.AccessKeyId FROM toy.iam.users u LEFT JOIN toy.iam.access_keys k ON k.UserName = u.UserName AND k.UserName LIKE 'a%';
--> ListAccessKeys(UserName=ann)
--> ListUsers()

-- a range of a key that a join feeds
SELECT k.AccessKeyId FROM toy.iam.users u JOIN toy.iam.access_keys k ON k.UserName = u.UserName WHERE k.UserName > 'c' AND k.Status IS NULL;
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- how a key begins that a parent lists
SELECT AccessKeyId FROM toy.iam.access_keys WHERE starts_with(UserName, 'a');
--> ListAccessKeys(UserName=ann)
--> ListUsers()

-- a condition that decides nothing by the key alone
SELECT k.AccessKeyId FROM toy.iam.users u JOIN toy.iam.access_keys k ON k.UserName = u.UserName WHERE k.UserName = 'zed' OR k.Status = 'Inactive';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a key made of another's with a condition on it
SELECT k.AccessKeyId FROM toy.iam.users u JOIN toy.iam.access_keys k ON k.UserName = trim(u.UserName) WHERE k.UserName LIKE 'b%';
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- a key that another's few can be, of which none need be there
SELECT u.UserName, u.Age, m.Since FROM toy.iam.members m JOIN toy.iam.users u ON u.UserName = m.UserName WHERE m.GroupName = 'staff' AND m.UserName IN ('ann', 'gone');
--> GetUser(UserName=ann)
--> GetUser(UserName=gone)
--> ListMembers(GroupName=staff)

-- of a left join only the side that is filled up
SELECT u.UserName, m.Since FROM toy.iam.users u LEFT JOIN toy.iam.members m ON m.UserName = u.UserName AND m.GroupName = 'staff' AND m.UserName IN ('ann', 'gone');
--> ListMembers(GroupName=staff)
--> ListUsers()

-- a join in parentheses feeds its keys
SELECT u.UserName, k.AccessKeyId FROM (toy.iam.users u JOIN toy.iam.access_keys k ON k.UserName=u.UserName);
--> ListAccessKeys(UserName=ann)
--> ListAccessKeys(UserName=bob)
--> ListAccessKeys(UserName=cid)
--> ListAccessKeys(UserName=dan)
--> ListAccessKeys(UserName=eve)
--> ListUsers()

-- joins in parentheses within parentheses
SELECT count(*) AS n FROM ((toy.iam.users u LEFT JOIN toy.iam.access_keys k ON k.UserName=u.UserName) CROSS JOIN toy.iam.groups g) WHERE u.UserName='ann';
--> GetUser(UserName=ann)
--> ListAccessKeys(UserName=ann)
--> ListGroups()

-- a join in parentheses on the right of another
SELECT g.GroupName, k.AccessKeyId FROM toy.iam.groups g LEFT JOIN (toy.iam.users u JOIN toy.iam.access_keys k ON k.UserName=u.UserName) ON true WHERE u.UserName='bob';
--> GetUser(UserName=bob)
--> ListAccessKeys(UserName=bob)
--> ListGroups()
