"""Adam's bias correction while β changes: which updates count, and what stands in the groups meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")

from .trainings import STEPS, adamw, controller, loss_of, model, update  # noqa: E402


class Seen:
    """What the groups have during an update: seen by hooks that come after those of the controller."""

    def __init__(self, optimizer: Any) -> None:
        self.during: dict[str, float] = {}
        optimizer.register_step_pre_hook(self._look)

    def _look(self, optimizer: Any, *_: Any) -> None:
        self.during = values(optimizer)


def values(optimizer: Any) -> dict[str, float]:
    group = optimizer.param_groups[0]
    return {name: float(group[name]) for name in ("lr", "weight_decay", "eps")}


def betas(optimizer: Any) -> tuple[float, float]:
    first, second = map(float, optimizer.param_groups[0]["betas"])
    return first, second


def ratio(made: list[tuple[float, float]], coming: tuple[float, float]) -> float:
    """What PyTorch's η must be multiplied by, after updates with such β, in one with the coming β."""
    every = [*made, coming]
    first, second = (1.0 - math.prod(pair[place] for pair in every) for place in (0, 1))
    plain = [1.0 - math.pow(b, len(every)) for b in coming]
    return plain[0] / first * math.sqrt(second / plain[1])


@pytest.mark.parametrize("told", [True, False])
def test_updates_that_a_fused_optimizer_skips_are_not_counted(told: bool) -> None:
    network = model()
    optimizer = adamw(network, fused=True)
    steering = controller(optimizer)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=10_000)
    seen = Seen(optimizer)
    broken = {0, 1, 5, 30, 31, 60}
    made: list[tuple[float, float]] = []
    unread: list[int] = []
    decided = 0
    for step in range(80):
        loss = loss_of(network, step)
        scaler.scale(loss * (float("inf") if step in broken else 1.0)).backward()
        used, plain = betas(optimizer), values(optimizer)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        wrong = abs(seen.during["lr"] / plain["lr"] / ratio(made, used) - 1.0)
        assert wrong <= len(unread) / (2 * len(made) + 2) + 1e-12, step
        if step in broken:
            unread.append(len(steering.history))
        else:
            made.append(used)
        steering.step(loss if told else None)
        if len(steering.history) != decided:
            decided = len(steering.history)
            # The first flag is read at once, others at the decision after that of their interval.
            unread = [before for before in unread if before > 0 and decided - before < 2]
    state = steering.state_dict()
    updates, first, second = state["correction"]
    assert updates == next(iter(optimizer.state.values()))["step"] == 80 - len(broken)
    assert first == pytest.approx(math.prod(b for b, _ in made), rel=1e-12)
    assert second == pytest.approx(math.prod(a for _, a in made), rel=1e-12)
    assert steering.session.steps == 80 - len(broken)


def test_a_closure_that_fails_leaves_the_plain_values() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer)
    for step in range(10):
        steering.step(update(network, optimizer, step))
    plain, count = values(optimizer), steering.state_dict()["correction"]

    def failing() -> float:
        raise KeyError("no batch")

    for call in (lambda: optimizer.step(failing), lambda: optimizer.step(closure=failing)):
        with pytest.raises(KeyError, match="no batch"):
            call()
        assert values(optimizer) == plain
        assert steering.state_dict()["correction"] == count
    assert steering.steps == 10


def test_a_closure_sees_the_plain_values_and_its_update_is_corrected() -> None:
    ends = []
    for closed in (False, True):
        network = model()
        optimizer = adamw(network)
        steering = controller(optimizer)
        for step in range(20):
            plain = values(optimizer)

            def closure(step: int = step, plain: dict[str, float] = plain, using: Any = (network, optimizer)) -> Any:
                assert values(using[1]) == plain
                using[1].zero_grad()
                loss = loss_of(using[0], step)
                loss.backward()
                return loss

            if closed:
                steering.step(optimizer.step(closure) if step % 2 else optimizer.step(closure=closure))
            else:
                loss = closure()
                optimizer.step()
                steering.step(loss)
        ends.append(network[0].weight)
    assert torch.equal(*ends)


