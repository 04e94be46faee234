"""Environment steps through Python beside Rust's own and DACBench's. Writes results/python_env.json.

    cargo build --release
    python -m venv dacbench && dacbench/bin/pip install dacbench==0.5.6 torch torchvision ./python-native
    dacbench/bin/python benchmarks/python_env.py

The paper's task under the preset `paper-random`: a decision that leaves η as it is, one step of the descent, reward and
observation. In Rust (`descender bench`, "environment"), through `descender_native.DescentEnv`, and through
`DescentVectorEnv` with an environment for each core, whose steps are those of all together. DACBench's SGD environment has
the paper's network as in `dacbench_sgd.py`, as it ships, and with one thread. `mnist-small` is the same on a network of
970 parameters, where Python weighs most.
"""

import os
import tempfile

import measure
import numpy as np
from dacbench_sgd import Environment as Dacbench

from descender_native import DescentEnv, DescentVectorEnv

SETTINGS = {
    "bounds_mode": "clip",
    "control.bounds.lower": 0.09,
    "control.bounds.upper": 0.11,
    "control.initial_learning_rate": 0.1,
}
ARGUMENTS = {"preset": "paper-random", "steps": 2500, "settings": SETTINGS}
HOLD = 1


def single(task):
    """A step of one environment, and a new episode where one has ended."""
    environment = DescentEnv(task, **ARGUMENTS)
    environment.reset(seed=0)

    def step():
        _, _, terminated, truncated, _ = environment.step(HOLD)
        if terminated or truncated:
            environment.reset()

    return step


def vector(task, count):
    """A step of `count` environments."""
    environments = DescentVectorEnv(count, task, threads=count, **ARGUMENTS)
    environments.reset(seed=0)
    hold = np.full(count, HOLD)
    return lambda: environments.step(hold)


def main():
    options = measure.arguments(__doc__.splitlines()[0])
    cores = os.cpu_count() or 1
    contestants = {}
    ratios = {}
    for task in ["mnist-cnn", "mnist-small"]:
        # The steps are made here, not where they are measured: nothing is measured of a first epoch.
        one, many = single(task), vector(task, cores)
        for _ in range(250):
            one()
            many()

        def rust(task=task):
            rates = measure.bench(options, task)["steps_per_second"]["environment"]
            return {f"{task}: Rust, one": rates["one_thread"], f"{task}: Rust, {cores} at once": rates["all_threads"]}

        contestants[f"{task}: Rust"] = rust
        contestants[f"{task}: Python, one"] = lambda one=one: measure.rate(one, options.seconds)
        contestants[f"{task}: Python, a vector of {cores}"] = lambda many=many: cores * measure.rate(
            many, options.seconds, cores
        )
        ratios[f"{task}: Python to Rust, one"] = (f"{task}: Python, one", f"{task}: Rust, one")
        ratios[f"{task}: Python to Rust, {cores} at once"] = (
            f"{task}: Python, a vector of {cores}",
            f"{task}: Rust, {cores} at once",
        )
    with tempfile.TemporaryDirectory() as folder:
        dacbench = Dacbench(folder)

        def theirs(threads):
            import torch

            torch.set_num_threads(threads)
            dacbench.step()
            return measure.rate(dacbench.step, options.seconds, threads)

        contestants["DACBench, 1 thread"] = lambda: theirs(1)
        contestants["DACBench, as it ships"] = lambda: theirs(cores)
        ratios["Python, one, to DACBench as it ships"] = ("mnist-cnn: Python, one", "DACBench, as it ships")
        ratios["Python, one, to DACBench with 1 thread"] = ("mnist-cnn: Python, one", "DACBench, 1 thread")
        ratios["Python, a vector, to DACBench as it ships"] = (
            f"mnist-cnn: Python, a vector of {cores}",
            "DACBench, as it ships",
        )
        measure.run(
            "python_env",
            options,
            contestants,
            ratios,
            ["dacbench", "gymnasium", "torch", "torchvision", "numpy"],
            unit="environment steps per second",
            setting={"networks": "the paper's, 28,938 parameters; a perceptron of 970", "batch": 32},
        )


if __name__ == "__main__":
    main()
