-- Who can use our account from outside, and for how long already: what `make demo` prints.
SELECT k.AccessKeyId, k.CreateDate, k.Status, k.UserName, date_diff('day', k.CreateDate, now()) AS age
FROM aws.iam.users u
JOIN aws.iam.access_keys k ON k.UserName = u.UserName
ORDER BY age DESC, k.UserName;
