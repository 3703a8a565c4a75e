"""What only calls can tell of places: a connection's account, its enabled regions, the accounts
of an organization. Each is asked once and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any

from cirrusql.api.model import Operation, Service
from cirrusql.errors import ConfigError
from cirrusql.fetch.credentials import Identities, Identity
from cirrusql.fetch.model import Target
from cirrusql.fetch.places import is_pattern, must_exist, selected
from cirrusql.plan.model import Scope
from cirrusql.settings import Connection, Settings

Ask = Callable[[Operation, Mapping[str, object], Target], Awaitable[Mapping[str, Any]]]

_GLOBAL_REGION = "us-east-1"
_SESSION_SECONDS = 3600


class Discovery:
    """Finds the targets of scopes. ``ask`` makes a call and gives its whole answer."""

    def __init__(self, settings: Settings, identities: Identities, ask: Ask) -> None:
        self._settings = settings
        self._identities = identities
        self._ask = ask
        self._lock: asyncio.Lock | None = None
        self._organizations: set[str] = set()

    @cached_property
    def _source(self) -> Any:
        from cirrusql.api.botocore_source import BotocoreSource

        return BotocoreSource()

    def _operation(self, service: str, name: str) -> Operation:
        found: Operation = self._source.load(service).operation(name)
        return found

    async def targets(self, scope: Scope, service: Service) -> tuple[Target, ...]:
        """Every (connection, region) that the scope means for the service."""
        found: list[Target] = []
        for name in await self._connections(scope):
            identity = self._identities.get(name)
            await self._assume(identity)
            if scope.accounts is not None:
                account = await self.account_id(name)
                if not selected([account], scope.accounts):
                    continue
            regions = await self._regions(scope, service, identity)
            found += [Target(name, region, identity.account_id) for region in regions]
        return tuple(found)

    async def _connections(self, scope: Scope) -> tuple[str | None, ...]:
        own = self._settings.connection
        if scope.connections is None and not scope.excluded_connections:
            return (own,)
        await self._expand_organizations()
        return selected(self._identities.names(), scope.connections, scope.excluded_connections)

    async def _expand_organizations(self) -> None:
        for name, connection in self._settings.connections.items():
            if connection.organization and name not in self._organizations:
                self._organizations.add(name)
                await self._expand(name, connection)

    async def _expand(self, name: str, connection: Connection) -> None:
        """One connection per active account of the organization, named ``NAME/ACCOUNT``."""
        target = Target(name, _GLOBAL_REGION)
        operation = self._operation("organizations", "ListAccounts")
        token: dict[str, object] = {}
        while True:
            answer = await self._ask(operation, token, target)
            for account in answer.get("Accounts", ()):
                number = str(account["Id"])
                if account.get("Status") == "ACTIVE" and number not in connection.exclude_accounts:
                    self._add_member(name, connection, number)
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def _add_member(self, name: str, connection: Connection, account: str) -> None:
        from dataclasses import replace

        role = f"arn:aws:iam::{account}:role/{connection.role_name or 'OrganizationAccountAccessRole'}"
        member = replace(connection, name=f"{name}/{account}", organization=False, role_arn=role)
        identity = Identity(member.name, self._settings, self._identities.get(name).environ, member)
        self._identities.add(member.name, identity)

    async def _assume(self, identity: Identity) -> None:
        """Wrap the identity's credentials in those of its role, once."""
        connection = identity.connection
        if connection is None or not connection.role_arn or identity.assumed is not None:
            return
        from botocore.credentials import DeferredRefreshableCredentials

        loop = asyncio.get_running_loop()

        def refresh() -> dict[str, str]:
            future = asyncio.run_coroutine_threadsafe(self._role_session(identity), loop)
            return future.result()

        identity.assumed = DeferredRefreshableCredentials(method="assume-role", refresh_using=refresh)

    async def _role_session(self, identity: Identity) -> dict[str, str]:
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
        target = Target(self._base(connection, base), identity.region or _GLOBAL_REGION)
        answer = await self._ask(self._operation("sts", "AssumeRole"), parameters, target)
        given = answer["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    def _base(self, connection: Connection, parent: str | None) -> str | None:
        """The connection whose credentials assume the role: its own profile's, without the role."""
        if parent is not None:
            return parent
        from dataclasses import replace

        name = f"{connection.name}#base"
        plain = replace(connection, name=name, role_arn=None)
        own = self._identities.get(connection.name)
        self._identities.add(name, Identity(name, self._settings, own.environ, plain))
        return name

    async def account_id(self, connection: str | None) -> str:
        """The account that a connection's credentials belong to."""
        identity = self._identities.get(connection)
        await self._assume(identity)
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if identity.account_id is None:
                target = Target(connection, identity.region or _GLOBAL_REGION)
                answer = await self._ask(self._operation("sts", "GetCallerIdentity"), {}, target)
                identity.account_id = str(answer["Account"])
        return identity.account_id

    async def _regions(self, scope: Scope, service: Service, identity: Identity) -> tuple[str, ...]:
        if service.is_global:
            return self._global_region(scope)
        patterns = scope.regions
        if patterns is None and identity.connection is not None and identity.connection.regions:
            patterns = tuple(identity.connection.regions)
        if patterns is None and not scope.excluded_regions:
            return (self._session_region(identity, service),)
        if patterns is not None and not any(is_pattern(p) for p in patterns):
            for region in patterns:
                must_exist(region, self._known(service), service)
            return selected(dict.fromkeys(patterns), None, scope.excluded_regions)
        return selected(await self._enabled(service, identity), patterns, scope.excluded_regions)

    def _global_region(self, scope: Scope) -> tuple[str, ...]:
        """A global service is called once; its rows bear the region that was asked for."""
        names = [r for r in scope.regions or () if not is_pattern(r)]
        if scope.regions is None or names:
            found = tuple(names[:1]) or (_GLOBAL_REGION,)
            return selected(found, None, scope.excluded_regions)
        return selected([_GLOBAL_REGION], scope.regions, scope.excluded_regions) or (_GLOBAL_REGION,)

    def _session_region(self, identity: Identity, service: Service) -> str:
        region = identity.region
        if region is None:
            raise ConfigError(
                "no region is set",
                hint="give --region, set AWS_REGION, or say WHERE region = 'us-east-1' (or '*')",
            )
        must_exist(region, self._known(service), service)
        return region

    def _known(self, service: Service) -> tuple[str, ...]:
        session = self._identities.get(None).session
        native: Any = service.native
        found = {
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions(native.endpoint_prefix, partition)
        }
        return tuple(sorted(found)) or tuple(sorted(session.get_available_regions("ec2")))

    async def _enabled(self, service: Service, identity: Identity) -> tuple[str, ...]:
        """The regions that the service has and the account has not left disabled."""
        if identity.enabled_regions is None:
            target = Target(identity.name, identity.region or _GLOBAL_REGION)
            answer = await self._ask(self._operation("ec2", "DescribeRegions"), {}, target)
            names = sorted(r["RegionName"] for r in answer.get("Regions", ()))
            identity.enabled_regions = tuple(names)
        known = set(self._known(service))
        both = tuple(r for r in identity.enabled_regions if r in known)
        return both or identity.enabled_regions
