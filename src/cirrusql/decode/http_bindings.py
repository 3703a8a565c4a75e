"""Reads the output members that are not in the body's structure: headers, status code, bare body.

Follows the rules of the official clients.
"""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.decode.casting import json_text
from cirrusql.decode.scalars import moment, python_value


def payload_of(output: Shape | None) -> Member | None:
    """The member that is the whole body, if any."""
    name = output.traits.get("payload") if output is not None else None
    return output.members[str(name)] if output is not None and name is not None else None


def is_bare(payload: Member | None) -> bool:
    """Whether the body is the member itself: unframed bytes or text."""
    return payload is not None and payload.shape.kind in (Kind.BLOB, Kind.STRING)


def is_in_envelope(operation: Operation, name: str) -> bool:
    """Whether an output member is transferred outside the body's structure."""
    output = operation.output
    if output is None or not operation.service.protocol.startswith("rest"):
        return False
    payload = payload_of(output)
    is_body = payload is not None and is_bare(payload) and payload.name == name
    return is_body or output.members[name].traits.get("location") in (
        "header",
        "headers",
        "statusCode",
    )


def value_of(member: Member, response: Response) -> Any:
    """The Python value of such a member; None if the response has none."""
    location = member.traits.get("location")
    if location == "statusCode":
        return response.status
    if location == "headers":
        start = str(member.traits.get("locationName", "")).lower()
        return {k[len(start) :]: v for k, v in response.headers.items() if k.startswith(start)}
    if location is None:
        body = response.body
        return body if member.shape.kind is Kind.BLOB else body.decode("utf-8", "replace")
    text = response.headers.get(str(member.traits.get("locationName", member.name)).lower())
    return None if text is None else _from_header(member, text)


def _from_header(member: Member, text: str) -> Any:
    if member.traits.get("jsonvalue"):
        value = json.loads(b64decode(text))
        return value if isinstance(value, str) else json_text(value)
    if member.shape.kind is Kind.LIST:
        one = python_value(member.shape.element.shape)
        return [one(part.strip()) for part in text.split(",")]
    if member.name == "Expires":
        # Whatever text was stored is returned unchanged.
        try:
            return moment(text)
        except (ValueError, OverflowError):
            return None
    return python_value(member.shape)(text)
