"""Environment steps beside DACBench's SGD environment in step mode. Writes results/dacbench_sgd.json.

    cargo build --release
    python -m venv dacbench && dacbench/bin/pip install dacbench==0.5.6 torch torchvision
    dacbench/bin/python benchmarks/dacbench_sgd.py

DACBench runs as it ships, given the paper's network (from a layer description, with the log-softmax that its loss
asks for), batches of 32, and MNIST with 8,000 training and 2,000 validation images: AdamW, images transformed as they
are loaded, a new iterator over the shuffled data for each batch, and a tenth of the validation images evaluated at
each step. A constant learning rate takes the place of an agent. Our side is the whole step of a training of the
paper's controller, agent and its learning included, without evaluation.
"""

import json
import os
import tempfile
import warnings
from pathlib import Path

import measure
import mnist

warnings.filterwarnings("ignore")

import torch  # noqa: E402
from dacbench.benchmarks import SGDBenchmark  # noqa: E402
from dacbench.envs import SGDInstance  # noqa: E402
from dacbench.envs.env_utils import sgd_utils  # noqa: E402

CONVOLUTION = {"kernel_size": 5, "padding": 2}
NETWORK = [
    ["CONV2D", {"in_channels": 1, "out_channels": 16, **CONVOLUTION}],
    ["RELU", {}],
    ["POOLING", {"kernel_size": 2}],
    ["CONV2D", {"in_channels": 16, "out_channels": 32, **CONVOLUTION}],
    ["RELU", {}],
    ["POOLING", {"kernel_size": 2}],
    ["FLATTEN", {}],
    ["LINEAR", {"in_features": 1568, "out_features": 10}],
    ["LOGSOFTMAX", {"dim": 1}],
]
# Not a multiple of the 250 batches of an epoch: DACBench takes the length of an episode for the number of the step
# where it asks whether an epoch has ended, so that with 2,500 it would evaluate all validation images at each step.
STEPS = 2_499


class Environment:
    """DACBench's environment, begun anew when an episode has ended."""

    def __init__(self, folder):
        mnist.write(folder)
        description = Path(folder) / "network.json"
        description.write_text(json.dumps(NETWORK))
        benchmark = SGDBenchmark()
        benchmark.config.epoch_mode = False
        benchmark.config.cutoff = STEPS
        benchmark.config.instance_set = {
            0: SGDInstance(
                model=sgd_utils.get_model_constructor("from_file", [str(description)]),
                optimizer_type="AdamW",
                optimizer_params={},
                dataset_path=str(folder),
                dataset_name="MNIST",
                batch_size=32,
                fraction_of_dataset=1.0,
                train_validation_ratio=0.8,
                seed=1,
            )
        }
        self.environment = benchmark.get_environment()
        self.environment.reset()
        parameters = sum(parameter.numel() for parameter in self.environment.model.parameters())
        assert (parameters, len(self.environment.train_loader)) == (28_938, 250)

    def step(self):
        """One step; a new episode where it was the last."""
        _, _, terminated, truncated, _ = self.environment.step(0.001)
        if terminated or truncated:
            self.environment.reset()


def main():
    options = measure.arguments(__doc__.splitlines()[0])
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(folder)

        def theirs(threads):
            torch.set_num_threads(threads)
            environment.step()
            return measure.rate(environment.step, options.seconds, threads)

        def ours():
            rates = measure.bench(options)["steps_per_second"]["control"]
            return {
                "descender, whole step with agent, 1 thread": rates["one_thread"],
                "descender, whole step with agent, all threads": rates["all_threads"],
            }

        contestants = {"DACBench, 1 thread": lambda: theirs(1), "descender": ours}
        if not options.one_thread:
            contestants["DACBench, as it ships"] = lambda: theirs(cores)
        measure.run(
            "dacbench_sgd",
            options,
            contestants,
            {
                "1 thread to DACBench as it ships": (
                    "descender, whole step with agent, 1 thread",
                    "DACBench, as it ships",
                ),
                "1 thread to DACBench with 1 thread": (
                    "descender, whole step with agent, 1 thread",
                    "DACBench, 1 thread",
                ),
            },
            ["dacbench", "gymnasium", "torch", "torchvision", "numpy"],
            unit="environment steps per second",
            setting={
                "network": "the paper's, 28,938 parameters",
                "batch": 32,
                "images": "8,000 of MNIST, 2,000 for validation",
                "as it ships": "its defaults and PyTorch's default of one thread for each core",
            },
        )


if __name__ == "__main__":
    main()
