"""Statements that try to get at credentials by every road SQL has: wrappers around a reading,
nested at will.

Owns what is tried. Whether something came out is for the tests to see, by a text that nobody else
has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

MINTING = (
    "SELECT Credentials FROM aws.sts.session_tokens",
    "SELECT credentials FROM aws.sts_api.session_tokens",
    "SELECT * FROM aws.sts.session_tokens",
    "SELECT Credentials FROM (EXEC aws.sts.session_tokens.get_session_token)",
    "SELECT t.Credentials.SecretAccessKey AS harmless FROM (EXEC "
    "aws.sts.session_tokens.get_session_token) t",
    "SELECT Plaintext FROM (EXEC aws.kms.decrypts.decrypt @CiphertextBlob = 'x'::BLOB)",
)
"""Readings of what is made for the one who asks."""

STORED = (
    "SELECT SecretString FROM aws.secretsmanager.secret_values WHERE SecretId = 'db'",
    "SELECT secret_string FROM aws.secretsmanager_api.secret_values WHERE SecretId = 'db'",
    "SELECT upper(SecretString) AS x FROM aws.secretsmanager.secret_values WHERE SecretId = 'db'",
    "SELECT v.SecretString FROM aws.secretsmanager.secrets s"
    " JOIN aws.secretsmanager.secret_values v ON v.SecretId = s.Name",
    "SELECT v FROM aws.secretsmanager.secret_values v WHERE SecretId = 'db'",
    "SELECT COLUMNS('Secret.*') FROM aws.secretsmanager.secret_values WHERE SecretId = 'db'",
    "SELECT SecretString FROM (EXEC aws.secretsmanager.secret_values.get_secret_value @SecretId = "
    "'db')",
    "SELECT Value FROM aws.ssm.parameters WHERE Name = 'p' AND WithDecryption = true",
    "SELECT Value FROM aws.ssm.parameters WHERE Name = 'p' AND WithDecryption",
    "SELECT Value FROM aws.ssm.parameters WHERE Name IN ('p') AND WithDecryption IS TRUE",
    "SELECT p.Value FROM aws.ssm.parameters p JOIN (VALUES (true)) d(yes) ON p.WithDecryption = "
    "d.yes"
    " WHERE p.Name = 'p'",
    "SELECT Value FROM (EXEC aws.ssm.parameters.get_parameter @Name = 'p', @WithDecryption = true)",
    "SELECT Code FROM aws.lambda.functions WHERE FunctionName = 'f'",
)
"""Readings of what is kept."""

WRAPPERS = (
    "{q}",
    "SELECT * FROM ({q}) AS x",
    "WITH c AS ({q}) SELECT * FROM c",
    "WITH c AS MATERIALIZED ({q}) SELECT * FROM c AS a, c AS b",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 2)"
    " SELECT * FROM r, ({q}) AS x",
    "SELECT * FROM aws.iam.users AS u, ({q}) AS x",
    "SELECT * FROM aws.iam.users AS u LEFT JOIN ({q}) AS x ON true",
    "SELECT * FROM aws.iam.users AS u LEFT JOIN LATERAL ({q}) AS x ON true",
    "SELECT (SELECT list(x) FROM ({q}) AS x) AS l",
    "SELECT 1 AS n WHERE EXISTS ({q})",
    "SELECT UserName FROM aws.iam.users WHERE UserName NOT IN (SELECT x::VARCHAR FROM ({q}) AS x)",
    "({q}) UNION ALL ({q})",
    "SELECT to_json(x) AS j FROM ({q}) AS x",
    "SELECT unnest([x]) AS v FROM ({q}) AS x",
    "SELECT max(x::VARCHAR) AS m FROM ({q}) AS x",
    "SELECT * FROM ({q}) AS x ORDER BY 1 LIMIT 5",
    "SELECT error(x::VARCHAR) FROM ({q}) AS x",
    "SELECT CAST(x::VARCHAR AS INTEGER) AS n FROM ({q}) AS x",
)
"""Queries around a query; they nest."""

ENDINGS = (
    "{q}",
    "EXPLAIN ANALYZE {q}",
    "CREATE TABLE kept_{n} AS {q}",
    "CREATE TEMP TABLE kept_{n} AS {q}",
    "CREATE VIEW seen_{n} AS {q}; SELECT * FROM seen_{n}",
    "CREATE MATERIALIZED VIEW held_{n} AS {q}",
    "CREATE TABLE into_{n} (v VARCHAR); INSERT INTO into_{n} SELECT x::VARCHAR FROM ({q}) AS x",
    "COPY ({q}) TO '{file}'",
    "PREPARE asked_{n} AS {q}; EXECUTE asked_{n}",
    "SUMMARIZE {q}",
    "DESCRIBE {q}",
)
"""Statements around a query; one of them."""


def roads() -> Iterator[tuple[str, str]]:
    """Each wrapper and each ending once: what it is, and its text with ``{q}`` still in it."""
    for wrapper in WRAPPERS:
        yield wrapper, wrapper
    for ending in ENDINGS[1:]:
        yield ending, ending


def finished(text: str, query: str, number: int, file: str = "/dev/null") -> str:
    """The statement of a road around a query."""
    return text.replace("{q}", query).replace("{n}", str(number)).replace("{file}", file)


def attempt(dice: random.Random, number: int, file: str = "/dev/null") -> str:
    """A statement at random: a reading within up to four wrappers and an ending."""
    query = dice.choice((*MINTING, *STORED))
    for _ in range(dice.randint(0, 4)):
        query = dice.choice(WRAPPERS).replace("{q}", query)
    return finished(dice.choice(ENDINGS), query, number, file)


def attempts(file: str = "/dev/null") -> list[str]:
    """Every reading bare, and every road around one of what is minted and one of what is kept."""
    queries = (*MINTING, *STORED)
    found = [finished("{q}", query, 0) for query in queries]
    for number, (_, road) in enumerate(roads(), 1):
        for readings in (MINTING, STORED):
            found.append(finished(road, readings[number % len(readings)], len(found), file))
    return found
