"""A controller over what a real Accelerator has prepared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")
accelerate = pytest.importorskip("accelerate", reason="Accelerate is not installed: pip install accelerate")

import descender  # noqa: E402
from descender.integrations.accelerate import controller_for  # noqa: E402
from descender.torch import Controller  # noqa: E402

from ..torch.trainings import model, reading_losses  # noqa: E402

EXAMPLES = 64


@pytest.fixture(autouse=True)
def _alone() -> Any:
    """The Accelerator's state is one for the process."""
    accelerate.state.AcceleratorState._reset_state(True)
    accelerate.state.GradientState._reset_state()
    yield
    accelerate.state.AcceleratorState._reset_state(True)
    accelerate.state.GradientState._reset_state()


def prepared(accumulation: int = 1) -> tuple[Any, Any, Any, Any]:
    accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=accumulation)
    chances = torch.Generator().manual_seed(1)
    inputs = torch.randn(EXAMPLES, 6, generator=chances)
    data = torch.utils.data.TensorDataset(inputs, inputs[:, :3].argmax(1))
    loader = torch.utils.data.DataLoader(data, batch_size=4)
    network = model()
    return accelerator, *accelerator.prepare(network, torch.optim.AdamW(network.parameters()), loader)


def epoch(accelerator: Any, network: Any, optimizer: Any, loader: Any, steering: Controller) -> list[float]:
    rates = []
    for inputs, targets in loader:
        with accelerator.accumulate(network):
            loss = torch.nn.functional.cross_entropy(network(inputs), targets)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        steering.step(loss)
        rates.append(steering.get_last_lr()[0])
    return rates


@pytest.mark.parametrize("which", ["pretrained", None])
def test_one_accumulated_update_is_one_step(which: str | None) -> None:
    accelerator, network, optimizer, loader = prepared(accumulation=4)
    steering = controller_for(
        accelerator, optimizer, loader, which or reading_losses(), total_steps=8, model=network, num_classes=3
    )
    assert (steering.job.batch_size, steering.job.examples) == (16, EXAMPLES)
    assert (steering.job.layers, steering.job.targets) == (2, descender.Classes(3))
    rates = [rate for _ in range(2) for rate in epoch(accelerator, network, optimizer, loader, steering)]
    assert steering.steps == 8
    # η changes with an update, and stays for its micro-batches.
    assert all(rates[place] == rates[place + 1] == rates[place + 2] for place in range(3, 30, 4))
    assert len(set(rates)) > 6
    assert steering.optimizer.param_groups[0]["lr"] == rates[-1]


def test_saved_states_hold_the_controller(tmp_path: Path) -> None:
    accelerator, network, optimizer, loader = prepared()
    steering = controller_for(accelerator, optimizer, loader, total_steps=48)
    epoch(accelerator, network, optimizer, loader, steering)
    accelerator.save_state(str(tmp_path))
    rates = epoch(accelerator, network, optimizer, loader, steering)
    accelerator.load_state(str(tmp_path))
    assert steering.steps == 16
    assert epoch(accelerator, network, optimizer, loader, steering) == rates
    assert len(set(rates)) == 16


def test_a_controller_is_not_prepared_and_an_optimizer_is() -> None:
    accelerator, _, optimizer, loader = prepared()
    steering = controller_for(accelerator, optimizer, loader, total_steps=48)
    assert accelerator.prepare(steering) is steering
    with pytest.raises(descender.SettingsError, match="optimizer is a AdamW: expected what accelerator"):
        controller_for(accelerator, optimizer.optimizer, loader, total_steps=48)
    with pytest.raises(descender.SettingsError, match='no argument "steps"'):
        controller_for(accelerator, optimizer, loader, steps=48)
