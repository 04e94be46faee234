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
    1.0, 0.965678674, 0.868133343, 0.288567473, 0.391103995, 0.362075783, 0.242679842, 0.129744182,
    0.0711543942, 0.0445943159, 0.281024492, 0.431594439, 0.245168381, 0.549713244, 0.853565749,
    0.973475006, 0.825707886, 0.504497969, 0.206345501, 0.0702968308, 0.0850384133, 0.140391002,
    0.153459826, 0.134219619, 0.135588563, 0.164766918, 0.169430702, 0.116872353, 0.0674752087,
    0.140938116, 0.392256131, 0.724524099, 0.941579468, 0.903982174, 0.642848284, 0.324675682,
    0.107467126, 0.0304846186, 0.0329338792, 0.0569218332,
]
MOMENTA = [
    1e-30, 1e-30, 1e-30, 1e-30, 0.164782151, 0.0434165644, 0.00749921301, 0.197369207, 0.703573669,
    1.59014332, 1e-30, 1e-30, 1.46059657, 0.162060833, 0.0409185216, 0.00894656577, 0.205549252,
    0.720180708, 1.61584865, 2.13738949, 0.510992548, 0.240197606, 0.159305591, 0.0384726784,
    0.0105288406, 0.213913526, 0.737012331, 1.64165234, 2.11140313, 0.491858232, 0.238791462,
    0.156517965, 0.0360807753, 0.0122475007, 0.222464198, 0.754067157, 1.66753214, 2.08271811,
    0.473890159, 0.237400365, 0.57190758,
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