def test_an_update_that_fails_is_put_back_at_the_next_call() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer)
    for step in range(10):
        steering.step(update(network, optimizer, step))
    plain = values(optimizer)
    state = next(iter(optimizer.state.values()))
    momentum = state.pop("exp_avg")
    network[0].weight.grad = torch.ones_like(network[0].weight)
    with pytest.raises(KeyError):
        optimizer.step()
    state["exp_avg"] = momentum
    seen = Seen(optimizer)
    optimizer.step()
    assert values(optimizer) == plain
    assert steering.state_dict()["correction"][0] == 11
    assert 0.5 < seen.during["eps"] / plain["eps"] < 2.0


def _tensors() -> dict[str, Any]:
    return {
        "lr": torch.tensor(0.001, dtype=torch.float64),
        "betas": (torch.tensor(0.9, dtype=torch.float64), torch.tensor(0.999, dtype=torch.float64)),
    }


@pytest.mark.parametrize("make", [torch.optim.AdamW, torch.optim.Adam])
def test_an_eta_that_is_a_tensor_is_corrected_and_stays_the_same_tensor(make: Callable[..., Any]) -> None:
    ends = []
    for settings in ({}, {"lr": torch.tensor(0.001, dtype=torch.float64)}, _tensors()):
        network = model().double()
        optimizer = make(network.parameters(), weight_decay=0.01, foreach=False, **settings)
        steering = controller(optimizer)
        group = optimizer.param_groups[0]
        for step in range(40):
            loss = torch.nn.functional.cross_entropy(network(torch.eye(6, dtype=torch.float64)), torch.arange(6) % 3)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            assert "lr" not in settings or group["lr"] is settings["lr"]
            assert group["lr"] == pytest.approx(steering.get_last_lr()[0], rel=1e-12), step
            steering.step(loss)
        ends.append(network[0].weight.detach())
    torch.testing.assert_close(ends[1], ends[0], rtol=1e-9, atol=0.0)
    torch.testing.assert_close(ends[2], ends[0], rtol=1e-9, atol=0.0)


def test_a_compiled_adamw_is_corrected_and_is_not_compiled_at_each_update() -> None:
    compiled = []

    def backend(graph: Any, inputs: Any) -> Any:
        compiled.append(graph)
        return graph.forward

    ends = []
    for compiles in (False, True):
        network = model().double()
        optimizer = torch.optim.AdamW(network.parameters(), **_tensors())
        steering = controller(optimizer)
        stepped = torch.compile(optimizer.step, backend=backend) if compiles else optimizer.step
        for _ in range(40):
            loss = torch.nn.functional.cross_entropy(network(torch.eye(6, dtype=torch.float64)), torch.arange(6) % 3)
            loss.backward()
            stepped()
            optimizer.zero_grad(set_to_none=False)
            steering.step(loss)
        assert steering.steps == 40
        ends.append(network[0].weight.detach())
    torch.testing.assert_close(ends[1], ends[0], rtol=1e-9, atol=0.0)
    assert 1 <= len(compiled) <= 2


def test_updates_before_the_controller_count() -> None:
    network = model()
    optimizer = adamw(network)
    for step in range(7):
        update(network, optimizer, step)
    made = [betas(optimizer)] * 7
    steering = controller(optimizer)
    seen = Seen(optimizer)
    for step in range(STEPS // 2):
        used, plain = betas(optimizer), values(optimizer)
        loss = update(network, optimizer, step)
        assert seen.during["lr"] / plain["lr"] == pytest.approx(ratio(made, used), rel=1e-9), step
        made.append(used)
        steering.step(loss)


def test_the_count_goes_back_with_the_optimizer() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, snapshots=network)
    for step in range(60):
        if step == 30:
            with torch.no_grad():
                network[2].weight *= -1e4
        steering.step(update(network, optimizer, step))
    assert steering.session.interventions
    assert steering.state_dict()["correction"][0] == next(iter(optimizer.state.values()))["step"] < 60
