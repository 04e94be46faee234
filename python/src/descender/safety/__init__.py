"""The safety net: it notices that a descent goes wrong, goes back, and lets a schedule take over."""

from __future__ import annotations

from .intervention import Advice, Cause, Intervention
from .keeper import Keeper

__all__ = ["Advice", "Cause", "Intervention", "Keeper"]
