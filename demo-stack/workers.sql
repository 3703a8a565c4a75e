-- A queue for each worker, and its subscription to the topic: two rows each, whatever their number.
VIEW workers AS
  FROM (VALUES ('billing', 60), ('shipping', 120), ('mail', 30)) w(name, seconds);

RESOURCE queue IN aws.sqs.queues KEY (_worker) AS
  SELECT name AS _worker, name || '-' || $env AS QueueName, seconds AS VisibilityTimeout
  FROM workers;

RESOURCE subscription IN aws.sns.subscriptions KEY (_worker) AS
  SELECT q._worker, t.TopicArn, 'sqs' AS Protocol, q.QueueArn AS Endpoint
  FROM queue q, orders_topic t;

TEST queues_keep_messages_for_long_enough AS
  SELECT QueueName, VisibilityTimeout FROM queue WHERE VisibilityTimeout < 30;
