"""What a drop-in controller must do in PyTorch: fifteen behaviours, each a complaint of somebody about another tool."""

from __future__ import annotations

import io
import sys
import warnings
import weakref
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")

import descender  # noqa: E402
from descender.torch import Controller, Schedule  # noqa: E402

from . import trainings  # noqa: E402
from .trainings import STEPS, adamw, controller, loss_of, model, update  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*")


def rates_of(steering: Any) -> tuple[float, ...]:
    group = steering.optimizer.param_groups[0]
    return float(group["lr"]), *map(float, group["betas"]), float(group["weight_decay"])


def wanted(mu: descender.HyperParameters) -> tuple[float, ...]:
    return mu.learning_rate, mu.b1, mu.a1, 0.01 * mu.w


# 1


def test_one_unit_is_one_applied_update_and_micro_batches_feed_a_mean() -> None:
    frozen = trainings.reading_losses()
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, frozen)
    session = trainings.session(frozen)
    for step in range(30):
        losses = []
        for part in range(4):
            loss = loss_of(network, 4 * step + part)
            (loss / 4).backward()
            losses.append(loss.detach())
            if part == 3:
                optimizer.step()
                optimizer.zero_grad()
            steering.step(loss)
            assert steering.steps == step + (part == 3)
        session.record(float(sum(losses)) / 4)
        np.testing.assert_allclose(rates_of(steering), wanted(session.hyper_parameters), rtol=1e-5)


# 2


@pytest.mark.parametrize("fused", [False, True])
def test_a_step_that_the_scaler_skips_counts_for_nothing(fused: bool) -> None:
    network = model()
    optimizer = adamw(network, fused=fused)
    steering = controller(optimizer)
    session = trainings.session()
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=10_000)
    broken = {3, 4, 17, 40}
    made = 0
    for step in range(80):
        loss = loss_of(network, step)
        before = network[0].weight.detach().clone()
        scaler.scale(loss * (float("inf") if step in broken else 1.0)).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        moved = not torch.equal(before, network[0].weight)
        assert moved == (step not in broken)
        made += moved
        steering.step(loss)
    # A fused optimizer's flag is on the device: it is read with the losses, and what was counted too much is made up
    # for.
    for _ in range(made):
        session.advance()
    assert steering.session.steps == (made if not fused else pytest.approx(made, abs=0))
    np.testing.assert_allclose(steering.hyper_parameters, session.hyper_parameters, rtol=1e-6)


# 3


class Watched(torch.Tensor):
    """A loss that counts how often the host waits for it."""

    waits = 0

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        name = getattr(function, "__name__", "")
        if name in ("item", "tolist", "__float__", "__bool__", "numpy", "cpu", "nonzero", "__int__"):
            Watched.waits += 1
        return super().__torch_function__(function, types, arguments, named or {})


@pytest.mark.parametrize("reads", [False, True])
def test_the_host_waits_for_the_device_at_decisions_alone(reads: bool) -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, trainings.reading_losses() if reads else "pretrained")
    Watched.waits = 0
    decisions = 0
    for step in range(STEPS):
        loss = update(network, optimizer, step).as_subclass(Watched)
        waits = Watched.waits
        steering.step(loss)
        decided = len(steering.history) > decisions
        decisions = len(steering.history)
        assert Watched.waits - waits <= decided, step
    # pretrained reads a copy that was sent at the decision before.
    assert Watched.waits <= decisions
    assert decisions in (20, 34)


# 4


def _rank(rank: int, world: int, file: str, results: Any) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=world)
    torch.set_num_threads(1)
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, trainings.reading_losses())
    rates = []
    for step in range(40):
        loss = loss_of(network, 2 * step + rank)  # other data on each rank
        loss.backward()
        for parameter in network.parameters():
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad /= world
        optimizer.step()
        optimizer.zero_grad()
        steering.step(loss)
        rates.append(steering.get_last_lr()[0])
    results.put((rank, rates))
    torch.distributed.destroy_process_group()


