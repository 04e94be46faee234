"""Cheap trainings in NumPy whose best result is known, or can be calculated.

They are in a module of their own, so that other processes can import them.
"""

from __future__ import annotations

import math
import os
import time

import numpy as np

from descender.study import Trial

CURVATURE = 1.0
NOISE = 3.0
FAR = 25.0  # the expected square of the distance at the beginning


def chance(seed: int, size: float) -> float:
    """The logarithm of the luck of a start."""
    return size * float(np.random.default_rng(seed).normal())


def noisy_quadratic(trial: Trial) -> float:
    """SGD on ½·h·x² with gradients of noise σ: the expected loss at the end, times the luck of the start.

    The expected square e of x follows e ← (1 − η·h)²·e + η²·σ², exactly.
    """
    session = trial.session()
    e = FAR
    for _ in range(trial.total_steps):
        eta = session.hyper_parameters.learning_rate
        e = (1.0 - eta * CURVATURE) ** 2 * e + eta**2 * NOISE**2
        session.record(0.5 * CURVATURE * e)
    return 0.5 * CURVATURE * e * math.exp(chance(trial.seed, 0.5) + chance(trial.seed + trial.number, 0.01))


def best_of_noisy_quadratic(steps: int) -> float:
    """The least expected loss of any schedule: at each step η = e·h/(e·h² + σ²), so 1/e_T = 1/e_0 + T·h²/σ²."""
    return 0.5 * CURVATURE / (1.0 / FAR + steps * CURVATURE**2 / NOISE**2)


def indifferent(trial: Trial) -> float:
    """A training that no hyper-parameter changes."""
    return math.exp(chance(trial.seed, 0.3) + chance(trial.seed + 7919 * trial.number, 0.1))


def logistic_regression(trial: Trial) -> float:
    """Adam on a logistic regression with 40 features; the loss on examples that are not learned."""
    chances = np.random.default_rng(trial.seed)
    truth = chances.normal(size=40)
    inputs = chances.normal(size=(1200, 40)) * np.exp(np.linspace(-1.5, 1.5, 40))
    targets = (inputs @ truth + 2.0 * chances.normal(size=1200) > 0).astype(float)
    weights, first, second = np.zeros(40), np.zeros(40), np.zeros(40)
    session = trial.session(parameters=40)
    decay = [1.0, 1.0]
    for _ in range(trial.total_steps):
        mu = session.hyper_parameters
        batch = chances.integers(0, 200, size=16)
        error = 1.0 / (1.0 + np.exp(-inputs[batch] @ weights)) - targets[batch]
        gradient = error @ inputs[batch] / 16
        first = mu.b1 * first + (1.0 - mu.b1) * gradient
        second = mu.a1 * second + (1.0 - mu.a1) * gradient**2
        decay = [decay[0] * mu.b1, decay[1] * mu.a1]
        update = first / (1.0 - decay[0]) / (np.sqrt(second / (1.0 - decay[1])) + 1e-8)
        weights = weights - mu.learning_rate * (update + 0.01 * mu.w * weights)
        session.record(float(np.mean(error**2)))
    scores = inputs[200:] @ weights
    return float(np.mean(np.logaddexp(0.0, -np.where(targets[200:] > 0, scores, -scores))))


def broken(trial: Trial) -> float:
    """A training with a mistake in it."""
    raise KeyError("images")


def sometimes_lost(trial: Trial) -> float:
    """As the noisy quadratic; one training in seven breaks, is not finite, or is infinite."""
    lost = trial.number % 21
    if lost == 5:
        raise RuntimeError("out of memory")
    return {12: math.nan, 19: math.inf}.get(lost, noisy_quadratic(trial))


def slow(trial: Trial) -> float:
    """As the noisy quadratic, and a little later, so that there is time for a kill."""
    time.sleep(0.02)
    return noisy_quadratic(trial)


def slow_and_told(trial: Trial) -> float:
    """As `slow`; leaves the number of its process in the folder that the environment names."""
    folder = os.environ["STUDY_WORKERS"]
    with open(os.path.join(folder, str(os.getpid())), "a") as file:
        file.write(f"{trial.number} {os.environ.get('RAYON_NUM_THREADS')} {os.environ.get('OMP_NUM_THREADS')}\n")
    return slow(trial)


def sometimes_lost_quietly(trial: Trial) -> float:
    """As the noisy quadratic; one training in ten is not finite."""
    return math.nan if trial.number % 10 == 7 else noisy_quadratic(trial)
