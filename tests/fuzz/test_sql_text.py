"""Text at random as SQL: an answer or an error of ours, in time and memory that grow as its length
does.

Short by itself, with the same texts in every run; ``make fuzz`` sets ``FUZZ`` to the number of
texts, and takes new ones. ``FUZZ_SEED`` chooses.
"""

from __future__ import annotations

import os
import random
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import Error
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from cirrusql.sql.split import parameter_marks, split
from cirrusql.sql.statement_secrets import hidden, holds_secret, literals, names_secret
from tests.fuzz.seeds import fuzz_seed

WORDS = """
SELECT FROM WHERE AND OR NOT IN EXISTS JOIN LEFT SEMI USING ON UNION ALL WITH AS VALUES INSERT INTO UPDATE SET
DELETE CASE WHEN THEN ELSE END BETWEEN LIKE IS NULL GROUP BY ORDER LIMIT EXEC EXPLAIN SHOW DESCRIBE PREPARE
EXECUTE RETURNING ( ) [ ] { } , ; . * + - / = <> < > -> ->> || :: := => ? $1 $name @UserName
' '' "a b" "" 'x' '''' E'\\'' $$
$a$ -- /* */ /*+ FRESH */ 1 2.5 1e400 0x1F NULL true region connection account_id UserName Path
password Tags aws.iam.users
aws.ec2.vpcs u v é 𝔘 \x00 \ufeff
""".split()  # noqa: E501
STATEMENTS = (
    "SELECT UserName FROM aws.iam.users WHERE UserName = 'ann' AND region = 'us-east-1'",
    "SELECT u.UserName, g.GroupName FROM aws.iam.users u LEFT JOIN aws.iam.groups g USING (Path) "
    "LIMIT 3",
    "INSERT INTO aws.iam.users (UserName, Tags) VALUES ('a', [{'Key': 'k', 'Value': 'v'}])",
    "UPDATE aws.iam.users SET NewPath = '/x/' WHERE UserName = 'ann'",
    "DELETE FROM aws.iam.users WHERE UserName IN (SELECT UserName FROM aws.iam.users WHERE Path = "
    "'/x/')",
    "EXEC aws.iam.users.list_users @PathPrefix = '/x/'",
    "WITH x AS (SELECT 1 AS n) SELECT * FROM x WHERE n IN (1, 2, 3)",
    "CREATE SECRET s (TYPE s3, KEY_ID 'AKIAIOSFODNN7EXAMPLE', SECRET "
    "'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEX')",
)

REPEATED = (
    *(
        ", 'a'",
        " OR UserName = 'x'",
        " AND Path <> '/'",
        " UNION ALL SELECT 1",
        "(",
        ")",
        "''",
        "'",
        "-- x\n",
    ),
    *(
        "/* x */",
        "[1, ",
        " JOIN aws.iam.groups USING (Path)",
        " NATURAL JOIN aws.iam.groups",
        ", ('a', 'b')",
        " + 1",
        "NOT ",
        "$1 ",
        " as ",
    ),
    *(
        "password = 'x' ",
        "CASE WHEN 1 THEN ",
        "E'\\'",
        "$$",
        '"a".',
        " ",
        "x",
        "-",
        "::VARCHAR",
        ".a",
        "\n",
    ),
)


class Few(BotocoreSource):
    """The services that the statements name."""

    def ids(self) -> list[str]:
        return ["ec2", "iam", "sts"]


def random_text(dice: random.Random) -> str:
    """Words at random, or a statement with some of them changed."""
    if dice.random() < 0.3:
        return " ".join(dice.choice(WORDS) for _ in range(dice.randrange(1, 40)))
    parts = dice.choice(STATEMENTS).split(" ")
    for _ in range(dice.randrange(0, 4)):
        at = dice.randrange(len(parts))
        match dice.randrange(4):
            case 0:
                parts[at] = dice.choice(WORDS)
            case 1:
                parts.insert(at, dice.choice(WORDS))
            case 2 if len(parts) > 1:
                del parts[at]
            case _:
                parts[at:at] = parts[at : at + dice.randrange(1, 6)]
    return " ".join(parts)


def read(session: Session, text: str) -> str:
    """What becomes of a text: ``planned``, or the class of its error."""
    holds_secret(text)
    names_secret(text)
    hidden(text)
    list(literals(text))
    try:
        parameter_marks(text)
        for piece in split(text):
            session.plan(session.parse(piece), {"name": "x", "1": 1})
    except Error as error:
        str(error)
        return type(error).__name__
    return "planned"


def timed(work: Callable[[], str]) -> tuple[str, float]:
    """The result of the work, and the shortest of three times, of this thread alone."""
    outcome, times = "", []
    for _ in range(3):
        started = time.thread_time()
        outcome = work()
        times.append(time.thread_time() - started)
    return outcome, min(times)


def test_text_at_random_is_answered_or_told() -> None:
    seed = fuzz_seed()
    dice = random.Random(seed)
    outcomes: dict[str, int] = {}
    with Session(
        Settings(region="us-east-1", sandbox=True), {}, catalog=Catalog([Few()])
    ) as session:
        for _ in range(5 * int(os.environ.get("FUZZ", "60"))):
            text = random_text(dice)
            try:
                outcome = read(session, text)
            except Exception as error:
                raise AssertionError(
                    f"seed {seed}: {text!r}: {type(error).__name__}: {error}"
                ) from error
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert outcomes.get("planned"), outcomes
    assert len(outcomes) > 1, outcomes


def test_time_and_memory_grow_with_the_length_of_a_text() -> None:
    seed = fuzz_seed()
    dice = random.Random(seed)
    with Session(
        Settings(region="us-east-1", sandbox=True), {}, catalog=Catalog([Few()])
    ) as session:
        for statement in STATEMENTS:
            read(session, statement)
        for _ in range(max(int(os.environ.get("FUZZ", "60")) // 6, 1)):
            words = dice.choice(STATEMENTS).split(" ")
            at, part = dice.randrange(len(words) + 1), dice.choice(REPEATED)
            head, tail = " ".join(words[:at]), " ".join(words[at:])

            said = f"seed {seed}: {head} {part * 2} {tail}"
            once, few = timed(partial(read, session, f"{head} {part * 100} {tail}"))
            twice, many = timed(partial(read, session, f"{head} {part * 400} {tail}"))
            if once == twice:
                # Linear is 4 and a square 16; what lies between leaves room for a noisy machine.
                assert many <= 9 * few + 0.05, f"{said}: {few:.3f} s, then {many:.3f} s"
            long = f"{head} {part * 500} {tail}"
            tracemalloc.start()
            try:
                read(session, long)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert peak <= 20_000 * len(long) + 50 * 1024**2, f"{said}: {peak:,} bytes"
