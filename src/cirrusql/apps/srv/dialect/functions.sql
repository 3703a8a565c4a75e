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
CREATE TEMP MACRO array_upper(a, d) AS CASE WHEN d = 1 AND len(a) > 0 THEN len(a) END;
CREATE TEMP MACRO array_lower(a, d) AS CASE WHEN d = 1 AND len(a) > 0 THEN 1 END;
CREATE TEMP MACRO string_to_array(x, part) AS CASE WHEN part IS NULL THEN regexp_extract_all(x, '(?s:.)')
  WHEN x = '' THEN [] ELSE string_split(x, part) END;
