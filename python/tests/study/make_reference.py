"""Makes `reference_regression.json`: two rounds of a learning by the program, which the regression here must repeat.

From the folder `tests`: python -m study.make_reference PATH/TO/descender
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from descender import Controller

TASK = """name = "small"
data = ["mixture", "teacher"]
networks = ["perceptron"]
widths = [16]
depths = [0, 1]
batches = [16, 32]
steps = [60, 80]
"""
SETTINGS = ("rounds=2", "instances=16", "pairs=2", "judged=12", "readings=[]", "products=false")


def rows(path: Path) -> list[Any]:
    """The results in a file of the learning, in the order of the jobs."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line["result"] for line in sorted(lines, key=lambda line: int(line["number"]))]


def make(program: str, folder: Path) -> dict[str, Any]:
    """Learns in the folder, and collects what went in and what came out."""
    (folder / "small.toml").write_text(TASK)
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    command = [program, "train", "--task", "small.toml", *settings, "--out", "out"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    out = folder / "out"
    chosen = [
        candidate["name"] for candidate in json.loads((out / "candidates.json").read_text()) if candidate["chosen"]
    ]
    if chosen != ["round 2"]:
        raise SystemExit(f"the program chose {chosen}: expected round 2, whose outputs are to be repeated")
    weight = Controller.load(out / "controller.safetensors").tensors["policy.0.weight"]
    return {
        "rounds": [
            [{key: row[key] for key in ("base", "pairs")} for row in rows(out / f"round-{n}.jsonl")] for n in (1, 2)
        ],
        "outputs": [[float(value) for value in row] for row in weight[::61]],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        reference = make(str(Path(sys.argv[1]).resolve()), Path(place))
    (Path(__file__).parent / "reference_regression.json").write_text(json.dumps(reference) + "\n")
