"""Answers on the wire, as another implementation writes them: moto's serializers, and cbor2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cbor2
from moto.core.model import ServiceModel
from moto.core.serialize import get_serializer_class

from cirrusql.api.model import Operation
from cirrusql.wire.model import Response


@lru_cache(maxsize=1)
def _service(native: Any) -> ServiceModel:
    return ServiceModel(native._service_description, native.service_name)


def _model(operation: Operation) -> ServiceModel:
    """moto's own reading of the same model: its serializers take no other."""
    return _service(operation.service.native)


def response_of(operation: Operation, values: Mapping[str, Any]) -> Response:
    """The answer that carries those values."""
    protocol = operation.service.protocol
    if "cbor" in protocol:
        return Response(
            200, {"smithy-protocol": "rpc-v2-cbor"}, cbor2.dumps(values, datetime_as_timestamp=True)
        )
    serializer = get_serializer_class("any", protocol)(_model(operation).operation_model(operation.name))
    written = serializer.serialize(dict(values))
    body = written["body"]
    content = body if isinstance(body, bytes) else str(body or "").encode()
    headers = {k.lower(): str(v) for k, v in written["headers"].items()}
    return Response(written["status_code"], headers, content)
