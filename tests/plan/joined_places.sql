-- Joins as a user writes them, with [what is meant beside each equality] in brackets; i, v and d are
-- instances, VPCs and volumes, {0} is a condition on the region of i, and after --> stands what is selected.

FROM i JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] WHERE {0};
--> i,v

FROM i LEFT JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] WHERE {0};
--> i,v

FROM i LEFT JOIN v ON i.VpcId = v.VpcId [AND v.region = i.region] AND v.CidrBlock LIKE '10.%' WHERE {0};
--> i,v

FROM i RIGHT JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] AND {0};
--> i,v

FROM i FULL JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] AND {0};
--> i,v

FROM v LEFT JOIN i ON v.VpcId = i.VpcId [AND v.region = i.region] AND {0};
--> i,v

FROM i, v WHERE v.VpcId = i.VpcId [AND v.region = i.region] AND {0};
--> i,v

FROM i, v WHERE {0} AND (v.VpcId = i.VpcId [AND v.region = i.region]);
--> i,v

FROM i, v WHERE {0} AND (v.VpcId = i.VpcId [AND v.region = i.region] OR v.CidrBlock = '10.1.0.0/16' AND v.VpcId || '' = 'v-' || right(i.VpcId, 1) [AND v.region = i.region]);
--> i,v

FROM i LEFT JOIN v ON lower(v.VpcId) = concat('v-', right(i.VpcId, 1)) [AND v.region = i.region] WHERE {0};
--> i,v

FROM i JOIN v USING (VpcId[, region]) WHERE {0};
--> i,v

FROM i LEFT JOIN v USING (VpcId[, region]) WHERE {0};
--> i,v

FROM i SEMI JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] WHERE {0};
--> i

FROM i ANTI JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] WHERE {0};
--> i

FROM v SEMI JOIN i ON v.VpcId = i.VpcId [AND v.region = i.region] AND {0};
--> v

FROM i WHERE {0} AND i.VpcId IN (SELECT v.VpcId FROM v [WHERE v.region = i.region]);
--> i

FROM i WHERE {0} AND i.VpcId IN (SELECT v.VpcId FROM v WHERE (v.CidrBlock = '10.0.0.0/16' OR 1 = 2) [AND v.region = i.region]);
--> i

FROM i WHERE {0} AND i.VpcId NOT IN (SELECT v.VpcId FROM v [WHERE v.region = i.region]);
--> i

FROM v WHERE v.VpcId IN (SELECT i.VpcId FROM i WHERE {0} [AND v.region = i.region]);
--> v

FROM v WHERE v.VpcId IN (SELECT DISTINCT i.VpcId FROM i WHERE {0} [AND v.region = i.region] ORDER BY 1);
--> v

FROM v WHERE (v.VpcId, 1[, v.region]) IN (SELECT i.VpcId, 1[, i.region] FROM i WHERE {0});
--> v

FROM v WHERE (1, v.VpcId[, v.region]) IN (SELECT 1, i.VpcId[, i.region] FROM i WHERE {0});
--> v

FROM i WHERE {0} AND EXISTS (SELECT 1 FROM v WHERE v.VpcId = i.VpcId [AND v.region = i.region]);
--> i

FROM i WHERE {0} AND NOT EXISTS (FROM v WHERE v.VpcId = i.VpcId [AND v.region = i.region]);
--> i

FROM v WHERE EXISTS (SELECT 1 FROM i WHERE {0} AND v.VpcId = i.VpcId [AND v.region = i.region]);
--> v

FROM i, LATERAL (SELECT v.CidrBlock AS c FROM v WHERE v.VpcId = i.VpcId [AND v.region = i.region]) q WHERE {0};
--> i,c

FROM (SELECT i.InstanceId, i.VpcId, i.region r FROM i WHERE {0}) q LEFT JOIN v ON v.VpcId = q.VpcId [AND v.region = q.r];
--> q,v

FROM i LEFT JOIN (SELECT VpcId, CidrBlock c, region r FROM v) q ON q.VpcId = i.VpcId [AND q.r = i.region] WHERE {0};
--> i,c

FROM i LEFT JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] LEFT JOIN d ON d.InstanceId = i.InstanceId [AND d.region = i.region] WHERE {0};
--> i,v,d

FROM v LEFT JOIN i ON i.VpcId = v.VpcId [AND v.region = i.region] LEFT JOIN d ON d.InstanceId = i.InstanceId [AND d.region = i.region] WHERE {0};
--> i,v,d