def test_all_ranks_agree(tmp_path: Any) -> None:
    context = torch.multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_rank, args=(rank, 2, str(tmp_path / "ranks"), results)) for rank in range(2)]
    for worker in workers:
        worker.start()
    found = dict(results.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join(timeout=60)
    assert found[0] == found[1]
    assert len(set(found[0])) > 20


# 5


def test_hyper_parameters_that_are_tensors_are_filled_in_place() -> None:
    network = model()
    rate, first, second = torch.tensor(0.001), torch.tensor(0.9), torch.tensor(0.999)
    optimizer = adamw(network, lr=rate, betas=(first, second), capturable=False, foreach=False)
    steering = controller(optimizer)
    for step in range(10):
        update(network, optimizer, step)
        steering.step()
    group = optimizer.param_groups[0]
    assert group["lr"] is rate
    assert group["betas"][0] is first
    assert group["betas"][1] is second
    np.testing.assert_allclose(rates_of(steering), wanted(steering.hyper_parameters), rtol=1e-5)


def test_a_compiled_step_is_not_compiled_again() -> None:
    network = model()
    optimizer = torch.optim.SGD(network.parameters(), lr=torch.tensor(0.1))
    steering = controller(optimizer, any_optimizer=True)
    compiled = []

    def backend(graph: Any, inputs: Any) -> Any:
        compiled.append(graph)
        return graph.forward

    @torch.compile(backend=backend)
    def stepped() -> None:
        optimizer.step()

    rates = set()
    for step in range(40):
        loss = loss_of(network, step)
        loss.backward()
        stepped()
        optimizer.zero_grad(set_to_none=False)
        steering.step(loss)
        rates.add(steering.get_last_lr()[0])
    assert steering.steps == 40
    assert len(rates) > 30
    assert 1 <= len(compiled) <= 2


# 6


def test_only_what_is_controlled_is_touched() -> None:
    network = model()
    optimizer = adamw(network, amsgrad=True, eps=1e-7)
    optimizer.param_groups[0]["name"] = "mine"
    before = {key: value for key, value in optimizer.param_groups[0].items() if key != "params"}
    steering = controller(optimizer)
    for step in range(10):
        update(network, optimizer, step)
        steering.step()
    after = optimizer.param_groups[0]
    changed = {key for key, value in before.items() if after[key] != value}
    assert changed == {"lr", "betas", "weight_decay"}


# 7


def test_ratios_between_groups_stay_and_later_groups_join() -> None:
    network = model()
    late = torch.nn.Parameter(torch.ones(2))
    unused = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW(
        [
            {"params": [network[0].weight], "lr": 0.01, "weight_decay": 0.1},
            {"params": [network[2].weight, unused], "lr": 0.002, "weight_decay": 0.02},
            {"params": [network[0].bias, network[2].bias], "lr": 0.0, "weight_decay": 0.0},
        ]
    )
    steering = controller(optimizer)
    for step in range(40):
        if step == 20:
            optimizer.add_param_group({"params": [late], "lr": 0.005, "weight_decay": 0.05})
        update(network, optimizer, step)  # `unused` and `late` never get a gradient
        steering.step()
    rates = [group["lr"] for group in optimizer.param_groups]
    np.testing.assert_allclose(np.array(rates) / rates[0], [1.0, 0.2, 0.0, 0.5], rtol=1e-6)
    decays = [group["weight_decay"] for group in optimizer.param_groups]
    np.testing.assert_allclose(np.array(decays) / decays[0], [1.0, 0.2, 0.0, 0.5], rtol=1e-6)
    assert len({group["betas"] for group in optimizer.param_groups}) == 1
    assert steering.get_last_lr() == pytest.approx(rates)


def test_sparse_gradients_are_refused() -> None:
    embedding = torch.nn.Embedding(5, 3, sparse=True)
    optimizer = torch.optim.SGD(embedding.parameters(), lr=0.1)
    steering = controller(optimizer, any_optimizer=True)
    embedding(torch.tensor([1, 2])).sum().backward()
    optimizer.step()
    with pytest.raises(ValueError, match="a gradient is sparse"):
        steering.step(1.0)


# 8


@pytest.mark.parametrize("reads", [False, True])
def test_a_state_of_plain_numbers_continues_exactly(reads: bool) -> None:
    which = trainings.reading_losses() if reads else "pretrained"
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, which)
    file = io.BytesIO()
    rates = []
    for step in range(STEPS):
        if step == 37:
            state = {
                "model": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "controller": steering.state_dict(),
            }
            torch.save(state, file)
        loss = update(network, optimizer, step)
        steering.step(loss)
        rates.append(rates_of(steering))
    file.seek(0)
    state = torch.load(file, weights_only=True)
    other = model(seed=5)
    again = adamw(other)
    resumed = controller(again, which)
    other.load_state_dict(state["model"])
    again.load_state_dict(state["optimizer"])
    restored = rates_of(resumed)
    resumed.load_state_dict(state["controller"])
    # What the optimizer has restored is what the controller sets.
    assert rates_of(resumed) == restored
    assert rates_of(resumed) == rates[36]
    for step in range(37, STEPS):
        loss = update(other, again, step)
        resumed.step(loss)
        assert rates_of(resumed) == rates[step], step
    assert resumed.history == steering.history


