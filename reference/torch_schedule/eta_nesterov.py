"""A schedule of hyper-parameters for PyTorch.

The mean of what a controller of Descender sets in 40 steps on a quadratic; the last step's values
hold afterwards.

    optimizer = make_optimizer(model.parameters())
    scheduler = make_scheduler(optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss_function(model(inputs), targets).backward()
        optimizer.step()
        scheduler.step()
"""

import torch

BASE_LEARNING_RATE = 0.230000004
FACTORS = [
    1.0, 0.965678674, 0.868133343, 0.722764225, 0.552521895, 0.384283933, 0.244611368, 0.155555503,
    0.131176167, 0.175322427, 0.281024492, 0.431594439, 0.603260478, 0.768920377, 0.902419942,
    0.982682713, 0.997036872, 0.943216211, 0.829717826, 0.674460816, 0.501956458, 0.339439473,
    0.21256817, 0.141372351, 0.137092235, 0.200403672, 0.321311368, 0.480726191, 0.653480305,
    0.812299988, 0.932110376, 0.993996711, 0.988187979, 0.915601768, 0.787697265, 0.624668328,
    0.452253085, 0.29767275, 0.185331747, 0.132966225,
]

def factor(step):
    return FACTORS[min(step, len(FACTORS) - 1)]


def make_optimizer(parameters):
    return torch.optim.SGD(parameters, lr=BASE_LEARNING_RATE, momentum=0.8, nesterov=True, weight_decay=0.05)


def make_scheduler(optimizer):
    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
