"""Updates of DDPG, TD3 and SAC in PyTorch, for those of descender-agent. Writes actor_critic.json.

    pip install torch
    python reference/actor_critic.py

Each agent takes three updates by the same batch of three transitions, with observations of 2 numbers, actions of 1 and a
hidden layer of 4. Networks are flat vectors in the layout of descender-nn: for each layer the weight as [inputs, outputs],
then the bias. Their weights begin as numbers of a formula that the test has, too. TD3 and SAC take their noise from NOISE:
the draws of the stream that the test uses.
"""

import json
from pathlib import Path

import torch
from torch.distributions import Normal, TanhTransform, TransformedDistribution

torch.set_default_dtype(torch.float64)

HIDDEN = 4
OBSERVATIONS = torch.tensor([[0.3, -0.7], [-0.2, 0.9], [1.1, 0.4]])
ACTIONS = torch.tensor([[0.5], [-0.4], [0.2]])
REWARDS = torch.tensor([1.0, -0.5, 2.0])
NEXT_OBSERVATIONS = torch.tensor([[0.1, -0.3], [0.6, 0.8], [-0.9, 0.2]])
DISCOUNTS = torch.tensor([0.9, 0.0, 0.9])
RATE, POLICY_RATE, TEMPERATURE_RATE, TAU = 0.02, 0.01, 0.03, 0.1
# Of every update, for each example: TD3 one number; SAC one for the next action, then one for the action.
NOISE = {
    "td3": [
        0.065414414, -0.6160358, 0.5293275, -1.3129641, 1.061426, 0.37885287, 2.0618658, -0.8703382,
        0.025294052,
    ],
    "sac": [
        0.065414414, 0.68558455, -0.6160358, 0.5293275, 0.088640645, -1.3129641, 1.061426, -0.74451566,
        0.37885287, 2.0618658, -1.1203554, -0.8703382, 0.025294052, 0.24132371, 1.4318668, 1.6149513,
        -0.26331642, 0.9967863,
    ],
}


def start(number, inputs, outputs):
    count = (inputs + 1) * HIDDEN + (HIDDEN + 1) * outputs
    return 0.6 * torch.sin(torch.arange(count) + 10.0 * number)


def network(weights, inputs, outputs, x):
    split = inputs * HIDDEN
    hidden = torch.relu(x @ weights[:split].view(inputs, HIDDEN) + weights[split : split + HIDDEN])
    rest = weights[split + HIDDEN :]
    return hidden @ rest[: HIDDEN * outputs].view(HIDDEN, outputs) + rest[HIDDEN * outputs :]


def value(weights, observations, actions):
    return network(weights, 3, 1, torch.cat([observations, actions], 1))[:, 0]


class Learned:
    def __init__(self, number, inputs, outputs, rate):
        self.weights = start(number, inputs, outputs).requires_grad_()
        self.target = self.weights.detach().clone()
        self.optimizer = torch.optim.Adam([self.weights], rate)

    def descend(self, loss):
        self.optimizer.zero_grad()
        loss.backward(inputs=[self.weights])
        self.optimizer.step()

    def follow(self):
        self.target = TAU * self.weights.detach() + (1 - TAU) * self.target


def told(actor, critics, losses, **more):
    return {
        "actor": actor.weights.tolist(),
        "critics": [critic.weights.tolist() for critic in critics],
        "targets": [critic.target.tolist() for critic in critics],
        "losses": losses,
        **more,
    }


def fit(critics, y):
    """The loss of the critics, as a mean over them; one step of each."""
    losses = [((value(critic.weights, OBSERVATIONS, ACTIONS) - y) ** 2).mean() for critic in critics]
    for critic, loss in zip(critics, losses):
        critic.descend(loss)
    return sum(loss.item() for loss in losses) / len(losses)


def deterministic(twins, noise=None, interval=1):
    """DDPG, or with two critics and noise TD3 (deviation 0.2, limit 0.25)."""
    actor = Learned(0, 2, 1, POLICY_RATE)
    critics = [Learned(number, 3, 1, RATE) for number in ([1, 2] if twins else [1])]
    losses = []
    for update in range(3):
        with torch.no_grad():
            next_actions = torch.tanh(network(actor.target, 2, 1, NEXT_OBSERVATIONS))
            if twins:
                draws = torch.tensor(noise[3 * update :][:3])[:, None]
                next_actions = (next_actions + (0.2 * draws).clamp(-0.25, 0.25)).clamp(-1, 1)
            values = torch.stack([value(critic.target, NEXT_OBSERVATIONS, next_actions) for critic in critics])
            y = REWARDS + DISCOUNTS * values.min(0).values
        losses.append(fit(critics, y))
        if (update + 1) % interval == 0:
            actor.descend(-value(critics[0].weights, OBSERVATIONS, torch.tanh(network(actor.weights, 2, 1, OBSERVATIONS))).mean())
            for learned in [actor, *critics]:
                learned.follow()
    return told(actor, critics, losses, actor_target=actor.target.tolist())


def draw(weights, observations, noise):
    mean, log_deviation = network(weights, 2, 2, observations).split(1, 1)
    normal = Normal(mean, log_deviation.clamp(-20, 2).exp())
    actions = torch.tanh(mean + log_deviation.clamp(-20, 2).exp() * noise)
    # Without the cache of the transform, atanh is as exact as these actions need.
    return actions, TransformedDistribution(normal, TanhTransform()).log_prob(actions)[:, 0]


def soft(noise):
    actor = Learned(0, 2, 2, POLICY_RATE)
    critics = [Learned(number, 3, 1, RATE) for number in (1, 2)]
    logarithm = torch.tensor(0.5).log().requires_grad_()
    optimizer = torch.optim.Adam([logarithm], TEMPERATURE_RATE)
    losses = []
    for update in range(3):
        next_noise, own_noise = torch.tensor(noise[6 * update :][:6]).view(2, 3, 1)
        temperature = logarithm.detach().exp()
        with torch.no_grad():
            next_actions, densities = draw(actor.weights, NEXT_OBSERVATIONS, next_noise)
            values = torch.stack([value(critic.target, NEXT_OBSERVATIONS, next_actions) for critic in critics])
            y = REWARDS + DISCOUNTS * (values.min(0).values - temperature * densities)
        losses.append(fit(critics, y))
        actions, densities = draw(actor.weights, OBSERVATIONS, own_noise)
        values = torch.stack([value(critic.weights, OBSERVATIONS, actions) for critic in critics])
        actor.descend((temperature * densities - values.min(0).values).mean())
        optimizer.zero_grad()
        (-logarithm * (densities.detach() - 1.0).mean()).backward()
        optimizer.step()
        for critic in critics:
            critic.follow()
    return told(actor, critics, losses, temperature=logarithm.exp().item())


document = {
    "ddpg": deterministic(False),
    "td3": deterministic(True, NOISE["td3"], 2),
    "sac": soft(NOISE["sac"]),
    "noise": NOISE,
}
Path(__file__).with_name("actor_critic.json").write_text(json.dumps(document, indent=1) + "\n")
