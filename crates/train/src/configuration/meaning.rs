//! What each setting does, in a few words. The documentation of its type says more.

/// Keys and meanings, sorted by key. Kinds of a section that share a key share its meaning.
pub(super) const MEANINGS: &[(&str, &str)] = &[
    (
        "agent.atoms",
        "returns that the distribution of each action tells apart; 0: expected returns alone",
    ),
    (
        "agent.averaging_rate",
        "rate at which the policy's weights follow the network's; 0: they are the network's",
    ),
    ("agent.batch_size", "transitions in one update"),
    ("agent.bins", "bins of each feature that a table looks at"),
    (
        "agent.clip",
        "how far the probability of an action may move in one learning",
    ),
    ("agent.discount", "discount of a reward one decision later"),
    (
        "agent.double",
        "double DQN: the network chooses the best next action, the target network values it",
    ),
    (
        "agent.dueling",
        "dueling network: the state's value and each action's advantage",
    ),
    ("agent.entropy", "weight of the policy's entropy"),
    ("agent.epochs", "passes over what was collected"),
    (
        "agent.exploration.end",
        "share of random actions from `fraction` of the training on",
    ),
    (
        "agent.exploration.fraction",
        "part of the training over which that share falls",
    ),
    (
        "agent.exploration.start",
        "share of random actions at the start of the training",
    ),
    (
        "agent.features",
        "numbers of the features that a table looks at; none: the first and the last",
    ),
    (
        "agent.gradient_clip",
        "largest norm of the gradient; 0: off",
    ),
    ("agent.hidden", "widths of the hidden layers, first to last"),
    ("agent.high", "upper end of a table's bins"),
    (
        "agent.hold",
        "decisions of the first segment; each further one is twice as long",
    ),
    (
        "agent.horizon",
        "decisions of each environment between two learnings",
    ),
    (
        "agent.importance_exponent",
        "how much importance weights make up for priorities at the start; 1 at the end",
    ),
    (
        "agent.lambda",
        "advantages: from the one-step difference (0) to the whole return (1)",
    ),
    (
        "agent.learning_rate",
        "learning rate of Adam; of a table: how far a value goes",
    ),
    (
        "agent.learning_rate_decay",
        "by how much of itself the learning rate falls over the training",
    ),
    ("agent.least_value", "lowest return of a distribution"),
    (
        "agent.log_deviation",
        "ln of the deviation of continuous actions at the beginning",
    ),
    ("agent.loss", "loss: squared or huber"),
    ("agent.low", "lower end of a table's bins"),
    (
        "agent.memory",
        "starts whose descents a regression uses, the latest ones",
    ),
    (
        "agent.most_change",
        "divergence from the old policy after which a learning ends; 0: never",
    ),
    (
        "agent.most_starts",
        "most episodes of each policy in a generation, to which `starts` doubles while ranks are noise",
    ),
    ("agent.most_value", "highest return of a distribution"),
    ("agent.name", "agent that learns"),
    (
        "agent.noise",
        "noise of actions in training: gaussian or ornstein-uhlenbeck; of a noisy network: on its weights at first, 0: off",
    ),
    (
        "agent.noise_deviation",
        "standard deviation of that noise, of actions from -1 to 1; 0: none",
    ),
    (
        "agent.noise_return",
        "part of Ornstein-Uhlenbeck noise that is lost at each decision",
    ),
    (
        "agent.pairs",
        "pairs of descents with opposite offsets from each start",
    ),
    (
        "agent.policy_interval",
        "updates of the critics for each of the policy and of the target networks",
    ),
    (
        "agent.policy_learning_rate",
        "learning rate of Adam for the policy",
    ),
    (
        "agent.population",
        "policies that are compared in a generation",
    ),
    (
        "agent.priority_exponent",
        "how much more often experiences with large errors are sampled; 0: uniform replay",
    ),
    (
        "agent.replay_capacity",
        "transitions that the replay memory holds",
    ),
    (
        "agent.return_steps",
        "rewards that are summed before the bootstrap",
    ),
    ("agent.round", "starts after which the policy moves"),
    (
        "agent.rule",
        "next value of a table: q-learning (of the best action) or sarsa (of the one taken)",
    ),
    (
        "agent.scale_rewards",
        "whether rewards are divided by the running standard deviation of their return",
    ),
    (
        "agent.smoothing_deviation",
        "standard deviation of the noise of the target policy's actions",
    ),
    ("agent.smoothing_limit", "largest size of that noise"),
    (
        "agent.spread",
        "standard deviation of what is tried at first: parameters, or offsets of a pair",
    ),
    (
        "agent.starts",
        "episodes of each policy in a generation, from starts that all share",
    ),
    (
        "agent.target_entropy",
        "entropy of the policy in each dimension that the temperature is learned to reach",
    ),
    (
        "agent.target_interval",
        "updates between two updates of the target network",
    ),
    (
        "agent.target_rate",
        "how far the target network goes towards the network at each of its updates; 1 copies",
    ),
    (
        "agent.temperature",
        "what a unit of the policy's entropy is worth in rewards at the start",
    ),
    (
        "agent.temperature_learning_rate",
        "learning rate of Adam for the temperature's logarithm; 0: it stays",
    ),
    (
        "agent.trust",
        "how far an output of the policy may move in a round",
    ),
    ("agent.updates_per_decision", "updates for each transition"),
    (
        "agent.warm_up",
        "transitions in the memory before the first update",
    ),
    (
        "checkpoint_seconds",
        "seconds between checkpoints; never changes the result",
    ),
    (
        "comparison.against",
        "contenders of the comparison at the end, as for `compare --against`",
    ),
    (
        "comparison.seed",
        "seed of these start points; -1: that of the run",
    ),
    (
        "comparison.starts",
        "held-out start points of the comparison",
    ),
    (
        "comparison.steps",
        "steps of each descent of the comparison",
    ),
    (
        "data",
        "folder with the task's IDX files; empty for the embedded data",
    ),
    (
        "environment.bounds_mode",
        "what happens when an action takes η out of its bounds: end or clip",
    ),
    (
        "environment.control.action.dimensions",
        "hyper-parameters that are placed: tables of parameter, low, high and scale",
    ),
    (
        "environment.control.action.factors",
        "factors of η, one for each action",
    ),
    ("environment.control.action.name", "what the policy may do"),
    (
        "environment.control.action.schedule",
        "what multiplies the learning rate: constant, linear or cosine",
    ),
    (
        "environment.control.action.total_steps",
        "steps over which the schedule runs",
    ),
    (
        "environment.control.action.warm_up",
        "share of these steps in which the learning rate rises on a straight line",
    ),
    ("environment.control.bounds.lower", "lowest η"),
    ("environment.control.bounds.upper", "highest η"),
    (
        "environment.control.initial_learning_rate",
        "η before the first decision; actions that place η anew have none",
    ),
    (
        "environment.control.interval",
        "steps between two decisions",
    ),
    (
        "environment.control.observation.centre",
        "the usual value of each reading",
    ),
    (
        "environment.control.observation.fast_window",
        "window of the fast average of the loss, in steps",
    ),
    (
        "environment.control.observation.job.steps",
        "steps of the job that is read",
    ),
    (
        "environment.control.observation.least",
        "the least value of each reading of the job in training",
    ),
    (
        "environment.control.observation.most",
        "the greatest value of each reading of the job in training",
    ),
    (
        "environment.control.observation.name",
        "what the policy sees",
    ),
    (
        "environment.control.observation.precision",
        "inverse covariance of the readings of the job in training",
    ),
    (
        "environment.control.observation.probe_every",
        "decisions from one probe to the next; 0: none",
    ),
    (
        "environment.control.observation.probe_examples",
        "examples of a probe",
    ),
    (
        "environment.control.observation.reach",
        "distance from the usual job beyond which its readings are taken towards it",
    ),
    (
        "environment.control.observation.slow_window",
        "window of the slow average of the loss, in steps",
    ),
    (
        "environment.control.observation.spread",
        "how much each reading usually differs from its usual value",
    ),
    (
        "environment.control.observation.total_steps",
        "steps that the measure of time is scaled to",
    ),
    (
        "environment.control.safety.cut",
        "after a rise, η is at most so many times the highest of the steps that are undone",
    ),
    (
        "environment.control.safety.enabled",
        "whether a safety net watches the controller in use",
    ),
    (
        "environment.control.safety.fallback.descent_steps",
        "steps over which the fallback runs",
    ),
    (
        "environment.control.safety.fallback.peak_learning_rate",
        "highest η of the fallback; 0: the optimizer's usual one",
    ),
    (
        "environment.control.safety.fallback.schedule.cycles",
        "number of cycles",
    ),
    (
        "environment.control.safety.fallback.schedule.factor",
        "what η is multiplied by",
    ),
    (
        "environment.control.safety.fallback.schedule.final_divisor",
        "η at the start / η at the end",
    ),
    (
        "environment.control.safety.fallback.schedule.final_factor",
        "share of the highest η that is left at the end",
    ),
    (
        "environment.control.safety.fallback.schedule.milestones",
        "shares of the steps after which η is multiplied",
    ),
    (
        "environment.control.safety.fallback.schedule.multiplier",
        "length of a cycle / length of the one before",
    ),
    (
        "environment.control.safety.fallback.schedule.name",
        "course of η under the fallback",
    ),
    (
        "environment.control.safety.fallback.schedule.rise",
        "share of the steps in which η rises",
    ),
    (
        "environment.control.safety.fallback.schedule.start_divisor",
        "highest η / η at the start",
    ),
    (
        "environment.control.safety.fast_steps",
        "window of the fast average of the loss, in steps",
    ),
    (
        "environment.control.safety.hold",
        "steps under the fallback before the policy is asked again",
    ),
    (
        "environment.control.safety.noise",
        "standard errors by which it must lie above that",
    ),
    (
        "environment.control.safety.rise",
        "the fast average is too high above so many times the lowest slow one",
    ),
    (
        "environment.control.safety.save_every",
        "least number of steps between two saved states",
    ),
    (
        "environment.control.safety.slow_steps",
        "window of the slow average of the loss, in steps",
    ),
    (
        "environment.control.safety.stall_after",
        "steps without progress that make a stall; 0: off",
    ),
    (
        "environment.control.safety.stall_fraction",
        "no progress is a slow average not below so many times the first loss",
    ),
    (
        "environment.control.safety.trips",
        "interventions after which the fallback stays",
    ),
    (
        "environment.control.safety.warm_up",
        "steps in which the fast average is compared with the first loss only",
    ),
    (
        "environment.divergence.max_loss",
        "a batch loss above this is a divergence",
    ),
    (
        "environment.divergence.smoothing",
        "weight of the past in the smoothed loss",
    ),
    (
        "environment.divergence.stuck_after",
        "steps before stuck_fraction counts",
    ),
    (
        "environment.divergence.stuck_fraction",
        "a smoothed loss above this part of the loss at chance is a divergence",
    ),
    (
        "environment.reward.batch_size",
        "examples in a batch that is imagined from the probe",
    ),
    ("environment.reward.bonus", "reward at the hit"),
    (
        "environment.reward.discount",
        "discount in the potential's difference; the agent's own",
    ),
    (
        "environment.reward.divergence",
        "reward when the descent diverges",
    ),
    (
        "environment.reward.end_at_hit",
        "whether the episode ends at the hit",
    ),
    (
        "environment.reward.final_weight",
        "weight of the log loss on the selection data after the last step",
    ),
    (
        "environment.reward.floor",
        "a loss below this counts as this much",
    ),
    ("environment.reward.name", "what the agent is paid"),
    (
        "environment.reward.new_minimum",
        "reward for a new minimum at the first step; falls to 0",
    ),
    (
        "environment.reward.out_of_bounds",
        "reward when η leaves its bounds and that ends the episode",
    ),
    (
        "environment.reward.potential_weight",
        "weight of the potential",
    ),
    (
        "environment.reward.scale",
        "reward for a fall of the smoothed ln loss by 1",
    ),
    (
        "environment.reward.settled_below",
        "the episode ends once the probability that there was no hit yet is below this",
    ),
    (
        "environment.reward.small_range",
        "largest range of these losses that counts as small",
    ),
    (
        "environment.reward.smoothing",
        "weight of the past in the smoothed loss",
    ),
    (
        "environment.reward.step_cost",
        "cost of each step before the hit",
    ),
    (
        "environment.reward.threshold_bonus",
        "reward for the first hit at the first step; falls to 0",
    ),
    (
        "environment.reward.tier2",
        "reward of a step after which the last losses lie close together",
    ),
    (
        "environment.reward.tier3",
        "reward of a step whose loss is above the minimum of the first half",
    ),
    (
        "environment.reward.unseen",
        "whether the probe is made of examples that are not trained on",
    ),
    (
        "environment.reward.weigh_by_survival",
        "whether rewards are multiplied by the probability that there was no hit before",
    ),
    ("environment.reward.weight", "weight of the logarithm"),
    ("environment.reward.window", "losses that tier 2 looks at"),
    (
        "environment.score_threshold",
        "sum of rewards below which an episode is cut off",
    ),
    (
        "environment.start_learning_rate.lower",
        "lowest η that is drawn",
    ),
    (
        "environment.start_learning_rate.name",
        "η of an episode's first step: the control's own, or drawn for each start",
    ),
    (
        "environment.start_learning_rate.upper",
        "highest η that is drawn",
    ),
    (
        "environment.steps",
        "steps of a whole descent of the training (--steps sets every length)",
    ),
    ("environment.threshold", "target batch loss"),
    (
        "environments",
        "environments side by side; changes the result (unlike --threads)",
    ),
    ("episodes", "training episodes, over all learners"),
    (
        "learners",
        "agents trained one after the other; the controller is chosen among the candidates of all",
    ),
    ("optimizer.a1", "decay of the second moment"),
    ("optimizer.a2", "weight of the squared gradient in it"),
    ("optimizer.a3", "constant added to it at each step"),
    (
        "optimizer.averaged",
        "whether the network is evaluated at the average of its iterates",
    ),
    (
        "optimizer.averaging",
        "the larger, the more late iterates weigh in the average",
    ),
    (
        "optimizer.averaging_power",
        "power of the step in the weights of the average",
    ),
    ("optimizer.b1", "decay of the first moment"),
    ("optimizer.b2", "weight of the gradient in it"),
    ("optimizer.b3", "constant added to it at each step"),
    (
        "optimizer.beta1",
        "decay of the first moment; of schedule-free methods: where the gradient is taken",
    ),
    ("optimizer.beta2", "decay of the second moment"),
    ("optimizer.bias_correction", "Adam's bias correction"),
    ("optimizer.d0", "first estimate of the distance"),
    ("optimizer.d_coef", "factor on the estimated distance"),
    (
        "optimizer.dampening",
        "what the gradient's weight is lowered by",
    ),
    ("optimizer.decay", "decay of the second moment"),
    (
        "optimizer.decoupled",
        "whether weight decay shrinks the parameters rather than joins the gradient",
    ),
    ("optimizer.epsilon", "ε, added to the denominator"),
    (
        "optimizer.epsilon_place",
        "where ε stands: inside or outside the root",
    ),
    (
        "optimizer.growth_rate",
        "most by which the estimate grows in a step; 0: no limit",
    ),
    (
        "optimizer.hypergradient_rate",
        "learning rate of the learning rate",
    ),
    (
        "optimizer.initial_distance",
        "first distance as a share of 1 + the norm of the parameters",
    ),
    (
        "optimizer.momentum",
        "decay of the first moment; of schedule-free methods: where the gradient is taken",
    ),
    ("optimizer.name", "optimizer that is controlled"),
    (
        "optimizer.rate_power",
        "power of the largest rate in the weights of the average",
    ),
    (
        "optimizer.safeguard_warmup",
        "keeps η out of the estimate, for schedules with a warm-up",
    ),
    (
        "optimizer.warmup_steps",
        "steps in which the rate rises on a straight line",
    ),
    ("optimizer.weight_decay", "weight decay"),
    (
        "preset",
        "preset that the settings are based on (set with --preset)",
    ),
    ("seed", "seed of every random stream"),
    (
        "selection.every",
        "a candidate is taken each time so many episodes have ended; 0: only the last policy",
    ),
    (
        "selection.final_starts",
        "further selection starts for the finalists",
    ),
    (
        "selection.finalists",
        "best candidates that are scored again at the end",
    ),
    (
        "selection.measure",
        "what candidates are judged by: first-hit, expected-hit, final-loss or score",
    ),
    (
        "selection.starts",
        "selection starts that each candidate is scored on when it is taken",
    ),
    ("task", "name of the task"),
    (
        "training_starts",
        "start points of the training episodes: fixed or random",
    ),
];

/// What the setting of this key does.
pub(super) fn meaning(key: &str) -> Option<&'static str> {
    let place = MEANINGS.binary_search_by(|(known, _)| (*known).cmp(key));
    place.ok().map(|place| MEANINGS[place].1)
}
