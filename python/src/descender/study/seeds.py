"""The seeds of a study's starts: one number for each start, and no number twice in a study."""

from __future__ import annotations

import hashlib

_RANGE = 2**31


def seed_of_start(seed: int, start: int) -> int:
    """The seed that the trainings from a start share.

    Args:
        seed: The study's seed.
        start: The number of the start, counted over the whole study from 0; below 2³¹.

    Returns:
        A number from 0 to 2³¹ − 1. Starts of one study have different ones, whatever they serve.
    """
    digest = hashlib.blake2b(f"starts of study {seed}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") + start) % _RANGE
