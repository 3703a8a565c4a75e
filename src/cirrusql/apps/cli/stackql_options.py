"""Options of StackQL typed by habit: their names here, or what to do instead."""

from __future__ import annotations

SYNONYMS = {"infile": "input", "outfile": "file", "hideheaders": "no-header"}
"""Options with the same meaning."""

_DELIMITER = "-o tsv separates by tabs; COPY (SELECT …) TO 'f.csv' (DELIMITER ';') as you like"
_INSTEAD = {
    "--apirequesttimeout": "SET read_timeout = 45 bounds a response, statement_timeout a statement",
    "--approot": "there is no folder to choose; CIRRUSQL_CONFIG names the config file",
    "--approotfilemode": "files are your own alone; CIRRUSQL_CONFIG names the config file",
    "--auth": "the credentials are those that boto3 finds: --profile NAME, or [connections] of the "
    "config file for several accounts",
    "--cabundle": "AWS_CA_BUNDLE names a file of certificate authorities",
    "--cachekeycount": "SET cache_ttl keeps responses; there is no number to choose",
    "--colorscheme": "colours follow the terminal; NO_COLOR=1 turns them off",
    "--configfile": "--config FILE",
    "--cpuprofile": "--timing shows where the time goes; EXPLAIN ANALYZE by calls",
    "--dbinternal": "--database FILE keeps tables and views",
    "--delimiter": _DELIMITER,
    "--dryrun": "--dry-run shows every write and makes none; EXPLAIN shows the calls of a SELECT",
    "--keyfilepath": "--profile NAME; keys are where boto3 looks for them",
    "--loglevel": "-v prints every call",
    "--metadatattl": "descriptions come with the installed botocore, and do not expire",
    "--offline": "--sandbox needs no network; DESCRIBE, SHOW and EXPLAIN make no calls",
    "--preview": "nothing needs turning on: rows stream, and joins feed calls",
    "--query": 'the statement is an argument: cirrusql exec "SELECT …"',
    "--querycachesize": "PREPARE keeps a plan; there is no number to choose",
    "--registry": "every service of the installed botocore is there; "
    "`pip install -U cirrusql botocore` adds new ones",
    "--session": "--database FILE keeps tables and views",
    "--sqlbackend": "--database FILE keeps tables and views; the engine is DuckDB",
    "--verbose-errors": "-v",
    "-d": _DELIMITER,
}
_OF_GROUPS = {
    "acid": "BEGIN and COMMIT make a transaction",
    "execution": "calls are made concurrently, as fast as the services allow; [limits] in the "
    "config file sets rates, SET max_calls a limit",
    "dataflow": "joins feed each other's calls at once; EXPLAIN shows them",
    "export": "--database FILE keeps tables and views, under the names that you give them",
    "gc": "nothing needs collecting",
    "http": "SET max_body, max_calls, read_timeout and connect_timeout bound what is called; "
    "HTTPS_PROXY names a proxy",
    "indirect": "views may be nested as deep as needed",
    "namespaces": "SET cache_ttl keeps responses; CREATE MATERIALIZED VIEW keeps rows",
    "nativequery": "run the statement itself: the engine is DuckDB",
    "page": "pages are read to the end; LIMIT stops earlier",
    "pgsrv": "cirrusql srv --help",
    "store": "BEGIN and COMMIT make a transaction",
    "tls": "AWS_CA_BUNDLE names a file of certificate authorities; TLS is always checked",
    "unittest": "--sandbox uses a private simulated AWS",
}


def instead(option: str) -> str | None:
    """What to do in place of an option; None if it is not StackQL's."""
    name = option.lower().partition("=")[0]
    group = name.lstrip("-").partition(".")[0]
    return _INSTEAD.get(name) or _OF_GROUPS.get(group)


def renamed(name: str) -> str:
    """The name of an option, or its name here."""
    return SYNONYMS.get(name, name)
