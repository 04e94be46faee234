"""Writes the tables of README.md from the committed result files.

    python benchmarks/table.py            writes them
    python benchmarks/table.py --check    exit code 1 if they are not those of the result files
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BEGIN, END = "<!-- tables: made by table.py -->", "<!-- end of tables -->"


def number(value):
    """Three or four digits, whatever the size."""
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def tables(result):
    """Machine notes, medians and ratios of one result file, in Markdown."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    loads = [row["load"] for row in result["rounds"] if row["load"] is not None]
    load = f"; load {min(loads)} to {max(loads)}" if loads else ""
    lines = [
        f"### {result['benchmark']}",
        "",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}; {machine['date']}{load}. {versions}. "
        f"{len(result['rounds'])} rounds, {result['seconds']:g} s for each measurement.",
        "",
        f"| {result['unit']}, where no other unit is named | median |",
        "|---|--:|",
        *(f"| {name} | {number(value)} |" for name, value in result["medians"].items()),
        "",
        "| how many times as fast | median of the rounds' ratios | lowest | highest |",
        "|---|--:|--:|--:|",
    ]
    for name, value in result["ratios"].items():
        low, high = result["ratio_ranges"][name]
        lines.append(f"| {name} | **{number(value)}** | {number(low)} | {number(high)} |")
    return "\n".join(lines)


def main():
    results = [json.loads(path.read_text()) for path in sorted((FOLDER / "results").glob("*.json"))]
    readme = FOLDER / "README.md"
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    made = "\n\n".join([BEGIN, *map(tables, results), END])
    if "--check" in sys.argv[1:]:
        if before + made + after != text:
            sys.exit("README.md does not show the result files; run benchmarks/table.py")
    else:
        readme.write_text(before + made + after)


if __name__ == "__main__":
    main()
