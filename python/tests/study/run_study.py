"""A study in a process of its own, to be killed: python -m study.run_study FOLDER TRAINING [processes|ray]."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

from descender.study import Study

from . import trainings

if __name__ == "__main__":
    folder, name = sys.argv[1:3]
    how = sys.argv[3] if len(sys.argv) > 3 else "here"
    with Study(total_steps=60, episodes=90, seed=3, start="blind", steered=[], folder=folder) as study:
        if how == "processes":
            with ProcessPoolExecutor(2) as executor:
                print(study.optimize(getattr(trainings, name), executor))
        else:
            print(study.optimize(getattr(trainings, name), ray=how == "ray", parallel=2 if how == "ray" else None))
