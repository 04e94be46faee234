"""Reference values for the methods that set their own step size or average their iterates, in float64.

Run from the top of the repository, after reference/optim.py; writes reference/optim_adaptive.json:

    pip install torch schedulefree prodigyopt dadaptation
    python reference/optim_adaptive.py

Schedule-free, Prodigy and D-Adaptation come from their authors' packages. DoG and hypergradient descent are written down
here from the formulas of their papers. Each method descends an ill-conditioned quadratic with noise (that of
reference/optim.json); its gradients are rounded to float32. For each method the file holds the start, the gradients that it
met, the parameters after each step, and where it evaluates elsewhere, those too. Prodigy and DoG with a small first distance
start at 0, where float32 can tell such distances apart.
"""

import contextlib
import importlib.metadata
import io
import json
import math
import pathlib

import dadaptation
import prodigyopt
import schedulefree
import torch


def rounded(values, digits=9):
    return [float(f"{value:.{digits}g}") for value in values]


def package(make):
    """A trajectory of an optimizer of a package; schedule-free ones are switched to their average and back."""

    def run(start, gradient_at, rates):
        theta = torch.nn.Parameter(start.clone())
        with contextlib.redirect_stdout(io.StringIO()):
            optimizer = make([theta])
        averages = hasattr(optimizer, "eval")
        path, average = [], []
        if averages:
            optimizer.train()
        for t, rate in enumerate(rates, 1):
            gradient = gradient_at(t, theta.detach())
            theta.grad = gradient.clone()
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            path += rounded(theta.detach().tolist())
            if averages:
                optimizer.eval()
                average += rounded(theta.detach().tolist())
                optimizer.train()
        return path, average

    return run


def dog(initial_distance=1e-6, epsilon=1e-8, averaging=8.0, weight_decay=0.0):
    def run(start, gradient_at, rates):
        theta, mean = start.clone(), start.clone()
        distance, squares = initial_distance * (1 + start.norm().item()), epsilon
        path, average = [], []
        for t, rate in enumerate(rates, 1):
            gradient = gradient_at(t, theta) + weight_decay * theta
            distance = max(distance, (theta - start).norm().item())
            squares += gradient.square().sum().item()
            theta = theta - rate * distance / math.sqrt(squares) * gradient
            share = (1 + averaging) / (t + averaging)
            mean = (1 - share) * mean + share * theta
            path += rounded(theta.tolist())
            average += rounded(mean.tolist())
        return path, average

    return run


def sgd_hd(beta, weight_decay=0.0):
    def run(start, gradient_at, rates):
        theta, previous, learned, path = start.clone(), torch.zeros_like(start), 0.0, []
        for t, rate in enumerate(rates, 1):
            gradient = gradient_at(t, theta) + weight_decay * theta
            learned += beta * (gradient @ previous).item()
            theta = theta - (rate + learned) * gradient
            previous = gradient
            path += rounded(theta.tolist())
        return path, []

    return run


def adam_hd(beta, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0):
    def run(start, gradient_at, rates):
        theta, learned, path = start.clone(), 0.0, []
        first, second, direction = (torch.zeros_like(start) for _ in range(3))
        for t, rate in enumerate(rates, 1):
            gradient = gradient_at(t, theta) + weight_decay * theta
            learned += beta * (gradient @ direction).item()
            first = beta1 * first + (1 - beta1) * gradient
            second = beta2 * second + (1 - beta2) * gradient.square()
            direction = first / (1 - beta1**t) / ((second / (1 - beta2**t)).sqrt() + epsilon)
            theta = theta - (rate + learned) * direction
            path += rounded(theta.tolist())
        return path, []

    return run


def constant(rate):
    return lambda steps: [rate] * steps


def falling(rate):
    """Half a cosine, in the precision that the other side has it."""
    return lambda steps: torch.tensor(
        [rate * (1 + math.cos(math.pi * t / steps)) / 2 for t in range(steps)], dtype=torch.float32
    ).double().tolist()


SGD_FREE, ADAMW_FREE = schedulefree.SGDScheduleFree, schedulefree.AdamWScheduleFree
PRODIGY, D_SGD, D_ADAM = prodigyopt.Prodigy, dadaptation.DAdaptSGD, dadaptation.DAdaptAdam