@pytest.mark.parametrize("what", ["controller", "schedule"])
@pytest.mark.parametrize("late", [False, True])
def test_the_order_of_restoring_does_not_matter(what: str, late: bool) -> None:
    def made(optimizer: Any) -> Any:
        table = descender.Schedule.of(descender.Controller.load("pretrained"), descender.Job(steps=STEPS))
        return controller(optimizer) if what == "controller" else Schedule(optimizer, table)

    network = model()
    optimizer = adamw(network)
    steering = made(optimizer)
    for step in range(38):
        steering.step(update(network, optimizer, step))
    kept = optimizer.state_dict()
    again = adamw(model())
    if late:
        resumed = made(again)
    again.load_state_dict(kept)
    if not late:
        resumed = made(again)
    resumed.load_state_dict(steering.state_dict())
    assert rates_of(resumed) == rates_of(steering)
    assert resumed.get_last_lr() == steering.get_last_lr()


def test_a_state_of_something_else_is_refused() -> None:
    steering = controller(adamw(model()))
    other = controller(adamw(model()), trainings.reading_losses())
    with pytest.raises(descender.StateError, match="observation"):
        steering.load_state_dict(other.state_dict())
    with pytest.raises(descender.StateError, match="cannot be read"):
        steering.load_state_dict({})


# 9


def test_any_order_of_calls() -> None:
    rates = []
    for first in (False, True):
        network = model()
        optimizer = adamw(network)
        steering = controller(optimizer)
        for step in range(30):
            loss = loss_of(network, step)
            if first:
                steering.step(loss)  # before the update: counts at the next call
            loss.backward()
            optimizer.step()
            if not first:
                steering.step(loss)
            optimizer.zero_grad()
        rates.append(steering.steps)
    assert rates == [30, 29]


def test_a_second_call_in_one_update_is_no_step_and_warns_once() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, trainings.reading_losses())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(20):
            loss = update(network, optimizer, step)
            steering.step(loss)
            steering.step(loss)
    assert steering.steps == 20
    assert [str(each.message) for each in caught if "twice" in str(each.message)] == [
        "step() was called twice with the same loss and without an update between: the second is no step"
    ]


def test_a_loss_may_be_of_any_kind() -> None:
    frozen = trainings.reading_losses()
    session = trainings.session(frozen)
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, frozen)
    kinds = (float, torch.Tensor.double, torch.Tensor.bfloat16, lambda loss: loss.reshape(1), lambda loss: loss)
    for step in range(40):
        loss = kinds[step % 5](update(network, optimizer, step))
        steering.step(loss)
        session.record(float(loss))
        assert steering.get_last_lr() == [session.hyper_parameters.learning_rate]


def test_a_loss_is_let_go_with_all_that_hangs_on_it() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer)
    for step in range(5):
        loss = loss_of(network, step)
        loss.backward()
        optimizer.step()
        steering.step(loss)
        told = weakref.ref(loss)
        del loss
        assert told() is None


# 10


def test_effective_values_can_be_read() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, num_classes=3)
    assert steering.why() == "no decision was made in this session yet"
    for step in range(STEPS):
        assert steering.get_last_lr() == [optimizer.param_groups[0]["lr"]]
        update(network, optimizer, step)
        steering.step()
    steps = [entry.step for entry in steering.history]
    assert steps == list(range(1, STEPS + 1, 3))
    assert all(entry.learning_rate > 0.0 for entry in steering.history)
    assert steering.why().startswith("step")
    assert "η" in steering.why()


@pytest.mark.parametrize("which", ["pretrained", "losses", "without an end"])
def test_what_is_asked_between_two_decisions_is_up_to_date(which: str) -> None:
    frozen = trainings.reading_losses() if which == "losses" else "pretrained"
    session = trainings.session(frozen, steps=1000 if which == "without an end" else STEPS)
    network = model()
    optimizer = adamw(network)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        steering = controller(
            optimizer, frozen, total_steps=None if which == "without an end" else STEPS, dataset_size=800
        )
    for step in range(40):
        loss = update(network, optimizer, step)
        steering.step(loss)
        session.record(float(loss))
        assert steering.steps == step + 1
        assert steering.get_last_lr() == [session.hyper_parameters.learning_rate]
        if step % 3 == 0:
            assert steering.session.steps == step + 1
            assert steering.hyper_parameters == session.hyper_parameters


