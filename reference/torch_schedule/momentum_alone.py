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

# The momentum of the controller's schedule weights its gradients anew at each step; these are the learning rates and
# momenta with which PyTorch's sum of gradients makes the same steps. (1e-30 stands for 0, at which PyTorch would forget.)
BASE_LEARNING_RATE = 0.230000004
FACTORS = [
    1.0, 0.965678674, 0.868133343, 0.722764225, 0.552521895, 0.384283933, 0.244611368, 0.155555503,
    0.131176167, 0.175322427, 0.281024492, 0.431594439, 0.603260478, 0.768920377, 0.902419942,
    0.982682713, 0.997036872, 0.943216211, 0.829717826, 0.674460816, 0.501956458, 0.339439473,
    0.21256817, 0.141372351, 0.137092235, 0.200403672, 0.321311368, 0.480726191, 0.653480305,
    0.812299988, 0.932110376, 0.993996711, 0.988187979, 0.915601768, 0.787697265, 0.624668328,
    0.452253085, 0.29767275, 0.185331747, 0.132966225,
]
MOMENTA = [
    1e-30, 0.739897966, 0.893452346, 0.838444233, 0.600744665, 0.292147517, 0.0577909648,
    0.00789633393, 0.165929973, 0.457566112, 0.745643973, 1e-30, 1e-30, 0.593594491, 0.285084307,
    0.0541369021, 0.00936999917, 0.171838164, 0.465130091, 0.751306415, 0.895773292, 0.830586076,
    0.58640343, 0.278067708, 0.0505949855, 0.0109682977, 0.177824825, 0.472690016, 0.75688374,
    0.896744847, 0.826494992, 0.579174161, 0.271100104, 0.0471656024, 0.0126906335, 0.183889121,
    0.480243117, 0.762373924, 0.89759016, 0.822297692, 0.822297692,
]


def factor(step):
    return FACTORS[min(step, len(FACTORS) - 1)]


class Schedule:
    """Sets the learning rate and the momentum of the coming step."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.learning_rates = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        self.set_momentum()

    def step(self):
        self.learning_rates.step()
        self.set_momentum()

    def set_momentum(self):
        momentum = MOMENTA[min(self.learning_rates.last_epoch, len(MOMENTA) - 1)]
        for group in self.optimizer.param_groups:
            group["momentum"] = momentum

    def state_dict(self):
        return self.learning_rates.state_dict()

    def load_state_dict(self, state):
        self.learning_rates.load_state_dict(state)
        self.set_momentum()


def make_optimizer(parameters):
    return torch.optim.SGD(parameters, lr=BASE_LEARNING_RATE, momentum=1e-30)


def make_scheduler(optimizer):
    return Schedule(optimizer)