# (method, settings as key=value, learning rates, trajectory)
METHODS = [
    ("schedule-free-sgd", {}, constant(0.5), package(lambda p: SGD_FREE(p))),
    ("schedule-free-sgd",
     {"momentum": 0.6, "warmup_steps": 12, "averaging_power": 1.5, "rate_power": 1, "weight_decay": 0.1}, falling(0.25),
     package(lambda p: SGD_FREE(p, momentum=0.6, warmup_steps=12, r=1.5, weight_lr_power=1, weight_decay=0.1))),
    ("schedule-free-adamw", {}, constant(0.01), package(lambda p: ADAMW_FREE(p))),
    ("schedule-free-adamw",
     {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.001, "warmup_steps": 20, "averaging_power": 0.5, "rate_power": 3,
      "weight_decay": 0.1}, falling(0.02),
     package(lambda p: ADAMW_FREE(p, betas=(0.8, 0.95), eps=0.001, warmup_steps=20, r=0.5, weight_lr_power=3,
                                  weight_decay=0.1))),
    ("prodigy", {}, constant(1.0), package(lambda p: PRODIGY(p))),
    ("prodigy",
     {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.001, "d0": 0.001, "d_coef": 0.5, "growth_rate": 1.25,
      "bias_correction": "true", "weight_decay": 0.1}, falling(1.0),
     package(lambda p: PRODIGY(p, betas=(0.8, 0.95), eps=0.001, d0=0.001, d_coef=0.5, growth_rate=1.25,
                               use_bias_correction=True, weight_decay=0.1))),
    ("prodigy", {"d0": 0.0001, "safeguard_warmup": "true", "weight_decay": 0.1, "decoupled": "false"}, falling(0.5),
     package(lambda p: PRODIGY(p, d0=0.0001, safeguard_warmup=True, weight_decay=0.1, decouple=False))),
    ("dadapt-sgd", {}, constant(1.0), package(lambda p: D_SGD(p))),
    ("dadapt-sgd", {"momentum": 0.9, "d0": 0.001, "growth_rate": 1.25, "weight_decay": 0.1}, falling(1.0),
     package(lambda p: D_SGD(p, momentum=0.9, d0=0.001, growth_rate=1.25, weight_decay=0.1))),
    ("dadapt-adam", {}, constant(1.0), package(lambda p: D_ADAM(p))),
    ("dadapt-adam",
     {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.001, "d0": 0.001, "growth_rate": 1.5, "bias_correction": "true",
      "weight_decay": 0.1, "decoupled": "true"}, falling(1.0),
     package(lambda p: D_ADAM(p, betas=(0.8, 0.95), eps=0.001, d0=0.001, growth_rate=1.5, use_bias_correction=True,
                              weight_decay=0.1, decouple=True))),
    ("dadapt-adam", {"weight_decay": 0.1}, constant(0.5), package(lambda p: D_ADAM(p, weight_decay=0.1))),
    ("dog", {}, constant(1.0), dog()),
    ("dog", {"initial_distance": 0.001, "epsilon": 1, "averaging": 2, "weight_decay": 0.1}, falling(0.5),
     dog(0.001, 1.0, 2, 0.1)),
    ("sgd-hd", {}, constant(0.01), sgd_hd(0.001)),
    ("sgd-hd", {"hypergradient_rate": 0.0001, "weight_decay": 0.1}, falling(0.05), sgd_hd(0.0001, 0.1)),
    ("adam-hd", {}, constant(0.001), adam_hd(1e-7)),
    ("adam-hd", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.001, "hypergradient_rate": 0.0001, "weight_decay": 0.1},
     falling(0.01), adam_hd(0.0001, 0.8, 0.95, 0.001, 0.1)),
]


def main():
    recorded = json.loads(pathlib.Path("reference/optim.json").read_text())
    start = torch.tensor(recorded["start"], dtype=torch.float32).double()
    noise = torch.tensor(recorded["gradients"], dtype=torch.float32).double().reshape(-1, len(start))
    curvature = torch.logspace(-2, 0.3, len(start), dtype=torch.float64)
    methods = []
    for name, settings, make_rates, run in METHODS:
        met = []

        def gradient_at(t, theta):
            gradient = (curvature * (theta - 1) + 0.1 * noise[t - 1]).float()
            if t <= 20:
                gradient[2] = 0.0  # a parameter whose gradient is long 0
            met.extend(rounded(gradient.tolist()))
            return gradient.double()

        rates = make_rates(len(noise))
        tiny = name in ("prodigy", "dog") and settings.get("d0", settings.get("initial_distance", 0)) < 0.001
        begin = torch.zeros_like(start) if tiny else start
        path, average = run(begin, gradient_at, rates)
        methods.append({"name": name, "settings": {key: str(value) for key, value in settings.items()},
                        "learning_rates": rounded(rates), "start": rounded(begin.tolist()), "gradients": met, "path": path, "average": average})
    names = ["schedulefree", "prodigyopt", "dadaptation"]
    document = {"packages": {name: importlib.metadata.version(name) for name in names}, "methods": methods}
    path = pathlib.Path("reference/optim_adaptive.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
