"""How a study spends its trainings, stated before the first of them.

An eighth goes into tuning the rival and into choosing what to begin with, and about a fifth into the comparison at
the end; an eighth into the choice between the policies on the way; the rest is learned from. No start serves two of
these purposes.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import StudyError
from .statistics import FEWEST_STARTS

CONTENDERS = 3
"""Who is compared at the end: the controller found, the one that the study began with, and one-cycle."""
EXTENSIONS = 2
"""Further learning rates of one-cycle that can be tried beyond the ends of those given."""
_MOST_ROUNDS = 4
_FEWEST_STARTS_OF_A_ROUND = 4
_MOST_COMPARED = 32


@dataclass(frozen=True)
class Plan:
    """How many trainings each part of a study makes."""

    episodes: int
    """The trainings that the study may make."""
    rates: int
    """Learning rates of one-cycle that are tried."""
    extensions: int
    """Further rates that are tried where the best one is the lowest or the highest."""
    beginnings: int
    """Policies to begin with that are tried, where there is a choice."""
    tuning_starts: int
    """Starts of each rate and of each of these policies."""
    pairs: int
    """Pairs of perturbed trainings from a start; one more is not perturbed."""
    rounds: tuple[int, ...]
    """Starts of each round of learning."""
    selection_starts: int
    """Starts by which the best of the candidates is chosen."""
    comparison_starts: int
    """Starts of the comparison at the end, which serve nothing else."""

    @classmethod
    def of(cls, episodes: int, rates: int, pairs: int = 2, beginnings: int = 2) -> Plan:
        """The plan for a budget.

        Args:
            episodes: The trainings that the study may make.
            rates: Learning rates of one-cycle to try, 1 or more.
            pairs: Pairs of perturbed trainings from a start, 1 or more.
            beginnings: Policies to begin with that are tried: 2 where there is a choice, otherwise 0.

        Returns:
            A plan that makes at most so many.

        Raises:
            StudyError: If the budget is too small for anything to be said at the end; names the least one.
        """
        plan = cls._split(episodes, rates, pairs, beginnings)
        if plan is not None:
            return plan
        least = episodes + 1
        while cls._split(least, rates, pairs, beginnings) is None:
            least += 1
        raise StudyError(f"episodes = {episodes}: expected {least} or more, with {rates} rates and {pairs} pairs")

    @classmethod
    def _split(cls, episodes: int, rates: int, pairs: int, beginnings: int) -> Plan | None:
        compared = min(max(round(0.2 * episodes / CONTENDERS), FEWEST_STARTS), _MOST_COMPARED)
        extensions = EXTENSIONS if rates > 1 else 0
        tuned = min(max(round(0.13 * episodes / (rates + extensions + beginnings)), 1), 8)
        if rates + beginnings == 1:
            tuned = 1  # there is nothing to choose between
        of_a_start = 1 + 2 * pairs
        left = episodes - CONTENDERS * compared - (rates + extensions + beginnings) * tuned
        for count in range(_MOST_ROUNDS, 0, -1):
            candidates = min(count + 1, 4)
            chosen = max(round(0.12 * episodes / candidates), 2)
            starts = (left - candidates * chosen) // of_a_start
            if starts < count * _FEWEST_STARTS_OF_A_ROUND:
                continue
            chosen = (left - starts * of_a_start) // candidates  # what is over goes into the choice
            rounds = tuple(starts // count + (place < starts % count) for place in range(count))
            return cls(episodes, rates, extensions, beginnings, tuned, pairs, rounds, chosen, compared)
        return None

    @property
    def candidates(self) -> int:
        """The most policies that are chosen from: the first, those after half of the rounds and all, their average."""
        return min(len(self.rounds) + 1, 4)

    @property
    def tuning(self) -> int:
        """The most trainings that tune one-cycle, and choose what to begin with."""
        return (self.rates + self.extensions + self.beginnings) * self.tuning_starts

    @property
    def learning(self) -> int:
        """Trainings that are learned from."""
        return sum(self.rounds) * (1 + 2 * self.pairs)

    @property
    def selection(self) -> int:
        """Trainings by which the best candidate is chosen."""
        return self.candidates * self.selection_starts

    @property
    def comparison(self) -> int:
        """Trainings of the comparison at the end."""
        return CONTENDERS * self.comparison_starts

    @property
    def total(self) -> int:
        """The most trainings; fewer are made where no further rate is tried, or two of the compared are the same."""
        return self.tuning + self.learning + self.selection + self.comparison

    def __str__(self) -> str:
        rates = _count(self.rates, "learning rate")
        more = f" and up to {self.extensions} more" if self.extensions else ""
        begin = f" and choose one of {self.beginnings} beginnings" if self.beginnings else ""
        rounds = "+".join(str(count) for count in self.rounds)
        parts = [
            f"at most {self.total} of {self.episodes} trainings: {self.tuning} to tune one-cycle ({rates}{more})"
            f"{begin}, from {_count(self.tuning_starts, 'start')} each",
            f"{self.learning} to learn, {1 + 2 * self.pairs} from each of {rounds} starts in "
            f"{_count(len(self.rounds), 'round')}",
            f"{self.selection} to choose among {self.candidates} candidates, from {self.selection_starts} starts each",
            f"{self.comparison} to compare {CONTENDERS} contenders, from {self.comparison_starts} starts each",
        ]
        return "; ".join(parts)


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
