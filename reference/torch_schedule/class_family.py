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
    0.0, 0.01, 0.02, 0.03, 0.04, 0.049999997, 0.06, 0.07, 0.08, 0.089999996, 0.099999994, 0.11,
    0.12, 0.13, 0.14, 0.14999999, 0.16, 0.17, 0.17999999, 0.19, 0.19999999, 0.21, 0.22, 0.22999999,
    0.24, 0.25, 0.26, 0.26999998, 0.28, 0.29, 0.29999998, 0.31, 0.32, 0.32999998, 0.34, 0.35,
    0.35999998, 0.37, 0.38, 0.39,
]
A2 = [
    0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3,
    0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3,
    0.3, 0.3,
]
A3 = [
    0.5, 0.51, 0.52, 0.53, 0.54, 0.55, 0.56, 0.57, 0.58, 0.59, 0.6, 0.61, 0.62, 0.63, 0.64, 0.65,
    0.65999997, 0.67, 0.68, 0.69, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77, 0.78, 0.78999996,
    0.79999995, 0.81, 0.82, 0.83, 0.84000003, 0.85, 0.86, 0.87, 0.88, 0.89,
]
B1 = [
    0.0, 0.73989797, 0.89345235, 0.83844423, 0.60074466, 0.29214752, 0.057790965, 0.007896334,
    0.16592997, 0.4575661, 0.745644, 0.0, 0.0, 0.5935945, 0.2850843, 0.054136902, 0.009369999,
    0.17183816, 0.4651301, 0.7513064, 0.8957733, 0.8305861, 0.5864034, 0.2780677, 0.050594985,
    0.010968298, 0.17782483, 0.47269002, 0.75688374, 0.89674485, 0.826495, 0.57917416, 0.2711001,
    0.047165602, 0.012690634, 0.18388912, 0.48024312, 0.7623739, 0.89759016, 0.8222977,
]
B3 = [
    0.0, 0.008414709, 0.009092974, 0.0014112, -0.007568025, -0.009589243, -0.002794155,
    0.0065698656, 0.009893582, 0.004121185, -0.0054402114, -0.009999902, -0.0053657293, 0.00420167,
    0.009906074, 0.0065028784, -0.002879033, -0.009613974, -0.0075098723, 0.0014987721,
    0.0091294525, 0.008366556, -8.8513094e-5, -0.008462205, -0.009055784, -0.0013235175,
    0.0076255845, 0.009563759, 0.0027090579, -0.006636339, -0.009880316, -0.0040403763, 0.005514267,
    0.009999118, 0.0052908272, -0.0042818263, -0.009917788, -0.0064353812, 0.0029636857,
    0.009637954,
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
            a1, a2, a3 = A1[step], A2[step], A3[step]
            b1, b2, b3 = B1[step], 1.0, B3[step]
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
                root = root
                change = torch.where(root == 0, torch.zeros_like(root), direction / root)
                theta.sub_(change, alpha=learning_rate)
        return loss


def make_optimizer(parameters):
    return Scheduled(parameters)
