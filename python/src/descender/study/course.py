"""The course of a study: which trainings it asks for next, given the losses of those before.

It is a function of the settings and the losses alone. A study that goes on after a kill walks the same course again
with the losses that it kept, and neither the order of completion nor the number of workers is anywhere in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..job import Job
from ..method import Method
from . import surface
from .errors import StudyError
from .plan import Plan
from .points import Numbers, offsets
from .policy import HIGHEST_ANCHOR, LOWEST_ANCHOR, VERSION, LinearPolicy, provenance
from .seeds import seed_of_start
from .statistics import interquartile_mean
from .trial import Contender, Trial

OUTLIER = 1.0
"""No difference of log losses counts as more when candidates are judged."""
BLIND = "linear decay"
"""What a blind policy is called: before it learns, it is a linear decay of η from its anchor."""
STRIDE = 0.5
"""The part of the way that the first round goes; the others go less and less."""


@dataclass(frozen=True)
class CourseSettings:
    """What the course of a study depends on, besides the losses."""

    seed: int
    """The study's seed."""
    plan: Plan
    """How many trainings each part makes."""
    rates: tuple[float, ...]
    """Peaks of one-cycle that are tried."""
    job: Job
    """What is known of the training."""
    start: LinearPolicy | None
    """The policy to begin with; ``None`` for a blind one around the best rate of one-cycle."""
    auto: bool
    """Whether the blind one is tried against it, and the better one taken."""
    start_name: str
    """What it is called."""
    anchor: float | None
    """The anchor of a blind start; ``None``: the best rate of one-cycle."""
    steered: tuple[str, ...]
    """What a blind start steers beside η."""
    method: Method
    """The optimizer: that of the start, if it is not blind."""
    spread: float
    """The size of the offsets."""
    shrink: float
    """How much the regression is shrunk."""


@dataclass(frozen=True)
class Candidate:
    """A policy that may be the result."""

    name: str
    """What it is."""
    policy: LinearPolicy
    """The policy."""
    score: float = 0.0
    """The mean difference of its log loss from that of the first, on the starts of the choice."""


@dataclass
class Found:
    """What a study has found so far."""

    rate: float | None = None
    """The best peak of one-cycle."""
    at_the_end: bool = False
    """Whether that is still the lowest or the highest of those tried."""
    tuning: list[tuple[float, list[float]]] = field(default_factory=list)
    """Each peak of one-cycle, and its losses."""
    starts: list[tuple[str, list[float]]] = field(default_factory=list)
    """What it could begin with, and the losses of each, where there was a choice."""
    start_name: str = BLIND
    """What it began with, in words."""
    begun: LinearPolicy | None = None
    """The policy that it began with."""
    policy: LinearPolicy | None = None
    """The policy at present; in the end the result."""
    rounds: list[surface.Round] = field(default_factory=list)
    """The rounds of learning that are complete."""
    candidates: list[Candidate] = field(default_factory=list)
    """What was chosen from."""
    chosen: int = 0
    """Which of them is the result."""
    compared: dict[str, list[float]] = field(default_factory=dict)
    """The losses of the comparison, start by start: ``controller``, ``start``, ``one-cycle``."""


