#!/usr/bin/env python3
"""Takes what scripts/jobs.sh made into results/jobs: the figures without the single jobs, the tables of its page, and the
lines that the README and the controller's card show.

    scripts/jobs_tables.py runs/jobs
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "results" / "jobs"
SETS = {
    "jobs": "fresh jobs",
    "data-sets": "other data sets",
    "architectures": "other architectures",
    "overfitting": "jobs that overfit",
    "horizons": "longer jobs",
}


def interval(figure):
    low, high = figure["ci95"]
    return f"{figure['value']:+.3f} [{low:+.3f}, {high:+.3f}]"


def line(name, words, comparison):
    """The controller beside the best tuned rival."""
    own, *rivals = comparison["methods"]
    rivals = [rival for rival in rivals if rival["name"].startswith("tuned:")]
    best = min(rivals, key=lambda rival: rival["figures"][0]["regret"]["value"])
    rate = best["settings"]["learning_rate"]
    short = best["name"].removeprefix("tuned:").split(";for=")[0]
    cells = [
        words,
        str(comparison["settings"]["jobs"]),
        interval(own["figures"][0]["regret"]),
        f"{interval(best['figures'][0]['regret'])} (`{short}`, η = {rate:g})",
        interval(best["figures"][0]["against_first"]),
    ]
    return "| " + " | ".join(cells) + " |"


def replaced(path, lines):
    """The text of a file with its lines of the table replaced."""
    text = path.read_text().split("\n")
    for place, old in enumerate(text):
        for new in lines:
            words = new.split(" | ")[0] + " |"
            if old.startswith(words):
                text[place] = new
    path.write_text("\n".join(text))


def main():
    made = pathlib.Path(sys.argv[1])
    lines, tables, lost, jobs = [], [], 0, 0
    for name, words in SETS.items():
        comparison = json.loads((made / name / "comparison.json").read_text())
        lines.append(line(name, words, comparison))
        lost += comparison["methods"][0]["lost"]
        jobs += comparison["settings"]["jobs"]
        table = "\n".join(row.rstrip() for row in (made / f"{name}.txt").read_text().split("\n")).strip()
        tables.append(f"## {name}\n\n```text\n{table}\n```\n")
        comparison["jobs"] = []
        (RESULTS / name).mkdir(parents=True, exist_ok=True)
        text = json.dumps(comparison, ensure_ascii=False, separators=(",", ":"))
        (RESULTS / name / "comparison.json").write_text(text + "\n")
    page = (RESULTS / "README.md").read_text().split("\n## jobs\n")[0]
    (RESULTS / "README.md").write_text(page + "\n" + "\n".join(tables))
    for path in [ROOT / "README.md", ROOT / "crates/control/controllers/pretrained.md"]:
        replaced(path, lines)
    print("\n".join(lines))
    print(f"lost: {lost} of {jobs}")


if __name__ == "__main__":
    main()
