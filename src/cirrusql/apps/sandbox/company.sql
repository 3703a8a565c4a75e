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
EXEC aws.iam.groups.add_user_to_group @GroupName = 'admins', @UserName = 'alice';
EXEC aws.iam.groups.add_user_to_group @GroupName = 'developers', @UserName = 'bruno';
EXEC aws.iam.groups.add_user_to_group @GroupName = 'deployers', @UserName = 'ci-deploy';
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

INSERT INTO aws.kms.keys (Description, region) VALUES
  ('customer data', 'us-east-1'), ('first attempt, unused', 'us-east-1'), ('customer data', 'eu-west-1');

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
EXEC aws.iam.groups.add_user_to_group @GroupName = 'developers', @UserName = 'chen';
EXEC aws.iam.groups.add_user_to_group @GroupName = 'admins', @UserName = 'emil';

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
EXEC aws.ec2.security_groups.authorize_security_group_ingress
  @GroupId = (SELECT GroupId FROM aws.ec2.security_groups WHERE GroupName = 'bastion' AND region = 'us-east-1'),
  @IpPermissions = [{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '0.0.0.0/0', 'Description': 'for now'}]}],
  @region = 'us-east-1';

INSERT INTO aws.dynamodb.tables (TableName, AttributeDefinitions, KeySchema, BillingMode, region) VALUES
  ('orders', [{'AttributeName': 'order_id', 'AttributeType': 'S'}], [{'AttributeName': 'order_id', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'us-east-1'),
  ('carts', [{'AttributeName': 'cart_id', 'AttributeType': 'S'}], [{'AttributeName': 'cart_id', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'us-east-1'),
  ('customers', [{'AttributeName': 'email', 'AttributeType': 'S'}], [{'AttributeName': 'email', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST', 'eu-west-1');

-- clock: now
