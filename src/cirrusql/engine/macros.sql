-- Functions for values as cloud APIs have them. Plain SQL macros, so that the engine inlines them.

-- Tags of any shape (lists of Key/Value, key/value, TagKey/TagValue, tagKey/tagValue, one wrapped
-- in Items, a map, a structure, JSON text of any of these) as one MAP. Of a name that is there
-- twice the first counts.
CREATE OR REPLACE TEMP MACRO _tag_pairs(j) AS list_filter(
  list_transform(CAST(json_extract(j, '$[*]') AS JSON[]), lambda t: {
    'name': coalesce(t->>'$.Key', t->>'$.key', t->>'$.TagKey', t->>'$.tagKey'),
    'value': coalesce(t->>'$.Value', t->>'$.value', t->>'$.TagValue', t->>'$.tagValue')
  }),
  lambda pair: pair.name IS NOT NULL
);
CREATE OR REPLACE TEMP MACRO _map_of_pairs(pairs) AS map_from_entries(
  list_filter(pairs, lambda pair, i: list_position(list_transform(pairs, lambda p: p.name), pair.name) = i)
);
CREATE OR REPLACE TEMP MACRO _tags_of_list(j) AS _map_of_pairs(_tag_pairs(j));
CREATE OR REPLACE TEMP MACRO _tags_of_object(j) AS map(
  CAST(json_keys(j) AS VARCHAR[]),
  list_transform(
    CAST(json_keys(j) AS VARCHAR[]),
    lambda k: json_extract_string(j, '/' || replace(replace(k, '~', '~0'), '/', '~1'))
  )
);
CREATE OR REPLACE TEMP MACRO _tags_of_json(j) AS CASE
  WHEN json_type(j) = 'ARRAY' THEN _tags_of_list(j)
  WHEN json_type(j, '$.Items') = 'ARRAY' THEN _tags_of_list(json_extract(j, '$.Items'))
  WHEN json_type(j) = 'OBJECT' THEN _tags_of_object(j)
END;
-- A list of one, so that the value may be a subquery, which a lambda cannot contain.
CREATE OR REPLACE TEMP MACRO tags(tags) AS list_transform(
  [
    CASE json_type(to_json(tags))
      WHEN 'VARCHAR' THEN TRY_CAST(CAST(tags AS VARCHAR) AS JSON)
      ELSE to_json(tags)
    END
  ],
  lambda j: _tags_of_json(j)
)[1];
-- Tags that a statement assigns, and the keys of the present ones that they lack.
CREATE OR REPLACE TEMP MACRO _tags_given(v, name) AS
  CASE WHEN _tags_fault(CAST(to_json(v) AS VARCHAR), name) IS NOT NULL
  THEN error(_tags_fault(CAST(to_json(v) AS VARCHAR), name)) ELSE v END;
CREATE OR REPLACE TEMP MACRO _tags_gone(present, given, reserved) AS list_transform(
  [{'has': map_keys(present), 'gets': map_keys(given)}],
  lambda t: list_filter(
    t.has, lambda k: NOT list_contains(t.gets, k) AND NOT (reserved <> '' AND starts_with(k, reserved))
  )
)[1];
-- The same where a request takes them as the query of a URL; text that is no JSON is one already.
CREATE OR REPLACE TEMP MACRO _tag_query(v, name) AS CASE
  WHEN json_type(to_json(v)) = 'VARCHAR' AND NOT regexp_matches(CAST(v AS VARCHAR), '^\s*[\[{]') THEN CAST(v AS VARCHAR)
  ELSE nullif(array_to_string(list_transform(
    map_entries(tags(_tags_given(v, name))), lambda t: url_encode(t.key) || '=' || url_encode(t.value)
  ), '&'), '')
END;
-- The key of a single tag that a statement sets.
CREATE OR REPLACE TEMP MACRO _tag_key(k) AS CAST(
  CASE WHEN typeof(k) <> 'VARCHAR' OR k IS NULL THEN error('the key of a tag is text: Tags[''key'']')
  ELSE k END AS VARCHAR
);

-- A member of a structure, or of JSON text of one, as text; NULL where it has no such member.
CREATE OR REPLACE TEMP MACRO _as_document(v) AS CASE json_type(to_json(v))
  WHEN 'VARCHAR' THEN TRY_CAST(CAST(v AS VARCHAR) AS JSON)
  ELSE to_json(v)
END;
CREATE OR REPLACE TEMP MACRO _member(v, name) AS json_extract_string(_as_document(v), '/' || name);

