"""A controller in the real Trainer of Hugging Face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")
pytest.importorskip("accelerate", reason="Accelerate is not installed: pip install accelerate")
transformers = pytest.importorskip("transformers", reason="Transformers are not installed: pip install transformers")

import descender  # noqa: E402
from descender.integrations.transformers import ControllerCallback  # noqa: E402

from ..torch.trainings import model, reading_losses  # noqa: E402

EXAMPLES = 64


class Network(torch.nn.Module):
    """A model that returns its loss, as those of the library do."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = model()

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = self.inner(inputs)
        return {"loss": torch.nn.functional.cross_entropy(outputs, labels), "logits": outputs}


def data() -> list[dict[str, torch.Tensor]]:
    inputs = torch.randn(EXAMPLES, 6, generator=torch.Generator().manual_seed(1))
    return [{"inputs": each, "labels": each[:3].argmax()} for each in inputs]


def language() -> tuple[Any, Any]:
    """A language model of the library, which divides a loss by the tokens of all micro-batches, and its texts."""
    transformers.set_seed(1)
    settings = transformers.GPT2Config(n_layer=1, n_head=2, n_embd=8, n_positions=12, vocab_size=16, bos_token_id=0)
    chances = torch.Generator().manual_seed(1)
    texts = [torch.randint(16, (12,), generator=chances) for _ in range(EXAMPLES)]
    # Of unlike length, so that a mean of means is another number.
    labels = [torch.where(torch.arange(12) < 2 + place % 10, text, -100) for place, text in enumerate(texts)]
    pairs = zip(texts, labels, strict=True)
    return transformers.GPT2LMHeadModel(settings), [{"input_ids": text, "labels": label} for text, label in pairs]


def trainer(folder: Path, callback: Any, evaluated: bool = False, texts: bool = False, **settings: Any) -> Any:
    arguments = transformers.TrainingArguments(
        output_dir=str(folder),
        **{
            "num_train_epochs": 4,
            "per_device_train_batch_size": 4,
            "logging_steps": 1,
            "save_strategy": "no",
            "lr_scheduler_type": "constant",
            "weight_decay": 0.01,
            "report_to": [],
            "use_cpu": True,
            "disable_tqdm": True,
            "seed": 3,
            **settings,
        },
    )
    network, examples = language() if texts else (Network(), data())
    held_out = examples if evaluated else None
    return transformers.Trainer(network, arguments, train_dataset=examples, eval_dataset=held_out, callbacks=[callback])


class Watch(transformers.TrainerCallback):
    """Notes what each update is made with."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.betas: list[tuple[float, float]] = []

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, optimizer: Any = None, **_: Any) -> None:
        self.rates.append(float(optimizer.param_groups[0]["lr"]))
        self.betas.append(optimizer.param_groups[0]["betas"])


def logged(run: Any) -> list[float]:
    return [entry["learning_rate"] for entry in run.state.log_history if "learning_rate" in entry]


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_updates_are_made_with_what_the_controller_sets_and_that_is_logged(tmp_path: Path, schedule: str) -> None:
    callback, watch = ControllerCallback(num_classes=3), Watch()
    run = trainer(tmp_path, callback, lr_scheduler_type=schedule, gradient_accumulation_steps=2)
    run.add_callback(watch)
    run.train()
    steering = callback.controller
    assert steering is not None
    job = steering.job
    assert (job.steps, job.batch_size, job.examples, job.layers) == (32, 8, EXAMPLES, 2)
    assert job.targets == descender.Classes(3)
    assert steering.steps == 32
    session = descender.Controller.load("pretrained").start(job)
    for rate, betas in zip(watch.rates, watch.betas, strict=True):
        mu = session.hyper_parameters
        assert rate == pytest.approx(mu.learning_rate, rel=1e-6)
        assert betas == pytest.approx((mu.b1, mu.a1), rel=1e-6)
        session.advance()
    assert logged(run) == pytest.approx(watch.rates, rel=1e-6)
    assert len(set(watch.rates)) == 32
    # Groups without weight decay stay without.
    assert {group["weight_decay"] for group in steering.optimizer.param_groups if group["weight_decay"] == 0.0} == {0.0}


@pytest.mark.parametrize("restored", [False, True])
def test_a_training_goes_on_exactly(tmp_path: Path, restored: bool) -> None:
    whole, watch = ControllerCallback(max_lr=0.008), Watch()
    run = trainer(tmp_path / "a", whole, save_strategy="steps", save_steps=25)
    run.add_callback(watch)
    run.train()
    assert len(watch.rates) == 64
    again = Watch()
    callback = ControllerCallback(max_lr=0.008)
    resumed = trainer(tmp_path / "b", callback, restore_callback_states_from_checkpoint=restored)
    resumed.add_callback(again)
    resumed.train(resume_from_checkpoint=str(tmp_path / "a" / "checkpoint-25"))
    assert again.rates == watch.rates[25:]
    assert again.betas == watch.betas[25:]
    for one, other in zip(run.model.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("texts", [False, True])
def test_losses_are_read_from_the_model_where_the_controller_needs_them(tmp_path: Path, texts: bool) -> None:
    told: list[float] = []

    class Listened(ControllerCallback):
        def on_train_begin(self, *arguments: Any, **named: Any) -> None:
            super().on_train_begin(*arguments, **named)
            steering: Any = self.controller
            step = steering.step

            def noted(loss: torch.Tensor) -> None:
                told.append(float(loss))
                step(loss)

            steering.step = noted

    callback = Listened(reading_losses(), total_steps=100)
    run = trainer(
        tmp_path,
        callback,
        texts=texts,
        gradient_accumulation_steps=2,
        max_steps=20,
        evaluated=True,
        eval_strategy="steps",
        eval_steps=5,
    )
    run.train()
    assert callback.controller is not None
    assert callback.controller.steps == 20
    assert told == pytest.approx([entry["loss"] for entry in run.state.log_history if "loss" in entry], abs=1e-4)
    assert not run.model._forward_hooks


def test_what_cannot_be_steered_is_refused(tmp_path: Path) -> None:
    with pytest.raises(descender.SettingsError, match='no argument "num_class"'):
        ControllerCallback(num_class=3)
    plateau = trainer(
        tmp_path,
        ControllerCallback(),
        evaluated=True,
        lr_scheduler_type="reduce_lr_on_plateau",
        eval_strategy="steps",
        eval_steps=4,
    )
    with pytest.raises(descender.SettingsError, match="ReduceLROnPlateau sets the learning rate after an evaluation"):
        plateau.train()
    with pytest.raises(descender.SettingsError, match="expected one with betas"):
        trainer(tmp_path, ControllerCallback(), optim="sgd").train()
    smoothed = trainer(tmp_path, ControllerCallback(reading_losses()))
    smoothed.args.label_smoothing_factor = 0.1
    with pytest.raises(descender.SettingsError, match="label_smoothing_factor"):
        smoothed.train()
    brought = trainer(tmp_path, ControllerCallback(reading_losses()), restore_callback_states_from_checkpoint=True)
    with pytest.raises(descender.SettingsError, match="controller is a Controller, which a checkpoint"):
        brought.train()


def test_a_checkpoint_without_a_controller_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path, Watch(), save_strategy="steps", save_steps=10, max_steps=10).train()
    resumed = trainer(tmp_path, ControllerCallback())
    with pytest.raises(descender.StateError, match="the checkpoint of step 10 has no state of a ControllerCallback"):
        resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-10"))