class Course:
    """The trainings that a study asks for, stage by stage.

    Args:
        settings: What it depends on.
    """

    def __init__(self, settings: CourseSettings) -> None:
        self._settings = settings
        self._losses: dict[int, float] = {}
        self._starts = 0
        self.found = Found(policy=settings.start, begun=settings.start, start_name=settings.start_name)
        self.asked: list[Trial] = []
        """All trials of the stages so far."""
        self.stage: Sequence[Trial] = ()
        """The trials of the present stage; none at the end."""
        self._stages = self._walk()
        self._go_on()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to ask for."""
        return not self.stage

    def loss(self, number: int) -> float | None:
        """The loss that a trial was told with (∞: lost), or ``None``."""
        return self._losses.get(number)

    def open(self) -> list[Trial]:
        """The trials that can be made now: those of the present stage that have no loss yet."""
        return [trial for trial in self.stage if trial.number not in self._losses]

    def tell(self, number: int, loss: float) -> None:
        """The loss of a trial that has been asked for; ∞ if the training was lost."""
        self._losses[number] = loss
        while self.stage and not self.open():
            self._go_on()

    def _go_on(self) -> None:
        self.stage = next(self._stages, ())
        self.asked.extend(self.stage)

    def _trials(self, stage: str, rows: Sequence[tuple[int, Contender]]) -> list[Trial]:
        """Trials of a stage, from the number of the start and the contender of each."""
        settings = self._settings
        first = len(self.asked)
        return [
            Trial(first + place, stage, seed_of_start(settings.seed, start), contender, settings.job)
            for place, (start, contender) in enumerate(rows)
        ]

    def _new_starts(self, count: int) -> range:
        first = self._starts
        self._starts += count
        return range(first, first + count)

    def _everyone(self, stage: str, contenders: Sequence[Contender], starts: int) -> Iterator[list[Trial]]:
        """All contenders from the same new starts, start by start."""
        yield self._trials(stage, [(start, who) for start in self._new_starts(starts) for who in contenders])

    def _by_contender(self, count: int) -> list[list[float]]:
        """The losses of the stage that is complete, ``[contender][start]``."""
        losses = [self._losses[trial.number] for trial in self.stage]
        return [losses[place::count] for place in range(count)]

    def _walk(self) -> Iterator[Sequence[Trial]]:
        tuning_starts = self._new_starts(self._settings.plan.tuning_starts)
        yield from self._tune(tuning_starts)
        yield from self._begin(tuning_starts)
        policies = [self._begun()]
        for count in self._settings.plan.rounds:
            yield from self._round(policies, count)
        yield from self._choose(policies)
        yield from self._compare()

    def _tune(self, starts: Sequence[int]) -> Iterator[Sequence[Trial]]:
        settings, found, plan = self._settings, self.found, self._settings.plan
        rates = list(settings.rates)
        new = rates
        for _ in range(1 + plan.extensions):
            contenders = [self._one_cycle(rate) for rate in new]
            yield self._trials("tuning", [(start, who) for start in starts for who in contenders])
            found.tuning = sorted([*found.tuning, *zip(new, self._by_contender(len(new)), strict=True)])
            rates = [rate for rate, _ in found.tuning]
            # Where all were lost, the lowest rate was the least wrong.
            found.rate = min((interquartile_mean(losses), rate) for rate, losses in found.tuning)[1]
            if len(rates) == 1 or found.rate not in (rates[0], rates[-1]):
                break
            # The best rate is at an end: what lies beyond is tried as well.
            new = [rates[0] * rates[0] / rates[1] if found.rate == rates[0] else rates[-1] * rates[-1] / rates[-2]]
        found.at_the_end = len(rates) > 1 and found.rate in (rates[0], rates[-1])

    def _begun(self) -> LinearPolicy:
        begun = self.found.begun
        if begun is None:
            raise StudyError("the study has not begun to learn")
        return begun

    def _one_cycle(self, rate: float) -> Contender:
        return Contender(f"one-cycle {rate:g}", peak=self._settings.method.hyper_parameters(rate))

    def _begin(self, starts: Sequence[int]) -> Iterator[Sequence[Trial]]:
        settings, found = self._settings, self.found
        begun = settings.start
        if begun is None or settings.auto:
            anchor = min(max(settings.anchor or found.rate or 0.0, LOWEST_ANCHOR), HIGHEST_ANCHOR)
            blind = LinearPolicy.blind(anchor, settings.steered, settings.method)
            if begun is not None:
                names = (settings.start_name, BLIND)
                contenders = [Contender(name, of.to_bytes()) for name, of in zip(names, (begun, blind), strict=True)]
                yield self._trials("start", [(start, who) for start in starts for who in contenders])
                losses = self._by_contender(2)
                found.starts = list(zip(names, losses, strict=True))
                logs = [[_log(loss) for loss in of] for of in losses]
                ahead = sum(_ahead(of_blind, of_begun) for of_begun, of_blind in zip(*logs, strict=True))
                if ahead < 0:
                    begun, found.start_name = blind, BLIND
            else:
                begun, found.start_name = blind, BLIND
        found.begun = found.policy = begun

    def _round(self, policies: list[LinearPolicy], count: int) -> Iterator[Sequence[Trial]]:
        settings, found, plan = self._settings, self.found, self._settings.plan
        policy = policies[-1]
        number = len(policies)
        outputs = policy.outputs
        rows: list[tuple[int, Contender]] = []
        drawn: list[list[Numbers]] = []
        for start in self._new_starts(count):
            rows.append((start, Contender(f"round {number}", policy.to_bytes())))
            drawn.append([])
            for pair in range(plan.pairs):
                name = f"offsets of study {settings.seed}, start {start}, pair {pair}"
                moved = offsets(name, outputs.shape[1], policy.rate, settings.spread)
                drawn[-1].append(moved)
                for sign, way in ((1.0, "+"), (-1.0, "−")):
                    file = policy.with_outputs(outputs + sign * moved).to_bytes()
                    rows.append((start, Contender(f"round {number}, pair {pair + 1}{way}", file)))
        yield self._trials(f"round {number}", rows)
        logs = iter([_log(self._losses[trial.number]) for trial in self.stage])
        starts = [
            surface.Start(next(logs), [surface.Pair(moved, next(logs), next(logs)) for moved in of_start])
            for of_start in drawn
        ]
        found.rounds.append(surface.Round(starts, outputs))
        left = 1.0 - (number - 1) / len(plan.rounds)
        step = surface.step(found.rounds, policy.rate, shrink=settings.shrink)
        found.policy = policy.with_outputs(outputs + STRIDE * left * step)
        policies.append(found.policy)

    def _choose(self, policies: list[LinearPolicy]) -> Iterator[Sequence[Trial]]:
        settings, found = self._settings, self.found
        rounds = len(policies) - 1
        named = [("as it began", policies[0])]
        named += [(f"round {number}", policies[number]) for number in sorted({math.ceil(rounds / 2), rounds})]
        later = [policy.outputs for policy in policies[rounds // 2 + 1 :]]
        if len(later) > 1:
            named.append(("average of the last half", policies[-1].with_outputs(np.mean(later, axis=0))))
        contenders = [Contender(name, policy.to_bytes()) for name, policy in named]
        yield from self._everyone("selection", contenders, settings.plan.selection_starts)
        logs = [[_log(loss) for loss in losses] for losses in self._by_contender(len(named))]
        scores = [float(np.mean([_ahead(own, first) for own, first in zip(of, logs[0], strict=True)])) for of in logs]
        found.candidates = [Candidate(*of, score) for of, score in zip(named, scores, strict=True)]
        found.chosen = int(np.argmin(scores))
        made = len(self.asked)
        source = provenance("study", settings.seed, made, VERSION)
        found.policy = named[found.chosen][1]
        if found.chosen > 0:
            found.policy = found.policy.with_outputs(found.policy.outputs, **source)

    def _compare(self) -> Iterator[Sequence[Trial]]:
        settings, found = self._settings, self.found
        contenders = {"one-cycle": self._one_cycle(found.rate or min(settings.rates))}
        contenders["start"] = Contender(found.start_name, self._begun().to_bytes())
        if found.policy is not None and found.chosen > 0:
            contenders["controller"] = Contender("controller", found.policy.to_bytes())
        yield from self._everyone("comparison", list(contenders.values()), settings.plan.comparison_starts)
        found.compared = dict(zip(contenders, self._by_contender(len(contenders)), strict=True))


def _log(loss: float) -> float:
    """The logarithm of a loss; 0 counts as 10⁻¹²."""
    return math.log(max(loss, 1e-12))


def _ahead(own: float, first: float) -> float:
    """The difference of two log losses, at most so much; two lost trainings differ by nothing."""
    if math.isinf(own) and math.isinf(first):
        return 0.0
    return float(np.clip(own - first, -OUTLIER, OUTLIER))