-- arn:partition:service:region:account:resource, the resource also in its parts; NULL for what
-- is no ARN.
CREATE OR REPLACE TEMP MACRO _arn_resource(arn) AS array_to_string(split(arn, ':')[6:], ':');
CREATE OR REPLACE TEMP MACRO arn_parse(arn) AS CASE WHEN arn LIKE 'arn:%:%:%:%:%' THEN {
  'partition': split_part(arn, ':', 2),
  'service': split_part(arn, ':', 3),
  'region': nullif(split_part(arn, ':', 4), ''),
  'account_id': nullif(split_part(arn, ':', 5), ''),
  'resource': _arn_resource(arn),
  'resource_type': nullif(regexp_extract(_arn_resource(arn), '^([^/:]+)[/:]', 1), ''),
  'resource_id': regexp_replace(_arn_resource(arn), '^[^/:]+[/:]', '')
} END;

-- Documents compared for what they mean. The work is done in engine/documents.py, on JSON text.
CREATE OR REPLACE TEMP MACRO policy_std(p) AS CAST(_policy_std(CAST(to_json(p) AS VARCHAR)) AS JSON);
CREATE OR REPLACE TEMP MACRO policy_equal(a, b) AS
  _policy_equal(CAST(to_json(a) AS VARCHAR), CAST(to_json(b) AS VARCHAR));
CREATE OR REPLACE TEMP MACRO aws_policy_equal(a, b) AS policy_equal(a, b);
CREATE OR REPLACE TEMP MACRO json_equal(a, b) AS
  _json_equal(CAST(to_json(a) AS VARCHAR), CAST(to_json(b) AS VARCHAR));

-- Set-valued columns, changed by what is to be added and what is to be taken away: JSON text or NULL.
CREATE OR REPLACE TEMP MACRO _added(new, old) AS
  _set_less(CAST(to_json(new) AS VARCHAR), CAST(to_json(old) AS VARCHAR));
CREATE OR REPLACE TEMP MACRO _taken(new, old) AS
  _keys_less(CAST(to_json(old) AS VARCHAR), CAST(to_json(new) AS VARCHAR));
CREATE OR REPLACE TEMP MACRO _unnamed(new, old) AS
  _names_less(CAST(to_json(old) AS VARCHAR), CAST(to_json(new) AS VARCHAR));
CREATE OR REPLACE TEMP MACRO _rules_added(new, old) AS
  _rules_less(CAST(to_json(new) AS VARCHAR), CAST(to_json(old) AS VARCHAR));
CREATE OR REPLACE TEMP MACRO _rules_taken(new, old) AS
  _rules_less(CAST(to_json(old) AS VARCHAR), CAST(to_json(new) AS VARCHAR));
CREATE OR REPLACE TEMP MACRO _ids(things, name) AS
  CAST(from_json(_ids_of(CAST(to_json(things) AS VARCHAR), name), '["VARCHAR"]') AS VARCHAR[]);
CREATE OR REPLACE TEMP MACRO _lacks_ids(things, name) AS
  _lacks_ids_of(CAST(to_json(things) AS VARCHAR), name);
CREATE OR REPLACE TEMP MACRO _ids_given(things, name, told) AS
  CASE WHEN _lacks_ids(things, name) THEN error(told) ELSE _ids(things, name) END;

-- Where the thing is that a value names: an ARN says it, of all else it is where the value was found
-- (plan/locations/joined_locations.py).
CREATE OR REPLACE TEMP MACRO _arn_region(v) AS CASE WHEN CAST(v AS VARCHAR) LIKE 'arn:%:%:%:%:%'
  THEN nullif(split_part(CAST(v AS VARCHAR), ':', 4), '') END;
CREATE OR REPLACE TEMP MACRO _says_region(v) AS _arn_region(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO _region_of(v, found) AS coalesce(_arn_region(v), found);
CREATE OR REPLACE TEMP MACRO _region_of_row(v, region) AS CASE WHEN _arn_region(v) IS NULL THEN region ELSE '' END;
CREATE OR REPLACE TEMP MACRO _same_connection(a, b) AS a IS NOT DISTINCT FROM b;
-- The account of each connection by name, '' being the session's own: execution/reads/connection_accounts.py says which.
CREATE OR REPLACE TEMP MACRO _accounts() AS MAP {'': NULL::VARCHAR};
CREATE OR REPLACE TEMP MACRO _arn_account(v) AS CASE WHEN CAST(v AS VARCHAR) LIKE 'arn:%:%:%:%:%'
  THEN nullif(split_part(CAST(v AS VARCHAR), ':', 5), '') END;
CREATE OR REPLACE TEMP MACRO _connection_of(v, found) AS CASE
  WHEN list_contains(map_values(_accounts()), _arn_account(v))
    AND _accounts()[coalesce(found, '')] IS DISTINCT FROM _arn_account(v)
  THEN nullif(map_keys(_accounts())[list_position(map_values(_accounts()), _arn_account(v))], '')
  ELSE found END;
