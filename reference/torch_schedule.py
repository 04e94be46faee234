"""What PyTorch makes of the sources that `descender export schedule --format torch` writes.

Run from the top of the repository; reads reference/torch_schedule/*.py and writes reference/torch_schedule.json:

    DESCENDER_WRITE_SOURCES=1 cargo test -p descender-study --test torch_schedule    # where the sources have changed
    python reference/torch_schedule.py

Each source trains a quadratic of six parameters in float64, f(theta) = sum(curvature * theta^2) / 2, in the loop that its
head shows. The file holds the curvatures, the start, and for each source the parameters after each step, some steps more
than the schedules have.
"""

import importlib.util
import json
import pathlib

import torch

STEPS = 50
CURVATURES = [0.1, 0.3, 0.6, 1.0, 1.5, 2.0]
START = [2.0, -1.5, 1.0, 0.5, -0.75, 1.25]


def load(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def path_of(module):
    curvatures = torch.tensor(CURVATURES, dtype=torch.float64)
    theta = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = module.make_optimizer([theta])
    scheduler = module.make_scheduler(optimizer) if hasattr(module, "make_scheduler") else None
    path = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        (curvatures * theta**2 / 2).sum().backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        path += [float(f"{value:.9g}") for value in theta.tolist()]
    return path


def main():
    sources = sorted(pathlib.Path("reference/torch_schedule").glob("*.py"))
    document = {
        "torch": torch.__version__.split("+")[0],
        "curvatures": CURVATURES,
        "start": START,
        "paths": {source.stem: path_of(load(source)) for source in sources},
    }
    path = pathlib.Path("reference/torch_schedule.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
