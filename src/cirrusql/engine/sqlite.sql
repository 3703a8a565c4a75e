-- Functions of SQLite's, for scripts that come from it. Plain SQL macros, as in macros.sql; engine/sqlite_forms.py says
-- which calls of date(), time() and the like are meant in SQLite's way.

CREATE OR REPLACE TEMP MACRO iif(a, b, c) AS CASE WHEN a THEN b ELSE c END, (a, b) AS CASE WHEN a THEN b END;
CREATE OR REPLACE TEMP MACRO total(x) AS CAST(coalesce(sum(x), 0) AS DOUBLE);
CREATE OR REPLACE TEMP MACRO regexp_like(s, p) AS regexp_matches(CAST(s AS VARCHAR), p),
  (s, p, flags) AS regexp_matches(CAST(s AS VARCHAR), p, flags);
CREATE OR REPLACE TEMP MACRO regexp_substr(s, p) AS CASE
  WHEN regexp_matches(CAST(s AS VARCHAR), p) THEN regexp_extract(CAST(s AS VARCHAR), p)
END;
CREATE OR REPLACE TEMP MACRO _sqlite_char(a) AS chr(a),
  (a, b) AS chr(a) || chr(b),
  (a, b, c) AS chr(a) || chr(b) || chr(c),
  (a, b, c, d) AS chr(a) || chr(b) || chr(c) || chr(d);

-- Documents as SQLite changes them, by pairs of a path and a value. Text that is no JSON is text; the engine refuses it.
CREATE OR REPLACE TEMP MACRO _sqlite_document(x) AS CASE WHEN typeof(x) = 'VARCHAR' THEN CAST(x AS JSON) ELSE to_json(x) END;
CREATE OR REPLACE TEMP MACRO _sqlite_value(v) AS CASE WHEN typeof(v) = 'VARCHAR' AND json_valid(CAST(v AS VARCHAR))
  THEN CAST(v AS JSON) ELSE to_json(v) END;
CREATE OR REPLACE TEMP MACRO _sqlite_set(x, p, v) AS json_set(_sqlite_document(x), p, _sqlite_value(v));
CREATE OR REPLACE TEMP MACRO _sqlite_json_set(x, p, v) AS _sqlite_set(x, p, v),
  (x, p, v, q, w) AS _sqlite_set(_sqlite_set(x, p, v), q, w),
  (x, p, v, q, w, r, y) AS _sqlite_set(_sqlite_set(_sqlite_set(x, p, v), q, w), r, y);
CREATE OR REPLACE TEMP MACRO _sqlite_insert(x, p, v) AS json_insert(_sqlite_document(x), p, _sqlite_value(v));
CREATE OR REPLACE TEMP MACRO _sqlite_json_insert(x, p, v) AS _sqlite_insert(x, p, v),
  (x, p, v, q, w) AS _sqlite_insert(_sqlite_insert(x, p, v), q, w),
  (x, p, v, q, w, r, y) AS _sqlite_insert(_sqlite_insert(_sqlite_insert(x, p, v), q, w), r, y);
CREATE OR REPLACE TEMP MACRO _sqlite_replace(x, p, v) AS json_replace(_sqlite_document(x), p, _sqlite_value(v));
CREATE OR REPLACE TEMP MACRO _sqlite_json_replace(x, p, v) AS _sqlite_replace(x, p, v),
  (x, p, v, q, w) AS _sqlite_replace(_sqlite_replace(x, p, v), q, w),
  (x, p, v, q, w, r, y) AS _sqlite_replace(_sqlite_replace(_sqlite_replace(x, p, v), q, w), r, y);
CREATE OR REPLACE TEMP MACRO _sqlite_remove(x, p) AS json_remove(_sqlite_document(x), p);
CREATE OR REPLACE TEMP MACRO _sqlite_json_remove(x, p) AS _sqlite_remove(x, p),
  (x, p, q) AS _sqlite_remove(_sqlite_remove(x, p), q),
  (x, p, q, r) AS _sqlite_remove(_sqlite_remove(_sqlite_remove(x, p), q), r),
  (x, p, q, r, s) AS _sqlite_remove(_sqlite_remove(_sqlite_remove(_sqlite_remove(x, p), q), r), s);
CREATE OR REPLACE TEMP MACRO json_patch(x, y) AS json_merge_patch(_sqlite_document(x), _sqlite_document(y));

