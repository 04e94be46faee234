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
    1.0, 0.251174987, 0.0924975707, 0.116766729, 0.220597315, 0.272016336, 0.230475033, 0.154327189,
    0.109410109, 0.0951008205, 0.0714802733, 0.431594439, 0.603260478, 0.312493477, 0.645154178,
    0.929483344, 0.987694667, 0.781135669, 0.443791098, 0.167734079, 0.0523172693, 0.0575057731,
    0.0879174663, 0.102061265, 0.130156056, 0.198205579, 0.264174221, 0.253491734, 0.158871688,
    0.0838741593, 0.161725818, 0.4182995, 0.720290115, 0.872416832, 0.777700864, 0.509798599,
    0.235061667, 0.0707348074, 0.0189797945, 0.0236284051,
]
MOMENTA = [
    0.899999976, 2.84464507, 2.18107827, 0.552962407, 0.243086958, 0.164782151, 0.0434165644,
    0.00749921301, 0.197369207, 0.703573669, 1.59014332, 1e-30, 1e-30, 1.46059657, 0.162060833,
    0.0409185216, 0.00894656577, 0.205549252, 0.720180708, 1.61584865, 2.13738949, 0.510992548,
    0.240197606, 0.159305591, 0.0384726784, 0.0105288406, 0.213913526, 0.737012331, 1.64165234,
    2.11140313, 0.491858232, 0.238791462, 0.156517965, 0.0360807753, 0.0122475007, 0.222464198,
    0.754067157, 1.66753214, 2.08271811, 0.473890159, 0.822297692,
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
    return torch.optim.SGD(parameters, lr=BASE_LEARNING_RATE, momentum=1e-30, weight_decay=0.05)


def make_scheduler(optimizer):
    return Schedule(optimizer)
