"""``cirrusql srv``: the options of the PostgreSQL server, including who may connect."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.extras import require
from cirrusql.apps.cli.opening import place
from cirrusql.apps.cli.report import say, say_notice
from cirrusql.apps.cli.secret_files import readable_by_others
from cirrusql.errors import ConfigError


@click.command("srv")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5432, show_default=True, help="Port to listen on; 0: any free one.")
@click.option("--auth", default="scram", show_default=True, help="scram, cert or trust.")
@click.option("--user-file", metavar="FILE", help='File of users, one per line: "name" "password".')
@click.option("--tls-cert", metavar="FILE", help="Certificate of the server (PEM).")
@click.option("--tls-key", metavar="FILE", help="Key of the server, if not in the same file.")
@click.option("--tls-ca", metavar="FILE", help="Certificate that signed the clients' certificates.")
@click.option("--allow-writes", is_flag=True, help="Allow clients to write.")
@click.option(
    "--max-connections", default=100, show_default=True, help="Maximum concurrent clients."
)
@click.option("--idle-timeout", default=0.0, help="Seconds a client may be idle; 0: no limit.")
@click.option("--statement-timeout", default=0.0, help="Seconds a statement may run; 0: no limit.")
@common_options
def command(**given: Any) -> int:
    """Serve the PostgreSQL wire protocol to psql, drivers, Grafana, DBeaver, Superset.

    \b
    cirrusql srv --sandbox
    psql -h 127.0.0.1 -U cirrusql aws -c 'SELECT "UserName" FROM iam.users'

    Without --user-file, the first start creates one with one user and prints its password.
    """
    require("pg", "cirrusql srv")
    settings = load_settings(given)
    if settings.database is not None:
        raise ConfigError(
            "srv keeps each client's local tables in memory: --database is not supported"
        )

    from cirrusql.apps.srv.server_options import ServerOptions, tls_context
    from cirrusql.apps.srv.serving import serve

    tls = None
    if given["tls_cert"] or given["tls_key"] or given["tls_ca"]:
        if not given["tls_cert"]:
            raise ConfigError(
                "TLS requires a certificate", hint="use --tls-cert FILE --tls-key FILE"
            )
        tls = tls_context(Path(given["tls_cert"]), _path(given["tls_key"]), _path(given["tls_ca"]))
    options = ServerOptions(
        host=given["host"],
        port=given["port"],
        authentication=given["auth"],
        tls=tls,
        allows_writes=given["allow_writes"] and not settings.read_only,
        max_connections=given["max_connections"],
        idle_timeout=given["idle_timeout"],
        statement_timeout=given["statement_timeout"] or settings.statement_timeout,
        log=say if given["verbose"] else None,
    )
    options = _with_users(options, _path(given["user_file"]))
    options.check()
    with place(settings, os.environ) as (placed, environ):
        serve(options, placed, environ, say)
    return 0


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _with_users(options: Any, path: Path | None) -> Any:
    import platformdirs

    from cirrusql.apps.srv.auth import users

    if path is not None:
        if (warning := readable_by_others(path)) is not None:
            say_notice(warning)
        return replace(options, users=users.read(path))
    if options.authentication != "scram":
        return options
    usual = Path(platformdirs.user_config_dir("cirrusql")) / "users.txt"
    found, password = users.read_or_make(usual)
    if (warning := readable_by_others(usual)) is not None:
        say_notice(warning)
    if password is not None:
        say(
            f"created the user {users.DEFAULT_USER!r} with the password {password} ({usual}); not "
            "stored"
        )
    return replace(options, users=found)
