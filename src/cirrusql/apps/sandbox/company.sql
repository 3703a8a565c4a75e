-- Fernhill Books, a small bookshop on the web, as its cloud stands after two years: some of
-- it tidy, some of it not. Written in CirruSQL's own language, and run by every
-- `cirrusql sandbox`; `--seed FILE.sql` runs another file, `--empty` none.
--
-- A line `-- clock: N days ago` moves the sandbox's clock: what follows is created then.

-- clock: 730 days ago

INSERT INTO aws.organizations.organizations (FeatureSet) VALUES ('ALL');
EXEC aws.organizations.accounts.create_account @AccountName = 'fernhill-production', @Email = 'aws+production@fernhill.example';
EXEC aws.organizations.accounts.create_account @AccountName = 'fernhill-staging', @Email = 'aws+staging@fernhill.example';

INSERT INTO aws.iam.account_aliases (AccountAlias) VALUES ('fernhill-books');
INSERT INTO aws.iam.users (UserName, Path, Tags) VALUES
  ('alice', '/people/', [{'Key': 'team', 'Value': 'platform'}]),
  ('bruno', '/people/', [{'Key': 'team', 'Value': 'shop'}]),
  ('ci-deploy', '/services/', [{'Key': 'team', 'Value': 'platform'}]),
  ('legacy-import', '/services/', [{'Key': 'team', 'Value': 'shop'}]);
INSERT INTO aws.iam.access_keys (UserName) VALUES ('ci-deploy'), ('legacy-import');
INSERT INTO aws.iam.login_profiles (UserName, Password, PasswordResetRequired) VALUES
  ('alice', 'Correct-Horse-1', false), ('bruno', 'Correct-Horse-2', false);

