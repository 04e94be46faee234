"""One descent as an environment: Gymnasium's contract, seeds, ends, states and errors."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from conftest import JOBS, SMALL
from gymnasium.utils.env_checker import check_env

from descender_native import DescentEnv


def episode(env: gymnasium.Env[Any, Any], action: Any = None) -> list[tuple[Any, ...]]:
    """All that an episode says under one action, or the middle one, up to its end."""
    said: list[tuple[Any, ...]] = []
    space = env.action_space
    if action is None:
        action = 2 if isinstance(space, gymnasium.spaces.Discrete) else np.zeros(space.shape, np.float32)
    while not said or not (said[-1][2] or said[-1][3]):
        observation, reward, terminated, truncated, info = env.step(action)
        said.append((observation.tolist(), reward, terminated, truncated, info))
    return said


def test_gymnasium_s_checker_has_no_warning(arguments: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make("descender/Descent-v0", **arguments)
        check_env(env.unwrapped)


def test_the_spaces_are_those_of_the_settings(env: gymnasium.Env[Any, Any]) -> None:
    assert env.action_space == gymnasium.spaces.Discrete(5)
    box = env.observation_space
    assert isinstance(box, gymnasium.spaces.Box)
    assert (box.low == -10).all()
    assert (box.high == 10).all()
    assert box.shape == (len(env.unwrapped.features),)
    numbers = DescentEnv(**JOBS).action_space
    assert isinstance(numbers, gymnasium.spaces.Box)
    assert (numbers.low == -1).all()
    assert (numbers.high == 1).all()


def test_an_episode_is_truncated_at_its_steps_and_says_how_it_went(env: gymnasium.Env[Any, Any]) -> None:
    _, info = env.reset(seed=1)
    assert info["steps"] == 1
    said = episode(env)
    assert len(said) == 4
    *_, terminated, truncated, info = said[-1]
    assert (terminated, truncated) == (False, True)
    assert info["end"] == "time"
    assert info["steps"] == 40
    assert info["decisions"] == 4
    assert np.isclose(info["score"], sum(one[1] for one in said), atol=1e-5)
    assert 0 < info["minimum_loss"] <= info["final_loss"]


def test_leaving_the_bounds_terminates_where_the_settings_say_so() -> None:
    settings = {"bounds_mode": "end", "bounds.upper": 0.11, "initial_learning_rate": 0.1}
    env = DescentEnv("mnist-small", preset="paper-random", steps=40, settings=settings)
    env.reset(seed=1)
    for _ in range(2):  # 0.1 / 0.9 is above the bound
        *_, terminated, truncated, info = env.step(2)
        if terminated or truncated:
            break
    assert (terminated, truncated) == (True, False)
    assert info["end"] == "bounds"


def test_the_seed_fixes_the_episodes_and_each_is_another(arguments: dict[str, Any]) -> None:
    told = []
    for _ in range(2):
        env = DescentEnv(**arguments)
        first = env.reset(seed=5)[0].tolist()
        said = episode(env)
        second = env.reset()[0].tolist()
        told.append((first, said, second, episode(env)))
    assert told[0] == told[1]
    assert told[0][1] != told[0][3]
    assert env.reset(seed=6)[0].tolist() != told[0][0] or episode(env) != told[0][1]


def test_an_episode_of_a_purpose_and_number_is_the_same_wherever_it_stands() -> None:
    env = DescentEnv(**SMALL)
    options = {"purpose": "report", "index": 3}
    env.reset(seed=2)
    episode(env)
    env.reset(seed=2, options=options)
    reported = episode(env)
    other = DescentEnv(**SMALL)
    other.reset(seed=2, options=options)
    assert episode(other) == reported
    other.reset(seed=2, options={"purpose": "training", "index": 3})
    assert episode(other) != reported


def test_without_a_seed_the_episodes_differ() -> None:
    said = []
    for _ in range(2):
        env = DescentEnv(**SMALL)
        env.reset()
        said.append(episode(env))
    assert said[0] != said[1]


def test_jobs_of_a_set_have_their_own_lengths() -> None:
    env = DescentEnv(**JOBS)
    env.reset(seed=1)
    lengths = set()
    for _ in range(5):
        lengths.add(episode(env)[-1][-1]["steps"])
        env.reset()
    assert len(lengths) > 1


def test_a_state_goes_on_with_the_same_bits_elsewhere(arguments: dict[str, Any]) -> None:
    env = DescentEnv(**arguments)
    env.reset(seed=4)
    action = 0 if env.action_space == gymnasium.spaces.Discrete(5) else np.full(env.action_space.shape, 0.5, np.float32)
    env.step(action)
    state = env.save()
    expected = episode(env)
    other = DescentEnv(**arguments)
    other.restore(state)
    assert episode(other) == expected
    env.restore(state)
    assert episode(env) == expected


def test_the_network_is_evaluated_on_each_part_of_the_data(env: gymnasium.Env[Any, Any]) -> None:
    env.reset(seed=1)
    before = env.unwrapped.evaluate("validation")
    episode(env)
    after = env.unwrapped.evaluate("validation")
    assert after["loss"] < before["loss"]
    assert 0 <= after["accuracy"] <= 1
    assert env.unwrapped.evaluate("training")["loss"] != after["loss"]


def test_two_threads_step_at_once() -> None:
    """The interpreter is free during a step: a thread counts on while another is in one long step."""
    settings = {"control.interval": 1_000_000}
    env = DescentEnv("mnist-small", preset="dqn", steps=20_000, settings=settings)
    env.reset(seed=1)
    stepping = threading.Thread(target=env.step, args=(1,))
    stepping.start()
    counted = 0
    while stepping.is_alive():
        counted += 1
    stepping.join()
    # One switch of the interpreter's would let it count in one slice; a step that held it would let it count not at all.
    assert counted > 1000


def test_the_text_of_a_step_names_step_loss_and_rate() -> None:
    env = DescentEnv(**SMALL, render_mode="ansi")
    env.reset(seed=1)
    env.step(1)
    line = env.render()
    assert line is not None
    assert line.startswith("step 11:")


def test_settings_reach_the_environment() -> None:
    env = DescentEnv("mnist-small", preset="dqn", steps=40, settings={"reward.name": "final-loss", "interval": 5})
    assert 'name = "final-loss"' in env.configuration
    env.reset(seed=1)
    assert len(episode(env)) == 8


def test_a_task_file_is_a_task(tmp_path: Path) -> None:
    rows = "\n".join(f"{x},{'a' if x % 3 else 'b'}" for x in range(200))
    (tmp_path / "rows.csv").write_text("x,kind\n" + rows + "\n")
    task = tmp_path / "rows.toml"
    task.write_text('[data]\npath = "rows.csv"\ntarget = "kind"\n\n[network]\nlayers = ["linear 8", "relu", "linear"]\n')
    env = DescentEnv(str(task), steps=20)
    env.reset(seed=1)
    assert episode(env)[-1][-1]["steps"] == 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"task": "mnist-cmn"}, "mnist-cnn"),
        ({"preset": "quik"}, "quick"),
        ({"settings": {"intervall": 3}}, "interval"),
        ({"settings": {"interval": 0}}, "interval"),
        ({"steps": 1}, "steps"),
        ({"task": "nowhere.toml"}, "nowhere.toml"),
        ({"render_mode": "human"}, "ansi"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        DescentEnv(**arguments)


def test_wrong_actions_purposes_and_parts_are_named(env: gymnasium.Env[Any, Any]) -> None:
    plain = env.unwrapped
    with pytest.raises(gymnasium.error.ResetNeeded, match="expected a reset"):
        plain.step(1)
    plain.reset(seed=1)
    with pytest.raises(ValueError, match="expected a number from 0 to 4"):
        plain.step(5)
    with pytest.raises(ValueError, match="training"):
        plain.reset(options={"purpose": "holiday"})
    with pytest.raises(ValueError, match="colour"):
        plain.reset(options={"colour": "red"})
    with pytest.raises(ValueError, match="validation"):
        plain.evaluate("test")
    numbers = DescentEnv(**JOBS)
    numbers.reset(seed=1)
    with pytest.raises(ValueError, match="numbers, each from -1 to 1"):
        numbers.step(np.full(numbers.action_space.shape, 2, np.float32))
    with pytest.raises(ValueError, match="state|bytes"):
        plain.restore(("training", 1, 0, b"nothing"))
