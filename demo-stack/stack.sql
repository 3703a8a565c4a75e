-- Three services of a small shop. The order of the statements and files is irrelevant.
STACK 'shop';

PARAM env VARCHAR DEFAULT 'dev' CHECK (env IN ('dev', 'prod'));

RESOURCE orders_topic IN aws.sns.topics AS
  SELECT 'orders-' || $env AS Name;

RESOURCE logs IN aws.s3.buckets AS
  SELECT 'shop-logs-' || $env AS Bucket,
         {'Status': 'Enabled'} AS VersioningConfiguration,
         MAP {'env': $env} AS Tags;

OUTPUT topic_arn AS SELECT TopicArn FROM orders_topic;