INSERT INTO aws.iam.groups (GroupName) VALUES ('admins'), ('developers'), ('analysts'), ('deployers');
INSERT INTO aws.iam.policies (PolicyName, Description, PolicyDocument) VALUES
  ('deploy-shop', 'What the pipeline needs to deploy the shop',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ecs:UpdateService", "ecs:RegisterTaskDefinition", "lambda:UpdateFunctionCode"], "Resource": "*"}]}'),
  ('read-sales', 'Reading the sales reports',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::fernhill-sales-reports", "arn:aws:s3:::fernhill-sales-reports/*"]}]}'),
  ('everything', 'From the first week, never narrowed',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}');
EXEC aws.iam.attached_group_policies.attach_group_policy @GroupName = 'admins', @PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
EXEC aws.iam.attached_group_policies.attach_group_policy @GroupName = 'developers', @PolicyArn = 'arn:aws:iam::aws:policy/PowerUserAccess';
EXEC aws.iam.attached_group_policies.attach_group_policy @GroupName = 'deployers', @PolicyArn = 'arn:aws:iam::123456789012:policy/deploy-shop';
EXEC aws.iam.attached_user_policies.attach_user_policy @UserName = 'ci-deploy', @PolicyArn = 'arn:aws:iam::123456789012:policy/everything';
INSERT INTO aws.iam.user_to_groups (GroupName, UserName) VALUES
  ('admins', 'alice'), ('developers', 'bruno'), ('deployers', 'ci-deploy');
REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES
  ('legacy-import', 'import-catalogue',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}');

INSERT INTO aws.iam.roles (RoleName, Description, AssumeRolePolicyDocument) VALUES
  ('shop-task', 'The shop''s containers',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'),
  ('lambda-run', 'The shop''s functions',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'),
  ('web-server', 'Instances of the first shop',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'),
  ('accountant', 'The accounting firm reads our bills from its own account',
   '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole"}]}');
EXEC aws.iam.attached_role_policies.attach_role_policy @RoleName = 'accountant', @PolicyArn = 'arn:aws:iam::aws:policy/job-function/Billing';

INSERT INTO aws.kms.keys (Description, region) VALUES ('customer data', 'us-east-1'), ('customer data', 'eu-west-1');
INSERT INTO aws.kms.aliases (AliasName, TargetKeyId, region)
  SELECT 'alias/customers', KeyId, region FROM aws.kms.keys WHERE region IN ('us-east-1', 'eu-west-1');
INSERT INTO aws.kms.keys (Description, region) VALUES ('first attempt, unused', 'us-east-1');

-- The first shop: one machine in the default network.
INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, TagSpecifications, region) VALUES
  ('ami-0c55b159cbfafe1f0', 't2.micro', 1, 1,
   [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': 'first-shop'}, {'Key': 'team', 'Value': 'shop'}]}], 'us-east-1');

-- clock: 560 days ago

INSERT INTO aws.iam.users (UserName, Path, Tags) VALUES
  ('chen', '/people/', [{'Key': 'team', 'Value': 'shop'}]),
  ('emil', '/people/', [{'Key': 'team', 'Value': 'platform'}, {'Key': 'left', 'Value': 'yes'}]);
INSERT INTO aws.iam.access_keys (UserName) VALUES ('emil'), ('bruno');
INSERT INTO aws.iam.login_profiles (UserName, Password, PasswordResetRequired) VALUES
  ('chen', 'Correct-Horse-3', true), ('emil', 'Correct-Horse-4', false);
INSERT INTO aws.iam.user_to_groups (GroupName, UserName) VALUES ('developers', 'chen'), ('admins', 'emil');

INSERT INTO aws.s3.buckets (Bucket, CreateBucketConfiguration, region) VALUES
  ('fernhill-covers', NULL, 'us-east-1'),
  ('fernhill-sales-reports', NULL, 'us-east-1'),
  ('fernhill-backups-eu', {'LocationConstraint': 'eu-west-1'}, 'eu-west-1'),
  ('fernhill-customers-eu', {'LocationConstraint': 'eu-west-1'}, 'eu-west-1'),
  ('fernhill-logs-ap', {'LocationConstraint': 'ap-southeast-2'}, 'ap-southeast-2'),
  ('fernhill-scratch', NULL, 'us-east-1');
REPLACE INTO aws.s3.bucket_versionings (Bucket, VersioningConfiguration, region) VALUES
  ('fernhill-sales-reports', {'Status': 'Enabled'}, 'us-east-1'),
  ('fernhill-backups-eu', {'Status': 'Enabled'}, 'eu-west-1');
REPLACE INTO aws.s3.bucket_taggings (Bucket, Tagging, region) VALUES
  ('fernhill-covers', {'TagSet': [{'Key': 'team', 'Value': 'shop'}, {'Key': 'public', 'Value': 'yes'}]}, 'us-east-1'),
  ('fernhill-sales-reports', {'TagSet': [{'Key': 'team', 'Value': 'finance'}]}, 'us-east-1'),
  ('fernhill-customers-eu', {'TagSet': [{'Key': 'team', 'Value': 'shop'}, {'Key': 'data', 'Value': 'personal'}]}, 'eu-west-1');
REPLACE INTO aws.s3.bucket_encryptions (Bucket, ServerSideEncryptionConfiguration, region) VALUES
  ('fernhill-customers-eu', {'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'aws:kms'}}]}, 'eu-west-1'),
  ('fernhill-sales-reports', {'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}]}, 'us-east-1'),
  ('fernhill-backups-eu', {'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}]}, 'eu-west-1');
REPLACE INTO aws.s3.bucket_policies (Bucket, Policy, region) VALUES
  ('fernhill-covers', '{"Version": "2012-10-17", "Statement": [{"Sid": "everyone-reads", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::fernhill-covers/*"}]}', 'us-east-1');
REPLACE INTO aws.s3.bucket_acls (Bucket, ACL, region) VALUES ('fernhill-scratch', 'public-read', 'us-east-1');
REPLACE INTO aws.s3.public_access_blocks (Bucket, PublicAccessBlockConfiguration, region) VALUES
  ('fernhill-customers-eu', {'BlockPublicAcls': true, 'IgnorePublicAcls': true, 'BlockPublicPolicy': true, 'RestrictPublicBuckets': true}, 'eu-west-1'),
  ('fernhill-sales-reports', {'BlockPublicAcls': true, 'IgnorePublicAcls': true, 'BlockPublicPolicy': true, 'RestrictPublicBuckets': true}, 'us-east-1');
REPLACE INTO aws.s3.objects (Bucket, Key, Body, ContentType, region) VALUES
  ('fernhill-covers', 'emma.jpg', 'not really a picture', 'image/jpeg', 'us-east-1'),
  ('fernhill-covers', 'middlemarch.jpg', 'nor is this', 'image/jpeg', 'us-east-1'),
  ('fernhill-covers', 'persuasion.jpg', 'nor this', 'image/jpeg', 'us-east-1'),
  ('fernhill-sales-reports', '2025/q3.csv', E'title,sold\nEmma,412\nMiddlemarch,97\n', 'text/csv', 'us-east-1'),
  ('fernhill-backups-eu', 'orders/2025-06-01.sql', 'CREATE TABLE orders (id int);', 'text/plain', 'eu-west-1'),
  ('fernhill-customers-eu', 'export.json', '[]', 'application/json', 'eu-west-1'),
  ('fernhill-logs-ap', 'web/access.log', 'GET / 200', 'text/plain', 'ap-southeast-2');

-- clock: 400 days ago

INSERT INTO aws.iam.access_keys (UserName) VALUES ('chen');

-- The network of the new shop.
INSERT INTO aws.ec2.vpcs (CidrBlock, TagSpecifications, region) VALUES
  ('10.10.0.0/16', [{'ResourceType': 'vpc', 'Tags': [{'Key': 'Name', 'Value': 'shop'}]}], 'us-east-1'),
  ('10.20.0.0/16', [{'ResourceType': 'vpc', 'Tags': [{'Key': 'Name', 'Value': 'shop-eu'}]}], 'eu-west-1');
INSERT INTO aws.ec2.subnets (VpcId, CidrBlock, AvailabilityZone, TagSpecifications, region)
  SELECT v.VpcId, s.cidr, s.zone, [{'ResourceType': 'subnet', 'Tags': [{'Key': 'Name', 'Value': s.name}]}], v.region
  FROM aws.ec2.vpcs v
  JOIN (VALUES ('shop', '10.10.1.0/24', 'us-east-1a', 'web-a'), ('shop', '10.10.2.0/24', 'us-east-1b', 'web-b'),
               ('shop', '10.10.11.0/24', 'us-east-1a', 'data-a'), ('shop-eu', '10.20.1.0/24', 'eu-west-1a', 'web-eu')
       ) s (vpc, cidr, zone, name) ON s.vpc = tags(v.Tags)['Name']
  WHERE v.region IN ('us-east-1', 'eu-west-1');
INSERT INTO aws.ec2.security_groups (GroupName, Description, VpcId, region)
  SELECT g.name, g.description, v.VpcId, v.region
  FROM aws.ec2.vpcs v
  JOIN (VALUES ('shop', 'web', 'The shop from the Internet'), ('shop', 'database', 'Only from the web servers'),
               ('shop', 'bastion', 'Somebody was in a hurry'), ('shop-eu', 'web', 'The shop from the Internet')
       ) g (vpc, name, description) ON g.vpc = tags(v.Tags)['Name']
  WHERE v.region IN ('us-east-1', 'eu-west-1');
INSERT INTO aws.ec2.security_group_rules (GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, Description, region)
  SELECT g.GroupId, false, 'tcp', r.port, r.port, r.cidr, r.why, g.region
  FROM aws.ec2.security_groups g
  JOIN (VALUES ('web', 443, '0.0.0.0/0', 'customers'), ('database', 5432, '10.10.0.0/16', 'the web servers'),
               ('bastion', 22, '0.0.0.0/0', 'for now')) r (name, port, cidr, why) ON r.name = g.GroupName
  WHERE g.region IN ('us-east-1', 'eu-west-1');

INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, SubnetId, SecurityGroupIds, TagSpecifications, region)
  SELECT 'ami-0c55b159cbfafe1f0', i.type, 1, 1, n.SubnetId, [g.GroupId],
         [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': i.name}, {'Key': 'team', 'Value': i.team}, {'Key': 'env', 'Value': 'production'}]}],
         n.region
  FROM (VALUES ('web-a', 'web', 'web-1', 't3.medium', 'shop'), ('web-b', 'web', 'web-2', 't3.medium', 'shop'),
               ('web-a', 'bastion', 'bastion', 't3.nano', 'platform'), ('web-eu', 'web', 'web-eu-1', 't3.medium', 'shop')
       ) i (subnet, sg, name, type, team)
  JOIN aws.ec2.subnets n ON tags(n.Tags)['Name'] = i.subnet
  JOIN aws.ec2.security_groups g ON g.GroupName = i.sg AND g.VpcId = n.VpcId AND g.region = n.region
  WHERE n.region IN ('us-east-1', 'eu-west-1') AND g.region IN ('us-east-1', 'eu-west-1');
INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, TagSpecifications, region) VALUES
  ('ami-0c55b159cbfafe1f0', 'm5.large', 1, 1, [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': 'search-ap'}, {'Key': 'team', 'Value': 'shop'}]}], 'ap-southeast-2'),
  ('ami-0c55b159cbfafe1f0', 'm5.xlarge', 1, 1, [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': 'import-2024'}]}], 'us-east-1');
INSERT INTO aws.ec2.volumes (AvailabilityZone, Size, VolumeType, Encrypted, TagSpecifications, region) VALUES
  ('us-east-1a', 200, 'gp3', true, [{'ResourceType': 'volume', 'Tags': [{'Key': 'Name', 'Value': 'search-index'}]}], 'us-east-1'),
  ('us-east-1a', 500, 'gp2', false, [{'ResourceType': 'volume', 'Tags': [{'Key': 'Name', 'Value': 'old-import'}]}], 'us-east-1'),
  ('eu-west-1a', 100, 'gp3', false, [{'ResourceType': 'volume', 'Tags': [{'Key': 'Name', 'Value': 'orders-eu'}]}], 'eu-west-1'),
  ('ap-southeast-2a', 80, 'gp3', true, [{'ResourceType': 'volume', 'Tags': [{'Key': 'Name', 'Value': 'search-ap'}]}], 'ap-southeast-2');
INSERT INTO aws.ec2.addresses (Domain, TagSpecifications, region) VALUES
  ('vpc', [{'ResourceType': 'elastic-ip', 'Tags': [{'Key': 'Name', 'Value': 'shop'}]}], 'us-east-1'),
  ('vpc', [{'ResourceType': 'elastic-ip', 'Tags': [{'Key': 'Name', 'Value': 'forgotten'}]}], 'us-east-1'),
  ('vpc', [{'ResourceType': 'elastic-ip', 'Tags': [{'Key': 'Name', 'Value': 'forgotten-eu'}]}], 'eu-west-1');
EXEC aws.ec2.addresses.associate_address
  @AllocationId = (SELECT AllocationId FROM aws.ec2.addresses WHERE tags(Tags)['Name'] = 'shop' AND region = 'us-east-1'),
  @InstanceId = (SELECT InstanceId FROM aws.ec2.instances WHERE tags(Tags)['Name'] = 'web-1' AND region = 'us-east-1'),
  @region = 'us-east-1';

INSERT INTO aws.dynamodb.tables (TableName, AttributeDefinitions, KeySchema, BillingMode, region) VALUES
  ('orders', [{'AttributeName': 'order_id', 'AttributeType': 'S'}], [{'AttributeName': 'order_id', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'us-east-1'),
  ('carts', [{'AttributeName': 'cart_id', 'AttributeType': 'S'}], [{'AttributeName': 'cart_id', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'us-east-1'),
  ('customers', [{'AttributeName': 'email', 'AttributeType': 'S'}], [{'AttributeName': 'email', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'eu-west-1');

UPDATE aws.dynamodb.continuous_backups SET PointInTimeRecoverySpecification = {'PointInTimeRecoveryEnabled': true}
  WHERE TableName = 'orders' AND region = 'us-east-1';
UPDATE aws.dynamodb.continuous_backups SET PointInTimeRecoverySpecification = {'PointInTimeRecoveryEnabled': true}
  WHERE TableName = 'customers' AND region = 'eu-west-1';
REPLACE INTO aws.dynamodb.items (TableName, Item, region) VALUES
  ('orders', MAP {'order_id': {'S': '1001'}, 'title': {'S': 'Emma'}, 'total': {'S': '12.50'}}, 'us-east-1'),
  ('orders', MAP {'order_id': {'S': '1002'}, 'title': {'S': 'Middlemarch'}, 'total': {'S': '15.00'}}, 'us-east-1');

INSERT INTO aws.sqs.queues (QueueName, region) VALUES ('orders-dead', 'us-east-1'), ('mail', 'us-east-1');
INSERT INTO aws.sqs.queues (QueueName, Attributes, region) VALUES
  ('orders', MAP {'RedrivePolicy': '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:orders-dead", "maxReceiveCount": "5"}'}, 'us-east-1');
INSERT INTO aws.sqs.messages (QueueUrl, MessageBody, region)
  SELECT QueueUrl, '{"order": 1001}', 'us-east-1' FROM aws.sqs.queues WHERE region = 'us-east-1' AND QueueUrl LIKE '%/orders';
INSERT INTO aws.sns.topics (Name, region) VALUES ('order-placed', 'us-east-1'), ('alarms', 'us-east-1'), ('alarms', 'eu-west-1');
EXEC aws.sns.subscriptions.subscribe @TopicArn = 'arn:aws:sns:us-east-1:123456789012:order-placed', @Protocol = 'sqs',
  @Endpoint = 'arn:aws:sqs:us-east-1:123456789012:mail', @region = 'us-east-1';

INSERT INTO aws.secretsmanager.secrets (Name, Description, SecretString, region) VALUES
  ('shop/database', 'The orders database', '{"user": "shop", "password": "sandbox-only"}', 'us-east-1'),
  ('shop/payments', 'The payment provider', 'sandbox-only', 'us-east-1');
REPLACE INTO aws.ssm.parameters (Name, Value, Type, region) VALUES
  ('/shop/theme', 'autumn', 'String', 'us-east-1'),
  ('/shop/database-url', 'postgres://orders.fernhill.internal', 'String', 'us-east-1'),
  ('/shop/mail-key', 'sandbox-only', 'SecureString', 'us-east-1');

-- clock: 250 days ago

INSERT INTO aws.iam.users (UserName, Path, Tags) VALUES
  ('dara', '/people/', [{'Key': 'team', 'Value': 'finance'}]),
  ('backup-job', '/services/', [{'Key': 'team', 'Value': 'platform'}]);
INSERT INTO aws.iam.access_keys (UserName) VALUES ('backup-job');
INSERT INTO aws.iam.login_profiles (UserName, Password, PasswordResetRequired) VALUES ('dara', 'Correct-Horse-5', false);
INSERT INTO aws.iam.user_to_groups (GroupName, UserName) VALUES ('analysts', 'dara');
INSERT INTO aws.iam.virtual_mfa_devices (VirtualMFADeviceName) VALUES ('alice'), ('chen'), ('dara');
EXEC aws.iam.mfa_devices.enable_mfa_device @UserName = 'alice', @SerialNumber = 'arn:aws:iam::123456789012:mfa/alice',
  @AuthenticationCode1 = '123456', @AuthenticationCode2 = '654321';
EXEC aws.iam.mfa_devices.enable_mfa_device @UserName = 'chen', @SerialNumber = 'arn:aws:iam::123456789012:mfa/chen',
  @AuthenticationCode1 = '123456', @AuthenticationCode2 = '654321';
EXEC aws.iam.mfa_devices.enable_mfa_device @UserName = 'dara', @SerialNumber = 'arn:aws:iam::123456789012:mfa/dara',
  @AuthenticationCode1 = '123456', @AuthenticationCode2 = '654321';

INSERT INTO aws.lambda.functions (FunctionName, Runtime, Role, Handler, Code, Timeout, region) VALUES
  ('resize-covers', 'python3.8', 'arn:aws:iam::123456789012:role/lambda-run', 'app.handler', {'ZipFile': 'sandbox'::BLOB}, 30, 'us-east-1'),
  ('send-mail', 'nodejs22.x', 'arn:aws:iam::123456789012:role/lambda-run', 'index.handler', {'ZipFile': 'sandbox'::BLOB}, 10, 'us-east-1'),
  ('tax-report', 'python3.13', 'arn:aws:iam::123456789012:role/lambda-run', 'app.handler', {'ZipFile': 'sandbox'::BLOB}, 900, 'eu-west-1');
INSERT INTO aws.logs.log_groups (logGroupName, region) VALUES
  ('/aws/lambda/resize-covers', 'us-east-1'), ('/aws/lambda/send-mail', 'us-east-1'), ('/ecs/shop', 'us-east-1'),
  ('/aws/lambda/tax-report', 'eu-west-1');
REPLACE INTO aws.logs.retention_policies (logGroupName, retentionInDays, region) VALUES
  ('/aws/lambda/send-mail', 30, 'us-east-1'), ('/ecs/shop', 90, 'us-east-1'), ('/aws/lambda/tax-report', 365, 'eu-west-1');

INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBInstanceClass, Engine, AllocatedStorage, MasterUsername, MasterUserPassword, StorageEncrypted, PubliclyAccessible, BackupRetentionPeriod, region) VALUES
  ('orders', 'db.t3.medium', 'postgres', 100, 'shop', 'sandbox-only', true, false, 14, 'us-east-1'),
  ('reports', 'db.t3.small', 'mysql', 20, 'shop', 'sandbox-only', false, true, 0, 'us-east-1');

INSERT INTO aws.ecs.clusters (clusterName, region) VALUES ('shop', 'us-east-1'), ('batch', 'us-east-1');
INSERT INTO aws.ecs.task_definitions (family, containerDefinitions, networkMode, region) VALUES
  ('web', [{'name': 'web', 'image': 'fernhill/web:42', 'memory': 512, 'cpu': 256, 'essential': true}], 'bridge', 'us-east-1'),
  ('worker', [{'name': 'worker', 'image': 'fernhill/worker:17', 'memory': 256, 'cpu': 128, 'essential': true}], 'bridge', 'us-east-1');
INSERT INTO aws.ecs.services (cluster, serviceName, taskDefinition, desiredCount, region) VALUES
  ('shop', 'web', 'web:1', 2, 'us-east-1'), ('shop', 'worker', 'worker:1', 1, 'us-east-1');

REPLACE INTO aws.cloudwatch.metric_alarms (AlarmName, Namespace, MetricName, Statistic, Period, EvaluationPeriods, Threshold, ComparisonOperator, AlarmActions, region) VALUES
  ('orders-waiting', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', 300, 2, 100, 'GreaterThanThreshold', ['arn:aws:sns:us-east-1:123456789012:alarms'], 'us-east-1'),
  ('web-busy', 'AWS/EC2', 'CPUUtilization', 'Average', 300, 3, 80, 'GreaterThanThreshold', NULL, 'us-east-1'),
  ('tax-errors', 'AWS/Lambda', 'Errors', 'Sum', 3600, 1, 0, 'GreaterThanThreshold', ['arn:aws:sns:eu-west-1:123456789012:alarms'], 'eu-west-1');
INSERT INTO aws.cloudtrail.trails (Name, S3BucketName, IsMultiRegionTrail, region) VALUES
  ('fernhill', 'fernhill-sales-reports', true, 'us-east-1'), ('first-try', 'fernhill-scratch', false, 'us-east-1');
EXEC aws.cloudtrail.loggings.start_logging @Name = 'fernhill', @region = 'us-east-1';
INSERT INTO aws.acm.certificates (DomainName, SubjectAlternativeNames, ValidationMethod, region) VALUES
  ('fernhill.example', ['www.fernhill.example'], 'DNS', 'us-east-1');
INSERT INTO aws.route53.hosted_zones (Name, CallerReference) VALUES ('fernhill.example.', 'sandbox');
EXEC aws.route53.resource_record_sets.change_resource_record_sets
  @HostedZoneId = (SELECT split_part(Id, '/', 3) FROM aws.route53.hosted_zones),
  @ChangeBatch = {'Changes': [
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'www.fernhill.example.', 'Type': 'CNAME', 'TTL': 300, 'ResourceRecords': [{'Value': 'shop.fernhill.example.'}]}},
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'shop.fernhill.example.', 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': '192.0.2.10'}]}},
      {'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'fernhill.example.', 'Type': 'MX', 'TTL': 3600, 'ResourceRecords': [{'Value': '10 mail.fernhill.example.'}]}}]};
INSERT INTO aws.cloudformation.stacks (StackName, TemplateBody, Tags, region) VALUES
  ('shop-queues', '{"Resources": {"Returns": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "returns"}}}}',
   [{'Key': 'team', 'Value': 'shop'}], 'us-east-1');

-- clock: 95 days ago

INSERT INTO aws.iam.access_keys (UserName) VALUES ('chen');
INSERT INTO aws.iam.users (UserName, Path, Tags) VALUES
  ('metrics-export', '/services/', [{'Key': 'team', 'Value': 'platform'}]);
EXEC aws.kms.key_rotations.enable_key_rotation
  @KeyId = (SELECT TargetKeyId FROM aws.kms.aliases WHERE AliasName = 'alias/customers' AND region = 'us-east-1'),
  @region = 'us-east-1';

-- What came with the new shop, a service at a time.
INSERT INTO aws.ecr.repositories (repositoryName, imageScanningConfiguration, region) VALUES
  ('fernhill/web', {'scanOnPush': true}, 'us-east-1'), ('fernhill/worker', {'scanOnPush': false}, 'us-east-1');
REPLACE INTO aws.ecr.lifecycle_policies (repositoryName, lifecyclePolicyText, region) VALUES
  ('fernhill/web', '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}}]}', 'us-east-1');
INSERT INTO aws.elbv2.load_balancers (Name, Subnets, SecurityGroups, region)
  SELECT l.name, list(n.SubnetId ORDER BY n.SubnetId), list(DISTINCT g.GroupId), 'us-east-1'
  FROM (VALUES ('shop'), ('shop-old')) l (name)
  CROSS JOIN aws.ec2.subnets n JOIN aws.ec2.security_groups g ON g.VpcId = n.VpcId AND g.GroupName = 'web'
  WHERE tags(n.Tags)['Name'] IN ('web-a', 'web-b') GROUP BY l.name;
INSERT INTO aws.elbv2.target_groups (Name, Protocol, Port, VpcId, region)
  SELECT 'shop-web', 'HTTP', 80, VpcId, 'us-east-1' FROM aws.ec2.vpcs WHERE tags(Tags)['Name'] = 'shop';
EXEC aws.elbv2.targets.register_targets
  @TargetGroupArn = (SELECT TargetGroupArn FROM aws.elbv2.target_groups WHERE TargetGroupName = 'shop-web'),
  @Targets = (SELECT list({'Id': InstanceId}) FROM aws.ec2.instances WHERE tags(Tags)['Name'] IN ('web-1', 'web-2'));
INSERT INTO aws.elbv2.listeners (LoadBalancerArn, Protocol, Port, DefaultActions, region)
  SELECT b.LoadBalancerArn, 'HTTP', 80, [{'Type': 'forward', 'TargetGroupArn': t.TargetGroupArn}], 'us-east-1'
  FROM aws.elbv2.load_balancers b, aws.elbv2.target_groups t WHERE b.LoadBalancerName = 'shop' AND t.TargetGroupName = 'shop-web';
INSERT INTO aws.efs.file_systems (CreationToken, Encrypted, Tags, region) VALUES
  ('uploads', false, [{'Key': 'Name', 'Value': 'uploads'}], 'us-east-1'), ('mail', true, [{'Key': 'Name', 'Value': 'mail'}], 'us-east-1');
REPLACE INTO aws.events.rules (Name, ScheduleExpression, State, region) VALUES
  ('nightly-reports', 'rate(1 day)', 'DISABLED', 'us-east-1'), ('refresh-index', 'rate(1 hour)', 'ENABLED', 'us-east-1');
INSERT INTO aws.kinesis.streams (StreamName, ShardCount, region) VALUES ('clicks', 2, 'us-east-1');
INSERT INTO aws.stepfunctions.state_machines (name, definition, roleArn, region) VALUES
  ('refunds', '{"StartAt": "Refund", "States": {"Refund": {"Type": "Pass", "End": true}}}', 'arn:aws:iam::123456789012:role/lambda-run', 'us-east-1');
INSERT INTO aws.apigateway.rest_apis (name, region) VALUES ('partners', 'us-east-1');
INSERT INTO aws.guardduty.detectors (Enable, region) VALUES (true, 'us-east-1');
INSERT INTO aws.lambda.functions (FunctionName, Runtime, Role, Handler, Code, Timeout, region) VALUES
  ('stock-sync', 'python3.9', 'arn:aws:iam::123456789012:role/lambda-run', 'app.handler', {'ZipFile': 'sandbox'::BLOB}, 60, 'us-east-1');

-- clock: 30 days ago

INSERT INTO aws.iam.access_keys (UserName) VALUES ('metrics-export'), ('ci-deploy');
INSERT INTO aws.ec2.snapshots (VolumeId, Description, region)
  SELECT VolumeId, 'before the move', region FROM aws.ec2.volumes WHERE region = 'us-east-1' AND tags(Tags)['Name'] = 'old-import';

-- clock: now

INSERT INTO aws.iam.access_keys (UserName) VALUES ('alice');
-- Those who left, and what nobody uses any more.
UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName IN ('emil', 'legacy-import');
UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'chen' AND date_diff('day', CreateDate, now()) > 365;
EXEC aws.ec2.instances.stop_instances
  @InstanceIds = (SELECT list(InstanceId) FROM aws.ec2.instances WHERE region = 'us-east-1' AND tags(Tags)['Name'] = 'import-2024'),
  @region = 'us-east-1';

-- What the member accounts have.
INSERT INTO aws.s3.buckets (Bucket, connection, region) VALUES
  ('fernhill-production-assets', 'production', 'us-east-1'), ('fernhill-staging-assets', 'staging', 'us-east-1');
INSERT INTO aws.iam.users (UserName, connection) VALUES ('break-glass', 'production'), ('tester', 'staging');
INSERT INTO aws.iam.access_keys (UserName, connection) VALUES ('tester', 'staging');
INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, TagSpecifications, connection, region) VALUES
  ('ami-0c55b159cbfafe1f0', 'm5.large', 1, 1, [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': 'shop-next'}]}], 'production', 'us-east-1'),
  ('ami-0c55b159cbfafe1f0', 't3.small', 1, 1, [{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': 'shop-test'}]}], 'staging', 'eu-west-1');

-- clock: 330 days ago

INSERT INTO aws.acm.certificates (DomainName, ValidationMethod, region) VALUES ('mail.fernhill.example', 'DNS', 'us-east-1');
