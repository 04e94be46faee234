"""Reference values for descender-optim, made with PyTorch in float64.

Run from the top of the repository; writes reference/optim.json:

    python reference/optim.py

Gradients are recorded from a small, ill-conditioned problem with noise, and don't depend on the parameters, so that
every method sees the same ones. The file holds them, the start, and for each method the parameters after each step;
for each schedule the learning rate of each step.
"""

import json
import math
import pathlib

import torch

PARAMETERS, STEPS = 8, 60


def rounded(values, digits=9):
    return [float(f"{value:.{digits}g}") for value in values]


def recorded_gradients():
    generator = torch.Generator().manual_seed(7)
    scale = torch.logspace(-3, 1, PARAMETERS, dtype=torch.float64)
    drift = torch.randn(PARAMETERS, generator=generator, dtype=torch.float64)
    gradients = []
    for step in range(STEPS):
        noise = torch.randn(PARAMETERS, generator=generator, dtype=torch.float64)
        gradient = scale * (drift * 0.97**step + 0.5 * noise)
        gradient[2] = 0.0 if step < 20 else gradient[2]  # a parameter whose gradient is long 0
        gradients.append(gradient.float().double())  # exact in float32
    start = torch.randn(PARAMETERS, generator=generator, dtype=torch.float64).float().double()
    return start, gradients


def trajectory(make, start, gradients):
    theta = torch.nn.Parameter(start.clone())
    optimizer = make([theta])
    path = []
    for gradient in gradients:
        theta.grad = gradient.clone()
        optimizer.step()
        path += rounded(theta.detach().tolist())
    return path


# (method, settings as key=value, learning rate, PyTorch's optimizer)
METHODS = [
    ("sgd", {}, 0.1, lambda p: torch.optim.SGD(p, 0.1)),
    ("momentum", {}, 0.05, lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    ("momentum", {"momentum": 0, "weight_decay": 0.1}, 0.1, lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.1)),
    ("momentum", {"momentum": 0.8, "weight_decay": 0.05}, 0.05,
     lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, weight_decay=0.05)),
    ("nesterov", {}, 0.05, lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True)),
    ("adagrad", {}, 0.1, lambda p: torch.optim.Adagrad(p, 0.1)),
    ("adagrad", {"weight_decay": 0.1, "epsilon": 0.01}, 0.1,
     lambda p: torch.optim.Adagrad(p, 0.1, weight_decay=0.1, eps=0.01)),
    ("rmsprop", {}, 0.01, lambda p: torch.optim.RMSprop(p, 0.01)),
    ("rmsprop", {"decay": 0.9, "epsilon": 0.001, "weight_decay": 0.1}, 0.01,
     lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=0.001, weight_decay=0.1)),
    ("adadelta", {}, 1.0, lambda p: torch.optim.Adadelta(p, 1.0)),
    ("adadelta", {"decay": 0.95, "epsilon": 0.0001, "weight_decay": 0.1}, 0.5,
     lambda p: torch.optim.Adadelta(p, 0.5, rho=0.95, eps=0.0001, weight_decay=0.1)),
    ("adam", {}, 0.01, lambda p: torch.optim.Adam(p, 0.01)),
    ("adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.001, "weight_decay": 0.1}, 0.01,
     lambda p: torch.optim.Adam(p, 0.01, betas=(0.8, 0.95), eps=0.001, weight_decay=0.1)),
    ("adamw", {}, 0.01, lambda p: torch.optim.AdamW(p, 0.01)),
    ("adamw", {"weight_decay": 0.5}, 0.02, lambda p: torch.optim.AdamW(p, 0.02, weight_decay=0.5)),
    ("adamax", {}, 0.02, lambda p: torch.optim.Adamax(p, 0.02)),
    ("adamax", {"beta2": 0.9, "weight_decay": 0.1}, 0.02,
     lambda p: torch.optim.Adamax(p, 0.02, betas=(0.9, 0.9), weight_decay=0.1)),
    ("amsgrad", {}, 0.01, lambda p: torch.optim.Adam(p, 0.01, amsgrad=True)),
    ("amsgrad", {"beta2": 0.9, "weight_decay": 0.1}, 0.01,
     lambda p: torch.optim.Adam(p, 0.01, betas=(0.9, 0.9), amsgrad=True, weight_decay=0.1)),
]

