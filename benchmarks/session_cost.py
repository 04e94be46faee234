"""What a controller's session costs in Python: microseconds for a step and for a decision, as JSON.

Run from the top of the repository, on a machine that does nothing else:

    PYTHONPATH=python/src python benchmarks/session_cost.py
"""

import json
import platform
import statistics
import time

import numpy as np

import descender

STEPS = 4000
SESSIONS = 20


def medians(tell_losses: bool) -> dict[str, float]:
    """Median microseconds of steps without and with a decision, of `pretrained` in jobs of 4,000 steps."""
    controller = descender.Controller.load("pretrained")
    job = descender.Job(steps=STEPS, batch_size=64, examples=60000)
    between, decisions = [], []
    for _ in range(SESSIONS):
        session = controller.start(job)
        for _ in range(STEPS):
            began = time.perf_counter_ns()
            if tell_losses:
                session.record(2.0)
            else:
                session.advance()
            taken = (time.perf_counter_ns() - began) / 1000
            (decisions if session.decided else between).append(taken)
    return {
        "step": round(statistics.median(between), 2),
        "decision": round(statistics.median(decisions), 2),
    }


def main() -> None:
    print(
        json.dumps(
            {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "steps": STEPS,
                "sessions": SESSIONS,
                "microseconds": {"advance": medians(False), "record": medians(True)},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
