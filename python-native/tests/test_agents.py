"""Agents of other people's libraries train on the environments unchanged."""

from __future__ import annotations

import warnings
from typing import Any

import gymnasium
import pytest
from conftest import JOBS, SMALL


def test_stable_baselines_dqn_and_ppo_train() -> None:
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    from stable_baselines3.common.env_checker import check_env

    env = gymnasium.make("descender/Descent-v0", **SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    agent: Any = stable_baselines3.DQN("MlpPolicy", env, learning_starts=20, seed=1, device="cpu")
    before = agent.policy.state_dict()["q_net.q_net.0.weight"].clone()
    agent.learn(200)
    assert not before.equal(agent.policy.state_dict()["q_net.q_net.0.weight"])
    for arguments in (SMALL, JOBS):
        env = gymnasium.make("descender/Descent-v0", **arguments)
        agent = stable_baselines3.PPO("MlpPolicy", env, n_steps=64, seed=1, device="cpu")
        agent.learn(128)
        assert agent.num_timesteps == 128


def test_rllib_trains() -> None:
    pytest.importorskip("ray.rllib")
    import ray
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.tune.registry import register_env

    from descender_native import DescentEnv

    register_env("descent", lambda _: DescentEnv(**SMALL))
    config = (
        PPOConfig()
        .environment("descent")
        .env_runners(num_env_runners=0)
        .training(train_batch_size=64, minibatch_size=32, num_epochs=1)
    )
    ray.init(num_cpus=1, include_dashboard=False)
    try:
        algorithm = config.build_algo()
        result = algorithm.train()
        assert result["env_runners"]["num_env_steps_sampled"] >= 64
        algorithm.stop()
    finally:
        ray.shutdown()
