-- A world of traps: things that look like what a question of the cookbook asks for and are not,
-- and things that are although they do not look like it, most of them outside of the session's
-- region. `answers/traps.toml` says what each question finds here, `python -m
-- tests.apps.cookbook.test_answers` writes it anew.

-- clock: 330 days ago

INSERT INTO aws.acm.certificates (DomainName, ValidationMethod, region) VALUES ('elsewhere.example', 'DNS', 'eu-north-1');

-- clock: 100 days ago

-- Users: one who signs in with a device, one with a device and no password, one with neither.
INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob'), ('robot'), ('spare');
INSERT INTO aws.iam.login_profiles (UserName, Password, PasswordResetRequired) VALUES ('ann', 'Correct-Horse-1', false);
INSERT INTO aws.iam.virtual_mfa_devices (VirtualMFADeviceName) VALUES ('ann'), ('bob');
EXEC aws.iam.mfa_devices.enable_mfa_device @UserName = 'ann', @SerialNumber = 'arn:aws:iam::123456789012:mfa/ann',
  @AuthenticationCode1 = '123456', @AuthenticationCode2 = '654321';
EXEC aws.iam.mfa_devices.enable_mfa_device @UserName = 'bob', @SerialNumber = 'arn:aws:iam::123456789012:mfa/bob',
  @AuthenticationCode1 = '123456', @AuthenticationCode2 = '654321';
-- Two keys, of which one works; and an old one that does not.
INSERT INTO aws.iam.access_keys (UserName) VALUES ('robot'), ('spare');
UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName IN ('robot', 'spare');

-- Administrators by a group, directly, as a role; and somebody whose own policy is called so.
INSERT INTO aws.iam.groups (GroupName) VALUES ('operators');
INSERT INTO aws.iam.user_to_groups (GroupName, UserName) VALUES ('operators', 'ann');
INSERT INTO aws.iam.policies (PolicyName, Path, PolicyDocument) VALUES
  ('AdministratorAccess', '/ours/',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}');
EXEC aws.iam.attached_group_policies.attach_group_policy @GroupName = 'operators', @PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
EXEC aws.iam.attached_user_policies.attach_user_policy @UserName = 'bob', @PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
EXEC aws.iam.attached_user_policies.attach_user_policy @UserName = 'spare', @PolicyArn = 'arn:aws:iam::123456789012:policy/ours/AdministratorAccess';

