"""What can go wrong in a study."""

from __future__ import annotations

from ..errors import DescenderError


class StudyError(DescenderError):
    """A study that cannot be made, gone on with, or told what it was told."""
