"""What the job is, and how it goes: the readings of a controller that is told what it steers.

Every reading but one is a logarithm, put on one scale by the centre and the spread that it had in training, and cut at
±2.5 of them. A reading that is not known is 0, the usual. A linear policy of these features is a schedule with a value
at each of six points of time, and each reading moves each of them.

The readings of how it goes are those of the decision before, so that whoever computes on a device has a whole
decision's time to fetch the losses.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..errors import StateError, setting_error
from ..feedback import StepStatistics
from ..fields import Fields
from ..float32 import LARGEST, LEAST_NORMAL, ONE, ZERO, Array, logarithm, shown, single
from ..hyper_parameters import HyperParameters
from ..job import Classes, Job, Numbers
from .scale import clamp, finite_loss
from .time_points import POINT_NAMES, interpolate

OF_THE_JOB = 9
"""Readings of the job itself."""
READING_NAMES = (
    "steps",
    "batch",
    "examples",
    "parameters",
    "input_scale",
    "classes",
    "numbers",
    "layers",
    "fan_in",
    "loss_fall",
    "loss_trend",
    "probe_gap",
    "probe_trend",
    "probe_rise",
    "probe_fall",
)
"""The readings: those of the job, then those of how it goes."""
READINGS = len(READING_NAMES)

_PAIRS = [(first, second) for first in range(OF_THE_JOB) for second in range(first, OF_THE_JOB)]
_FIRST = np.array([first for first, _ in _PAIRS])
_SECOND = np.array([second for _, second in _PAIRS])
_PARTS = (
    "",
    *(f" × {name}" for name in READING_NAMES),
    *(f" × {READING_NAMES[first]} × {READING_NAMES[second]}" for first, second in _PAIRS),
)
_FEATURES = tuple(f"{point}{part}" for point in POINT_NAMES for part in _PARTS)
_LOSS_PARTS = tuple(
    part[3:] in ("loss_fall", "loss_trend", "probe_gap", "probe_trend", "probe_rise", "probe_fall") for part in _PARTS
)
_FARTHEST = np.float32(2.5)
_LOSS_SHARE = np.float32(0.2)
_PROBE_SHARE = np.float32(0.3)
_JOB_FIELDS = ("steps", "batch_size", "examples", "parameters", "input_scale", "targets", "layers", "fan_in")


def read_job(data: object, path: str) -> Job:
    """A job as it stands in a file.

    Raises:
        SettingsError: If a field is unknown, or cannot be used.
    """
    fields = Fields(data, path, _JOB_FIELDS)
    targets: Classes | Numbers | None = None
    stands = fields.value("targets", None)
    if stands is not None:
        kind = Fields(stands, f"{path}.targets", ("classes", "numbers"))
        targets = Classes(kind.whole("classes")) if kind.has("classes") else Numbers(kind.whole("numbers"))
    return Job(
        steps=fields.whole("steps"),
        batch_size=fields.optional_whole("batch_size"),
        examples=fields.optional_whole("examples"),
        parameters=fields.optional_whole("parameters"),
        input_scale=fields.optional_number("input_scale"),
        targets=targets,
        layers=fields.optional_whole("layers"),
        fan_in=fields.optional_number("fan_in"),
    )


def readings_of(job: Job) -> tuple[np.float32 | None, ...]:
    """The nine readings of a job; ``None`` where it does not say."""

    def count(number: int | None) -> np.float32 | None:
        return None if number is None else logarithm(np.float32(max(1, number)))

    def scale(number: float | None) -> np.float32 | None:
        return None if number is None or not single(number) > 0 else logarithm(single(number))

    targets = job.targets
    classes = None if targets is None else count(targets.count) if isinstance(targets, Classes) else ZERO
    numbers = None if targets is None else ZERO if isinstance(targets, Classes) else ONE
    return (
        count(job.steps),
        count(job.batch_size),
        count(job.examples),
        count(job.parameters),
        scale(job.input_scale),
        classes,
        numbers,
        count(job.layers),
        scale(job.fan_in),
    )


@dataclass(frozen=True)
class JobObservationSettings:
    """At each of six points of time: 1, nine readings of the job, six of how it goes, and products of two of the job's.

    ℓ is the mean batch loss since the decision before, p the mean loss of a few examples that are not learned.

    ======================================================  ============================================================
    reading                                                 the logarithm of
    ======================================================  ============================================================
    ``steps``, ``batch``, ``examples``, ``parameters``      steps, examples of a batch, training examples, parameters
    ``input_scale``                                         root mean square of the inputs
    ``classes``                                             number of classes; 1 for numbers
    ``numbers``                                             no logarithm: 1 if numbers are predicted, 0 for classes
    ``layers``, ``fan_in``                                  weight arrays, geometric mean of the inputs of their units
    ``loss_fall``, ``loss_trend``                           ℓ / its first value, ℓ / its running mean
    ``probe_gap``                                           p / ℓ
    ``probe_trend``, ``probe_rise``, ``probe_fall``         p / its running mean, its least and its first value
    ======================================================  ============================================================
    """

    name = "job"
    feature_names = _FEATURES
    loss_features = _LOSS_PARTS * len(POINT_NAMES)
    statistics_features = (False,) * len(_FEATURES)

    job: Job = field(default_factory=lambda: Job(steps=200))
    """The job that is steered."""
    centre: tuple[float, ...] = (0.0,) * READINGS
    """The usual value of each reading."""
    spread: tuple[float, ...] = (1.0,) * READINGS
    """How much it usually differs from that, above 0."""
    least: tuple[float, ...] = (-LARGEST,) * OF_THE_JOB
    """The least value of each reading of the job in training; less is read as this."""
    most: tuple[float, ...] = (LARGEST,) * OF_THE_JOB
    """The greatest value."""
    precision: tuple[tuple[float, ...], ...] = ((0.0,) * OF_THE_JOB,) * OF_THE_JOB
    """P, the inverse covariance of the readings of the job in training, on their scale."""
    reach: float = LARGEST
    """The greatest distance √(rᵀ·P·r) of the readings r of a job from the usual ones; beyond it all are taken towards
    these on a straight line."""
    probe_every: int = 5
    """Decisions from one probe to the next; 0: none is wanted."""
    probe_examples: int = 32
    """Examples of a probe, 1 or more; at most two batches are looked at."""

    @classmethod
    def read(cls, data: object, path: str) -> JobObservationSettings:
        """The settings as they stand in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        scale = ("centre", "spread", "least", "most", "precision", "reach")
        known = ("name", "job", *scale, "probe_every", "probe_examples")
        fields, default = Fields(data, path, known), cls()
        return cls(
            job=read_job(fields.value("job"), f"{path}.job") if fields.has("job") else default.job,
            centre=fields.numbers("centre", default.centre, READINGS),
            spread=fields.numbers("spread", default.spread, READINGS),
            least=fields.numbers("least", default.least, OF_THE_JOB),
            most=fields.numbers("most", default.most, OF_THE_JOB),
            precision=fields.rows("precision", default.precision, OF_THE_JOB),
            reach=fields.number("reach", default.reach),
            probe_every=fields.whole("probe_every", default.probe_every, 2**32 - 1),
            probe_examples=fields.whole("probe_examples", default.probe_examples, 2**32 - 1),
        )

    def check(self) -> None:
        """Checks every field.

        Raises:
            SettingsError: Names the field that cannot be used.
        """
        for reading, name in enumerate(READING_NAMES):
            centre, spread = self.centre[reading], self.spread[reading]
            if not math.isfinite(centre):
                raise setting_error(f"observation.centre[{reading}] ({name})", shown(centre), "a finite number")
            if not LEAST_NORMAL <= spread < math.inf:
                raise setting_error(f"observation.spread[{reading}] ({name})", shown(spread), "a finite number above 0")
        for reading, row in enumerate(self.precision):
            for entry in row:
                if not math.isfinite(entry):
                    name = f"observation.precision[{reading}] ({READING_NAMES[reading]})"
                    raise setting_error(name, shown(entry), "finite numbers")
        if not LEAST_NORMAL <= self.reach < math.inf:
            raise setting_error("observation.reach", shown(self.reach), "a finite number above 0")
        if self.probe_examples == 0:
            raise setting_error("observation.probe_examples", 0, "1 example or more")

    def fitted(self, job: Job) -> JobObservationSettings:
        """The settings that read this job."""
        return replace(self, job=job)

    def outside(self, job: Job) -> list[str]:
        """What a job has outside of the range of the training: "steps 5000 (trained for 60 to 400)"."""
        texts = []
        for name, value, least, most in zip(READING_NAMES, readings_of(job), self.least, self.most, strict=False):
            if value is None or least - 1e-3 <= value <= most + 1e-3:  # a thousandth is no difference
                continue
            if name == "numbers":
                kind = "numbers" if value > 0.5 else "classes"
                texts.append(f"it predicts {kind}, which no job of the training did")
                continue
            number, low, high = (_for_people(math.exp(min(88.0, x))) for x in (float(value), least, most))
            texts.append(f"{name.replace('_', ' ')} {number} (trained for {low} to {high})")
        return texts

    def start(self, mu: HyperParameters, largest_log_change: float) -> JobObservation:
        """The observation of a descent; it reads neither μ nor actions."""
        return JobObservation(self)


