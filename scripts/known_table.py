#!/usr/bin/env python3
"""The table of results/known from its lines: `scripts/known_table.py results/known/scores.jsonl` prints it."""

import json
import sys


def main():
    cases = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        line = json.loads(line)
        cases.setdefault(line["case"], []).append(line)
    print("| agent | problem | steps | bar | score of each seed | of the last policy |")
    print("|---|---|--:|--:|---|---|")
    for case, lines in cases.items():
        agent, problem = case.split(":")
        scores, last = (", ".join(f"{line[key]:.1f}" for line in lines) for key in ("score", "last"))
        print(f"| `{agent}` | {problem} | {lines[0]['steps']:,} | {lines[0]['bar']:g} | {scores} | {last} |")


if __name__ == "__main__":
    main()
