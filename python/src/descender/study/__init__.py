"""Studies: a schedule of hyper-parameters for a training loop of one's own, found by ask and tell."""

from __future__ import annotations

from .course import Candidate, Found
from .errors import StudyError
from .plan import Plan
from .study import Study
from .table import TableSession
from .trial import Contender, Trial
from .verdict import Row, Verdict

__all__ = [
    "Candidate",
    "Contender",
    "Found",
    "Plan",
    "Row",
    "Study",
    "StudyError",
    "TableSession",
    "Trial",
    "Verdict",
]
