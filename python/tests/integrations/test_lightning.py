"""A controller in Lightning's real Trainer."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")
lightning = pytest.importorskip("lightning.pytorch", reason="Lightning is not installed: pip install lightning")

import descender  # noqa: E402
from descender.integrations.lightning import ControllerCallback  # noqa: E402

from ..torch.trainings import model, reading_losses  # noqa: E402

EXAMPLES = 64
pytestmark = pytest.mark.filterwarnings("ignore")


class Module(lightning.LightningModule):
    def __init__(self, schedule: bool = False, optimizers: int = 1) -> None:
        super().__init__()
        self.inner = model()
        self.schedule, self.count = schedule, optimizers
        self.rates: list[float] = []
        self.losses: list[float] = []
        if optimizers > 1:
            self.automatic_optimization = False

    def training_step(self, batch: Any, _: int) -> torch.Tensor:
        loss = torch.nn.functional.cross_entropy(self.inner(batch[0]), batch[1])
        self.losses.append(float(loss))
        return loss

    def on_train_batch_start(self, *_: Any) -> None:
        # Here monitors look, too. Later a step has begun, around which a controller corrects.
        self.rates.append(float(self.trainer.optimizers[0].param_groups[0]["lr"]))

    def configure_optimizers(self) -> Any:
        made = [torch.optim.AdamW(self.parameters()) for _ in range(self.count)]
        if self.schedule:
            return made, [torch.optim.lr_scheduler.ConstantLR(made[0])]
        return made if self.count > 1 else made[0]


def loader() -> Any:
    inputs = torch.randn(EXAMPLES, 6, generator=torch.Generator().manual_seed(1))
    data = torch.utils.data.TensorDataset(inputs, inputs[:, :3].argmax(1))
    return torch.utils.data.DataLoader(data, batch_size=4)


def trainer(folder: Path, *callbacks: Any, **settings: Any) -> Any:
    return lightning.Trainer(
        **{
            "default_root_dir": folder,
            "max_epochs": 4,
            "accelerator": "cpu",
            "devices": 1,
            "logger": False,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "callbacks": list(callbacks),
            **settings,
        }
    )


@pytest.mark.parametrize("accumulation", [1, 2])
def test_updates_are_made_with_what_the_controller_sets(tmp_path: Path, accumulation: int) -> None:
    callback, module = ControllerCallback(num_classes=3), Module()
    trainer(tmp_path, callback, accumulate_grad_batches=accumulation).fit(module, loader())
    steering = callback.controller
    assert steering is not None
    job = steering.job
    assert (job.steps, job.batch_size, job.examples) == (64 // accumulation, 4 * accumulation, EXAMPLES)
    assert (job.layers, job.targets) == (2, descender.Classes(3))
    assert steering.steps == 64 // accumulation
    session = descender.Controller.load("pretrained").start(job)
    assert len(module.rates) == 64
    for rate in module.rates[accumulation - 1 :: accumulation]:
        assert rate == pytest.approx(session.hyper_parameters.learning_rate, rel=1e-6)
        session.advance()
    assert session.steps == 64 // accumulation


def test_losses_are_those_of_the_module_also_where_lightning_has_divided_them(tmp_path: Path) -> None:
    frozen = reading_losses()
    callback, module = ControllerCallback(frozen, total_steps=100), Module()
    trainer(tmp_path, callback, accumulate_grad_batches=2).fit(module, loader())
    assert callback.controller is not None
    session = frozen.start(callback.controller.job)
    for place in range(0, 64, 2):
        session.record(sum(module.losses[place : place + 2]) / 2)
    assert callback.controller.hyper_parameters == pytest.approx(session.hyper_parameters, rel=1e-5)


def test_a_training_goes_on_exactly(tmp_path: Path) -> None:
    saving = lightning.callbacks.ModelCheckpoint(tmp_path, every_n_train_steps=32, save_top_k=-1, filename="{step}")
    whole = Module()
    trainer(tmp_path, ControllerCallback(), saving, enable_checkpointing=True).fit(whole, loader())
    resumed, callback = Module(), ControllerCallback()
    trainer(tmp_path, callback).fit(resumed, loader(), ckpt_path=str(tmp_path / "step=32.ckpt"))
    assert resumed.rates == whole.rates[32:]
    assert len(set(whole.rates)) == 64
    assert callback.controller is not None
    assert callback.controller.steps == 64
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_schedulers_and_several_optimizers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(descender.SettingsError, match="returns a scheduler"):
        trainer(tmp_path, ControllerCallback()).fit(Module(schedule=True), loader())
    with pytest.raises(descender.SettingsError, match="returns 2 optimizers: expected one"):
        trainer(tmp_path, ControllerCallback()).fit(Module(optimizers=2), loader())
    with pytest.raises(descender.SettingsError, match='no argument "steps"'):
        ControllerCallback(steps=3)


def test_a_training_without_an_end_is_warned_of(tmp_path: Path) -> None:
    class Ended(lightning.Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            trainer.should_stop = trainer.global_step >= 20

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer(tmp_path, ControllerCallback(), Ended(), max_epochs=-1).fit(Module(), loader())
    assert any("total_steps is not given" in str(each.message) for each in caught)