FROM d JOIN i ON d.InstanceId = i.InstanceId [AND d.region = i.region] JOIN v ON v.VpcId = i.VpcId [AND v.region = i.region] WHERE d.Size < 9 AND {0};
--> i,v,d

FROM i JOIN i AS o ON o.VpcId = i.VpcId [AND o.region = i.region] AND o.InstanceId <> i.InstanceId WHERE {0};
--> i,o

WITH q AS (SELECT i.InstanceId, i.VpcId[, i.region r] FROM i WHERE {0}) SELECT q.InstanceId, v.CidrBlock, v.region FROM q LEFT JOIN v ON v.VpcId = q.VpcId [AND v.region = q.r];

WITH q AS (SELECT i.InstanceId, i.VpcId[, i.region r] FROM i WHERE {0}) SELECT *[ EXCLUDE (r, r2)] FROM q LEFT JOIN (SELECT VpcId, CidrBlock[, region r2] FROM v) w ON w.VpcId = q.VpcId [AND w.r2 = q.r];

WITH q AS (SELECT i.InstanceId, i.VpcId[, i.region r] FROM i WHERE {0}), p AS (SELECT q.VpcId vpc, q.InstanceId[, q.r] FROM q ORDER BY 2) SELECT *[ EXCLUDE (r)] FROM (SELECT p.*, v.CidrBlock FROM p LEFT JOIN v ON v.VpcId = p.vpc [AND v.region = p.r]) e;

WITH q AS (SELECT * FROM i WHERE {0}) SELECT q.InstanceId, q.region, v.CidrBlock, v.region FROM q LEFT JOIN v ON v.VpcId = q.VpcId [AND v.region = q.region];

SELECT q.InstanceId, q.x, v.CidrBlock FROM (SELECT i.InstanceId, unnest(list_value(i.VpcId, 'v-2')) x[, i.region r] FROM i WHERE {0}) q LEFT JOIN v ON v.VpcId = q.x [AND v.region = q.r];

SELECT i.InstanceId, u.x, v.CidrBlock FROM i, unnest(list_value(i.VpcId, 'v-2')) AS u(x) LEFT JOIN v ON v.VpcId = u.x [AND v.region = i.region] WHERE {0};

SELECT q.*[ EXCLUDE (r)], v.CidrBlock, v.region FROM (SELECT i.VpcId, count(*) n[, list(DISTINCT i.region) r] FROM i WHERE {0} GROUP BY i.VpcId) q LEFT JOIN v ON v.VpcId = q.VpcId [AND list_contains(q.r, v.region)];

WITH q AS (SELECT max(i.VpcId) m[, list(DISTINCT i.region) r] FROM i WHERE {0}) SELECT v.CidrBlock, v.region FROM v JOIN q ON v.VpcId = q.m [AND list_contains(q.r, v.region)];

SELECT i.InstanceId, (SELECT v.CidrBlock FROM v WHERE v.VpcId = i.VpcId [AND v.region = i.region]) c FROM i WHERE {0};

SELECT i.InstanceId, i.region, (SELECT count(*) FROM v WHERE i.VpcId = v.VpcId [AND v.region = i.region]) n FROM i WHERE {0} ORDER BY ALL;

SELECT i.InstanceId, i.region FROM i WHERE {0} AND (SELECT count(*) FROM v WHERE i.VpcId = v.VpcId [AND v.region = i.region]) > 0;

SELECT v.VpcId, count(*), count(i.InstanceId) FROM i FULL JOIN v ON i.VpcId = v.VpcId [AND v.region = i.region] AND {0} GROUP BY 1;

SELECT v.VpcId, v.region, i.InstanceId FROM v JOIN i ON (v.VpcId, 1) = (i.VpcId, 1) [AND v.region = i.region] WHERE {0};

SELECT v.VpcId, v.region FROM v WHERE v.VpcId = ANY (SELECT i.VpcId FROM i WHERE {0});

SELECT DISTINCT v.VpcId, v.region FROM (SELECT DISTINCT i.VpcId FROM i WHERE {0}) q JOIN v ON v.VpcId = q.VpcId;

SELECT v.VpcId, v.region FROM v WHERE v.VpcId IN (SELECT i.VpcId FROM i WHERE {0} GROUP BY 1);

SELECT q.VpcId, v.region FROM (SELECT i.VpcId FROM i WHERE {0} UNION ALL SELECT 'v-2') q JOIN v ON v.VpcId = q.VpcId;
