"""The paper's step in PyTorch, written as one would who knows PyTorch well and has no other tool.

`Descent` is the bare step: batch, forward, loss, backward, SGD update, and the statistics that a controller needs.
`Control` is the whole step of Algorithm 1: 18 features, ε-greedy policy, descent, reward, replay memory, and one
update of a Deep Q-Network (18-50-3, batch 32, Adam, target network every 100 updates).
"""

import collections
import math
import random

import torch
from torch import nn
from torch.nn import functional

import mnist

BATCH = 32
LEARNING_RATE = 0.1


def network():
    """The paper's network: 28,938 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1568, 10),
    )


class Descent:
    """Training of the paper's network on the embedded images."""

    def __init__(self, memory_format=torch.contiguous_format):
        images, self.labels = mnist.tensors()
        self.images = images.to(memory_format=memory_format)
        self.network = network().to(memory_format=memory_format)
        self.parameters = list(self.network.parameters())
        self.count = sum(parameter.numel() for parameter in self.parameters)
        assert self.count == 28_938
        self.optimizer = torch.optim.SGD(self.parameters, lr=LEARNING_RATE)
        self.batches = iter(())

    def next_batch(self):
        """Indices of the next batch; shuffled anew for each epoch."""
        indices = next(self.batches, None)
        if indices is None:
            self.batches = iter(torch.randperm(len(self.images)).split(BATCH))
            indices = next(self.batches)
        return indices

    def update(self):
        """One SGD step; loss and flat gradient, still tensors."""
        indices = self.next_batch()
        loss = functional.cross_entropy(self.network(self.images[indices]), self.labels[indices])
        self.optimizer.zero_grad()
        loss.backward()
        gradient = torch.cat([parameter.grad.reshape(-1) for parameter in self.parameters])
        self.optimizer.step()
        return loss.detach(), gradient

    def step(self):
        """The statistics that both sides compute, fetched from the tensors at once: loss, sums of the positive and
        of the negative entries of the gradient, its mean absolute value, and the number of parameters that
        increased (where the gradient is negative, for plain SGD)."""
        loss, gradient = self.update()
        positive, negative = gradient.clamp(min=0).sum(), gradient.clamp(max=0).sum()
        increased = (gradient < 0).sum()
        return torch.stack([loss, positive, negative, (positive - negative) / self.count, increased]).tolist()


class Control:
    """Descent under a Deep Q-Network that learns at each step."""

    FACTORS = (0.9, 1.0, 1 / 0.9)
    LOWER, UPPER = 0.9 * LEARNING_RATE, 1.1 * LEARNING_RATE  # as in `descender bench`
    STEPS = 2_500
    THRESHOLD = 0.02

    def __init__(self):
        self.descent = Descent()
        self.online, self.target = (
            nn.Sequential(nn.Linear(18, 50), nn.ReLU(), nn.Linear(50, 3)) for _ in range(2)
        )
        self.target.load_state_dict(self.online.state_dict())
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=0.01)
        self.observations, self.next_observations = torch.zeros(2_000, 18), torch.zeros(2_000, 18)
        self.actions = torch.zeros(2_000, dtype=torch.long)
        self.rewards = torch.zeros(2_000)
        self.stored = 0
        self.updates = 0
        self.start()
        self.observation = self.observe()

    def start(self):
        """What an episode remembers, before its first step."""
        self.learning_rate = LEARNING_RATE
        self.steps = 0
        self.recent = collections.deque(maxlen=20)
        self.minima = []
        self.maximum = self.previous = None
        self.gradients = collections.deque(maxlen=3)
        self.decrease = 0
        self.reached = False

    def observe(self):
        """One step of the descent at the present η; its 18 features."""
        descent = self.descent
        descent.optimizer.param_groups[0]["lr"] = self.learning_rate
        sizes = sum(parameter.detach().abs().sum() for parameter in descent.parameters)
        loss, gradient = descent.update()
        positive, negative = gradient.clamp(min=0).sum(), gradient.clamp(max=0).sum()
        loss, positive, negative, increased, decreased, size = torch.stack(
            [loss, positive, negative, (gradient < 0).sum(), (gradient > 0).sum(), sizes]
        ).tolist()
        mean, mean_absolute = (positive + negative) / descent.count, (positive - negative) / descent.count
        self.gradients.appendleft((mean, mean_absolute))
        means = [self.gradients[min(age, len(self.gradients) - 1)] for age in range(3)]
        previous = loss if self.previous is None else self.previous
        self.maximum = loss if self.maximum is None else max(self.maximum, loss)
        minimum = min(loss, self.minima[-1]) if self.minima else loss
        self.decrease = self.decrease + 1 if loss < previous else 0
        self.steps += 1
        self.loss, self.previous = loss, loss
        log = lambda value: math.log(max(value, 1e-12))
        return torch.tensor(
            [
                math.log1p(self.steps) / math.log1p(self.STEPS),
                log(self.maximum),
                log(minimum),
                log(loss),
                log(loss) - log(previous),
                increased / descent.count,
                decreased / descent.count,
                (log(self.learning_rate * (positive - negative) / size) + 7) / 3,
                *(mean / (absolute + 1e-12) for mean, absolute in means),
                *((log(absolute) + 7) / 3 for _, absolute in means),
                log(positive) / 3,
                log(-negative) / 3,
                self.decrease / 10,
                math.log(self.learning_rate / 0.03) / 2,
            ]
        )

    def reward(self):
        """The paper's three tiers, with our magnitudes."""
        loss, step = self.loss, len(self.minima)
        before = self.minima[-1] if self.minima else math.inf
        self.recent.append(loss)
        self.minima.append(min(before, loss))
        unused = 1 - step / self.STEPS
        if len(self.recent) == 20 and max(self.recent) - min(self.recent) <= 0.1:
            return -0.2
        if loss <= self.THRESHOLD and not self.reached:
            self.reached = True
            return 5.0 * unused
        if step and loss > self.minima[(step + 1) // 2 - 1]:
            return -0.1
        return 0.5 * unused if loss < before else 0.0

    def step(self):
        """One round: act, descend, observe, remember, learn."""
        if random.random() < 0.1:
            action = random.randrange(3)
        else:
            with torch.no_grad():
                action = int(self.online(self.observation).argmax())
        changed = self.learning_rate * self.FACTORS[action]
        self.learning_rate = min(max(changed, self.LOWER), self.UPPER)
        observation = self.observe()
        place = self.stored % 2_000
        self.observations[place] = self.observation
        self.next_observations[place] = observation
        self.actions[place] = action
        self.rewards[place] = self.reward()
        self.stored += 1
        self.observation = observation
        if self.stored >= 32:
            self.learn()
        if self.steps >= self.STEPS:
            self.start()

    def learn(self):
        """One update of the network towards y = r + γ max Q̂."""
        batch = torch.randint(min(self.stored, 2_000), (32,))
        with torch.no_grad():
            best = self.target(self.next_observations[batch]).max(dim=1).values
        targets = self.rewards[batch] + 0.9 * best
        values = self.online(self.observations[batch]).gather(1, self.actions[batch, None]).squeeze(1)
        loss = functional.mse_loss(values, targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.updates += 1
        if self.updates % 100 == 0:
            self.target.load_state_dict(self.online.state_dict())
