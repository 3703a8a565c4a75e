-- Functions for values as cloud APIs have them. Plain SQL macros, so that the engine inlines them.

-- Tags of any shape (lists of Key/Value, key/value, TagKey/TagValue, or a map) as one MAP.
CREATE OR REPLACE TEMP MACRO _tags_of_list(j) AS map(
  list_transform(CAST(json_extract(j, '$[*]') AS JSON[]), lambda t: coalesce(t->>'$.Key', t->>'$.key', t->>'$.TagKey', t->>'$.tagKey')),
  list_transform(CAST(json_extract(j, '$[*]') AS JSON[]), lambda t: coalesce(t->>'$.Value', t->>'$.value', t->>'$.TagValue', t->>'$.tagValue'))
);
CREATE OR REPLACE TEMP MACRO _tags_of_object(j) AS map(
  CAST(json_keys(j) AS VARCHAR[]),
  list_transform(CAST(json_keys(j) AS VARCHAR[]), lambda k: json_extract_string(j, '$."' || replace(k, '"', '\"') || '"'))
);
CREATE OR REPLACE TEMP MACRO tags(tags) AS CASE
  WHEN tags IS NULL THEN NULL
  WHEN json_type(to_json(tags)) = 'ARRAY' THEN _tags_of_list(to_json(tags))
  WHEN json_type(to_json(tags)) = 'OBJECT' THEN _tags_of_object(to_json(tags))
END;

-- arn:partition:service:region:account:resource, the resource also in its parts.
CREATE OR REPLACE TEMP MACRO arn_parse(arn) AS CASE WHEN arn LIKE 'arn:%:%:%:%:%' THEN {
  'partition': split_part(arn, ':', 2),
  'service': split_part(arn, ':', 3),
  'region': nullif(split_part(arn, ':', 4), ''),
  'account_id': nullif(split_part(arn, ':', 5), ''),
  'resource': array_to_string(split(arn, ':')[6:], ':'),
  'resource_type': CASE
    WHEN regexp_matches(array_to_string(split(arn, ':')[6:], ':'), '^[^/:]+[/:]')
    THEN regexp_extract(array_to_string(split(arn, ':')[6:], ':'), '^([^/:]+)[/:]', 1) END,
  'resource_id': regexp_replace(array_to_string(split(arn, ':')[6:], ':'), '^[^/:]+[/:]', '')
} END;
