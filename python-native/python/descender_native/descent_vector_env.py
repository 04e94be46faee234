"""Many descents side by side as a Gymnasium vector environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from ._native import Environment, Environments
from .descent_env import Observation
from .settings import Setting, assignments
from .spaces import action_space, observation_space

Flags = npt.NDArray[np.bool_]


class DescentVectorEnv(gymnasium.vector.VectorEnv[Observation, Any, Any]):
    """Descents side by side, stepped by threads of Rust while the interpreter is free.

    Episodes, spaces, ``info`` and seeds are those of :class:`~descender_native.descent_env.DescentEnv`: environment number
    ``i`` of a vector that was reset with ``seed=s`` gives bit for bit what a single environment that was reset with ``s + i``
    gives, whatever the number of threads.

    Args:
        num_envs: How many.
        task: As for a single environment, and so the arguments after it.
        data: The folder of the task's data, where it takes one.
        preset: The settings to begin with.
        steps: Steps of an episode.
        settings: Settings laid over the preset.
        threads: Threads that step them; all cores where it is None.
        autoreset_mode: When a new episode begins where one has ended: with the next step (which ignores the action and earns
            nothing), in the same step (the last observation is then ``infos["final_obs"]``), or never
            (``reset(options={"reset_mask": ...})`` does it).
        render_mode: None.

    Raises:
        ValueError: An argument can't be used; the message names it.
    """

    def __init__(
        self,
        num_envs: int = 1,
        task: str = "mnist-cnn",
        *,
        data: str | os.PathLike[str] | None = None,
        preset: str | None = None,
        steps: int | None = None,
        settings: Mapping[str, Setting] | None = None,
        threads: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None:
            raise ValueError(f"render_mode={render_mode!r}: expected None")
        if num_envs < 1:
            raise ValueError(f"num_envs={num_envs}: expected 1 or more")
        self.num_envs = num_envs
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {"autoreset_mode": self.autoreset_mode, "render_modes": []}
        words = assignments(settings)
        one = Environment(task, data, preset, steps, words)
        self.single_observation_space = observation_space(one)
        self.single_action_space = action_space(one)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        threads = threads or os.cpu_count() or 1
        self._descents = Environments(num_envs, threads, task, data, preset, steps, words)
        self._numbers = one.action_count is None
        self._ended: Flags = np.zeros(num_envs, np.bool_)
        self._begun = False
        self._purpose = "training"

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode in each environment, or in those of ``options["reset_mask"]``.

        An ``int`` seeds environment ``i`` with ``seed + i``. An environment without a seed goes on with the next episode of
        its last one.
        """
        options = dict(options or {})
        chosen = self._mask(options.pop("reset_mask", None))
        self._purpose = options.pop("purpose", self._purpose)
        if options:
            raise ValueError(f'options {sorted(options)}: expected "purpose" and "reset_mask" alone')
        super().reset(seed=seed if isinstance(seed, int) else None)
        seeds = self._seeds(seed)
        given = [one if mark else None for one, mark in zip(seeds, chosen, strict=True)]
        self._descents.reset(self._purpose, given)
        following = [one is None and bool(mark) for one, mark in zip(seeds, chosen, strict=True)]
        if any(following):
            self._descents.begin_next(following)
        self._ended = self._ended & ~chosen
        self._begun = True
        return self._descents.observations(), self._infos(chosen)

    def step(
        self, actions: Any
    ) -> tuple[Observation, npt.NDArray[np.float64], Flags, Flags, dict[str, Any]]:
        """Takes one decision in each environment."""
        if not self._begun:
            raise gymnasium.error.ResetNeeded("step: expected a reset before the first step")
        if self.autoreset_mode is AutoresetMode.DISABLED and self._ended.any():
            ended = np.flatnonzero(self._ended).tolist()
            raise gymnasium.error.ResetNeeded(
                f'step: the episodes of environments {ended} have ended; expected a reset with options={{"reset_mask": …}}'
            )
        begin = self._ended if self.autoreset_mode is AutoresetMode.NEXT_STEP else np.zeros(self.num_envs, np.bool_)
        if self._numbers:
            stepped = self._descents.act(np.ascontiguousarray(actions, np.float32), begin)
        else:
            stepped = self._descents.choose(np.ascontiguousarray(actions, np.int64), begin)
        observations, rewards, terminations, truncations = stepped
        ended: Flags = terminations | truncations
        everywhere = np.ones(self.num_envs, np.bool_)
        if self.autoreset_mode is AutoresetMode.SAME_STEP and ended.any():
            last, final = observations, self._infos(ended, ended)
            self._descents.begin_next(ended.tolist())
            observations, infos = self._descents.observations(), self._infos(everywhere)
            final_obs = np.full(self.num_envs, None, object)
            for number in np.flatnonzero(ended):
                final_obs[number] = last[number]
            infos |= {"final_obs": final_obs, "_final_obs": ended, "final_info": final, "_final_info": ended}
            self._ended = np.zeros(self.num_envs, np.bool_)
        else:
            infos = self._infos(everywhere, ended)
            self._ended = ended
        return observations, rewards, terminations, truncations, infos

    def _seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if isinstance(seed, (int, np.integer)):
            return [int(seed) + number for number in range(self.num_envs)]
        if seed is None:
            if self._begun:
                return [None] * self.num_envs
            first = int(self.np_random.integers(2**62))
            return [first + number for number in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f"{len(seed)} seeds: expected {self.num_envs}, one for each environment")
        return list(seed)

    def _mask(self, mask: Any) -> Flags:
        if mask is None:
            return np.ones(self.num_envs, np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise ValueError(f'options["reset_mask"]={mask!r}: expected an array of {self.num_envs} booleans')
        if not self._begun and not mask.all():
            raise ValueError('options["reset_mask"]: expected a reset of all environments first')
        return mask

    def _infos(self, chosen: Flags, ended: Flags | None = None) -> dict[str, Any]:
        """``steps`` and ``learning_rate`` of the chosen environments, and how the episodes that ended went."""
        steps, learning_rates = self._descents.progress()
        infos: dict[str, Any] = {
            "steps": steps,
            "_steps": chosen,
            "learning_rate": learning_rates,
            "_learning_rate": chosen,
        }
        if ended is not None and ended.any():
            for number, summary in enumerate(self._descents.summaries()):
                if ended[number]:
                    infos = self._add_info(infos, summary, number)
        return infos
