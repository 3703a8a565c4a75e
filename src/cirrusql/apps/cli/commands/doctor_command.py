"""``cirrusql doctor``: shows the setup, its problems, and what to do about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import click

from cirrusql.apps.cli.commands.doctor_checks import (
    account,
    audit_log,
    cache_folder,
    every_setting,
    transactions,
    versions,
)
from cirrusql.apps.cli.commands.doctor_finding import Finding
from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.config_file import config_file
from cirrusql.errors import Error


@click.command("doctor")
@common_options
def command(**given: Any) -> int:
    """Check the setup and report problems. Exit status 1 if there are any."""
    findings = list(_look(given))
    width = max(len(f.subject) for f in findings)
    for finding in findings:
        mark = "FAIL" if not finding.is_well else "warn" if finding.advice else "ok  "
        click.echo(f"{mark} {finding.subject:<{width}}  {finding.value}")
        if finding.advice:
            click.echo(f"     {'':<{width}}  -> {finding.advice}")
    return 0 if all(f.is_well for f in findings) else 1


def _look(given: dict[str, Any]) -> Iterator[Finding]:
    yield from versions()
    try:
        settings = load_settings(given)
    except Error as error:
        yield Finding("settings", error.message, is_well=False, advice=error.hint or "")
        return
    file = config_file(given.get("config"), os.environ)
    yield Finding("config file", str(file) if file else "none (optional)")
    yield from every_setting(settings)
    yield from cache_folder(settings)
    yield from transactions()
    yield from audit_log(settings)
    yield from account(settings, os.environ)
