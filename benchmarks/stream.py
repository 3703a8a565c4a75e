"""Rows through a session to Parquet: peak memory, which must not grow with the rows.

``python -m benchmarks.stream`` runs 250,000 and 1,000,000 rows of ListAccessKeys, 1,000 per page,
each in its own process (to measure its peak), from a server of canned pages.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.canned import canned

_PAGE = 1_000


def stream(url: str, rows: int) -> None:
    """Read them all into a Parquet file; prints seconds, peak in MB and the rows in the file."""
    import pyarrow.parquet as pq

    from cirrusql.render.files import replacing
    from cirrusql.render.formats import write
    from cirrusql.session.session import Session
    from cirrusql.settings import Settings

    started = time.perf_counter()
    sql = (
        "SELECT UserName, AccessKeyId, Status, CreateDate FROM aws.iam.access_keys "
        "WHERE UserName = 'user-0001'"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.parquet"
        with Session(Settings(endpoint_url=url, region="us-east-1"), os.environ) as session:
            for result in session.run(sql):
                with replacing(path) as out:
                    write(result.schema, result.batches, "parquet", out)
                assert not result.failures, result.failures
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = pq.ParquetFile(path).metadata.num_rows
    assert found == rows, found
    print(
        f"{rows:,} rows to Parquet: {seconds:.1f} s, peak {peak:.0f} MB (reach: 400 MB)", flush=True
    )


def main() -> None:
    """Both sizes."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for rows in (250_000, 1_000_000):
        with canned(pages=rows // _PAGE, rows=_PAGE) as server:
            command = [sys.executable, "-m", "benchmarks.stream", server.url, str(rows)]
            subprocess.run(command, check=True, env={**os.environ, **keys})


if __name__ == "__main__":
    if len(sys.argv) == 3:
        stream(sys.argv[1], int(sys.argv[2]))
    else:
        main()
