"""A codec for typical JSON APIs over HTTP: builds requests from the location of each parameter,
parses JSON responses.

The location of a parameter is a trait of its member, in Smithy's terms: ``location`` is ``uri``,
``querystring`` or ``header``, anything else is a member of the JSON body; ``locationName`` is its
name there; a ``payload`` member is the whole body. ``access`` handles credentials.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from http.client import responses
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from cirrusql.api.exchange import NEXT_URL, Fault, Request, Response, Target
from cirrusql.api.model import Member, Operation
from cirrusql.decode import http_bindings
from cirrusql.decode.formats.object_format import ObjectFormat, json_key, parse_json
from cirrusql.decode.misfits import MISFITS
from cirrusql.encode.coercion import parameters_of
from cirrusql.errors import BadAnswer, InvalidParameter
from cirrusql.version import __version__

_IN_PATH = re.compile(r"\{(\w+)\+?\}")
_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id")
_CODES = ("code", "error_code", "errorCode", "type", "error")
_MESSAGES = ("message", "error_description", "detail", "error_message", "title", "error")


class RestCodec:
    """Requests with JSON bodies, and JSON responses."""

    def request(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        endpoint_url: str | None,
        token: Callable[[], str],
    ) -> tuple[Request, None]:
        """The unsigned request; for a further page, to the URL from the previous page."""
        base = (endpoint_url or "").rstrip("/")
        headers = {"Accept": "application/json", "User-Agent": f"cirrusql/{__version__}"}
        if (following := parameters.get(NEXT_URL)) is not None:
            return Request(
                operation.http_method, _within(operation, base, str(following)), headers
            ), None
        given = parameters_of(operation, parameters)
        for name, member in operation.parameters.items():
            if member.is_idempotency_token and name not in given:
                given[name] = token()
        url = base + _IN_PATH.sub(lambda m: _segment(operation, m[1], given), operation.uri)
        query: list[tuple[str, str]] = []
        members: dict[str, Any] = {}
        for name, value in given.items():
            place = operation.parameters[name]
            match place.traits.get("location"):
                case "uri":
                    continue
                case "querystring":
                    values = value if isinstance(value, list) else [value]
                    query += [(json_key(place), _text(v)) for v in values]
                case "header":
                    headers[json_key(place)] = _text(value)
                case _:
                    members[json_key(place)] = _written(place, value)
        url = f"{url}?{urlencode(query)}" if query else url
        body = self._body(operation, members)
        if body:
            headers["Content-Type"] = "application/json"
        return Request(operation.http_method, url, headers, body), None

    def _body(self, operation: Operation, members: dict[str, Any]) -> bytes:
        payload = http_bindings.payload_of(operation.input)
        if payload is not None:
            key = json_key(payload)
            return json.dumps(members[key]).encode() if key in members else b""
        takes_one = any(m.traits.get("location") is None for m in operation.parameters.values())
        return json.dumps(members).encode() if takes_one and operation.http_method != "GET" else b""

    def fault(self, operation: Operation, response: Response) -> Fault | None:
        """The error in a response, by its status; the body contains the message."""
        body = response.body.lstrip()
        if response.status < 300:
            if body[:1] == b"<":
                raise BadAnswer(
                    f"{operation.id}: the endpoint returned {response.status} with a page, not "
                    "JSON",
                    hint="check that the endpoint URL is that of an API",
                )
            return None
        reason = responses.get(response.status, f"HTTP {response.status}")
        code, message = _said(response.body)
        is_limit = response.status in (403, 429) and (
            response.headers.get("x-ratelimit-remaining") == "0"
            or "retry-after" in response.headers
        )
        return Fault(
            response.status,
            code or reason.title().replace(" ", ""),
            message or reason,
            self.request_id(response),
            "throttling" if is_limit else None,
        )

    def whole(self, operation: Operation, response: Response) -> dict[str, Any]:
        """The members of a response in the API's names."""
        output = operation.output
        if output is None:
            return {}
        try:
            return self._members(operation, response)
        except BadAnswer as error:
            raise BadAnswer(f"{operation.id}: {error.message}", hint=error.hint) from error
        except MISFITS as error:
            raise BadAnswer(
                f"{operation.id}: the response does not match the model: {error}"
            ) from error

    def _members(self, operation: Operation, response: Response) -> dict[str, Any]:
        assert operation.output is not None
        parsed = parse_json(response.body)
        payload = http_bindings.payload_of(operation.output)
        wrapped = (
            parsed
            if payload is None
            else {json_key(payload): parsed}
            if response.body.strip()
            else {}
        )
        found: dict[str, Any] = ObjectFormat(json_key).value(Member("", operation.output))(wrapped)
        for name, member in operation.output.members.items():
            if http_bindings.is_in_envelope(operation, name):
                found[name] = http_bindings.value_of(member, response)
        return found

    def request_id(self, response: Response) -> str | None:
        """The first of the headers in which APIs send it."""
        return next((response.headers[n] for n in _REQUEST_IDS if n in response.headers), None)


def _within(operation: Operation, base: str, following: str) -> str:
    """The URL of the next page, which must be at the API's own host, because it receives the same
    credentials."""
    url = urljoin(f"{base}/", following)
    if urlsplit(url)[:2] != urlsplit(base)[:2]:
        raise BadAnswer(
            f"{operation.id}: the next page is at {urlsplit(url).netloc}, not at "
            f"{urlsplit(base).netloc}; it was not requested"
        )
    return url


def _segment(operation: Operation, name: str, given: Mapping[str, Any]) -> str:
    """A path segment. Values that would change the path are rejected."""
    member = next((n for n, m in operation.parameters.items() if name in (n, json_key(m))), name)
    text = _text(given.get(member, ""))
    if text in ("", ".", ".."):
        wrong = f"must not be {text!r}" if member in given else "is required"
        raise InvalidParameter(f"{operation.id}: {member} {wrong}: it is part of the path")
    return quote(text, safe="")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _written(member: Member, value: Any) -> Any:
    """A value in JSON's types, with members of structures under their names in JSON."""
    shape = member.shape
    if isinstance(value, Mapping):
        parts = shape.members if shape.member_names else {}
        return {
            json_key(parts[k]) if k in parts else str(k): _written(parts[k], v)
            if k in parts
            else _plain(v)
            for k, v in value.items()
        }
    if isinstance(value, list) and shape.kind == "list":
        return [_written(shape.element, v) for v in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return b64encode(value).decode()
        case _:
            return value


def _said(body: bytes) -> tuple[str, str]:
    """Code and message from an error's body; empty if they are not in a common place."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return "", body[:200].decode("utf-8", "replace").strip() if not body.lstrip().startswith(
            b"<"
        ) else ""
    if isinstance(parsed, Mapping):
        inner = parsed.get("errors")
        if (
            isinstance(inner, list)
            and inner
            and isinstance(inner[0], Mapping)
            and "message" not in parsed
        ):
            parsed = inner[0]
        elif isinstance(parsed.get("error"), Mapping):
            parsed = parsed["error"]
        return _first(parsed, _CODES), _first(parsed, _MESSAGES)
    return "", ""


def _first(parsed: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = next((parsed[n] for n in names if isinstance(parsed.get(n), str | int)), "")
    return str(found)
