"""A controller in `fit` of Keras 3, with PyTorch or TensorFlow below.

    >>> from descender.integrations.keras import ControllerCallback                    # doctest: +SKIP
    >>> model.compile(optimizer=keras.optimizers.AdamW(), loss=...)                     # doctest: +SKIP
    >>> model.fit(x, y, epochs=5, batch_size=64, callbacks=[                            # doctest: +SKIP
    ...     ControllerCallback(batch_size=64, dataset_size=len(x), num_classes=10)])

Keras tells callbacks the mean loss of an epoch so far and never that of a step: a controller that reads losses is
refused. Where Keras compiles the step, all but the learning rate is a constant in it: then η alone is set, with a
warning.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from ..controller import Controller
from ..errors import SettingsError, StateError
from ..hyper_parameters import HyperParameters
from ..job import Classes, Job, Numbers
from ..session import Session

try:
    import keras
except ImportError as error:
    raise ImportError(
        "descender.integrations.keras needs the library: expected keras 3, from `pip install keras`"
    ) from error

_BACKENDS = ("torch", "tensorflow")


class ControllerCallback(keras.callbacks.Callback):
    """Steers the optimizer of a model.

    Args:
        controller: The name of one that comes with this package, the path of a file, its bytes, or a
            :class:`descender.Controller`.
        total_steps: Updates of the whole training; Keras tells them, unless the data have no length.
        batch_size: Examples of an update; with accumulation, of all its micro-batches.
        dataset_size: Training examples.
        input_scale: Root mean square of the inputs.
        num_classes: Classes to choose from.
        num_outputs: Numbers to predict, instead of classes.
        job: The whole job, instead of all that says it.
        any_optimizer: Whether an optimizer of another kind than the controller's is taken, of which η alone is set.

    Raises:
        SettingsError: If the controller reads losses, or Keras runs on something else.
        ControllerFileError: If the file is no controller.
    """

    def __init__(
        self,
        controller: Any = "pretrained",
        total_steps: int | None = None,
        batch_size: int | None = None,
        dataset_size: int | None = None,
        *,
        input_scale: float | None = None,
        num_classes: int | None = None,
        num_outputs: int | None = None,
        job: Job | None = None,
        any_optimizer: bool = False,
    ) -> None:
        super().__init__()
        if keras.backend.backend() not in _BACKENDS:
            raise SettingsError(f"Keras runs on {keras.backend.backend()}: expected one of {', '.join(_BACKENDS)}")
        self.controller = controller if isinstance(controller, Controller) else Controller.load(controller)
        """The frozen controller."""
        if self.controller.needs_losses or self.controller.needs_statistics:
            raise SettingsError(
                "the controller reads the loss of each step, which Keras tells nobody: expected one that reads the job "
                'alone, such as "pretrained"'
            )
        if num_classes is not None and num_outputs is not None:
            raise SettingsError("num_classes and num_outputs are both given: expected one of them")
        self._total_steps, self._batch_size, self._dataset_size = total_steps, batch_size, dataset_size
        self._input_scale, self._any_optimizer = input_scale, any_optimizer
        self._targets: Classes | Numbers | None = None
        if num_classes is not None:
            self._targets = Classes(num_classes)
        elif num_outputs is not None:
            self._targets = Numbers(num_outputs)
        self.job = job
        """What the controller is told of the training; ``None`` before it begins, where it is not given."""
        self._given = job
        self.session: Session | None = None
        """The controller at work, when the training has begun."""
        self.controlled: tuple[str, ...] = ()
        """The entries of μ that are set."""
        self._decay: float | None = None
        self._batches = 0
        self._micro = 0
        self._first_iteration = 0
        self._stored: dict[str, Any] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Begins, or goes on from a state that was loaded.

        Raises:
            SettingsError: If the optimizer doesn't fit, has a schedule, or the steps are not known.
            StateError: If the state is of another controller or job.
        """
        self.job = self._given or self._seen()
        self.session = self.controller.start(self.job)
        self.controlled = self._fitting()
        self._micro = 0
        decay = getattr(self._optimizer, "weight_decay", None)
        if self._stored is None:
            self._decay = self.controller.method.settings.get("weight_decay", 0.0) if decay else None
        else:
            stored, self._stored = self._stored, None
            try:
                self.session.restore(stored["session"])
                self._decay = stored["decay"]
                self._micro = int(stored["micro"])
            except (KeyError, TypeError) as error:
                raise StateError(f"the stored state cannot be read: {type(error).__name__}: {error}") from error
        if self._scaler is not None:
            self._first_iteration = int(self._optimizer.iterations) - self.session.steps
        self._write(self.session.hyper_parameters)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Keras counts batches anew."""
        self._batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """After one or more batches, which Keras makes in one execution."""
        if self.session is None:
            return
        made = min(batch + 1, self.params.get("steps") or batch + 1) - self._batches
        self._batches += made
        before = self.session.steps
        for _ in range(self._updates(made)):
            self.session.advance()
        if self.session.steps != before:
            self._write(self.session.hyper_parameters)

    def why(self) -> str:
        """Which readings moved η at the last decision, in words."""
        return "the training has not begun" if self.session is None else self.session.why()

    def state_dict(self) -> dict[str, Any]:
        """What a continuation needs besides the controller, the job and the optimizer: plain numbers, lists and texts.

        Raises:
            StateError: If the training has not begun.
        """
        if self.session is None:
            raise StateError("the training has not begun: there is no state yet")
        return {"session": self.session.state(), "decay": self._decay, "micro": self._micro}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The next ``fit`` goes on from this state; it is to be told the ``total_steps`` of the whole training."""
        self._stored = state

    @property
    def _scaler(self) -> Any:
        """The optimizer that scales losses, if there is one."""
        return self.model.optimizer if hasattr(self.model.optimizer, "inner_optimizer") else None

    @property
    def _optimizer(self) -> Any:
        return getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)

    @property
    def _accumulated(self) -> int:
        return self._optimizer.gradient_accumulation_steps or 1

    def _updates(self, batches: int) -> int:
        """How many updates came of so many batches more."""
        if self._scaler is not None:
            # It skips those with a gradient that is not finite; only its own count knows.
            made = int(self._optimizer.iterations) - self._first_iteration
            return max(0, made - (self.session.steps if self.session is not None else 0))
        self._micro += batches
        updates, self._micro = divmod(self._micro, self._accumulated)
        return updates

    def _seen(self) -> Job:
        steps, epochs = self.params.get("steps"), self.params.get("epochs")
        total = self._total_steps
        if total is None:
            if not steps or not epochs:
                raise SettingsError("the data have no length: expected total_steps, the updates of the whole training")
            total = max(1, steps * epochs // self._accumulated)
        layers = _fan_ins(self.model)
        return Job(
            steps=total,
            batch_size=self._batch_size,
            examples=self._dataset_size,
            parameters=sum(math.prod(variable.shape) for variable in self.model.trainable_variables) or None,
            input_scale=self._input_scale,
            targets=self._targets,
            layers=len(layers) if layers else None,
            fan_in=math.exp(sum(map(math.log, layers)) / len(layers)) if layers else None,
        )

    def _fitting(self) -> tuple[str, ...]:
        """The entries of μ that can be set.

        Raises:
            SettingsError: If the optimizer is of another kind than the controller's.
        """
        optimizer, method = self._optimizer, self.controller.method
        mu = method.hyper_parameters(0.1)
        adaptive = mu.a1 != 0.0 or mu.a2 != 0.0
        has_betas = hasattr(optimizer, "beta_1") and hasattr(optimizer, "beta_2")
        fits = has_betas if adaptive and mu.b1 != 0.0 else has_betas == adaptive
        if not fits:
            if not self._any_optimizer:
                raise SettingsError(
                    f"the controller was learned on {method.name}, and {type(optimizer).__name__} has other settings: "
                    f"expected {'AdamW, or another with beta_1 and beta_2' if adaptive else 'SGD'}, or "
                    "any_optimizer=True to set its learning rate alone"
                )
            return ("learning_rate",)
        entries = ("learning_rate", *(name for name in self.controller.action.entries if name in ("b1", "a1", "w")))
        compiled = self.model.jit_compile or (keras.backend.backend() == "tensorflow" and not self.model.run_eagerly)
        if compiled and len(entries) > 1:
            warnings.warn(
                "Keras compiles the step, in which all but the learning rate is a constant: η alone is set; "
                "run_eagerly=True in compile() lets the controller set the rest",
                stacklevel=2,
            )
            return ("learning_rate",)
        return entries

    def _write(self, mu: HyperParameters) -> None:
        optimizer = self._optimizer
        try:
            optimizer.learning_rate = mu.learning_rate
        except TypeError as error:
            raise SettingsError(
                "the optimizer has a schedule as its learning_rate: expected a number beside a controller"
            ) from error
        if "b1" in self.controlled:
            name = "beta_1" if hasattr(optimizer, "beta_1") else "momentum"
            setattr(optimizer, name, mu.b1)
        if "a1" in self.controlled and hasattr(optimizer, "beta_2"):
            optimizer.beta_2 = mu.a1
        if "w" in self.controlled and self._decay is not None:
            optimizer.weight_decay = mu.w * self._decay


def _fan_ins(model: Any) -> list[int] | None:
    """Inputs of a unit of each layer; ``None`` where a layer is of a kind that isn't known here."""
    found: list[int] = []
    for layer in model._flatten_layers(include_self=True):
        own = [variable for variable in layer._trainable_variables if len(variable.shape) >= 2]
        if not own:
            continue
        kernel = own[0].shape
        if isinstance(layer, keras.layers.Embedding):
            found.append(1)
        elif isinstance(layer, keras.layers.Dense):
            found.append(int(kernel[0]))
        elif isinstance(layer, (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)):
            found.append(math.prod(kernel[:-1]))
        elif isinstance(layer, (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell)):
            found.append(sum(int(variable.shape[0]) for variable in own if "kernel" in variable.name))
        else:
            return None
    return found
