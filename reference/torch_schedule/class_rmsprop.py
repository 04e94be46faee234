"""A schedule of hyper-parameters for PyTorch.

The mean of what a controller of Descender sets in 40 steps on a quadratic; the last step's values
hold afterwards.

    optimizer = make_optimizer(model.parameters())
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss_function(model(inputs), targets).backward()
        optimizer.step()
"""

import torch

LEARNING_RATE = [
    0.023, 0.022210611, 0.019967068, 0.016623577, 0.012708004, 0.008838531, 0.0056260615,
    0.0035777767, 0.0030170518, 0.004032416, 0.0064635635, 0.009926672, 0.013874992, 0.01768517,
    0.02075566, 0.022601703, 0.02293185, 0.021693973, 0.019083511, 0.0155126, 0.011544999,
    0.007807108, 0.004889068, 0.0032515642, 0.0031531216, 0.0046092845, 0.0073901615, 0.011056703,
    0.015030048, 0.0186829, 0.021438539, 0.022861926, 0.022728324, 0.02105884, 0.018117039,
    0.014367372, 0.010401822, 0.0068464736, 0.0042626304, 0.0030582233,
]
B1 = [
    0.0, 0.0, 0.0, 0.60074466, 0.29214752, 0.057790965, 0.007896334, 0.16592997, 0.4575661,
    0.745644, 0.0, 0.0, 0.5935945, 0.2850843, 0.054136902, 0.009369999, 0.17183816, 0.4651301,
    0.7513064, 0.8957733, 0.8305861, 0.5864034, 0.2780677, 0.050594985, 0.010968298, 0.17782483,
    0.47269002, 0.75688374, 0.89674485, 0.826495, 0.57917416, 0.2711001, 0.047165602, 0.012690634,
    0.18388912, 0.48024312, 0.7623739, 0.89759016, 0.8222977, 0.5719076,
]
B2 = [
    1.0, 1.0, 1.0, 0.39925534, 0.7078525, 0.942209, 0.9921037, 0.83407, 0.54243386, 0.25435603, 1.0,
    1.0, 0.4064055, 0.7149157, 0.9458631, 0.99063003, 0.82816184, 0.5348699, 0.24869359, 0.10422671,
    0.16941392, 0.41359657, 0.7219323, 0.949405, 0.9890317, 0.82217515, 0.52731, 0.24311626,
    0.10325515, 0.17350501, 0.42082584, 0.7288999, 0.95283437, 0.98730934, 0.81611085, 0.5197569,
    0.23762608, 0.10240984, 0.17770231, 0.42809242,
]

STEPS = 40


class Scheduled(torch.optim.Optimizer):
    """P <- a1 P + a2 g g + a3;  Q <- b1 Q + b2 g + b3;  theta <- theta - learning_rate Q / sqrt(P), as of each step."""

    def __init__(self, parameters):
        super().__init__(parameters, {"step": 0, "p_weight": 0.0, "q_weight": 0.0})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            step = min(group["step"], STEPS - 1)
            group["step"] += 1
            learning_rate = LEARNING_RATE[step]
            a1, a2, a3 = 0.99, 0.01, 0.0
            b1, b2, b3 = B1[step], B2[step], 0.0
            group["p_weight"] = a1 * group["p_weight"] + a2
            group["q_weight"] = b1 * group["q_weight"] + b2
            for theta in group["params"]:
                if theta.grad is None:
                    continue
                gradient, state = theta.grad, self.state[theta]
                if "p" not in state:
                    state["p"] = torch.zeros_like(theta)
                p = state["p"].mul_(a1).addcmul_(gradient, gradient, value=a2).add_(a3)
                fresh = b2 * gradient + b3
                if "q" not in state and b1 != 0:
                    state["q"] = torch.zeros_like(theta)
                q = state["q"].mul_(b1).add_(fresh) if "q" in state else fresh
                direction, root = q, p.sqrt()
                root = root + 1e-8
                change = torch.where(root == 0, torch.zeros_like(root), direction / root)
                theta.sub_(change, alpha=learning_rate)
        return loss


def make_optimizer(parameters):
    return Scheduled(parameters)