-- A time as SQLite takes it: 'now', text, a Julian day; what the engine has as a time is one already.
CREATE OR REPLACE TEMP MACRO _sqlite_number(v) AS TRY_CAST(CAST(v AS VARCHAR) AS DOUBLE);
CREATE OR REPLACE TEMP MACRO _sqlite_moment(v) AS CASE
  WHEN lower(trim(CAST(v AS VARCHAR))) = 'now' THEN now() AT TIME ZONE 'UTC'
  WHEN regexp_full_match(CAST(v AS VARCHAR), '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?') THEN CAST('2000-01-01 ' || CAST(v AS VARCHAR) AS TIMESTAMP)
  WHEN _sqlite_number(v) BETWEEN 0 AND 5373484.5
    THEN make_timestamp(CAST(round((_sqlite_number(v) - 2440587.5) * 86400000000) AS BIGINT))
  WHEN _sqlite_number(v) IS NULL THEN CAST(nullif(CAST(v AS VARCHAR), '') AS TIMESTAMP)
END;
CREATE OR REPLACE TEMP MACRO _sqlite_count(m) AS CAST(regexp_extract(trim(m), '^[+-]?[0-9.]+') AS DOUBLE);
CREATE OR REPLACE TEMP MACRO _sqlite_later(t, seconds) AS t + to_microseconds(CAST(round(seconds * 1000) AS BIGINT) * 1000);
CREATE OR REPLACE TEMP MACRO _sqlite_seconds(m) AS CASE regexp_extract(lower(m), '(second|minute|hour|day|month|year)')
  WHEN 'second' THEN 1 WHEN 'minute' THEN 60 WHEN 'hour' THEN 3600 WHEN 'day' THEN 86400 WHEN 'month' THEN 2592000 ELSE 31536000
END;
-- A day that the month lacks is one of the next: a month after January 31 is March 2 or 3. What is left of a month is of 30 days.
CREATE OR REPLACE TEMP MACRO _sqlite_months(t, m) AS _sqlite_later(
  date_trunc('month', t) + to_months(CAST(trunc(_sqlite_count(m)) AS INTEGER) * CASE WHEN contains(lower(m), 'year') THEN 12 ELSE 1 END)
    + (t - date_trunc('month', t)),
  (_sqlite_count(m) - trunc(_sqlite_count(m))) * _sqlite_seconds(m));
CREATE OR REPLACE TEMP MACRO _sqlite_clock(m) AS CASE WHEN starts_with(m, '-') THEN -1 ELSE 1 END * (
  CAST(split_part(ltrim(m, '+-'), ':', 1) AS INTEGER) * 3600 + CAST(split_part(m, ':', 2) AS INTEGER) * 60
    + coalesce(CAST(nullif(split_part(m, ':', 3), '') AS DOUBLE), 0));
CREATE OR REPLACE TEMP MACRO _sqlite_shifted(t, m) AS CASE
  WHEN t IS NULL OR m IS NULL THEN NULL
  WHEN lower(trim(m)) IN ('utc', 'localtime', 'subsec', 'subsecond', 'auto', 'julianday') THEN t
  WHEN lower(trim(m)) = 'start of day' THEN date_trunc('day', t)
  WHEN lower(trim(m)) = 'start of month' THEN date_trunc('month', t)
  WHEN lower(trim(m)) = 'start of year' THEN date_trunc('year', t)
  WHEN regexp_full_match(lower(trim(m)), 'weekday [0-6]')
    THEN t + to_days(CAST((CAST(right(trim(m), 1) AS INTEGER) - CAST(dayofweek(t) AS INTEGER) + 7) % 7 AS INTEGER))
  WHEN regexp_full_match(lower(trim(m)), '[+-]?[0-9.]+ +(second|minute|hour|day)s?')
    THEN _sqlite_later(t, _sqlite_count(m) * _sqlite_seconds(m))
  WHEN regexp_full_match(lower(trim(m)), '[+-]?[0-9.]+ +(month|year)s?') THEN _sqlite_months(t, m)
  WHEN regexp_full_match(trim(m), '[+-]?[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?') THEN _sqlite_later(t, _sqlite_clock(trim(m)))
  ELSE CAST(error('unknown modifier of a time: ' || m || '; known are ''-90 days'', ''start of month'', ''weekday 0''') AS TIMESTAMP)
END;
-- A macro repeats its argument where it is used; a lambda has it once, however many modifiers follow each other.
CREATE OR REPLACE TEMP MACRO _sqlite_shift(t, m) AS list_transform([t], lambda _sqlite_t: _sqlite_shifted(_sqlite_t, m))[1];
CREATE OR REPLACE TEMP MACRO _sqlite_from(v, a) AS CASE
  WHEN lower(trim(a)) = 'unixepoch' OR (lower(trim(a)) = 'auto' AND _sqlite_number(v) NOT BETWEEN 0 AND 5373484.499999)
  THEN make_timestamp(CAST(round(_sqlite_number(v) * 1000000) AS BIGINT))
  ELSE _sqlite_shift(_sqlite_moment(v), a) END;
CREATE OR REPLACE TEMP MACRO _sqlite_at(v) AS _sqlite_moment(v), (v, a) AS _sqlite_from(v, a),
  (v, a, b) AS _sqlite_shift(_sqlite_from(v, a), b),
  (v, a, b, c) AS _sqlite_shift(_sqlite_shift(_sqlite_from(v, a), b), c);
