"""The paper's observation: 18 features of the descent (Zhu, Hayashi, Ohsawa, section 4), with the program's scaling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import SettingsError
from ..feedback import StepStatistics
from ..fields import Fields
from ..float32 import ONE, TWO, Array, logarithm, rounded, single
from ..hyper_parameters import HyperParameters
from ..job import Job
from .averages import check_steps
from .prompt import PromptObservation
from .scale import bounded, finite_loss, log_learning_rate, log_magnitude, log_one_plus, log_time, ratio

_THREE = np.float32(3)
_SIX = np.float32(6)
_SEVEN = np.float32(7)
_MOST = 2**32 - 1


@dataclass(frozen=True)
class PaperObservationSettings:
    """The paper's 18 features. Before the first step all are 0, except η.

    ======  ==========================================  ================================================================
    no.     feature                                     formula
    ======  ==========================================  ================================================================
    1       ``total_steps``                             ln(1 + t) / ln(1 + ``total_steps``)
    2, 3    ``loss_maximum``, ``loss_minimum``          ln(largest, smallest loss so far) / 2
    4       ``loss_previous``                           ln(loss of the last step) / 2
    5       ``loss_change``                             ln(loss of the last step / loss of the step before)
    6, 7    ``parameters_increased``, ``…_decreased``   2·(number that did) / n − 1, n = largest number seen to change
    8       ``parameters_relative_change``              (ln(Σ|Δθ| / Σ|θ|) + 6) / 3
    9–11    ``gradient_mean_1…3``                       mean of g / mean of |g|, in the last three steps
    12–14   ``gradient_mean_absolute_1…3``              (ln(mean of |g|) + 7) / 3, in the same steps
    15, 16  ``gradient_sum_positive``, ``…_negative``   ln(|sum of the entries of this sign|) / 3
    17      ``loss_decrease_length``                    ln(1 + number of steps for which the loss has been decreasing)
    18      ``learning_rate``                           ln(η / 0.03) / 2
    ======  ==========================================  ================================================================
    """

    name = "paper"
    feature_names = (
        "total_steps",
        "loss_maximum",
        "loss_minimum",
        "loss_previous",
        "loss_change",
        "parameters_increased",
        "parameters_decreased",
        "parameters_relative_change",
        "gradient_mean_1",
        "gradient_mean_2",
        "gradient_mean_3",
        "gradient_mean_absolute_1",
        "gradient_mean_absolute_2",
        "gradient_mean_absolute_3",
        "gradient_sum_positive",
        "gradient_sum_negative",
        "loss_decrease_length",
        "learning_rate",
    )
    loss_features = (False,) + (True,) * 4 + (False,) * 11 + (True, False)
    statistics_features = (False,) * 5 + (True,) * 11 + (False,) * 2

    total_steps: float = 2500.0
    """Steps at which the first feature is 1; by default the paper's ten epochs of 250 steps."""

    @classmethod
    def read(cls, data: object, path: str) -> PaperObservationSettings:
        """The settings as they stand in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        return cls(Fields(data, path, ("name", "total_steps")).number("total_steps", cls.total_steps))

    def check(self) -> None:
        """Checks every field.

        Raises:
            SettingsError: Names the field that cannot be used.
        """
        check_steps("total_steps", self.total_steps)

    def fitted(self, job: Job) -> PaperObservationSettings:
        """The settings whose time is that of the job."""
        return replace(self, total_steps=rounded(job.steps))

    def outside(self, job: Job) -> list[str]:
        """Nothing: it reads no job."""
        return []

    def start(self, mu: HyperParameters, largest_log_change: float) -> PaperObservation:
        """The observation of a descent that begins with μ."""
        return PaperObservation(self, mu)


class PaperObservation(PromptObservation):
    """What the 18 features need to remember of a descent: a few numbers, whatever its length."""

    def __init__(self, settings: PaperObservationSettings, mu: HyperParameters) -> None:
        super().__init__()
        self._total = np.float32(settings.total_steps)
        self._loss_maximum = self._loss_minimum = self._loss = self._loss_before = ONE
        self._decrease_length = 0
        # Mean of g and of |g| in the last three steps, newest first.
        self._gradients: list[tuple[float, float]] = [(0.0, 1.0)] * 3
        self._statistics = StepStatistics()
        self._changing = 1
        self._learning_rate = mu.learning_rate

    def step(self, mu: HyperParameters) -> None:
        """One more step was made, with this η."""
        self.steps += 1
        self._learning_rate = mu.learning_rate

    def tell(self, loss: float, statistics: StepStatistics | None) -> None:
        """Takes in a loss and the statistics of its update.

        Raises:
            SettingsError: If the statistics hold what no count can be.
        """
        finite = finite_loss(loss)
        values = _checked(statistics or StepStatistics())
        means = (values.gradient_mean, values.gradient_mean_absolute)
        if self.told == 0:
            self._loss_maximum = self._loss_minimum = self._loss = self._loss_before = finite
            self._gradients = [means] * 3
        else:
            self._loss_before, self._loss = self._loss, finite
            self._loss_maximum = max(self._loss_maximum, finite)
            self._loss_minimum = min(self._loss_minimum, finite)
            self._gradients = [means, *self._gradients[:2]]
        self._decrease_length = min(_MOST, self._decrease_length + 1) if finite < self._loss_before else 0
        self._changing = max(self._changing, values.parameters_increased + values.parameters_decreased)
        self._statistics = values
        self.told += 1

    def note_action(self, before: HyperParameters, after: HyperParameters) -> None:
        """Takes in the new η."""
        self._learning_rate = after.learning_rate

    def write(self) -> Array:
        """The 18 features."""
        features = np.zeros(18, dtype=np.float32)
        features[17] = log_learning_rate(self._learning_rate)
        if self.steps == 0:
            return features
        features[0] = log_time(self.steps, self._total)
        if self.told == 0:
            return features
        changing, values = np.float32(self._changing), self._statistics
        features[1:17] = (
            bounded(logarithm(self._loss_maximum) / TWO),
            bounded(logarithm(self._loss_minimum) / TWO),
            bounded(logarithm(self._loss) / TWO),
            bounded(logarithm(self._loss / self._loss_before)),
            TWO * (np.float32(values.parameters_increased) / changing) - ONE,
            TWO * (np.float32(values.parameters_decreased) / changing) - ONE,
            bounded((log_magnitude(values.relative_change) + _SIX) / _THREE),
            *(ratio(single(mean), single(absolute)) for mean, absolute in self._gradients),
            *(bounded((log_magnitude(absolute) + _SEVEN) / _THREE) for _, absolute in self._gradients),
            bounded(log_magnitude(values.gradient_sum_positive) / _THREE),
            bounded(log_magnitude(values.gradient_sum_negative) / _THREE),
            log_one_plus(np.float32(self._decrease_length)),
        )
        return features

    def state(self) -> dict[str, Any]:
        """Everything, as plain numbers."""
        return {
            "steps": self.steps,
            "told": self.told,
            "loss_maximum": float(self._loss_maximum),
            "loss_minimum": float(self._loss_minimum),
            "loss": float(self._loss),
            "loss_before": float(self._loss_before),
            "decrease_length": self._decrease_length,
            "gradients": [list(means) for means in self._gradients],
            "statistics": list(self._statistics),
            "changing": self._changing,
            "learning_rate": self._learning_rate,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over such a state."""
        self.rewind(state)
        self.steps, self.told = int(state["steps"]), int(state["told"])

    def rewind(self, state: dict[str, Any]) -> None:
        """Goes back, but the time goes on."""
        self._loss_maximum = np.float32(state["loss_maximum"])
        self._loss_minimum = np.float32(state["loss_minimum"])
        self._loss, self._loss_before = np.float32(state["loss"]), np.float32(state["loss_before"])
        self._decrease_length = int(state["decrease_length"])
        self._gradients = [(float(mean), float(absolute)) for mean, absolute in state["gradients"]]
        self._statistics = StepStatistics(*state["statistics"])
        self._changing = int(state["changing"])
        self._learning_rate = float(state["learning_rate"])


def _checked(statistics: StepStatistics) -> StepStatistics:
    """The statistics as plain numbers."""
    increased, decreased = int(statistics.parameters_increased), int(statistics.parameters_decreased)
    if increased < 0 or decreased < 0:
        raise SettingsError(
            f"parameters_increased and parameters_decreased are {increased} and {decreased}: expected counts, 0 or more"
        )
    mean, absolute, positive, negative = (float(single(float(x))) for x in statistics[:4])
    change = float(single(float(statistics.relative_change)))
    return StepStatistics(mean, absolute, positive, negative, increased, decreased, change)
