"""Many descents side by side: the same bits as one by one, the three modes of beginning anew, and errors."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from conftest import JOBS, SMALL
from descender_native import DescentEnv, DescentVectorEnv


def actions_of(envs: DescentVectorEnv | DescentEnv, round_: int, number: int) -> Any:
    """An action that depends on round and environment."""
    space = getattr(envs, "single_action_space", envs.action_space)
    if isinstance(space, gymnasium.spaces.Discrete):
        return (round_ * 7 + number) % int(space.n)
    return np.full(space.shape, ((round_ + number) % 5 - 2) / 4, np.float32)


def rounds(threads: int, arguments: dict[str, Any], count: int = 3, mode: str = "NextStep") -> list[Any]:
    envs = DescentVectorEnv(count, **arguments, threads=threads, autoreset_mode=mode)
    said = [envs.reset(seed=9)[0].tolist()]
    for round_ in range(12):
        actions = np.stack([actions_of(envs, round_, number) for number in range(count)])
        observations, rewards, terminations, truncations, infos = envs.step(actions)
        said.append((observations.tolist(), rewards.tolist(), terminations.tolist(), truncations.tolist()))
        said.append(infos["steps"].tolist())
    return said


def test_one_and_two_threads_give_the_same_bits(arguments: dict[str, Any]) -> None:
    assert rounds(1, arguments) == rounds(2, arguments)


def test_each_is_the_single_environment_of_its_seed(arguments: dict[str, Any]) -> None:
    envs = DescentVectorEnv(3, **arguments)
    ones = [DescentEnv(**arguments) for _ in range(3)]
    observations, infos = envs.reset(seed=20)
    for number, one in enumerate(ones):
        observation, info = one.reset(seed=20 + number)
        assert observations[number].tolist() == observation.tolist()
        assert infos["steps"][number] == info["steps"]
    ended = [False] * 3
    for round_ in range(12):
        actions = np.stack([actions_of(envs, round_, number) for number in range(3)])
        observations, rewards, terminations, truncations, infos = envs.step(actions)
        for number, one in enumerate(ones):
            if ended[number]:
                observation, info = one.reset()
                reward, terminated, truncated = 0.0, False, False
            else:
                observation, reward, terminated, truncated, info = one.step(actions_of(one, round_, number))
            assert observations[number].tolist() == observation.tolist()
            assert (rewards[number], terminations[number], truncations[number]) == (reward, terminated, truncated)
            for key, value in info.items():
                assert infos["_" + key][number]
                assert infos[key][number] == (pytest.approx(value) if isinstance(value, float) else value), key
            ended[number] = terminated or truncated


def test_same_step_begins_anew_at_once_and_keeps_the_last_observation() -> None:
    next_step = DescentVectorEnv(2, **SMALL)
    same_step = gymnasium.make_vec(
        "descender/Descent-v0",
        num_envs=2,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
        **SMALL,
    )
    assert same_step.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    next_step.reset(seed=3)
    same_step.reset(seed=3)
    middle = np.ones(2, np.int64)
    for _ in range(4):
        expected = next_step.step(middle)
        got = same_step.step(middle)
    assert expected[3].all()
    assert got[3].all()
    for number in range(2):
        assert got[4]["final_obs"][number].tolist() == expected[0][number].tolist()
    assert got[4]["final_info"]["end"].tolist() == ["time", "time"]
    begun = next_step.step(middle)
    assert got[0].tolist() == begun[0].tolist()
    assert not begun[3].any()
    assert begun[1].tolist() == [0.0, 0.0]


def test_disabled_waits_for_a_masked_reset() -> None:
    envs = DescentVectorEnv(2, **SMALL, autoreset_mode=AutoresetMode.DISABLED)
    envs.reset(seed=3)
    middle = np.ones(2, np.int64)
    for _ in range(4):
        envs.step(middle)
    with pytest.raises(gymnasium.error.ResetNeeded, match="reset_mask"):
        envs.step(middle)
    before = envs.reset(options={"reset_mask": np.array([True, False])})[0]
    after, *_ = envs.reset(options={"reset_mask": np.array([False, True])})
    assert before[0].tolist() == after[0].tolist()
    assert before[1].tolist() != after[1].tolist()
    *_, truncations, _ = envs.step(middle)
    assert not truncations.any()


def test_jobs_end_at_their_own_times() -> None:
    envs = DescentVectorEnv(4, **JOBS)
    envs.reset(seed=1)
    ends = np.zeros(4, int)
    for _ in range(60):
        *_, terminations, truncations, infos = envs.step(envs.action_space.sample())
        ends += terminations | truncations
        if (terminations | truncations).any():
            assert (infos["_end"] == (terminations | truncations)).all()
    assert (ends >= 1).all()


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="num_envs=0"):
        DescentVectorEnv(0, **SMALL)
    with pytest.raises(ValueError, match="mnist-small"):
        DescentVectorEnv(2, "mnist-smal")
    envs = DescentVectorEnv(2, **SMALL)
    with pytest.raises(gymnasium.error.ResetNeeded):
        envs.step(np.ones(2, np.int64))
    with pytest.raises(ValueError, match="3 seeds"):
        envs.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="reset of all"):
        envs.reset(options={"reset_mask": np.array([True, False])})
    envs.reset(seed=[1, None])
    with pytest.raises(ValueError, match="action Discrete\\(5\\) of environment 1"):
        envs.step(np.array([1, 5]))
    with pytest.raises(ValueError, match="3 actions: expected 2"):
        envs.step(np.ones(3, np.int64))
    with pytest.raises(ValueError, match="reset_mask"):
        envs.reset(options={"reset_mask": [True, False]})
