"""One descent as a Gymnasium environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium
import numpy as np
import numpy.typing as npt

from ._native import Environment
from .settings import Setting, assignments
from .spaces import action_space, observation_space

Observation = npt.NDArray[np.float32]


class DescentEnv(gymnasium.Env[Observation, Any]):
    """Training a network, step by step, while an agent sets the optimizer's hyper-parameters.

    An episode is one descent: a network is drawn, trained by an optimizer, and at each decision the agent changes the
    hyper-parameters of the coming steps. It *terminates* where nothing of value can follow (the learning rate left its bounds,
    the descent diverged, the goal was reached) and is *truncated* where its steps are used up.

    The observation has the features of the settings (``features`` names them), each in [−10, 10]. The action is the number of
    one of the settings' actions, or numbers in [−1, 1]. ``info`` has ``steps`` (of the descent) and ``learning_rate`` (of the
    next step); at an episode's end also ``end`` (why it ended), ``decisions``, ``score``, ``first_hit``, ``minimum_loss`` and
    ``final_loss``.

    The seed of :meth:`reset` fixes the episode: initial parameters, batches, and for a set of jobs the job. Without a seed,
    the next episode of the last seed follows. ``options={"purpose": "report", "index": 3}`` chooses another stream of episodes
    (``training``, ``selection`` or ``report``: they never share a random number) and the number of the episode in it.

    Args:
        task: A built-in task (``descender list tasks``), a task file, or a set of jobs (``jobs``, or a file of one): then
            each episode is a descent of another job.
        data: The folder of the task's data, where it takes one.
        preset: The settings to begin with (``descender list presets``).
        steps: Steps of an episode; for a task alone.
        settings: Settings laid over the preset, by the names of ``descender list settings`` or the ends of them.
        render_mode: ``"ansi"`` for a line of text.

    Raises:
        ValueError: A task, preset or setting can't be used; the message names it.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi"], "render_fps": 1}

    def __init__(
        self,
        task: str = "mnist-cnn",
        *,
        data: str | os.PathLike[str] | None = None,
        preset: str | None = None,
        steps: int | None = None,
        settings: Mapping[str, Setting] | None = None,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "ansi"):
            raise ValueError(f'render_mode={render_mode!r}: expected "ansi" or None')
        self.render_mode = render_mode
        self._descent = Environment(task, data, preset, steps, assignments(settings))
        self.features: list[str] = self._descent.features
        """The names of the observation's features."""
        self.observation_space = observation_space(self._descent)
        self.action_space = action_space(self._descent)
        self._act = self._descent.act if self._descent.action_count is None else self._descent.choose
        self._seed: int | None = None
        self._purpose = "training"
        self._index = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode."""
        super().reset(seed=seed)
        options = options or {}
        unknown = set(options) - {"purpose", "index"}
        if unknown:
            raise ValueError(f'options {sorted(unknown)}: expected "purpose" and "index" alone')
        if seed is not None:
            self._seed, self._index = seed, 0
        elif self._seed is None:
            self._seed = int(self.np_random.integers(2**63 - 1))
        else:
            self._index += 1
        self._purpose = options.get("purpose", self._purpose)
        self._index = options.get("index", self._index)
        observation = self._descent.reset(self._purpose, self._seed, self._index)
        return observation, self._info()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Takes one decision, and the steps up to the next one."""
        if self._seed is None:
            raise gymnasium.error.ResetNeeded("step: expected a reset before the first step")
        observation, reward, terminated, truncated, steps, learning_rate = self._act(action)
        info: dict[str, Any] = {"steps": steps, "learning_rate": learning_rate}
        if terminated or truncated:
            info.update(self._descent.summary())
        return observation, reward, terminated, truncated, info

    def render(self) -> str | None:
        """The line of text of the mode ``ansi``."""
        if self.render_mode is None:
            return None
        steps, learning_rate = self._descent.progress()
        loss = self._descent.summary()["final_loss"]
        return f"step {steps}: mean of the last losses {loss:.4g}, learning rate {learning_rate:.3g}"

    def evaluate(self, split: str = "validation") -> dict[str, float] | None:
        """Loss and metrics on a part of the data (``training``, ``selection``, ``validation``); None without such a part."""
        return self._descent.evaluate(split)

    def save(self) -> tuple[str, int, int, bytes]:
        """The state of the episode, for :meth:`restore`."""
        return (*self._descent.start(), self._descent.save())

    def restore(self, state: tuple[str, int, int, bytes]) -> Observation:
        """Goes on, with the same bits, from a state that an environment with the same arguments saved."""
        observation = self._descent.restore(*state)
        self._purpose, self._seed, self._index, _ = state
        return observation

    @property
    def configuration(self) -> str:
        """All settings, as TOML text."""
        return self._descent.settings

    def _info(self) -> dict[str, Any]:
        steps, learning_rate = self._descent.progress()
        return {"steps": steps, "learning_rate": learning_rate}
