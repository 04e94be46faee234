"""Trials in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descender.study import Study, Trial
from descender.study.in_torch import OneCycle
from descender.study.one_cycle import one_cycle

from . import trainings

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")


def adamw(**settings: Any) -> Any:
    parameter = torch.nn.Parameter(torch.ones(3))
    return torch.optim.AdamW([parameter], **{"lr": 0.001, **settings})


def update(optimizer: Any) -> None:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = parameter.detach().clone()
    optimizer.step()
    optimizer.zero_grad()


def test_one_cycle_sets_the_learning_rate_alone() -> None:
    optimizer = adamw(betas=(0.8, 0.95), weight_decay=0.3)
    schedule = OneCycle(optimizer, 0.1, 50)
    for _ in range(50):
        update(optimizer)
        schedule.step(torch.tensor(1.0))
    np.testing.assert_allclose(schedule.history, one_cycle(0.1, 50))
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.95)
    assert optimizer.param_groups[0]["weight_decay"] == 0.3
    assert schedule.get_last_lr() == [one_cycle(0.1, 50)[-1]]
    assert schedule.why() == "the schedule of one-cycle, at step 50 of 50"


def test_micro_batches_and_skipped_steps_move_nothing() -> None:
    optimizer = adamw()
    schedule = OneCycle(optimizer, 0.1, 50)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    parameter = optimizer.param_groups[0]["params"][0]
    for loss, made in ((parameter.sum(), 1), (parameter.sum() * float("inf"), 1), (parameter.sum(), 2)):
        for _ in range(3):
            schedule.step(1.0)  # no update was made since the last call
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        schedule.step(1.0)
        assert len(schedule.history) == made


def test_ratios_of_groups_stay_and_tensors_are_filled_in_place() -> None:
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.01},
        {"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.002},
    ]
    optimizer = torch.optim.AdamW(groups)
    schedule = OneCycle(optimizer, 0.1, 20)
    update(optimizer)
    schedule.step()
    assert schedule.get_last_lr() == pytest.approx([one_cycle(0.1, 20)[1], 0.2 * one_cycle(0.1, 20)[1]])
    rate = torch.tensor(0.01)
    optimizer = adamw(lr=rate)
    OneCycle(optimizer, 0.1, 20)
    assert optimizer.param_groups[0]["lr"] is rate
    assert float(rate) == pytest.approx(one_cycle(0.1, 20)[0])


def test_a_state_of_one_cycle_goes_on() -> None:
    optimizer, other = adamw(), adamw()
    schedule, again = OneCycle(optimizer, 0.1, 20), OneCycle(other, 0.1, 20)
    for _ in range(7):
        update(optimizer)
        schedule.step()
    again.load_state_dict(schedule.state_dict())
    assert again.get_last_lr() == schedule.get_last_lr()
    with pytest.raises(ValueError, match="the stored state cannot be read"):
        again.load_state_dict({})


def regression(trial: Trial) -> Any:
    """A linear regression by AdamW, as a user would write it."""
    torch.manual_seed(trial.seed)
    truth = torch.randn(12)
    inputs = torch.randn(400, 12)
    targets = inputs @ truth + torch.randn(400)
    model = torch.nn.Linear(12, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.001)
    controller = trial.controller(optimizer, model=model)
    for _ in range(trial.total_steps):
        batch = torch.randint(0, 100, (10,))
        loss = torch.nn.functional.mse_loss(model(inputs[batch]).squeeze(1), targets[batch])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        controller.step(loss)
    with torch.no_grad():
        return torch.nn.functional.mse_loss(model(inputs[100:]).squeeze(1), targets[100:])


def test_a_study_of_a_model_in_pytorch() -> None:
    pytest.importorskip("descender.torch")
    torch.set_num_threads(1)
    study = Study(60, 60, seed=1, batch_size=10, dataset_size=100, rates=[0.01, 0.03, 0.1])
    verdict = study.optimize(regression)
    assert verdict.use in ("controller", "start", "one-cycle")
    assert sum(row.lost for row in verdict.rows) == 0
    assert study.job.parameters == 13
    assert study.job.layers == 1


def test_what_a_trial_sets_in_pytorch_is_what_its_session_says() -> None:
    pytest.importorskip("descender.torch")
    study = Study(60, 90, seed=3, start="blind", batch_size=10)
    while (trial := study.ask()) is not None and not trial.stage.startswith("round"):
        study.tell(trial, trainings.noisy_quadratic(trial))
    assert trial is not None
    optimizer = adamw(weight_decay=0.01)
    controller = trial.controller(optimizer)
    for step in range(60):
        mu = trial.hyper_parameters(step)
        group = optimizer.param_groups[0]
        assert float(group["lr"]) == pytest.approx(mu.learning_rate, rel=1e-6)
        assert group["betas"] == pytest.approx((mu.b1, mu.a1), rel=1e-6)
        assert group["weight_decay"] == pytest.approx(0.01 * mu.w, rel=1e-6)
        update(optimizer)
        controller.step(torch.tensor(1.0))
