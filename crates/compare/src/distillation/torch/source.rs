//! The text of the Python source.

use descender_optim::HyperParameter;

use super::update::Update;
use crate::distillation::distilled::Distilled;
use descender_record::settings_text::shortest;

/// Longest line of a list of numbers.
const WIDTH: usize = 100;

/// A table on its way to Python.
pub(super) struct Table<'a> {
    pub(super) distilled: &'a Distilled,
    pub(super) advice: Option<&'a str>,
}

impl Table<'_> {
    /// The head: what it is, and how to use it.
    fn head(&self, loop_lines: &str) -> String {
        let Distilled {
            source,
            task,
            schedule,
            ..
        } = self.distilled;
        let version = match source.program_version.as_str() {
            "" => String::new(),
            version => format!(" {version}"),
        };
        let facts = format!(
            "The mean of what a controller of Descender{version} sets in {} steps on {task}; the last step's values hold \
             afterwards.",
            schedule.steps()
        );
        let advice = self.advice.map(|text| format!("\n\n{}", wrapped(text)));
        format!(
            "\"\"\"A schedule of hyper-parameters for PyTorch.\n\n{}{}\n\n    optimizer = make_optimizer(model.parameters())\n\
             {loop_lines}\"\"\"\n\nimport torch\n",
            wrapped(&facts),
            advice.unwrap_or_default()
        )
    }

    /// One of PyTorch's optimizers under a `LambdaLR`.
    pub(super) fn scheduled(
        &self,
        name: &str,
        settings: &str,
        base: f64,
        factors: &[f64],
    ) -> String {
        format!(
            "{}
{}
{}

def make_optimizer(parameters):
    return torch.optim.{name}(parameters, lr=BASE_LEARNING_RATE{settings})


def make_scheduler(optimizer):
    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
",
            self.head(WITH_SCHEDULER),
            rates(base, factors),
            FACTOR
        )
    }

    /// PyTorch's SGD, with its momentum set before each step.
    pub(super) fn momentum(
        &self,
        settings: &str,
        base: f64,
        factors: &[f64],
        momenta: &[f64],
    ) -> String {
        format!(
            "{}
# The momentum of the controller's schedule weights its gradients anew at each step; these are the learning rates and
# momenta with which PyTorch's sum of gradients makes the same steps. (1e-30 stands for 0, at which PyTorch would forget.)
{}
MOMENTA = {}

{}

class Schedule:
    \"\"\"Sets the learning rate and the momentum of the coming step.\"\"\"

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
            group[\"momentum\"] = momentum

    def state_dict(self):
        return self.learning_rates.state_dict()

    def load_state_dict(self, state):
        self.learning_rates.load_state_dict(state)
        self.set_momentum()


def make_optimizer(parameters):
    return torch.optim.SGD(parameters, lr=BASE_LEARNING_RATE, momentum=1e-30{settings})


def make_scheduler(optimizer):
    return Schedule(optimizer)
",
            self.head(WITH_SCHEDULER),
            rates(base, factors),
            numbers(momenta),
            FACTOR
        )
    }

    /// h(μ) with μ from the table.
    pub(super) fn class(&self, update: &Update) -> String {
        let Distilled {
            method, schedule, ..
        } = self.distilled;
        let own = method.hyper_parameters(0.0);
        let mut columns = String::new();
        let mut mu = Vec::new();
        for entry in HyperParameter::ALL {
            match schedule.column(entry) {
                Some(values) => {
                    let name = entry.name().to_uppercase();
                    let values: Vec<f64> = values.iter().map(|value| shortest(*value)).collect();
                    columns.push_str(&format!("{name} = {}\n", numbers(&values)));
                    mu.push(format!("{name}[step]"));
                }
                None => mu.push(format!("{:?}", shortest(entry.get(&own)))),
            }
        }
        let Update {
            epsilon,
            weight_decay,
            ..
        } = *update;
        let decay = match (weight_decay != 0.0, update.decoupled) {
            (false, _) => String::new(),
            (true, false) => {
                format!("                gradient = gradient.add(theta, alpha={weight_decay:?})\n")
            }
            (true, true) => {
                format!("                theta.mul_(1.0 - learning_rate * {weight_decay:?})\n")
            }
        };
        let missing = match update.keep_first {
            true => "\"q\" not in state",
            false => "\"q\" not in state and b1 != 0",
        };
        let direction = match update.look_ahead {
            true => "b1 * q + fresh",
            false => "q",
        };
        let corrections = match update.bias_correction {
            true => concat!(
                "                if group[\"q_weight\"] > 0:\n",
                "                    direction = direction / group[\"q_weight\"]\n",
                "                if group[\"p_weight\"] > 0:\n",
                "                    root = root / group[\"p_weight\"] ** 0.5\n",
            ),
            false => "",
        };
        let root = match epsilon != 0.0 {
            true => format!("root + {epsilon:?}"),
            false => "root".to_owned(),
        };
        format!(
            "{head}
{columns}
STEPS = {steps}


class Scheduled(torch.optim.Optimizer):
    \"\"\"P <- a1 P + a2 g g + a3;  Q <- b1 Q + b2 g + b3;  theta <- theta - learning_rate Q / sqrt(P), as of each step.\"\"\"

    def __init__(self, parameters):
        super().__init__(parameters, {{\"step\": 0, \"p_weight\": 0.0, \"q_weight\": 0.0}})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            step = min(group[\"step\"], STEPS - 1)
            group[\"step\"] += 1
            learning_rate = {mu0}
            a1, a2, a3 = {a}
            b1, b2, b3 = {b}
            group[\"p_weight\"] = a1 * group[\"p_weight\"] + a2
            group[\"q_weight\"] = b1 * group[\"q_weight\"] + b2
            for theta in group[\"params\"]:
                if theta.grad is None:
                    continue
                gradient, state = theta.grad, self.state[theta]
{decay}                if \"p\" not in state:
                    state[\"p\"] = torch.zeros_like(theta)
                p = state[\"p\"].mul_(a1).addcmul_(gradient, gradient, value=a2).add_(a3)
                fresh = b2 * gradient + b3
                if {missing}:
                    state[\"q\"] = torch.zeros_like(theta)
                q = state[\"q\"].mul_(b1).add_(fresh) if \"q\" in state else fresh
                direction, root = {direction}, p.sqrt()
{corrections}                root = {root}
                change = torch.where(root == 0, torch.zeros_like(root), direction / root)
                theta.sub_(change, alpha=learning_rate)
        return loss


def make_optimizer(parameters):
    return Scheduled(parameters)
",
            head = self.head(WITHOUT_SCHEDULER),
            steps = schedule.steps(),
            mu0 = mu[0],
            a = mu[1..4].join(", "),
            b = mu[4..7].join(", "),
        )
    }
}

const WITH_SCHEDULER: &str = "    scheduler = make_scheduler(optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss_function(model(inputs), targets).backward()
        optimizer.step()
        scheduler.step()
";

const WITHOUT_SCHEDULER: &str = "    for inputs, targets in batches:
        optimizer.zero_grad()
        loss_function(model(inputs), targets).backward()
        optimizer.step()
";

const FACTOR: &str = "
def factor(step):
    return FACTORS[min(step, len(FACTORS) - 1)]
";

fn rates(base: f64, factors: &[f64]) -> String {
    let base = nine(base);
    format!(
        "BASE_LEARNING_RATE = {base:?}\nFACTORS = {}",
        numbers(factors)
    )
}

/// A list of numbers, to nine significant digits each.
pub(super) fn numbers(values: &[f64]) -> String {
    let mut lines = vec![String::new()];
    for value in values {
        let text = format!(" {:?},", nine(*value));
        if lines
            .last()
            .is_some_and(|line| line.len() + text.len() + 3 > WIDTH)
        {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&text);
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("   {line}\n")).collect();
    format!("[\n{}]", lines.concat())
}

/// To nine significant digits: closer than single precision is.
fn nine(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

/// Text in lines of at most [`WIDTH`] characters, safe inside a docstring.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = word.replace(['\\', '"'], "'");
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + 1 + word.chars().count() > WIDTH
        {
            lines.push(word);
        } else {
            let line = &mut lines[last];
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_broken_into_lines() {
        let text = numbers(&[1.0 / 3.0; 40]);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.matches("0.333333333,").count(), 40);
        assert_eq!(numbers(&[1e-30, 0.5]), "[\n    1e-30, 0.5,\n]");
    }

    #[test]
    fn no_text_ends_the_docstring() {
        let text = wrapped("a\"\"\"\nimport os \\");
        assert!(!text.contains('"') && !text.contains('\\'), "{text}");
    }
}
