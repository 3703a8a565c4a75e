-- PostgreSQL's functions that the engine lacks, or means otherwise. Each is made when a statement first
-- names it.
CREATE TEMP MACRO initcap(x) AS CASE WHEN x = '' THEN x ELSE list_aggregate(list_transform(
  regexp_extract_all(lower(x), '[\pL\pN]+|[^\pL\pN]+'), lambda w: upper(w[1]) || w[2:]), 'string_agg', '') END;
CREATE TEMP MACRO btrim(x) AS trim(x), (x, y) AS trim(x, y);
CREATE TEMP MACRO quote_literal(x) AS '''' || replace(CAST(x AS VARCHAR), '''', '''''') || '''';
CREATE TEMP MACRO quote_ident(x) AS CASE WHEN regexp_full_match(x, '[a-z_][a-z0-9_]*') THEN x
  ELSE '"' || replace(x, '"', '""') || '"' END;
CREATE TEMP MACRO to_hex(x) AS lower(system.main.to_hex(x));
CREATE TEMP MACRO decode(x, form) AS CASE form WHEN 'base64' THEN from_base64(x) WHEN 'hex' THEN unhex(x)
  ELSE error('decode: ' || form || ' is not supported') END;
CREATE TEMP MACRO encode(x, form) AS CASE form WHEN 'base64' THEN to_base64(x) WHEN 'hex' THEN lower(hex(x))
  ELSE error('encode: ' || form || ' is not supported') END;
CREATE TEMP MACRO div(a, b) AS trunc(a / b);
CREATE TEMP MACRO array_remove(a, x) AS list_filter(a, lambda e: e IS DISTINCT FROM x);
CREATE TEMP MACRO array_upper(a, d) AS CASE WHEN d <> 1 THEN error('array_upper: only dimension 1 is supported')
  WHEN len(a) > 0 THEN len(a) END;
CREATE TEMP MACRO array_lower(a, d) AS CASE WHEN d <> 1 THEN error('array_lower: only dimension 1 is supported')
  WHEN len(a) > 0 THEN 1 END;
CREATE TEMP MACRO array_length(a) AS len(a), (a, d) AS CASE
  WHEN d <> 1 THEN error('array_length: only dimension 1 is supported') WHEN len(a) > 0 THEN len(a) END;
CREATE TEMP MACRO array_positions(a, x) AS list_filter(list_transform(a, lambda e, i:
  CASE WHEN e IS NOT DISTINCT FROM x THEN i END), lambda i: i IS NOT NULL);
CREATE TEMP MACRO array_replace(a, x, y) AS list_transform(a, lambda e:
  CASE WHEN e IS NOT DISTINCT FROM x THEN y ELSE e END);
CREATE TEMP MACRO substring(s, b) AS system.main.substring(s, CASE WHEN b < 1 THEN 1 ELSE b END),
  (s, b, n) AS CASE WHEN n < 0 THEN error('negative substring length not allowed') ELSE
  system.main.substring(s, CASE WHEN b < 1 THEN 1 ELSE b END, CASE WHEN b >= 1 THEN n
  WHEN CAST(b AS BIGINT) + n < 1 THEN 0 ELSE CAST(b AS BIGINT) + n - 1 END) END;
CREATE TEMP MACRO substr(s, b) AS system.main.substring(s, CASE WHEN b < 1 THEN 1 ELSE b END),
  (s, b, n) AS CASE WHEN n < 0 THEN error('negative substring length not allowed') ELSE
  system.main.substring(s, CASE WHEN b < 1 THEN 1 ELSE b END, CASE WHEN b >= 1 THEN n
  WHEN CAST(b AS BIGINT) + n < 1 THEN 0 ELSE CAST(b AS BIGINT) + n - 1 END) END;
CREATE TEMP MACRO lpad(s, n) AS lpad(s, n, ' '), (s, n, f) AS system.main.lpad(s, n, f);
CREATE TEMP MACRO rpad(s, n) AS rpad(s, n, ' '), (s, n, f) AS system.main.rpad(s, n, f);
CREATE TEMP MACRO regexp_count(s, p) AS len(regexp_extract_all(s, p));
CREATE TEMP MACRO json_typeof(j) AS CASE json_type(CAST(j AS JSON)) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array'
  WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null'
  ELSE CASE WHEN j IS NOT NULL THEN 'number' END END;
CREATE TEMP MACRO jsonb_typeof(j) AS CASE json_type(CAST(j AS JSON)) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array'
  WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null'
  ELSE CASE WHEN j IS NOT NULL THEN 'number' END END;
CREATE TEMP MACRO string_to_array(x, part) AS CASE WHEN part IS NULL THEN regexp_extract_all(x, '(?s:.)')
  WHEN x = '' THEN [] ELSE string_split(x, part) END;