SCHEDULE = torch.optim.lr_scheduler

# (schedule, settings, peak, total steps, PyTorch's scheduler, whether it reads the loss)
SCHEDULES = [
    ("constant", {}, 0.2, 60, lambda o: SCHEDULE.ConstantLR(o, factor=1.0), False),
    ("step", {}, 0.2, 60, lambda o: SCHEDULE.MultiStepLR(o, [30, 45], gamma=0.1), False),
    ("step", {"factor": 0.5, "milestones": "0.1/0.3/0.9"}, 0.2, 60,
     lambda o: SCHEDULE.MultiStepLR(o, [6, 18, 54], gamma=0.5), False),
    ("exponential", {}, 0.2, 60, lambda o: SCHEDULE.ExponentialLR(o, 0.01 ** (1 / 60)), False),
    ("linear", {}, 0.2, 60, lambda o: SCHEDULE.LinearLR(o, 1.0, 0.0, total_iters=60), False),
    ("linear", {"final_factor": 0.1}, 0.2, 40, lambda o: SCHEDULE.LinearLR(o, 1.0, 0.1, total_iters=40), False),
    ("cosine", {}, 0.2, 60, lambda o: SCHEDULE.CosineAnnealingLR(o, 60), False),
    ("cosine", {"final_factor": 0.05}, 0.2, 60, lambda o: SCHEDULE.CosineAnnealingLR(o, 60, eta_min=0.01), False),
    ("sgdr", {}, 0.2, 60, lambda o: SCHEDULE.CosineAnnealingWarmRestarts(o, 9, 2), False),  # ceil(60 / 7)
    ("sgdr", {"cycles": 4, "multiplier": 1, "final_factor": 0.05}, 0.2, 60,
     lambda o: SCHEDULE.CosineAnnealingWarmRestarts(o, 15, 1, eta_min=0.01), False),
    ("one-cycle", {}, 0.2, 60, lambda o: SCHEDULE.OneCycleLR(o, 0.2, total_steps=60, cycle_momentum=False), False),
    ("one-cycle", {"rise": 0.15, "start_divisor": 10, "final_divisor": 100}, 0.2, 50,
     lambda o: SCHEDULE.OneCycleLR(o, 0.2, total_steps=50, pct_start=0.15, div_factor=10, final_div_factor=100,
                                   cycle_momentum=False), False),
    ("reduce-on-plateau", {"smoothing": 0}, 0.2, 60,
     lambda o: SCHEDULE.ReduceLROnPlateau(o, factor=0.5, patience=6, threshold=0.01), True),
    ("reduce-on-plateau",
     {"smoothing": 0, "factor": 0.1, "patience": 0.05, "cooldown": 0.1, "threshold": 0.0001, "final_factor": 0.005},
     0.2, 60,
     lambda o: SCHEDULE.ReduceLROnPlateau(o, factor=0.1, patience=3, cooldown=6, threshold=0.0001, min_lr=0.001,
                                          eps=0.0), True),
]


def rates(make, peak, total, reads_loss, losses):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], peak)
    scheduler = make(optimizer)
    values = []
    for step in range(total):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < total:
            scheduler.step(losses[step]) if reads_loss else scheduler.step()
    return rounded(values)


def as_text(settings):
    return {key: str(value) for key, value in settings.items()}


def main():
    start, gradients = recorded_gradients()
    losses = [round(math.exp(-step / 6) + 0.3 + 0.02 * math.sin(5 * step), 4) for step in range(STEPS)]
    document = {
        "torch": torch.__version__.split("+")[0],
        "start": rounded(start.tolist()),
        "gradients": rounded([x for gradient in gradients for x in gradient.tolist()]),
        "losses": losses,
        "methods": [
            {"name": name, "settings": as_text(settings), "learning_rate": rate,
             "path": trajectory(make, start, gradients)}
            for name, settings, rate, make in METHODS
        ],
        "schedules": [
            {"name": name, "settings": as_text(settings), "peak": peak, "total": total,
             "rates": rates(make, peak, total, reads_loss, losses)}
            for name, settings, peak, total, make, reads_loss in SCHEDULES
        ],
    }
    path = pathlib.Path("reference/optim.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
