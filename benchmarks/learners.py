"""Updates a second of the learners of DQN, PPO and SAC beside those of Stable-Baselines3. Writes results/learners.json.

    cargo build --release -p descender-agent --example learner_rates
    pip install stable-baselines3
    python benchmarks/learners.py

The same networks and batches on both sides, the defaults of Stable-Baselines3 (DQN 2 × 64 units and 32 transitions, PPO 2 × 64
and 64, SAC 2 × 256 and 256); observations of 4 numbers, one thread. An update is one step of every optimizer of the agent; steps of
the environment are not counted.
"""

import json
import subprocess
import time

import gymnasium
import measure
import numpy as np
import torch
from stable_baselines3 import DQN, PPO, SAC
from stable_baselines3.common.logger import configure


class Waves(gymnasium.Env):
    """An environment whose numbers are waves."""

    def __init__(self, action_space):
        self.action_space = action_space
        self.observation_space = gymnasium.spaces.Box(-1, 1, (4,), np.float32)
        self.round = 0

    def _seen(self):
        return np.sin(self.round * 0.7 + np.arange(4)).astype(np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._seen(), {}

    def step(self, action):
        self.round += 1
        return self._seen(), float(self._seen()[0]), self.round % 200 == 0, False, {}


def agents():
    """The agents with full memories, each with what makes its updates and how many these are."""
    discrete, continuous = gymnasium.spaces.Discrete(2), gymnasium.spaces.Box(-1, 1, (1,), np.float32)
    quiet = configure(None, [])
    dqn = DQN("MlpPolicy", Waves(discrete), learning_starts=1000, buffer_size=10_000, device="cpu")
    sac = SAC("MlpPolicy", Waves(continuous), learning_starts=1000, buffer_size=10_000, device="cpu")
    ppo = PPO("MlpPolicy", Waves(discrete), device="cpu")
    for agent, steps in ((dqn, 1000), (sac, 1000), (ppo, 2048)):
        agent.set_logger(quiet)
        agent.learn(steps)
        agent.set_logger(quiet)
    return {
        "dqn": (lambda: dqn.train(gradient_steps=50, batch_size=dqn.batch_size), 50),
        "ppo": (ppo.train, 10 * 2048 // 64),
        "sac": (lambda: sac.train(gradient_steps=20, batch_size=sac.batch_size), 20),
    }


def main():
    options = measure.arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    program = measure.program(options.target / "examples/learner_rates")

    def ours():
        said = subprocess.run([program, str(options.seconds)], capture_output=True, text=True, check=True).stdout
        return {f"descender, {name}": rate for name, rate in json.loads(said).items()}

    def theirs(train, updates):
        times, begin = [], time.perf_counter()
        while not times or time.perf_counter() - begin < options.seconds:
            start = time.thread_time()
            train()
            times.append(time.thread_time() - start)
        return updates / sorted(times)[len(times) // 2]

    contestants = {"descender": ours}
    ratios = {}
    for name, (train, updates) in agents().items():
        contestants[f"stable-baselines3, {name}"] = lambda train=train, updates=updates: theirs(train, updates)
        ratios[name] = (f"descender, {name}", f"stable-baselines3, {name}")
    measure.run(
        "learners",
        options,
        contestants,
        ratios,
        ["stable-baselines3", "gymnasium", "torch", "numpy"],
        unit="updates per second",
        setting={"dqn": "2 x 64, batch 32", "ppo": "2 x 64, batch 64", "sac": "2 x 256, batch 256"},
    )


if __name__ == "__main__":
    main()
