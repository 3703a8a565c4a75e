"""Whole processes with and without each fast path of ``decode/fast``: CPU that a user could notice.

``python -m benchmarks.fast_paths [--turns N]`` runs ``cirrusql exec`` against a server on loopback,
alternately with and without each path, and prints the least CPU seconds of each process and their
ratio. The server is in the measuring process, so it is not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.canned import page

_MARKER = re.compile(rb"Marker=(\d+)")
_RUN = "import sys; from cirrusql.apps.cli.main import main; sys.argv[0] = 'cirrusql'; main()"
_IMPORTS = {
    "plain rows": "from cirrusql.decode.fast.plain_rows import PlainRows; ",
    "observed schema": "from cirrusql.decode.fast.observed_schema import Seen; ",
}
"""Both processes import the path first, so that the order of imports does not differ."""
_OFF = {
    "plain rows": "PlainRows.suits = lambda want: False; ",
    "observed schema": "Seen.pays = lambda self: False; ",
}
_KEYS = (
    "SELECT UserName, AccessKeyId, Status, CreateDate FROM aws.iam.access_keys WHERE "
    "UserName = 'user-0001'"
)
_CALLER = (
    b"<GetCallerIdentityResponse "
    b'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>A</UserId><Account>123456789012</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
_ITEMS = "SELECT * FROM aws.dynamodb.items WHERE TableName = 't'"


def keys(pages: int, rows: int) -> Callable[[bytes], tuple[str, bytes]]:
    """Pages of ListAccessKeys."""
    bodies = [page(rows, n + 1 if n + 1 < pages else None) for n in range(pages)]

    def answer(body: bytes) -> tuple[str, bytes]:
        marker = _MARKER.search(body)
        return "text/xml", bodies[int(marker[1]) if marker else 0]

    return answer


def items(pages: int, rows: int) -> Callable[[bytes], tuple[str, bytes]]:
    """Pages of a DynamoDB Scan, five attributes an item."""

    def item(n: int) -> dict[str, object]:
        found: dict[str, object] = {
            "id": {"S": f"id-{n:06}"},
            "count": {"N": str(n)},
            "on": {"BOOL": True},
        }
        return found | {"name": {"S": f"name {n}"}, "at": {"S": "2024-05-01T10:00:00Z"}}

    def answer(body: bytes) -> tuple[str, bytes]:
        start = json.loads(body).get("ExclusiveStartKey", {}).get("id", {}).get("S", "0")
        at = int(start)
        found: dict[str, object] = {"Items": [item(n) for n in range(rows)], "Count": rows}
        if at + 1 < pages:
            found["LastEvaluatedKey"] = {"id": {"S": str(at + 1)}}
        return "application/x-amz-json-1.0", made.setdefault(at, json.dumps(found).encode())

    made: dict[int, bytes] = {}
    return answer


def serve(answer: Callable[[bytes], tuple[str, bytes]]) -> ThreadingHTTPServer:
    """A server of those answers, in a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            is_caller = b"GetCallerIdentity" in asked
            kind, body = ("text/xml", _CALLER) if is_caller else answer(asked)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def cpu(url: str, sql: str, path: str, is_on: bool, home: str) -> float:
    """Seconds of CPU of one process that reads the table to CSV."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environ |= {"HOME": home, "CIRRUSQL_ENDPOINT_URL": url, "AWS_REGION": "us-east-1"}
    environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    code = _IMPORTS[path] + ("" if is_on else _OFF[path]) + _RUN
    command = [sys.executable, "-c", code, "exec", "-o", "csv", sql]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"the statement failed: {sql}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """A row for each path and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    turns = parser.parse_args().turns
    print("| path | rows | with, s of CPU | without | ratio |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        for path, sql, make, sizes in (
            ("plain rows", _KEYS, keys, ((1, 100), (10, 1_000), (100, 1_000))),
            ("observed schema", _ITEMS, items, ((1, 100), (10, 1_000), (100, 1_000))),
        ):
            for pages, rows in sizes:
                server = serve(make(pages, rows))
                url = f"http://127.0.0.1:{server.server_port}"
                found: dict[bool, list[float]] = {True: [], False: []}
                for _ in range(turns):
                    for is_on, times in found.items():
                        times.append(cpu(url, sql, path, is_on, home))
                server.shutdown()
                server.server_close()
                own, other = min(found[True]), min(found[False])
                print(
                    f"| {path} | {pages * rows:,} | {own:.2f} | {other:.2f} | {other / own:.2f}x |"
                )


if __name__ == "__main__":
    main()