CREATE OR REPLACE TEMP MACRO _sqlite_datetime() AS date_trunc('second', _sqlite_at('now')),
  (v) AS date_trunc('second', _sqlite_at(v)), (v, a) AS date_trunc('second', _sqlite_at(v, a)),
  (v, a, b) AS date_trunc('second', _sqlite_at(v, a, b)), (v, a, b, c) AS date_trunc('second', _sqlite_at(v, a, b, c));
CREATE OR REPLACE TEMP MACRO _sqlite_date() AS CAST(_sqlite_at('now') AS DATE),
  (v) AS CAST(_sqlite_at(v) AS DATE), (v, a) AS CAST(_sqlite_at(v, a) AS DATE),
  (v, a, b) AS CAST(_sqlite_at(v, a, b) AS DATE), (v, a, b, c) AS CAST(_sqlite_at(v, a, b, c) AS DATE);
CREATE OR REPLACE TEMP MACRO _sqlite_time() AS CAST(_sqlite_datetime() AS TIME),
  (v) AS CAST(_sqlite_datetime(v) AS TIME), (v, a) AS CAST(_sqlite_datetime(v, a) AS TIME),
  (v, a, b) AS CAST(_sqlite_datetime(v, a, b) AS TIME);
CREATE OR REPLACE TEMP MACRO _sqlite_days(t) AS epoch_us(t) / 86400000000 + 2440587.5;
CREATE OR REPLACE TEMP MACRO julianday() AS _sqlite_days(_sqlite_at('now')),
  (v) AS _sqlite_days(_sqlite_at(v)), (v, a) AS _sqlite_days(_sqlite_at(v, a)), (v, a, b) AS _sqlite_days(_sqlite_at(v, a, b));
CREATE OR REPLACE TEMP MACRO unixepoch() AS CAST(floor(epoch_us(_sqlite_at('now')) / 1000000) AS BIGINT),
  (v) AS CAST(floor(epoch_us(_sqlite_at(v)) / 1000000) AS BIGINT),
  (v, a) AS CAST(floor(epoch_us(_sqlite_at(v, a)) / 1000000) AS BIGINT),
  (v, a, b) AS CAST(floor(epoch_us(_sqlite_at(v, a, b)) / 1000000) AS BIGINT);
CREATE OR REPLACE TEMP MACRO _sqlite_strftime(f, v) AS strftime(_sqlite_at(v), f),
  (f, v, a) AS strftime(_sqlite_at(v, a), f), (f, v, a, b) AS strftime(_sqlite_at(v, a, b), f),
  (f, v, a, b, c) AS strftime(_sqlite_at(v, a, b, c), f);
-- A format with letters of SQLite's own, letter by letter: seconds since 1970, seconds with a fraction, the Julian day.
CREATE OR REPLACE TEMP MACRO _sqlite_letter(t, p) AS CASE p
  WHEN '%s' THEN CAST(CAST(floor(epoch_us(t) / 1000000) AS BIGINT) AS VARCHAR)
  WHEN '%f' THEN strftime(t, '%S.%g')
  WHEN '%J' THEN regexp_replace(CAST(_sqlite_days(t) AS VARCHAR), '[.]0$', '')
  WHEN '%d' THEN strftime(t, '%d') WHEN '%H' THEN strftime(t, '%H') WHEN '%j' THEN strftime(t, '%j')
  WHEN '%m' THEN strftime(t, '%m') WHEN '%M' THEN strftime(t, '%M') WHEN '%S' THEN strftime(t, '%S')
  WHEN '%w' THEN strftime(t, '%w') WHEN '%W' THEN strftime(t, '%W') WHEN '%Y' THEN strftime(t, '%Y')
  WHEN '%%' THEN '%'
  ELSE CASE WHEN p[1] = '%' THEN error('strftime() does not know ' || p || ' beside %f, %J or %s') ELSE p END
END;
CREATE OR REPLACE TEMP MACRO _sqlite_letters(t, f) AS list_transform([t], lambda _sqlite_t: list_aggregate(
  list_transform(regexp_extract_all(f, '%.|[^%]+'), lambda _sqlite_p: _sqlite_letter(_sqlite_t, _sqlite_p)), 'string_agg', ''))[1];
CREATE OR REPLACE TEMP MACRO _sqlite_strftime_(f, v) AS _sqlite_letters(_sqlite_at(v), f),
  (f, v, a) AS _sqlite_letters(_sqlite_at(v, a), f), (f, v, a, b) AS _sqlite_letters(_sqlite_at(v, a, b), f),
  (f, v, a, b, c) AS _sqlite_letters(_sqlite_at(v, a, b, c), f);
