"""Reference values of recurrent layers, layer normalisation, average pools, embeddings and residuals from PyTorch:
writes nn_layers.json beside this file, in the form of nn.json (see nn.py).

PyTorch's own modules are given the crate's parameters: the transposes of the two parts of a recurrent weight, and
two biases whose sum is the crate's.

    python reference/nn_layers.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from nn import conv2d, linear, network, noise, pool


def recurrent(kind, hidden, output):
    return {kind: {"hidden": hidden, "output": output}}


def embedding(vocabulary, features):
    return {"embedding": {"vocabulary": vocabulary, "features": features}}


def residual(*layers):
    return {"residual": list(layers)}


# name: specification, batch, keep every n-th value of the gradient
CASES = {
    "gated recurrent unit over the rows of an image": (
        network(28, 28, 1, recurrent("gru", 64, "last"), linear(10)), 5, 13,
    ),
    "long short-term memory over the rows of an image": (
        network(28, 28, 1, recurrent("lstm", 64, "last"), linear(10)), 5, 17,
    ),
    "two recurrent layers of each kind": (
        network(
            6, 2, 5, recurrent("gru", 17, "all"), recurrent("lstm", 9, "all"), "layer-norm",
            recurrent("lstm", 12, "all"), recurrent("gru", 5, "last"), linear(3),
        ),
        3, 3,
    ),
    "one time step": (network(1, 1, 4, recurrent("gru", 3, "all"), recurrent("lstm", 3, "last")), 2, 1),
    "words": (
        network(7, 1, 1, embedding(11, 6), recurrent("gru", 8, "all"), "global-average-pool", linear(4)), 5, 1,
    ),
    "two ids for each step": (network(4, 1, 2, embedding(5, 3), "layer-norm", linear(3)), 4, 1),
    "residual network": (
        network(
            8, 8, 3, conv2d(8, 3, padding=1), "layer-norm", "relu",
            residual(conv2d(8, 3, padding=1), "layer-norm", "relu", conv2d(8, 3, padding=1)), "relu",
            pool(2, 2), residual("layer-norm", residual("tanh"), conv2d(8, 1)), "global-average-pool", linear(5),
        ),
        3, 5,
    ),
    "convolutions with many channels": (
        network(
            10, 9, 16, conv2d(20, 3, padding=1), "layer-norm", residual(conv2d(20, 3, padding=1), "relu"),
            conv2d(64, 3, padding=2), conv2d(64, 3), "relu", pool(2, 2), "global-average-pool", linear(5),
        ),
        2, 101,
    ),
    "residual around the whole network": (network(1, 1, 20, residual(linear(9), "tanh", linear(20))), 6, 1),
}


class Builder:
    """Applies layers to activations [batch, height, width, channels] and keeps their parameters in order."""

    def __init__(self):
        self.parameters = []

    def draw(self, fan_in, *shape):
        """The next tensor, uniform in ±1/√fan_in; rounded to float32, in which the crate computes."""
        bound = float(torch.tensor(1.0 / fan_in**0.5, dtype=torch.float32))
        seed = 10 + len(self.parameters)
        values = (bound * noise(seed, torch.Size(shape).numel())).float().double()
        self.parameters.append(values.reshape(shape).requires_grad_())
        return self.parameters[-1]

    def apply(self, layers, x):
        for layer in layers:
            name, settings = (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))
            if name == "residual":
                x = x + self.apply(settings, x)
            else:
                x = getattr(self, name.replace("-", "_"))(x, **settings)
        return x

    def relu(self, x):
        return torch.relu(x)

    def tanh(self, x):
        return torch.tanh(x)

    def conv2d(self, x, out_channels, kernel, stride, padding):
        channels = x.shape[3]
        fan_in = kernel * kernel * channels
        weight = self.draw(fan_in, kernel, kernel, channels, out_channels)
        bias = self.draw(fan_in, out_channels)
        x = F.conv2d(x.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), bias, stride=stride, padding=padding)
        return x.permute(0, 2, 3, 1)

    def max_pool2d(self, x, size, stride):
        return F.max_pool2d(x.permute(0, 3, 1, 2), size, stride).permute(0, 2, 3, 1)

    def linear(self, x, outputs):
        x = x.flatten(1)
        weight, bias = self.draw(x.shape[1], x.shape[1], outputs), self.draw(x.shape[1], outputs)
        return (x @ weight + bias)[:, None, None, :]

    def gru(self, x, hidden, output):
        return self.recurrent(nn.GRU, 3, x, hidden, output)

    def lstm(self, x, hidden, output):
        return self.recurrent(nn.LSTM, 4, x, hidden, output)

    def recurrent(self, kind, gates, x, hidden, output):
        x = x.flatten(2)
        features = x.shape[2]
        weight = self.draw(features + hidden, features + hidden, gates * hidden)
        bias = self.draw(features + hidden, 4 * hidden)
        if gates == 3:
            # The sums of two biases are parted unevenly; those of n stay apart.
            share = torch.cat([torch.full((2 * hidden,), 0.25), torch.ones(hidden)]).double()
            both = torch.cat([bias[: 2 * hidden], bias[3 * hidden :]])
            rest = torch.cat([torch.full((2 * hidden,), 0.75), torch.ones(hidden)]).double()
            input_bias, state_bias = share * bias[: 3 * hidden], rest * both
        else:
            input_bias, state_bias = 0.25 * bias, 0.75 * bias
        parameters = {
            "weight_ih_l0": weight[:features].T,
            "weight_hh_l0": weight[features:].T,
            "bias_ih_l0": input_bias,
            "bias_hh_l0": state_bias,
        }
        module = kind(features, hidden, batch_first=True).double()
        states, _ = functional_call(module, parameters, (x,))
        return states[:, :, None, :] if output == "all" else states[:, -1, None, None, :]

    def layer_norm(self, x):
        channels = x.shape[3]
        weight, bias = self.draw(channels, channels), self.draw(channels, channels)
        return F.layer_norm(x, (channels,), weight, bias)

    def global_average_pool(self, x):
        return F.adaptive_avg_pool2d(x.permute(0, 3, 1, 2), 1).permute(0, 2, 3, 1)

    def embedding(self, x, vocabulary, features):
        weight = self.draw(1, vocabulary, features)
        return F.embedding(x.long(), weight).flatten(3)


def run(specification, batch):
    shape = specification["input"]
    height, width, channels = shape["height"], shape["width"], shape["channels"]
    count = batch * height * width * channels
    first = specification["layers"][0]
    if "embedding" in first:
        inputs = (torch.arange(count) * 7 % first["embedding"]["vocabulary"]).double()
    else:
        inputs = noise(2, count)
        # A quarter of the values is zero, as in images of handwriting.
        inputs = torch.where(noise(3, count) < -0.5, torch.zeros_like(inputs), inputs)
    builder = Builder()
    logits = builder.apply(specification["layers"], inputs.reshape(batch, height, width, channels)).reshape(batch, -1)
    labels = torch.arange(batch) % logits.shape[1]
    losses = F.cross_entropy(logits, labels, reduction="none")
    loss = losses.mean()
    loss.backward()
    return logits, losses, loss, [parameter.grad.flatten() for parameter in builder.parameters]


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
