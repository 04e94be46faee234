#!/usr/bin/env python3
"""Takes what scripts/ablations.sh made into results/jobs/ablations: the figures without the single jobs, and the table of
its page.

    scripts/ablations_table.py runs/ablations
"""

import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).resolve().parent.parent / "results" / "jobs" / "ablations"
SETS = ["jobs", "data-sets", "architectures", "overfitting", "horizons"]
MARK = "| controller | "


def interval(figure):
    low, high = figure["ci95"]
    return f"{figure['value']:+.3f} [{low:+.3f}, {high:+.3f}]"


def main():
    made = pathlib.Path(sys.argv[1])
    columns = {}
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        comparison = json.loads((made / name / "comparison.json").read_text())
        comparison["jobs"] = []
        for method in comparison["methods"]:
            own = method["name"] == "controller"
            # The name of its folder: where that was is nobody's business.
            method["name"] = "whole" if own else pathlib.PurePath(method["name"]).parent.name
            figure = method["figures"][0]
            figure = figure["regret"] if own else figure["against_first"]
            columns.setdefault(method["name"], []).append(interval(figure))
        text = json.dumps(comparison, ensure_ascii=False, separators=(",", ":"))
        (RESULTS / f"{name}.json").write_text(text + "\n")
    rows = [MARK + " | ".join(SETS) + " |", "|---" * (1 + len(SETS)) + "|"]
    rows += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in columns.items()]
    page = RESULTS / "README.md"
    text = page.read_text()
    before, rest = text.split(MARK)[0], text.split(MARK)[1].split("\n\n", 1)[1]
    page.write_text(before + "\n".join(rows) + "\n\n" + rest)
    print("\n".join(rows))


if __name__ == "__main__":
    main()
