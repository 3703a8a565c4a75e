"""The seed of the random texts."""

from __future__ import annotations

import os
import random


def fuzz_seed() -> int:
    """``FUZZ_SEED``; without it, a new one where ``FUZZ`` asks for many texts, and always the same
    where it does not, so that a test fails because of a change and not by chance."""
    if named := os.environ.get("FUZZ_SEED"):
        return int(named)
    return random.SystemRandom().randrange(10**6) if "FUZZ" in os.environ else 1
