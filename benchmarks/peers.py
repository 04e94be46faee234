"""The paper's step beside PyTorch: bare, and with the whole agent. Writes results/peers.json.

    cargo build --release
    python benchmarks/peers.py
"""

import os

import torch

import measure
import paper

CORES = os.cpu_count() or 1


def threads(count, step, seconds):
    """The rate of `step` with so many threads of PyTorch's, after a few steps to settle."""
    torch.set_num_threads(count)
    for _ in range(20):
        step()
    return measure.rate(step, seconds, count)


def main():
    options = measure.arguments(__doc__.splitlines()[0])
    torch.manual_seed(1)
    eager, channels_last = paper.Descent(), paper.Descent(torch.channels_last)
    control = paper.Control()

    def ours():
        rates = measure.bench(options)
        parts = rates["microseconds"]
        whole = sum(parts.values())
        return {
            **{
                f"descender {kind}, {label}": rates["steps_per_second"][kind][key]
                for kind in ("descent", "control")
                for label, key in (("1 thread", "one_thread"), ("all threads", "all_threads"))
            },
            # Not rates; kept with the round they belong to.
            **{f"descender {name}, µs": value for name, value in parts.items()},
            "descender, all but forward and backward, %": 100 * (1 - parts["forward_backward"] / whole),
        }

    contestants = {
        "PyTorch descent, 1 thread": lambda: threads(1, eager.step, options.seconds),
        "PyTorch control, 1 thread": lambda: threads(1, control.step, options.seconds),
        "descender": ours,
        "PyTorch descent, channels last, 1 thread": lambda: threads(1, channels_last.step, options.seconds),
    }
    if not options.one_thread:
        contestants["PyTorch descent, all threads"] = lambda: threads(CORES, eager.step, options.seconds)
    measure.run(
        "peers",
        options,
        contestants,
        {
            "descent, 1 thread, to PyTorch with 1 thread": (
                "descender descent, 1 thread",
                "PyTorch descent, 1 thread",
            ),
            "descent, 1 thread, to PyTorch with 1 thread, channels last": (
                "descender descent, 1 thread",
                "PyTorch descent, channels last, 1 thread",
            ),
            "descent, 1 thread, to PyTorch with all threads": (
                "descender descent, 1 thread",
                "PyTorch descent, all threads",
            ),
            "control, 1 thread, to PyTorch with 1 thread": (
                "descender control, 1 thread",
                "PyTorch control, 1 thread",
            ),
            "descent, all threads to 1 thread": ("descender descent, all threads", "descender descent, 1 thread"),
            "control, all threads to 1 thread": ("descender control, all threads", "descender control, 1 thread"),
        },
        ["torch", "numpy"],
        setting={"network": "the paper's, 28,938 parameters", "batch": paper.BATCH, "images": "8,000 of MNIST"},
    )


if __name__ == "__main__":
    main()
