"""What is seen of a model, and which optimizers are taken."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")

import descender  # noqa: E402
from descender.torch import Controller, Schedule, input_scale, job_of  # noqa: E402

from .trainings import adamw, controller, model, update  # noqa: E402


def test_arrays_are_told_apart_by_the_model() -> None:
    network = torch.nn.ModuleList(
        [
            torch.nn.Embedding(50, 16),
            torch.nn.GRU(16, 8, num_layers=2),
            torch.nn.Conv2d(3, 5, 3),
            torch.nn.ConvTranspose2d(4, 7, 2),
            torch.nn.Linear(8, 2),
            torch.nn.LayerNorm(8),
        ]
    )
    parameters = list(network.parameters())
    job = job_of(parameters, network, 100, batch_size=4, dataset_size=40, num_classes=2)
    fan_ins = [1, 16 + 8, 8 + 8, 27, 4 * 4, 8]
    assert job.layers == 6
    assert job.fan_in == pytest.approx(math.exp(sum(map(math.log, fan_ins)) / 6))
    assert job.parameters == sum(parameter.numel() for parameter in parameters)
    assert job.targets == descender.Classes(2)
    # Without the model an embedding counts as a linear layer.
    assert job_of([network[0].weight], None, 100).fan_in == pytest.approx(16.0)
    for parameter in network[1].parameters():
        parameter.requires_grad_(False)
    assert job_of(parameters, network, 100).layers == 4


def test_shared_arrays_count_once() -> None:
    network = torch.nn.ModuleList([torch.nn.Embedding(50, 16), torch.nn.Linear(16, 50, bias=False)])
    network[1].weight = network[0].weight
    assert job_of(network.parameters(), network, 10).layers == 1


def test_classes_and_numbers_are_not_both() -> None:
    with pytest.raises(ValueError, match="both given"):
        job_of([], None, 10, num_classes=2, num_outputs=1)


def test_the_scale_is_the_root_mean_square() -> None:
    assert input_scale(torch.tensor([[3.0, -4.0]])) == pytest.approx(math.sqrt(12.5))


def test_optimizers_of_another_kind_are_refused_or_taken_for_their_rate_alone() -> None:
    network = model()
    sgd = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    with pytest.raises(ValueError, match="learned on adamw, and SGD has other settings: expected one with betas"):
        Controller(sgd, total_steps=10)
    steering = Controller(sgd, total_steps=10, any_optimizer=True)
    update(network, sgd, 0)
    steering.step()
    assert sgd.param_groups[0]["momentum"] == 0.9
    assert sgd.param_groups[0]["lr"] == steering.hyper_parameters.learning_rate
    for optimizer in (torch.optim.Adam, torch.optim.NAdam, torch.optim.RAdam):
        Controller(optimizer(network.parameters()), total_steps=10)


def test_a_job_outside_of_the_training_is_told() -> None:
    steering = controller(adamw(model()), total_steps=100_000)
    assert any(text.startswith("steps 100000 (trained for") for text in steering.outside)
    update(*(network := model(), adamw(network)), 0)
    assert "outside" in steering.why()


def test_a_schedule_sets_what_its_table_says() -> None:
    table = descender.Schedule(
        {"learning_rate": [0.4, 0.3, 0.2, 0.1], "b1": [0.9, 0.8, 0.7, 0.6]}, descender.Method.named("adamw")
    )
    network = model()
    optimizer = adamw(network)
    steering = Schedule(optimizer, table)
    seen = []
    for step in range(5):
        seen.append((optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["betas"][0]))
        update(network, optimizer, step)
        steering.step()
    np.testing.assert_allclose(seen, [(0.4, 0.9), (0.3, 0.8), (0.2, 0.7), (0.1, 0.6), (0.1, 0.6)], rtol=1e-6)
    assert optimizer.param_groups[0]["betas"][1] == pytest.approx(0.999)
    again = Schedule(adamw(model()), table)
    again.load_state_dict(steering.state_dict())
    assert again.steps == 5
    with pytest.raises(ValueError, match="cannot be read"):
        again.load_state_dict({})


def test_a_schedule_of_a_file_is_stretched(tmp_path: object) -> None:
    file = f"{tmp_path}/table.csv"
    descender.Schedule({"learning_rate": [0.4, 0.3, 0.2, 0.1]}).to_csv(file)
    network = model()
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    steering = Schedule(optimizer, file, total_steps=8)
    rates = [optimizer.param_groups[0]["lr"]]
    for step in range(3):
        update(network, optimizer, step)
        steering.step()
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.4, 0.35, 0.3, 0.25], rel=1e-6)


def test_the_optimizer_inside_of_a_wrapper_is_steered() -> None:
    class Wrapper(torch.optim.Optimizer):
        """As Accelerate's: an Optimizer that was never initialised as one."""

        def __init__(self, optimizer: torch.optim.Optimizer) -> None:
            self.optimizer = optimizer

        def step(self, closure: object = None) -> None:
            self.optimizer.step()

    network = model()
    optimizer = adamw(network)
    steering = controller(Wrapper(Wrapper(optimizer)))
    update(network, optimizer, 0)
    steering.step()
    assert steering.optimizer is optimizer
    assert steering.steps == 1
