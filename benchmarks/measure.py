"""Measurement in rounds: in each round every contestant is measured once, ours too, so that a machine that is
slower for a while is so for all of them. What counts is the ratio within a round; results are medians.

A script of this folder names its contestants, each a function that returns a rate (more is better), and hands them
to `run`, which prints a table and writes `results/NAME.json`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import machine

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"


def arguments(description):
    """The options that all scripts have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=7, help="rounds, at least 5 for a result to keep (default 7)")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds of each measurement (default 2)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the result file (default results/)")
    parser.add_argument(
        "--target", type=Path, default=ROOT / "target/release", help="folder with the programs built by cargo"
    )
    parser.add_argument(
        "--one-thread", action="store_true", help="leave out contestants that need several free cores (on a busy machine)"
    )
    parsed = parser.parse_args()
    if parsed.rounds < 1 or not parsed.seconds > 0:
        parser.error("--rounds must be at least 1 and --seconds above 0")
    return parsed


def rate(step, seconds, threads=1):
    """Calls `step` for so many seconds; calls a second at the median time of a call.

    A step on one thread is timed in the thread's processor time, which doesn't run on while another program has the
    core: on a busy machine that is in favour of what is measured here, because ours is timed by the clock on the wall,
    unless the script says otherwise.
    """
    clock = time.thread_time if threads == 1 else time.perf_counter
    times, begin = [], time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        start = clock()
        step()
        times.append(clock() - start)
    return 1 / statistics.median(times)


def program(path):
    """A program of ours, which must have been built."""
    if not path.exists():
        sys.exit(f"{path} is missing; build it as the README of this folder says")
    return path


def bench(options, task="mnist-cnn"):
    """One run of `descender bench`: its JSON document. It shares its time among seven measurements."""
    command = [program(options.target / "descender"), "bench", "--task", task, "--json"]
    command += ["--seconds", str(7 * options.seconds)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def run(name, options, contestants, ratios, packages, unit="steps per second", setting=None):
    """Measures all contestants in rounds.

    contestants: {name: function without arguments that returns a rate, or a dictionary of several rates}
    ratios: {name: (numerator, denominator)}, by names of rates
    """
    result = {
        "benchmark": name,
        "unit": unit,
        "setting": setting or {},
        "seconds": options.seconds,
        "machine": machine.notes(ROOT, packages),
        "rounds": [],
    }
    for number in range(options.rounds):
        row = {"load": machine.load()}
        # There and back, so that nobody is always measured just after the same neighbour.
        order = list(contestants.items())
        for contestant, measured in order if number % 2 == 0 else reversed(order):
            rates = measured()
            row.update(rates if isinstance(rates, dict) else {contestant: rates})
        result["rounds"].append(row)
        print(f"round {number + 1} of {options.rounds}, load {row['load']}", file=sys.stderr)
    result["machine"]["load_after"] = machine.load()

    def median(of):
        return statistics.median([of(row) for row in result["rounds"]])

    names = [key for key in result["rounds"][0] if key != "load"]
    result["medians"] = {key: median(lambda row, key=key: row[key]) for key in names}
    result["ratios"] = {
        key: median(lambda row, pair=pair: row[pair[0]] / row[pair[1]])
        for key, pair in ratios.items()
        if all(side in names for side in pair)
    }
    result["ratio_ranges"] = {
        key: [bound(row[ratios[key][0]] / row[ratios[key][1]] for row in result["rounds"]) for bound in (min, max)]
        for key in result["ratios"]
    }
    write(result, options.out)
    show(result)


def rounded(value):
    """Four significant digits: more is noise."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return value


def write(result, folder):
    """Writes the result file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['benchmark']}.json"
    path.write_text(json.dumps(rounded(result), indent=2, ensure_ascii=False) + "\n")


def show(result):
    """Prints medians and ratios."""
    width = max(len(key) for key in [*result["medians"], *result["ratios"]])
    print(f"{result['unit']}, medians of {len(result['rounds'])} rounds")
    for key, value in result["medians"].items():
        print(f"  {key:{width}}  {value:12.5g}")
    print("times faster, medians of the rounds' ratios (lowest, highest)")
    for key, value in result["ratios"].items():
        low, high = result["ratio_ranges"][key]
        print(f"  {key:{width}}  {value:12.2f}  ({low:.2f}, {high:.2f})")