def _for_people(x: float) -> str:
    """Whole from 10 on, two digits after the point below."""
    return str(round(x)) if x >= 10.0 else f"{round(x, 2):g}"


class _History(NamedTuple):
    """What is known of a row of numbers."""

    first: np.float32
    least: np.float32
    mean: np.float32


def _with(history: _History | None, value: np.float32, share: np.float32) -> _History:
    """The history with one more number; that of the first, where there is none yet."""
    if history is None:
        return _History(value, value, value)
    mean = (ONE - share) * history.mean + share * value
    return _History(history.first, min(history.least, value), mean)


class JobObservation:
    """What the features need to remember of a descent. All losses are logarithms.

    A decision closes an interval of steps. Its readings are taken as soon as the losses of all its steps are told.
    """

    def __init__(self, settings: JobObservationSettings) -> None:
        self._settings = settings
        self._total = np.float32(settings.job.steps)
        self._centre = np.array(settings.centre, dtype=np.float32)
        self._spread = np.array(settings.spread, dtype=np.float32)
        self._steps = 0
        self._told = 0
        self._decisions = 0
        self._sum = 0.0
        self._count = 0
        self._probed: np.float32 | None = None
        # The decisions whose intervals are not yet closed: the step after which each came, and its probe.
        self._open: deque[tuple[int, np.float32 | None]] = deque()
        self._losses: _History | None = None
        self._probes: _History | None = None
        self._readings = np.zeros(READINGS, dtype=np.float32)
        for reading, value in enumerate(readings_of(settings.job)):
            if value is not None:
                least, most = np.float32(settings.least[reading]), np.float32(settings.most[reading])
                self._read(reading, min(max(value, least), most))
        self._hold()

    def _hold(self) -> None:
        """Takes the readings of the job towards the usual ones, where together they are beyond the reach."""
        job = self._readings[:OF_THE_JOB]
        square = job @ (np.array(self._settings.precision, dtype=np.float32) @ job)
        reach = np.float32(self._settings.reach)
        if float(square) > float(reach) ** 2:
            job *= reach / np.sqrt(square)

    def step(self, mu: HyperParameters) -> None:
        """One more step of the job's is spent."""
        self._steps += 1

    def tell(self, loss: float, statistics: StepStatistics | None) -> None:
        """Adds a loss to the mean of its interval."""
        self._sum += float(finite_loss(loss))
        self._count += 1
        self._told += 1
        self._close()

    def untold_for_decision(self) -> int:
        """The steps up to the decision before."""
        return max(0, self._open[-1][0] - self._told) if self._open else 0

    def untold_for_next_decision(self) -> int:
        """The same: no loss of a later step is read."""
        return self.untold_for_decision()

    def wants_probe(self) -> int | None:
        """Every so many decisions; two batches at most, so that its share of the cost is that of larger batches."""
        every = self._settings.probe_every
        if every == 0 or self._decisions % every != 0:
            return None
        batch = self._settings.job.batch_size
        examples = self._settings.probe_examples
        return examples if batch is None else min(examples, 2 * max(1, batch))

    def probe(self, loss: float) -> None:
        """Keeps the probe for the coming decision; not a number: there are no examples."""
        self._probed = None if math.isnan(loss) else logarithm(finite_loss(loss))

    def note_action(self, before: HyperParameters, after: HyperParameters) -> None:
        """Closes the interval, as soon as its losses are told."""
        self._decisions += 1
        last = self._open[-1][0] if self._open else None
        if last == self._steps or (last is None and self._told == self._steps and self._count == 0):
            return  # an interval without steps
        self._open.append((self._steps, self._probed))
        self._probed = None
        self._close()

    def write(self) -> Array:
        """The features: the weight of each point of time, times 1, each reading and each product."""
        weights = interpolate(np.float32(self._steps) / self._total)
        readings = self._readings
        values = np.concatenate(([ONE], readings, readings[_FIRST] * readings[_SECOND]))
        return np.outer(weights, values).ravel()

    def state(self) -> dict[str, Any]:
        """Everything, as plain numbers."""
        return {
            "steps": self._steps,
            "told": self._told,
            "decisions": self._decisions,
            "sum": self._sum,
            "count": self._count,
            "probed": _plain(self._probed),
            "open": [[step, _plain(probed)] for step, probed in self._open],
            "losses": None if self._losses is None else [float(x) for x in self._losses],
            "probes": None if self._probes is None else [float(x) for x in self._probes],
            "readings": [float(x) for x in self._readings],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over such a state.

        Raises:
            StateError: If it is of another job, or is none.
        """
        readings = np.array(state["readings"], dtype=np.float32)
        if readings.shape != self._readings.shape or (readings[:OF_THE_JOB] != self._readings[:OF_THE_JOB]).any():
            raise StateError("the stored state is of another job: expected the one that this session was started for")
        self._readings = readings
        self._steps, self._told, self._decisions = int(state["steps"]), int(state["told"]), int(state["decisions"])
        self._sum, self._count = float(state["sum"]), int(state["count"])
        self._probed = _single_or_none(state["probed"])
        self._open = deque((int(step), _single_or_none(probed)) for step, probed in state["open"])
        self._losses, self._probes = (
            None if state[name] is None else _History(*(np.float32(x) for x in state[name]))
            for name in ("losses", "probes")
        )

    def rewind(self, state: dict[str, Any]) -> None:
        """Goes back, but the steps and decisions made since are spent."""
        steps, decisions = self._steps, self._decisions
        self.restore(state)
        # All losses are told where a descent goes back: a safety net judges each step by its own.
        self._steps, self._told, self._decisions = steps, steps, decisions

    def _close(self) -> None:
        """Takes the readings of the intervals whose losses are all told."""
        while self._open and self._open[0][0] <= self._told:
            _, probed = self._open.popleft()
            loss = np.float32(math.log(self._sum / self._count))
            self._sum, self._count = 0.0, 0
            known = self._losses or _with(None, loss, _LOSS_SHARE)
            self._read(OF_THE_JOB, loss - known.first)
            self._read(OF_THE_JOB + 1, loss - known.mean)
            self._losses = _with(self._losses, loss, _LOSS_SHARE)
            if probed is not None:
                known = self._probes or _with(None, probed, _PROBE_SHARE)
                rise = probed - min(known.least, probed)
                for reading, value in enumerate((probed - loss, probed - known.mean, rise, probed - known.first)):
                    self._read(OF_THE_JOB + 2 + reading, value)
                self._probes = _with(self._probes, probed, _PROBE_SHARE)

    def _read(self, reading: int, value: np.float32) -> None:
        """Takes a reading, on its scale."""
        standard = (value - self._centre[reading]) / self._spread[reading]
        self._readings[reading] = ZERO if math.isnan(standard) else clamp(standard, -_FARTHEST, _FARTHEST)


def _plain(x: np.float32 | None) -> float | None:
    return None if x is None else float(x)


def _single_or_none(x: float | None) -> np.float32 | None:
    return None if x is None else np.float32(x)
