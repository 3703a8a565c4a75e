"""Finds places that only calls can tell: a connection's account, its enabled regions, the accounts
of an organization. Each is requested once and cached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from cirrusql.api.http_messages import Credentials
from cirrusql.api.model import Operation, Service, Source
from cirrusql.api.provider import Ask, Reach
from cirrusql.errors import (
    AccessDenied,
    BadAnswer,
    CallLimit,
    ConfigError,
    Error,
    Interrupted,
    OperationalError,
    UnknownName,
)
from cirrusql.plan.model import CallScope
from cirrusql.providers.aws.credentials import BASE, CallerIdentity, Identities
from cirrusql.providers.aws.partitions import partition_of
from cirrusql.providers.aws.regions import (
    MAIN_REGION,
    Regions,
    main_region,
    must_exist,
    region_of_parameters,
)
from cirrusql.settings import ConnectionSettings
from cirrusql.transport.location_patterns import is_pattern, selected, unescaped
from cirrusql.transport.model import Target

_SESSION_SECONDS = 3600
_ASKED_AGAIN = 60.0
"""Seconds after which finding an account is tried again."""


class Discovery:
    """Finds the targets of scopes. ``ask`` makes a call and returns its complete response."""

    def __init__(
        self,
        identities: Identities,
        ask: Ask,
        source: Source,
        on_notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._identities = identities
        self._ask = ask
        self._source = source
        self._on_notice = on_notice
        self._locks: dict[str | None, asyncio.Lock] = {}
        self._aliases: dict[str, str | None] = {}
        self._organizations: set[str] = set()

    def _operation(self, service: str, name: str) -> Operation:
        return self._source.load(service).operation(name)

    async def targets(
        self, scope: Reach, service: Service, operation: str = ""
    ) -> tuple[Target, ...]:
        """Every (connection, region) that the scope selects for the service, or for one of its
        operations."""
        names = await self._connections(scope)
        what = (service, operation)
        found = await asyncio.gather(
            *(self._of(name, scope, what, len(names) == 1) for name in names)
        )
        return tuple(target for some in found for target in some)

    async def _of(
        self, name: str | None, scope: Reach, what: tuple[Service, str], is_only: bool
    ) -> tuple[Target, ...]:
        """The targets in one connection.

        If the scope has several connections, one that cannot be examined becomes a single target:
        its calls fail for the same reason, reported along with the results of the others.
        """
        identity = self._identities.get(name)
        self._assume(identity)
        try:
            if scope.accounts is not None and not selected(
                [await self.account_id(name)], scope.accounts
            ):
                return ()
            regions = await self._regions(scope, *what, identity)
        except OperationalError:
            if is_only:
                raise
            regions = (identity.region or MAIN_REGION,)
        return tuple(Target(name, region, identity.account_id) for region in regions)

    async def _connections(self, scope: Reach) -> tuple[str | None, ...]:
        own = self._identities.own
        if scope.connections is None and not scope.excluded_connections:
            return (own,)
        await self._expand_organizations()
        names = self._identities.names()
        for name in scope.connections or ():
            plain = unescaped(name)
            # Another provider's connection is no error: a join of both may name it.
            if not is_pattern(name) and plain not in {
                *names,
                *self._identities.settings.connections,
            }:
                raise UnknownName(plain, names, where="the connections")
        if not names and scope.connections in (None, ("%",)):
            # If the config file has no connections, there is only the session's own, which has no
            # name.
            return (own,)
        found = selected(names, scope.connections, scope.excluded_connections)
        if scope.own_account_too and own not in found and not await self._is_another_of(own, found):
            return (own, *found)
        return found

    async def _is_another_of(self, own: str | None, names: tuple[str, ...]) -> bool:
        """Whether the connection's account is also that of another connection, or
        cannot be found."""
        try:
            account = await self.account_id(own)
        except OperationalError:
            return True
        others = await asyncio.gather(*(self.account_id(n) for n in names), return_exceptions=True)
        return account in others

    async def _expand_organizations(self) -> None:
        for name, connection in self._identities.settings.connections.items():
            if connection.organization and name not in self._organizations:
                self._organizations.add(name)
                await self._expand(name, connection)

    async def _expand(self, name: str, connection: ConnectionSettings) -> None:
        """One connection per active account of the organization, named ``NAME/ACCOUNT``."""
        identity = self._identities.get(name)
        self._assume(identity)
        target = Target(name, main_region(identity.region or MAIN_REGION))
        operation = self._operation("organizations", "ListAccounts")
        token: dict[str, object] = {}
        for _ in range(self._identities.settings.max_calls):
            answer = await self._ask(operation, token, target)
            for account in answer.get("Accounts", ()):
                number = str(account["Id"])
                if account.get("Status") == "ACTIVE" and number not in connection.exclude_accounts:
                    self._add_member(name, connection, number)
            if not answer.get("NextToken"):
                return
            if token.get("NextToken") == answer["NextToken"]:
                raise BadAnswer(
                    f"{operation.id} of {name} returned its own page token as the next one"
                )
            token = {"NextToken": answer["NextToken"]}
        raise CallLimit(f"{operation.id} of {name} has more pages than max_calls allows")

    def _add_member(self, name: str, connection: ConnectionSettings, account: str) -> None:
        partition = partition_of(self._identities.get(name).region or MAIN_REGION).name
        role_name = connection.role_name or "OrganizationAccountAccessRole"
        role = f"arn:{partition}:iam::{account}:role/{role_name}"
        member = replace(connection, name=f"{name}/{account}", organization=False, role_arn=role)
        self._identities.add(member)

    def _assume(self, identity: CallerIdentity) -> None:
        """Let the identity assume the role of its connection, if it has one."""
        connection = identity.connection
        if connection is not None and connection.role_arn:
            identity.assume = lambda: self._role_session(identity)

    async def _role_session(self, identity: CallerIdentity) -> tuple[Credentials, datetime]:
        connection = identity.connection
        assert connection is not None
        parameters: dict[str, object] = {
            "RoleArn": connection.role_arn,
            "RoleSessionName": "cirrusql",
            "DurationSeconds": _SESSION_SECONDS,
        }
        if connection.external_id:
            parameters["ExternalId"] = connection.external_id
        base = connection.name.partition("/")[0] if "/" in connection.name else None
        target = Target(self._base(connection, base), identity.region or MAIN_REGION)
        answer = await self._ask(self._operation("sts", "AssumeRole"), parameters, target)
        given = answer["Credentials"]
        credentials = Credentials(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        )
        return credentials, given["Expiration"]

    def _base(self, connection: ConnectionSettings, parent: str | None) -> str | None:
        """The connection whose credentials assume the role: that of its own profile, without the
        role."""
        if parent is not None:
            return parent

        name = f"{connection.name}{BASE}"
        if not self._identities.knows(name):
            self._identities.add(replace(connection, name=name, role_arn=None))
        return name

    async def account_id(self, connection: str | None) -> str:
        """The account that a connection's credentials belong to."""
        return (await self.caller(connection))["account"]

    async def caller(self, connection: str | None) -> Mapping[str, str]:
        """The account and ARN of a connection's credentials."""
        identity = self._identities.get(connection)
        self._assume(identity)
        lock = self._locks.setdefault(connection, asyncio.Lock())
        async with lock:
            if identity.account_id is None:
                trouble = identity.account_trouble
                if trouble is not None and time.monotonic() - trouble[0] < _ASKED_AGAIN:
                    raise trouble[1]
                target = Target(connection, identity.region or MAIN_REGION)
                try:
                    answer = await self._ask(
                        self._operation("sts", "GetCallerIdentity"), {}, target
                    )
                except OperationalError as error:
                    identity.account_trouble = (time.monotonic(), error)
                    raise
                identity.account_id = str(answer["Account"])
                identity.arn = str(answer.get("Arn", ""))
        return {"account": identity.account_id, "arn": identity.arn}

    async def account_alias(self, connection: str | None) -> str | None:
        """The account's alias, if it has one and reading it is permitted."""
        try:
            account = await self.account_id(connection)
            if account not in self._aliases:
                target = Target(connection, self._identities.get(connection).region or MAIN_REGION)
                answer = await self._ask(self._operation("iam", "ListAccountAliases"), {}, target)
                aliases = answer.get("AccountAliases") or []
                self._aliases[account] = (
                    str(aliases[0]) if isinstance(aliases, list) and aliases else None
                )
            return self._aliases[account]
        except Error:
            # For display only: a caller without permission to list aliases may still write.
            return None

    async def account_or_none(self, connection: str | None) -> str | None:
        """The account of a connection; None, with a notice, if it cannot be found."""
        try:
            return await self.account_id(connection)
        except Interrupted:
            raise
        except OperationalError as error:
            of = f" of connection {connection}" if connection else ""
            self._on_notice(f"account_id{of} is NULL: {error.message}")
            return None

    async def _regions(
        self, scope: Reach, service: Service, operation: str, identity: CallerIdentity
    ) -> tuple[str, ...]:
        home = identity.region or MAIN_REGION
        # A service without regions is called once, and its rows have its partition's main region.
        only = (
            main_region(home) if service.is_global else self._known.only(service, operation, home)
        )
        is_told = (
            scope.is_exact and scope.regions is not None and not any(map(is_pattern, scope.regions))
        )
        if only is not None and not is_told:
            for region in scope.regions or ():
                if not is_pattern(region):
                    self._must_exist(region, service)
            return selected([only], scope.regions, scope.excluded_regions)
        if service.is_global:
            return tuple(scope.regions or ())[:1]
        patterns = scope.regions
        if patterns is None and identity.connection is not None and identity.connection.regions:
            patterns = tuple(identity.connection.regions)
        if patterns is None and not scope.excluded_regions:
            return (self._session_region(identity, service),)
        if patterns is not None and not any(is_pattern(p) for p in patterns):
            for region in patterns:
                self._must_exist(region, service)
            return selected(dict.fromkeys(patterns), None, scope.excluded_regions)
        return selected(await self._enabled(service, identity), patterns, scope.excluded_regions)

    def _session_region(self, identity: CallerIdentity, service: Service) -> str:
        region = identity.region
        if region is None:
            raise ConfigError(
                "no region is set",
                hint="SET region = 'us-east-1', set AWS_REGION, or add WHERE region = "
                "'us-east-1' (or '*')",
            )
        self._must_exist(region, service)
        return region

    def _must_exist(self, region: str, service: Service) -> None:
        # The endpoints of all services are in a large file, read only if the short one does not
        # help.
        if region not in self._known.named:
            must_exist(region, (*self._known.every, *self._known.of(service)))

    @cached_property
    def _known(self) -> Regions:
        return Regions(self._identities.get(None).session)

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """The region, or the only one of its partition that answers a call with these
        parameters."""
        only = region_of_parameters(operation, parameters)
        return region if only is None or main_region(only) != main_region(region) else only

    async def regions(self) -> tuple[str, ...]:
        """The regions that the account has enabled: one call."""
        targets = await self.targets(CallScope(regions=("%",)), self._source.load("ec2"))
        return tuple(target.region for target in targets)

    def is_guessed(self, connection: str | None) -> bool:
        """Whether a region of the connection may turn out not to be enabled."""
        return self._identities.get(connection).regions_are_guessed

    def only_region(self, operation: Operation) -> str | None:
        """The only region that answers an operation, in the session's own partition."""
        region = self._identities.get(None).region or MAIN_REGION
        return self._known.only(operation.service, operation.name, region)

    async def _enabled(self, service: Service, identity: CallerIdentity) -> tuple[str, ...]:
        """The regions of the service that the account has enabled.

        If that is not permitted (``ec2:DescribeRegions`` denied), all regions of the partition: a
        disabled region then fails and reports that, rather than being left out.
        """
        async with self._locks.setdefault(f"regions of {identity.name}", asyncio.Lock()):
            if identity.enabled_regions is None:
                identity.enabled_regions = await self._ask_for_regions(identity)
            if identity.regions_are_guessed:
                self._on_notice(
                    "ec2:DescribeRegions is denied: all regions of the partition are called, "
                    "and regions that are not enabled are skipped"
                )
        known = set(self._known.of(service))
        both = tuple(r for r in identity.enabled_regions if r in known)
        return both or identity.enabled_regions

    async def _ask_for_regions(self, identity: CallerIdentity) -> tuple[str, ...]:
        region = identity.region or MAIN_REGION
        operation = self._operation("ec2", "DescribeRegions")
        try:
            answer = await self._ask(operation, {}, Target(identity.name, region))
        except AccessDenied:
            identity.regions_are_guessed = True
            home = main_region(region)
            return tuple(r for r in self._known.every if main_region(r) == home)
        enabled = (r for r in answer.get("Regions", ()) if r.get("OptInStatus") != "not-opted-in")
        return tuple(sorted(r["RegionName"] for r in enabled))
