"""Trajectories of Gymnasium's CartPole, Acrobot and Pendulum, for our own of the same dynamics. Writes classic_control.json.

    pip install gymnasium==1.4.0
    python reference/classic_control.py

Each trajectory begins at a state of its own and takes drawn actions until it ends, or for 60 steps: states in 64 bits,
rewards, and whether it terminated.
"""

import json
from pathlib import Path

import gymnasium
import numpy as np

STEPS = 60
STARTS = {
    "CartPole-v1": lambda draw: draw.uniform(-0.05, 0.05, 4),
    "Acrobot-v1": lambda draw: draw.uniform([-3, -3, -6, -9], [3, 3, 6, 9]),
    "Pendulum-v1": lambda draw: draw.uniform([-np.pi, -8], [np.pi, 8]),
}


def trajectory(name, start, draw):
    environment = gymnasium.make(name).unwrapped
    environment.reset(seed=1)
    environment.state = start.copy()
    told = {"start": start.tolist(), "actions": [], "states": [], "rewards": [], "terminated": False}
    while len(told["actions"]) < STEPS and not told["terminated"]:
        discrete = isinstance(environment.action_space, gymnasium.spaces.Discrete)
        # Beyond the torque's limits, too: they are cut.
        action = int(draw.integers(environment.action_space.n)) if discrete else float(draw.uniform(-2.5, 2.5))
        _, reward, terminated, _, _ = environment.step(action if discrete else np.array([action]))
        told["actions"].append(action)
        told["states"].append(np.asarray(environment.state, dtype=np.float64).tolist())
        told["rewards"].append(float(reward))
        told["terminated"] = bool(terminated)
    return told


def main():
    draw = np.random.default_rng(1)
    document = {
        name: [trajectory(name, start(draw), draw) for _ in range(5)] for name, start in STARTS.items()
    }
    document["gymnasium"] = gymnasium.__version__
    Path(__file__).with_suffix(".json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
