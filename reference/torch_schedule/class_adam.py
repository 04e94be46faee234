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
    0.23, 0.2221061, 0.19967067, 0.16623577, 0.12708004, 0.08838531, 0.056260616, 0.035777766,
    0.030170519, 0.04032416, 0.064635634, 0.09926672, 0.13874991, 0.17685169, 0.20755659,
    0.22601703, 0.22931848, 0.21693973, 0.1908351, 0.15512599, 0.11544999, 0.07807108, 0.04889068,
    0.03251564, 0.031531215, 0.046092845, 0.073901616, 0.110567026, 0.15030047, 0.186829,
    0.21438539, 0.22861925, 0.22728324, 0.21058841, 0.18117037, 0.14367372, 0.10401821, 0.06846473,
    0.042626303, 0.030582232,
]
A1 = [
    0.9, 0.90199995, 0.904, 0.90599996, 0.908, 0.90999997, 0.912, 0.914, 0.91599995, 0.918,
    0.91999996, 0.922, 0.92399997, 0.926, 0.928, 0.92999995, 0.932, 0.93399996, 0.936, 0.93799996,
    0.94, 0.942, 0.944, 0.946, 0.94799995, 0.95, 0.95199996, 0.954, 0.956, 0.958, 0.96, 0.96199995,
    0.964, 0.96599996, 0.968, 0.96999997, 0.972, 0.974, 0.97599995, 0.978,
]
A2 = [
    0.100000024, 0.09800005, 0.096000016, 0.09400004, 0.09200001, 0.09000003, 0.088, 0.086000025,
    0.08400005, 0.08200002, 0.08000004, 0.07800001, 0.076000035, 0.074, 0.07200003, 0.07000005,
    0.06800002, 0.066000044, 0.06400001, 0.062000036, 0.060000002, 0.058000028, 0.055999994,
    0.05400002, 0.052000046, 0.050000012, 0.048000038, 0.046000004, 0.04400003, 0.041999996,
    0.04000002, 0.038000047, 0.036000013, 0.03400004, 0.032000005, 0.030000031, 0.027999997,
    0.026000023, 0.024000049, 0.022000015,
]
B1 = [
    0.9, 0.73989797, 0.89345235, 0.83844423, 0.60074466, 0.29214752, 0.057790965, 0.007896334,
    0.16592997, 0.4575661, 0.745644, 0.0, 0.0, 0.5935945, 0.2850843, 0.054136902, 0.009369999,
    0.17183816, 0.4651301, 0.7513064, 0.8957733, 0.8305861, 0.5864034, 0.2780677, 0.050594985,
    0.010968298, 0.17782483, 0.47269002, 0.75688374, 0.89674485, 0.826495, 0.57917416, 0.2711001,
    0.047165602, 0.012690634, 0.18388912, 0.48024312, 0.7623739, 0.89759016, 0.8222977,
]
B2 = [
    1.0, 0.26010203, 0.10654765, 0.16155577, 0.39925534, 0.7078525, 0.942209, 0.9921037, 0.83407,
    0.54243386, 0.25435603, 1.0, 1.0, 0.4064055, 0.7149157, 0.9458631, 0.99063003, 0.82816184,
    0.5348699, 0.24869359, 0.10422671, 0.16941392, 0.41359657, 0.7219323, 0.949405, 0.9890317,
    0.82217515, 0.52731, 0.24311626, 0.10325515, 0.17350501, 0.42082584, 0.7288999, 0.95283437,
    0.98730934, 0.81611085, 0.5197569, 0.23762608, 0.10240984, 0.17770231,
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
            a1, a2, a3 = A1[step], A2[step], 0.0
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
                if "q" not in state:
                    state["q"] = torch.zeros_like(theta)
                q = state["q"].mul_(b1).add_(fresh) if "q" in state else fresh
                direction, root = q, p.sqrt()
                if group["q_weight"] > 0:
                    direction = direction / group["q_weight"]
                if group["p_weight"] > 0:
                    root = root / group["p_weight"] ** 0.5
                root = root + 1e-8
                change = torch.where(root == 0, torch.zeros_like(root), direction / root)
                theta.sub_(change, alpha=learning_rate)
        return loss


def make_optimizer(parameters):
    return Scheduled(parameters)
