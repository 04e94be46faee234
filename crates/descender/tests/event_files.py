"""Reads the event files of a run folder with the package `tensorboard` and compares them with the run's JSON.

Usage: event_files.py RUN_FOLDER. Exits with 1 and says what differs, if anything does.
"""

import json
import pathlib
import sys

import numpy
from tensorboard.backend.event_processing import event_accumulator

NOT_FIGURES = {"episode", "environment", "start"}


def expected(run):
    """For each tag its (step, value), the value as 32-bit float; `null` and words have none."""
    scalars = {}

    def add(tag, step, value):
        if isinstance(value, (int, float)):
            scalars.setdefault(tag, []).append((step, numpy.float32(value)))

    lines = (run / "episodes.jsonl").read_text().splitlines()
    episodes = sorted((json.loads(line) for line in lines), key=lambda line: line["episode"])
    for episode in episodes:
        for name, value in episode.items():
            if name not in NOT_FIGURES:
                add(f"episode/{name}", episode["episode"], value)
    for candidate in json.loads((run / "selection.json").read_text()):
        add("selection/score", candidate["episodes"], candidate["score"])
    return scalars, len(episodes)


def main():
    run = pathlib.Path(sys.argv[1])
    # 0: keep every scalar.
    reader = event_accumulator.EventAccumulator(
        str(run / "tensorboard"), size_guidance={event_accumulator.SCALARS: 0}
    )
    reader.Reload()
    wanted, episodes = expected(run)
    if not episodes:
        sys.exit("the run has no episodes: nothing to compare")
    found = set(reader.Tags()["scalars"])
    if found != set(wanted):
        sys.exit(f"tags: found {sorted(found)}, expected {sorted(wanted)}")
    count = 0
    for tag, scalars in wanted.items():
        read = [(event.step, numpy.float32(event.value)) for event in reader.Scalars(tag)]
        if read != scalars:
            sys.exit(f"{tag}: found {read}, expected {scalars}")
        count += len(read)
    print(f"{count} scalars under {len(wanted)} tags of {episodes} episodes are equal")


if __name__ == "__main__":
    main()
