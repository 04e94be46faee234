"""A controller in the real `fit` of Keras, on PyTorch."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")
os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras", reason="Keras is not installed: pip install keras")

import descender  # noqa: E402
from descender.integrations.keras import ControllerCallback  # noqa: E402

from ..torch.trainings import reading_losses  # noqa: E402

EXAMPLES = 64
# TensorFlow compiles a step unless it is told not to.
EAGERLY = {"run_eagerly": True} if keras.backend.backend() == "tensorflow" else {}


def inputs() -> tuple[Any, Any]:
    values = np.random.default_rng(1).standard_normal((EXAMPLES, 6)).astype("float32")
    return values, values[:, :3].argmax(1)


def network(optimizer: Any = None, **settings: Any) -> Any:
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    made.compile(optimizer or keras.optimizers.AdamW(), loss, **{**EAGERLY, **settings})
    return made


class Watch(keras.callbacks.Callback):
    """Notes what each batch is made with."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[float, float, float, float]] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        self.seen.append(
            (float(optimizer.learning_rate), optimizer.beta_1, optimizer.beta_2, float(optimizer.weight_decay or 0.0))
        )


def fit(model: Any, callback: Any, scale: float = 1.0, **settings: Any) -> Watch:
    watch = Watch()
    x, y = inputs()
    model.fit(scale * x, y, **{"epochs": 4, "batch_size": 4, "verbose": 0, "callbacks": [callback, watch], **settings})
    return watch


def callback_of(**settings: Any) -> ControllerCallback:
    return ControllerCallback(**{"batch_size": 4, "dataset_size": EXAMPLES, "num_classes": 3, **settings})


def wanted(session: descender.Session, decay: float = 0.01) -> tuple[float, float, float, float]:
    mu = session.hyper_parameters
    return mu.learning_rate, mu.b1, mu.a1, decay * mu.w


def test_updates_are_made_with_what_the_controller_sets() -> None:
    callback = callback_of()
    watch = fit(network(), callback)
    job = callback.job
    assert job is not None
    assert (job.steps, job.batch_size, job.examples, job.layers, job.parameters) == (64, 4, EXAMPLES, 2, 83)
    assert job.fan_in == pytest.approx((6 * 8) ** 0.5)
    session = descender.Controller.load("pretrained").start(job)
    for seen in watch.seen:
        assert seen == pytest.approx(wanted(session), rel=1e-6)
        session.advance()
    assert len({rate for rate, *_ in watch.seen}) == 64
    assert callback.why().startswith("step")


def test_accumulated_batches_are_one_update() -> None:
    callback = callback_of(batch_size=8)
    model = network(keras.optimizers.AdamW(gradient_accumulation_steps=2))
    watch = fit(model, callback)
    assert callback.job is not None
    assert callback.session is not None
    assert (callback.job.steps, callback.session.steps, int(model.optimizer.iterations)) == (32, 32, 32)
    assert all(one == other for one, other in zip(watch.seen[::2], watch.seen[1::2], strict=True))
    assert len(set(watch.seen)) == 32


def test_several_batches_in_one_execution_count_each() -> None:
    callback = callback_of()
    callback.set_model(network())
    callback.set_params({"steps": 16, "epochs": 2})
    callback.on_train_begin()
    assert callback.session is not None
    for epoch in range(2):
        callback.on_epoch_begin(epoch)
        for last in (2, 5, 8, 11, 14, 17):  # the index of the last one may be beyond the end
            callback.on_train_batch_end(last)
        assert callback.session.steps == 16 * (epoch + 1)


def test_updates_that_a_loss_scale_skips_count_for_nothing() -> None:
    inner = keras.optimizers.AdamW()
    scaled = keras.optimizers.LossScaleOptimizer(inner, initial_scale=3e38)
    callback = callback_of()
    # Of such inputs the scaled gradients overflow, until the scale has been halved often enough.
    fit(network(scaled), callback, scale=1e3)
    assert callback.session is not None
    assert callback.session.steps == int(inner.iterations)
    assert 0 < int(inner.iterations) < 64


def test_without_weight_decay_it_stays_without() -> None:
    watch = fit(network(keras.optimizers.Adam()), callback_of())
    assert {decay for *_, decay in watch.seen} == {0.0}


def test_a_training_goes_on_where_it_was() -> None:
    whole = fit(network(), callback_of(total_steps=64))
    model, first = network(), callback_of(total_steps=64)
    fit(model, first, epochs=2)
    second = callback_of(total_steps=64)
    second.load_state_dict(first.state_dict())
    rest = fit(model, second, epochs=4, initial_epoch=2)
    assert rest.seen == whole.seen[32:]
    broken = callback_of(total_steps=64)
    broken.load_state_dict({"session": {}})
    with pytest.raises(descender.StateError, match="cannot be read"):
        fit(model, broken)
    with pytest.raises(descender.StateError, match="the training has not begun"):
        callback_of().state_dict()


def test_layers_of_all_kinds_tell_their_inputs_and_unknown_ones_nothing() -> None:
    layers = keras.layers
    made = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Embedding(7, 4),
            layers.LSTM(6),
            layers.Reshape((2, 3, 1)),
            layers.Conv2D(2, (2, 3)),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    made.compile("adamw", "mse")
    callback = ControllerCallback(total_steps=10)
    callback.set_model(made)
    callback.set_params({"steps": 5, "epochs": 2})
    callback.on_train_begin()
    assert callback.job is not None
    assert callback.job.layers == 4
    assert callback.job.fan_in == pytest.approx((1 * 10 * 6 * 2) ** 0.25)
    unknown = keras.Sequential([keras.Input((4, 4, 3)), layers.DepthwiseConv2D(2), layers.Flatten(), layers.Dense(1)])
    unknown.compile("adamw", "mse")
    callback.set_model(unknown)
    callback.on_train_begin()
    seen: Any = callback.job
    assert (seen.layers, seen.fan_in) == (None, None)


def test_a_compiled_step_lets_the_rate_alone_be_set() -> None:
    model = network()
    model.jit_compile = True
    callback = callback_of()
    callback.set_model(model)
    callback.set_params({"steps": 16, "epochs": 4})
    with pytest.warns(UserWarning, match="η alone is set"):
        callback.on_train_begin()
    assert callback.controlled == ("learning_rate",)
    assert model.optimizer.beta_1 == 0.9


def test_what_cannot_be_steered_is_refused() -> None:
    with pytest.raises(descender.SettingsError, match="reads the loss of each step"):
        ControllerCallback(reading_losses())
    with pytest.raises(descender.SettingsError, match="expected one of them"):
        ControllerCallback(num_classes=2, num_outputs=1)
    with pytest.raises(descender.SettingsError, match="SGD has other settings: expected AdamW"):
        fit(network(keras.optimizers.SGD()), callback_of())
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    with pytest.raises(descender.SettingsError, match="has a schedule as its learning_rate"):
        fit(network(keras.optimizers.AdamW(schedule)), callback_of())
    endless = ControllerCallback()
    endless.set_model(network())
    endless.set_params({"steps": None, "epochs": 1})
    with pytest.raises(descender.SettingsError, match="expected total_steps"):
        endless.on_train_begin()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = network(keras.optimizers.SGD())
        callback = callback_of(any_optimizer=True)
        callback.set_model(model)
        callback.set_params({"steps": 16, "epochs": 4})
        callback.on_train_begin()
    assert callback.controlled == ("learning_rate",)
