"""The paper's training step beside Burn and candle, one thread each. Writes results/frameworks.json.

    cargo build --release
    cargo build --release --manifest-path benchmarks/frameworks/Cargo.toml
    python benchmarks/frameworks.py

The programs in `frameworks/` leave out the statistics of the gradient, so they have a little less to do than ours.
"""

import os
import subprocess
from pathlib import Path

import measure


def program(options, name):
    """Steps a second of one of the programs; without threads to help it."""
    folder = Path(os.environ.get("CARGO_TARGET_DIR", measure.ROOT / "benchmarks/frameworks/target"))
    command = [measure.program(folder / "release" / name), str(options.seconds)]
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)


def ours(options):
    """Steps a second of the bare descent, statistics included."""
    return measure.bench(options)["steps_per_second"]["descent"]["one_thread"]


def main():
    options = measure.arguments(__doc__.splitlines()[0])
    measure.run(
        "frameworks",
        options,
        {
            "Burn 0.22.1 (flex), 1 thread": lambda: program(options, "burn_step"),
            "descender descent, 1 thread": lambda: ours(options),
            "candle 0.11.1, 1 thread": lambda: program(options, "candle_step"),
        },
        {
            "to Burn": ("descender descent, 1 thread", "Burn 0.22.1 (flex), 1 thread"),
            "to candle": ("descender descent, 1 thread", "candle 0.11.1, 1 thread"),
        },
        [],
        setting={"network": "the paper's, 28,938 parameters", "batch": 32},
    )


if __name__ == "__main__":
    main()
