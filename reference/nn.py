"""Reference values of networks from PyTorch: writes nn.json beside this file.

Parameters, inputs and labels come from a formula that the test computes, too (`noise` below, exact in both),
so the file holds results only: loss, outputs and gradient in float64, for large networks every STEP-th value
and the sum of each tensor. The order of values is the crate's: images [height, width, channels], convolutions
[ky, kx, in, out], linear layers [in, out].

    python reference/nn.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

MASK = (1 << 64) - 1


def noise(seed, count):
    """Values in [-1, 1) with 24 bits, from 64-bit integer arithmetic (the finalizer of splitmix64)."""
    values = []
    for index in range(count):
        state = (seed * 0x9E3779B97F4A7C15 + (index + 1) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
        values.append((state >> 40) / (1 << 23) - 1.0)
    return torch.tensor(values, dtype=torch.float64)


def conv2d(out_channels, kernel, stride=1, padding=0):
    return {"conv2d": {"out_channels": out_channels, "kernel": kernel, "stride": stride, "padding": padding}}


def pool(size, stride):
    return {"max-pool2d": {"size": size, "stride": stride}}


def linear(outputs):
    return {"linear": {"outputs": outputs}}


def network(height, width, channels, *layers):
    return {"input": {"height": height, "width": width, "channels": channels}, "layers": list(layers)}


PAPER = network(
    28, 28, 1,
    conv2d(16, 5, padding=2), "relu", pool(2, 2),
    conv2d(32, 5, padding=2), "relu", pool(2, 2),
    linear(10),
)

# name: specification, batch, keep every n-th value of the gradient
CASES = {
    "paper": (PAPER, 6, 29),
    "one transformed convolution": (network(8, 12, 8, conv2d(9, 3, padding=1), "relu", linear(4)), 2, 3),
    "strides and overlapping windows": (
        network(11, 9, 3, conv2d(6, 3, stride=2, padding=1), "tanh", pool(3, 2), conv2d(5, 2), "sigmoid", linear(3)),
        3, 1,
    ),
    "relu behind the pool": (network(7, 7, 2, conv2d(4, 4, padding=3), pool(2, 3), "relu", linear(5)), 2, 1),
    "pool and function by themselves": (network(6, 8, 3, pool(2, 2), "tanh", linear(7), "relu", linear(2)), 4, 1),
    "perceptron": (network(1, 1, 18, linear(50), "relu", linear(3)), 32, 1),
    "deep perceptron": (network(1, 1, 5, linear(17), "tanh", linear(16), "sigmoid", linear(4)), 9, 1),
}


def run(specification, batch):
    shape = specification["input"]
    height, width, channels = shape["height"], shape["width"], shape["channels"]
    count = height * width * channels
    inputs = noise(2, batch * count)
    # A quarter of the pixels is zero, as in images of handwriting.
    inputs = torch.where(noise(3, batch * count) < -0.5, torch.zeros_like(inputs), inputs)
    x = inputs.reshape(batch, height, width, channels).permute(0, 3, 1, 2)

    parameters, plan, seed = [], [], 10
    for layer in specification["layers"]:
        name, settings = (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))
        if name in ("conv2d", "linear"):
            if name == "conv2d":
                k, o, i = settings["kernel"], settings["out_channels"], x.shape[1]
                weight_shape, fan_in, outputs = (k, k, i, o), k * k * i, o
            else:
                fan_in, outputs = x[0].numel(), settings["outputs"]
                weight_shape = (fan_in, outputs)
            bound = float(torch.tensor(1.0 / fan_in**0.5, dtype=torch.float32))
            # The product is rounded to float32, in which the crate computes.
            draw = lambda seed, shape: (
                (bound * noise(seed, torch.Size(shape).numel())).float().double().reshape(shape).requires_grad_()
            )
            weight, bias = draw(seed, weight_shape), draw(seed + 1, (outputs,))
            parameters += [weight, bias]
            seed += 2
        if name == "conv2d":
            x = F.conv2d(
                x, weight.permute(3, 2, 0, 1), bias, stride=settings["stride"], padding=settings["padding"]
            )
        elif name == "linear":
            x = (x.permute(0, 2, 3, 1).flatten(1) @ weight + bias).reshape(batch, outputs, 1, 1)
        elif name == "max-pool2d":
            x = F.max_pool2d(x, settings["size"], settings["stride"])
        else:
            x = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[name](x)

    logits = x.reshape(batch, -1)
    labels = torch.arange(batch) % logits.shape[1]
    losses = F.cross_entropy(logits, labels, reduction="none")
    loss = losses.mean()
    loss.backward()
    return logits, losses, loss, [parameter.grad.flatten() for parameter in parameters]


def main():
    torch.set_num_threads(1)
    cases = []
    for name, (specification, batch, step) in CASES.items():
        logits, losses, loss, gradients = run(specification, batch)
        digits = lambda tensor: [float(f"{value:.10g}") for value in tensor.flatten().tolist()]
        cases.append({
            "name": name,
            "specification": specification,
            "batch": batch,
            "step": step,
            "outputs": digits(logits),
            "losses": digits(losses),
            "loss": loss.item(),
            "gradient": digits(torch.cat(gradients)[::step]),
            "gradient_sums": digits(torch.stack([gradient.sum() for gradient in gradients])),
            "gradient_largest": digits(torch.stack([gradient.abs().max() for gradient in gradients])),
        })
    file = Path(__file__).with_suffix(".json")
    lines = ",\n".join(json.dumps(case) for case in cases)
    file.write_text(f'{{"torch": "{torch.__version__}", "cases": [\n{lines}\n]}}\n')
    print(file, file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