-- Policies: everything in other words, everything to one bucket, everything denied, everything on a condition.
INSERT INTO aws.iam.policies (PolicyName, PolicyDocument) VALUES
  ('in-other-words', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "*:*"], "Resource": ["arn:aws:s3:::a", "*"]}]}'),
  ('one-bucket', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a/*"}]}'),
  ('one-service', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'),
  ('nothing', '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'),
  ('with-a-device', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}');

-- Trust: an organization, a bare account id, another company's login; and three that trust nobody outside.
INSERT INTO aws.iam.roles (RoleName, Description, AssumeRolePolicyDocument) VALUES
  ('by-account-id', 'a bare account id',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}]}'),
  ('by-organization', 'everybody of an organization',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aa111bb222"}}}]}'),
  ('by-login', 'the pipelines of a repository',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:fernhill/shop:*"}}}]}'),
  ('our-own', 'another account in a condition only',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::555566667777:role/x"}}}]}'),
  ('denied', 'another account, denied',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}, {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::555566667777:root"}, "Action": "sts:AssumeRole"}]}');
EXEC aws.iam.attached_role_policies.attach_role_policy @RoleName = 'our-own', @PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
REPLACE INTO aws.iam.role_policies (RoleName, PolicyName, PolicyDocument) VALUES
  ('denied', 'inline', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}');

-- Buckets: public by a policy, by an ACL for anybody with an AWS account; and all that only look so.
INSERT INTO aws.s3.buckets (Bucket, CreateBucketConfiguration, region)
  SELECT b, {'LocationConstraint': 'eu-north-1'}, 'eu-north-1'
  FROM (VALUES ('a-policy'), ('a-policy-blocked'), ('a-policy-denies'), ('a-policy-for-us'), ('an-acl'), ('an-acl-ignored'), ('an-acl-for-logs')) v(b);
REPLACE INTO aws.s3.bucket_policies (Bucket, Policy, region) VALUES
  ('a-policy', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a-policy/*"}}', 'eu-north-1'),
  ('a-policy-blocked', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a-policy-blocked/*"}]}', 'eu-north-1'),
  ('a-policy-denies', '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a-policy-denies/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}', 'eu-north-1'),
  ('a-policy-for-us', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a-policy-for-us/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aa111bb222"}}}]}', 'eu-north-1');
REPLACE INTO aws.s3.bucket_acls (Bucket, ACL, region) VALUES
  ('an-acl', 'authenticated-read', 'eu-north-1'), ('an-acl-ignored', 'public-read', 'eu-north-1');
REPLACE INTO aws.s3.bucket_acls (Bucket, AccessControlPolicy, region) VALUES
  ('an-acl-for-logs', {'Owner': {'ID': 'us'}, 'Grants': [{'Grantee': {'Type': 'Group', 'URI': 'http://acs.amazonaws.com/groups/s3/LogDelivery'}, 'Permission': 'WRITE'}]}, 'eu-north-1');
REPLACE INTO aws.s3.public_access_blocks (Bucket, PublicAccessBlockConfiguration, region) VALUES
  ('a-policy-blocked', {'BlockPublicAcls': true, 'IgnorePublicAcls': true, 'BlockPublicPolicy': true, 'RestrictPublicBuckets': true}, 'eu-north-1'),
  ('an-acl-ignored', {'BlockPublicAcls': false, 'IgnorePublicAcls': true, 'BlockPublicPolicy': false, 'RestrictPublicBuckets': false}, 'eu-north-1'),
  ('an-acl-for-logs', {'BlockPublicAcls': true, 'IgnorePublicAcls': false, 'BlockPublicPolicy': false, 'RestrictPublicBuckets': false}, 'eu-north-1');
-- What deletes, what is switched off, and what only tidies up uploads; versions kept, and suspended.
REPLACE INTO aws.s3.bucket_lifecycle_configurations (Bucket, LifecycleConfiguration, region) VALUES
  ('a-policy', {'Rules': [{'ID': 'old', 'Status': 'Enabled', 'Filter': {'Prefix': ''}, 'Expiration': {'Days': 30}}]}, 'eu-north-1'),
  ('an-acl', {'Rules': [{'ID': 'old', 'Status': 'Disabled', 'Filter': {'Prefix': ''}, 'Expiration': {'Days': 30}}]}, 'eu-north-1'),
  ('an-acl-ignored', {'Rules': [{'ID': 'uploads', 'Status': 'Enabled', 'Filter': {'Prefix': ''}, 'AbortIncompleteMultipartUpload': {'DaysAfterInitiation': 7}}]}, 'eu-north-1');
REPLACE INTO aws.s3.bucket_versionings (Bucket, VersioningConfiguration, region) VALUES
  ('a-policy', {'Status': 'Enabled'}, 'eu-north-1'), ('an-acl', {'Status': 'Suspended'}, 'eu-north-1');

-- Security groups: all of IPv6, every protocol, the Internet in two halves; a private range, UDP.
INSERT INTO aws.ec2.security_groups (GroupName, Description, VpcId, region)
  SELECT g.name, g.name, v.VpcId, v.region
  FROM aws.ec2.vpcs v, (VALUES ('six'), ('everything'), ('halves'), ('private'), ('udp')) g(name) WHERE v.region = 'eu-north-1';
EXEC aws.ec2.security_group_rules.authorize_security_group_ingress @region = 'eu-north-1',
  @GroupId = (SELECT GroupId FROM aws.ec2.security_groups WHERE region = 'eu-north-1' AND GroupName = 'six'),
  @IpPermissions = [{'IpProtocol': 'tcp', 'FromPort': 20, 'ToPort': 30, 'Ipv6Ranges': [{'CidrIpv6': '::/0', 'Description': 'the new Internet'}]}];
EXEC aws.ec2.security_group_rules.authorize_security_group_ingress @region = 'eu-north-1',
  @GroupId = (SELECT GroupId FROM aws.ec2.security_groups WHERE region = 'eu-north-1' AND GroupName = 'everything'),
  @IpPermissions = [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}];
EXEC aws.ec2.security_group_rules.authorize_security_group_ingress @region = 'eu-north-1',
  @GroupId = (SELECT GroupId FROM aws.ec2.security_groups WHERE region = 'eu-north-1' AND GroupName = 'halves'),
  @IpPermissions = [{'IpProtocol': 'tcp', 'FromPort': 3389, 'ToPort': 3389, 'IpRanges': [{'CidrIp': '0.0.0.0/1'}, {'CidrIp': '128.0.0.0/1'}]}];
EXEC aws.ec2.security_group_rules.authorize_security_group_ingress @region = 'eu-north-1',
  @GroupId = (SELECT GroupId FROM aws.ec2.security_groups WHERE region = 'eu-north-1' AND GroupName = 'private'),
  @IpPermissions = [{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '10.0.0.0/8'}]}];
EXEC aws.ec2.security_group_rules.authorize_security_group_ingress @region = 'eu-north-1',
  @GroupId = (SELECT GroupId FROM aws.ec2.security_groups WHERE region = 'eu-north-1' AND GroupName = 'udp'),
  @IpPermissions = [{'IpProtocol': 'udp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}];

-- Machines: of each group; one stopped, one gone.
INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, SecurityGroupIds, TagSpecifications, region)
  SELECT 'ami-0c55b159cbfafe1f0', i.type, 1, 1, [g.GroupId],
         [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': i.name}]}], 'eu-north-1'
  FROM (VALUES ('six', 'by-six', 't3.micro'), ('everything', 'by-everything', 'i2.xlarge'), ('six', 'asleep', 'm4.large'),
               ('private', 'inside', 't3.micro'), ('udp', 'by-udp', 't3.micro'), ('halves', 'gone', 't2.micro')) i(sg, name, type)
  JOIN aws.ec2.security_groups g ON g.GroupName = i.sg AND g.region = 'eu-north-1';
EXEC aws.ec2.instances.stop_instances @region = 'eu-north-1',
  @InstanceIds = (SELECT list(InstanceId) FROM aws.ec2.instances WHERE region = 'eu-north-1' AND tags(Tags)['Name'] = 'asleep');
DELETE FROM aws.ec2.instances WHERE region = 'eu-north-1' AND tags(Tags)['Name'] = 'gone';
INSERT INTO aws.ec2.volumes (AvailabilityZone, Size, VolumeType, Encrypted, region) VALUES
  ('ap-south-1a', 40, 'gp2', false, 'ap-south-1'), ('ap-south-1a', 30, 'gp3', true, 'ap-south-1');
INSERT INTO aws.ec2.snapshots (VolumeId, Description, region)
  SELECT VolumeId, 'old', region FROM aws.ec2.volumes WHERE region = 'ap-south-1' AND Size = 40;
INSERT INTO aws.ec2.addresses (Domain, region) VALUES ('vpc', 'eu-north-1');

-- Keys: those that cannot be rotated, that are about to go, and two that could be.
INSERT INTO aws.kms.keys (Description, KeySpec, KeyUsage, Origin, region) VALUES
  ('signs', 'RSA_2048', 'SIGN_VERIFY', NULL, 'sa-east-1'), ('authenticates', 'HMAC_256', 'GENERATE_VERIFY_MAC', NULL, 'sa-east-1'),
  ('brought along', NULL, NULL, 'EXTERNAL', 'sa-east-1'), ('going', NULL, NULL, NULL, 'sa-east-1'), ('forgotten', NULL, NULL, NULL, 'sa-east-1');
INSERT INTO aws.kms.aliases (AliasName, TargetKeyId, region)
  SELECT 'alias/' || replace(Description, ' ', '-'), KeyId, region FROM aws.kms.keys
  WHERE region = 'sa-east-1' AND Description IN ('signs', 'authenticates', 'brought along');
DELETE FROM aws.kms.keys WHERE region = 'sa-east-1' AND Description = 'going';

-- A trail of all regions is one trail, wherever it is looked at from.
INSERT INTO aws.cloudtrail.trails (Name, S3BucketName, IsMultiRegionTrail, region) VALUES ('everywhere', 'a-policy', true, 'eu-north-1');

-- Databases: one in a cluster over zones, one alone over zones, one alone.
INSERT INTO aws.rds.db_clusters (DBClusterIdentifier, Engine, MasterUsername, MasterUserPassword, StorageEncrypted, region) VALUES
  ('aurora', 'aurora-postgresql', 'shop', 'sandbox-only', true, 'eu-north-1');
INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBClusterIdentifier, DBInstanceClass, Engine, region) VALUES
  ('aurora-1', 'aurora', 'db.r6g.large', 'aurora-postgresql', 'eu-north-1'), ('aurora-2', 'aurora', 'db.r6g.large', 'aurora-postgresql', 'eu-north-1');
INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBInstanceClass, Engine, AllocatedStorage, MasterUsername, MasterUserPassword, StorageEncrypted, PubliclyAccessible, BackupRetentionPeriod, MultiAZ, region) VALUES
  ('pair', 'db.t3.medium', 'postgres', 20, 'shop', 'sandbox-only', true, false, 7, true, 'eu-north-1'),
  ('alone', 'db.t3.medium', 'postgres', 20, 'shop', 'sandbox-only', false, true, 0, false, 'sa-east-1');

INSERT INTO aws.secretsmanager.secrets (Name, SecretString, AddReplicaRegions, region) VALUES
  ('copied', 'sandbox-only', [{'Region': 'sa-east-1'}], 'eu-north-1');
REPLACE INTO aws.ssm.parameters (Name, Value, Type, region) VALUES
  ('/plain/list', 'a,b', 'StringList', 'eu-north-1'), ('/secret', 'sandbox-only', 'SecureString', 'eu-north-1');

-- Images: scanned continuously by the registry's own setting, and by nobody.
INSERT INTO aws.ecr.repositories (repositoryName, region) VALUES ('watched/web', 'eu-north-1'), ('other/web', 'eu-north-1');
REPLACE INTO aws.ecr.registry_scanning_configurations (scanType, rules, region) VALUES
  ('ENHANCED', [{'scanFrequency': 'CONTINUOUS_SCAN', 'repositoryFilters': [{'filter': 'watched/*', 'filterType': 'WILDCARD'}]}], 'eu-north-1');

-- Load balancers: one that only sends people to HTTPS, one with an exception to that, one of the old kind.
INSERT INTO aws.elbv2.load_balancers (Name, Subnets, region)
  SELECT l.name, list(n.SubnetId ORDER BY n.SubnetId)[1:2], 'eu-north-1'
  FROM (VALUES ('redirects'), ('forwards')) l(name) CROSS JOIN aws.ec2.subnets n WHERE n.region = 'eu-north-1' GROUP BY l.name;
INSERT INTO aws.elbv2.target_groups (Name, Protocol, Port, VpcId, region)
  SELECT 'empty', 'HTTP', 80, VpcId, region FROM aws.ec2.vpcs WHERE region = 'eu-north-1';
INSERT INTO aws.elbv2.listeners (LoadBalancerArn, Protocol, Port, DefaultActions, region)
  SELECT LoadBalancerArn, 'HTTP', 80, [{'Type': 'redirect', 'RedirectConfig': {'Protocol': 'HTTPS', 'Port': '443', 'StatusCode': 'HTTP_301'}}], region
  FROM aws.elbv2.load_balancers WHERE region = 'eu-north-1';
INSERT INTO aws.elbv2.rules (ListenerArn, Conditions, Priority, Actions, region)
  SELECT l.ListenerArn, [{'Field': 'path-pattern', 'Values': ['/plain/*']}], 1, [{'Type': 'forward', 'TargetGroupArn': t.TargetGroupArn}], 'eu-north-1'
  FROM aws.elbv2.load_balancers b
  JOIN aws.elbv2.listeners l ON l.LoadBalancerArn = b.LoadBalancerArn AND l.region = b.region
  CROSS JOIN aws.elbv2.target_groups t
  WHERE b.region = 'eu-north-1' AND t.region = 'eu-north-1' AND b.LoadBalancerName = 'forwards';
INSERT INTO aws.elb.load_balancers (LoadBalancerName, Listeners, AvailabilityZones, region) VALUES
  ('of-the-old-kind', [{'Protocol': 'HTTP', 'LoadBalancerPort': 80, 'InstanceProtocol': 'HTTP', 'InstancePort': 80}], ['eu-north-1a'], 'eu-north-1');

INSERT INTO aws.efs.file_systems (CreationToken, Encrypted, Tags, region) VALUES ('plain', false, [{'Key': 'Name', 'Value': 'plain'}], 'sa-east-1');
INSERT INTO aws.dynamodb.tables (TableName, AttributeDefinitions, KeySchema, BillingMode, region) VALUES
  ('carts', [{'AttributeName': 'id', 'AttributeType': 'S'}], [{'AttributeName': 'id', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'sa-east-1');
INSERT INTO aws.kinesis.streams (StreamName, StreamModeDetails, region) VALUES ('by-use', {'StreamMode': 'ON_DEMAND'}, 'sa-east-1');
INSERT INTO aws.kinesis.streams (StreamName, ShardCount, region) VALUES ('by-shard', 1, 'sa-east-1');

-- Functions: one whose log group has another name, one in a container, one of a runtime still in use.
INSERT INTO aws.lambda.functions (FunctionName, Runtime, Role, Handler, Code, Timeout, LoggingConfig, region) VALUES
  ('logs-elsewhere', 'python3.8', 'arn:aws:iam::123456789012:role/denied', 'app.handler', {'ZipFile': 'sandbox'::BLOB}, 60, {'LogGroup': '/shop/all', 'LogFormat': 'JSON'}, 'sa-east-1'),
  ('modern', 'python3.14', 'arn:aws:iam::123456789012:role/denied', 'app.handler', {'ZipFile': 'sandbox'::BLOB}, 59, NULL, 'sa-east-1');
INSERT INTO aws.logs.log_groups (logGroupName, region) VALUES ('/shop/all', 'sa-east-1'), ('/aws/lambda/modern', 'eu-north-1');

-- A dead-letter queue has none of its own, and needs none.
INSERT INTO aws.sqs.queues (QueueName, region) VALUES ('dead', 'sa-east-1'), ('mail', 'sa-east-1');
INSERT INTO aws.sqs.queues (QueueName, Attributes, region) VALUES
  ('orders', MAP {'RedrivePolicy': '{"deadLetterTargetArn": "arn:aws:sqs:sa-east-1:123456789012:dead", "maxReceiveCount": "5"}'}, 'sa-east-1');

-- Alarms: one whose actions are switched off.
REPLACE INTO aws.cloudwatch.metric_alarms (AlarmName, Namespace, MetricName, Statistic, Period, EvaluationPeriods, Threshold, ComparisonOperator, AlarmActions, ActionsEnabled, region) VALUES
  ('switched-off', 'AWS/EC2', 'CPUUtilization', 'Average', 300, 3, 80, 'GreaterThanThreshold', ['arn:aws:sns:sa-east-1:123456789012:alarms'], false, 'sa-east-1'),
  ('heard', 'AWS/EC2', 'CPUUtilization', 'Average', 300, 3, 80, 'GreaterThanThreshold', ['arn:aws:sns:sa-east-1:123456789012:alarms'], true, 'sa-east-1');

-- Rules of the same name on two buses, of which one starts something.
INSERT INTO aws.events.event_buses (Name, region) VALUES ('orders', 'sa-east-1');
REPLACE INTO aws.events.rules (Name, EventPattern, State, EventBusName, region) VALUES
  ('placed', '{"source": ["shop"]}', 'ENABLED', 'orders', 'sa-east-1'), ('placed', '{"source": ["shop"]}', 'DISABLED', 'default', 'sa-east-1');
EXEC aws.events.targets.put_targets @Rule = 'placed', @EventBusName = 'orders', @region = 'sa-east-1',
  @Targets = [{'Id': '1', 'Arn': 'arn:aws:sqs:sa-east-1:123456789012:orders'}];

-- Names: of an address in another region, of one inside, of one that is gone, of a load balancer.
INSERT INTO aws.route53.hosted_zones (Name, CallerReference) VALUES ('traps.example.', 'traps');
EXEC aws.route53.resource_record_sets.change_resource_record_sets
  @HostedZoneId = (SELECT split_part(Id, '/', 3) FROM aws.route53.hosted_zones),
  @ChangeBatch = {'Changes': [
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'gone.traps.example.', 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': '192.0.2.10'}]}},
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'six.traps.example.', 'Type': 'AAAA', 'TTL': 60, 'ResourceRecords': [{'Value': '2001:db8::10'}]}},
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'elastic.traps.example.', 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': (SELECT PublicIp FROM aws.ec2.addresses WHERE region = 'eu-north-1')}]}},
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'inside.traps.example.', 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': (SELECT PrivateIpAddress FROM aws.ec2.instances WHERE region = 'eu-north-1' AND tags(Tags)['Name'] = 'inside')}]}},
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'www.traps.example.', 'Type': 'A', 'AliasTarget': {'HostedZoneId': 'Z1', 'DNSName': 'forwards.eu-north-1.elb.amazonaws.com', 'EvaluateTargetHealth': false}}}]};

-- A detector that is switched off watches as little as none.
INSERT INTO aws.guardduty.detectors (Enable, region) VALUES (false, 'eu-north-1'), (true, 'sa-east-1');

-- clock: now

INSERT INTO aws.iam.access_keys (UserName) VALUES ('robot');
INSERT INTO aws.ec2.snapshots (VolumeId, Description, region)
  SELECT VolumeId, 'new', region FROM aws.ec2.volumes WHERE region = 'ap-south-1' AND Size = 40;
