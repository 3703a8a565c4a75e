"""Builds ``digest.zip``: ``python -m cirrusql.providers.aws.search.make_digest``.

Run it for a release, when botocore or the naming of tables has changed: it reads all models.
``catalog.index.listing`` defines the contents.
"""

from __future__ import annotations

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.index.listing import listing_of, write
from cirrusql.providers.aws.source.botocore_source import DIGEST, BotocoreSource


def main() -> None:
    """Write it beside this module."""
    write(DIGEST, listing_of(Catalog([BotocoreSource()]).index().table))


if __name__ == "__main__":
    main()
