"""What all integrations share: names of arguments, and continuation over a restored optimizer."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")

import descender  # noqa: E402
from descender.integrations.building import build, checked, examples  # noqa: E402


def adamw(**settings: Any) -> torch.optim.AdamW:
    return torch.optim.AdamW([torch.nn.Parameter(torch.ones(3, 2))], **settings)


def test_an_unknown_argument_is_named_with_the_nearest() -> None:
    with pytest.raises(descender.SettingsError, match=r'no argument "num_class" .*nearest: "num_classes"'):
        checked({"num_class": 3})
    with pytest.raises(descender.SettingsError, match='no argument "optimizer"'):
        checked({"optimizer": 3})
    assert checked({"max_lr": 0.1}) == {"max_lr": 0.1}


def test_what_the_user_says_goes_before_what_is_seen_and_unknown_things_stay_unknown() -> None:
    seen = {"total_steps": 100, "batch_size": 8, "dataset_size": None}
    steering = build(adamw(), "pretrained", seen, {"batch_size": 16})
    assert (steering.job.steps, steering.job.batch_size, steering.job.examples) == (100, 16, None)


@pytest.mark.parametrize("tensors", [False, True])
def test_a_continued_controller_leaves_what_the_optimizer_was_restored_with(tensors: bool) -> None:
    settings: dict[str, Any] = {}
    if tensors:
        settings = {"lr": torch.tensor(0.001), "betas": (torch.tensor(0.9), torch.tensor(0.999)), "foreach": False}
    first, second = adamw(**settings), adamw(**settings)
    steering = build(first, "pretrained", {"total_steps": 60}, {})
    for optimizer in (first,):
        for _ in range(20):
            optimizer.param_groups[0]["params"][0].grad = torch.ones(3, 2)
            optimizer.step()
            steering.step()
    second.load_state_dict(first.state_dict())
    again = build(second, "pretrained", {"total_steps": 60}, {}, steering.state_dict())
    there, here = first.param_groups[0], second.param_groups[0]
    for name in ("lr", "weight_decay"):
        assert float(here[name]) == float(there[name])
    assert list(map(float, here["betas"])) == list(map(float, there["betas"]))
    assert again.steps == 20
    assert again.history == steering.history


def test_a_data_set_without_a_length_has_an_unknown_number_of_examples() -> None:
    assert examples([1, 2]) == 2
    assert examples(iter([1])) is None
    assert examples(None) is None
