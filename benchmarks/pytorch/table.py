#!/usr/bin/env python3
"""The page of results/pytorch from its runs: mean validation losses over seeds, and the paired difference from `pretrained`.

    python benchmarks/pytorch/table.py results/pytorch
"""

import json
import math
import pathlib
import sys

import numpy as np

MARK = "<!-- tables -->\n"


def interval(values):
    """The mean with its 95 % percentile interval of 10,000 bootstraps over seeds."""
    values = np.array(values)
    chances = np.random.default_rng(1)
    means = values[chances.integers(len(values), size=(10_000, len(values)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return values.mean(), low, high


def text(figure, signed=False):
    sign = "+" if signed else ""
    return "{:{s}.4f} [{:{s}.4f}, {:{s}.4f}]".format(*figure, s=sign)


def tables(path):
    """A table for each task of a file of runs."""
    runs = [json.loads(line) for line in path.read_text().splitlines()]
    reported = [run for run in runs if run["seed"] < 100]
    tuned = {(run["task"], run["method"], run["rate"]) for run in runs if run["seed"] >= 100}
    out = []
    for task in dict.fromkeys(run["task"] for run in runs):
        methods = {}
        for run in reported:
            if run["task"] == task:
                methods.setdefault((run["method"], run["rate"]), {})[run["seed"]] = run["validation"]
        own = methods[("pretrained", None)]
        out += [f"### {task}", "", "| method | validation loss | ln(loss / that of `pretrained`) |", "|---|---|---|"]
        rows = sorted(methods.items(), key=lambda row: np.mean(list(row[1].values())))
        for (method, rate), losses in rows:
            how = "tuned" if (task, method, rate) in tuned else "default"
            name = method if rate is None or method.endswith("0.001") else f"{method}, {rate:g} ({how})"
            against = "" if losses is own else text(interval([math.log(losses[seed] / own[seed]) for seed in losses]), True)
            out.append(f"| {name} | {text(interval(list(losses.values())))} | {against} |")
        outside = next(run["outside"] for run in reported if run["task"] == task and run["method"] == "pretrained")
        out += ["", f"Outside of what `pretrained` was learned for: {'; '.join(outside) or 'nothing'}.", ""]
    return out


def main():
    folder = pathlib.Path(sys.argv[1])
    out = ["## Held out", "", *tables(folder / "held-out.jsonl"), "## With a part in the choice of `reach`", ""]
    out += tables(folder / "runs.jsonl")
    page = folder / "README.md"
    page.write_text(page.read_text().split(MARK)[0] + MARK + "\n" + "\n".join(out))
    print("\n".join(out))


if __name__ == "__main__":
    main()