def test_an_update_between_two_decisions_takes_few_calls() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, total_steps=2000)
    counts = []
    for step in range(60):
        loss = loss_of(network, step)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        calls: list[str] = []
        sys.setprofile(
            lambda frame, event, _, calls=calls: calls.append(frame.f_code.co_name) if event == "call" else None
        )
        try:
            steering.step(loss)
        finally:
            sys.setprofile(None)
        counts.append(len(calls))
    assert max(counts[1:50]) <= 6
    assert len(steering.history) == 2


# 11


def test_there_is_no_switch_for_evaluation() -> None:
    steering = controller(adamw(model()))
    assert not hasattr(steering, "train")
    assert not hasattr(steering, "eval")


# 12


def test_closures_pass_and_lbfgs_is_refused() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer)
    for step in range(5):

        def closure(step: int = step) -> torch.Tensor:
            optimizer.zero_grad()
            loss = loss_of(network, step)
            loss.backward()
            return loss

        steering.step(optimizer.step(closure))
    assert steering.steps == 5
    for refused in (torch.optim.LBFGS(network.parameters()), torch.optim.SparseAdam(network.parameters())):
        with pytest.raises(ValueError, match="cannot be steered"):
            Controller(refused, total_steps=10)
    with pytest.raises(ValueError, match="is a Linear: expected an optimizer"):
        Controller(torch.nn.Linear(1, 1), total_steps=10)


# 13


def test_a_broken_training_goes_back_only_where_snapshots_are_asked_for() -> None:
    class Noted(torch.nn.Module):
        """A model with a buffer, which is restored with the weights."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = model()
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return self.inner(inputs)

    for asked in (False, True):
        network = Noted()
        optimizer = adamw(network)
        steering = controller(optimizer, snapshots=network if asked else None)
        assert steering.session.is_guarded == asked
        for step in range(60):
            if step == 30:
                with torch.no_grad():
                    network.inner[2].weight *= -1e4
            loss = update(network, optimizer, step)
            steering.step(loss)
        assert len(steering.session.interventions) >= asked
        healthy = bool(network.inner[2].weight.abs().max() < 100.0)
        assert healthy == asked
        assert (float(network.calls) < 60) == asked


# 14


def test_the_horizon_is_wanted_and_without_it_a_weaker_mode_is_stated() -> None:
    network = model()
    optimizer = adamw(network)
    with pytest.warns(UserWarning, match=r"total_steps is not given: .* stay from step 250 on as in a job of 1000"):
        steering = Controller(optimizer, batch_size=8, dataset_size=800)
    rates = []
    for step in range(300):
        update(network, optimizer, step)
        steering.step()
        rates.append(steering.get_last_lr()[0])
    assert len(set(rates[:240])) > 200
    assert len(set(rates[250:])) == 1


def test_more_updates_than_stated_are_warned_of_once() -> None:
    network = model()
    optimizer = adamw(network)
    steering = controller(optimizer, total_steps=20)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(30):
            update(network, optimizer, step)
            steering.step()
    assert ["total_steps = 20 are over" in str(each.message) for each in caught] == [True]


# 15


def test_caps() -> None:
    network = model()
    optimizer = adamw(network)
    free, capped = controller(adamw(model())), controller(optimizer, max_lr=0.004, min_lr=0.001, max_change=1.25)
    rates = []
    for step in range(STEPS):
        update(network, optimizer, step)
        capped.step()
        rates.append(capped.get_last_lr()[0])
        free.session.advance()
    assert max(rates) <= 0.004
    assert min(rates) >= 0.001
    decided = [entry.learning_rate for entry in capped.history]
    changes = np.array(decided[1:]) / np.array(decided[:-1])
    # Between two decisions η follows the base schedule, within the same factor.
    assert changes.max() <= 1.25**2 + 1e-9
    assert changes.min() >= 1 / 1.25**2 - 1e-9
    for arguments, words in (
        ({"max_lr": 0.0}, "max_lr = 0.0: expected a number above 0"),
        ({"min_lr": 0.1, "max_lr": 0.01}, "min_lr = 0.1: expected at most max_lr"),
        ({"max_change": 1.0}, "max_change = 1.0: expected a factor above 1"),
    ):
        with pytest.raises(ValueError, match=words):
            controller(adamw(model()), **arguments)


def test_it_is_no_scheduler_that_accelerate_would_prepare() -> None:
    steering = controller(adamw(model()))
    assert not isinstance(steering, torch.optim.lr_scheduler.LRScheduler)
    assert not isinstance(steering, torch.optim.Optimizer)
    assert not isinstance(steering, torch.nn.Module)
