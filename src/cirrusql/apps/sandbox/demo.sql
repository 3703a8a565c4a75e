-- Which access keys does the account have, and how old are they in days?
SELECT k.AccessKeyId, k.CreateDate, k.Status, k.UserName, date_diff('day', k.CreateDate, now()) AS age
FROM aws.iam.users u
JOIN aws.iam.access_keys k ON k.UserName = u.UserName
ORDER BY age DESC, k.UserName;
