//! A model of your own: logistic regression, written by hand, on data that it makes itself.
//!
//! All that Descender needs to know of a model are the two traits implemented here. The controller is trained, chosen on
//! starts of its own, compared on others, and saved with a report.
//!
//! `cargo run --release --example own_model [FOLDER]`

#![allow(clippy::print_stdout, reason = "an example shows what came of it")]

use descender::Training;
use descender::compare::comparison::table;
use descender::optim::{Feedback, HyperParameters, Method, Optimizer};
use descender::random::{ChaCha8Rng, Purpose, normal_pair, stream};
use descender::task::{
    Capabilities, Descent, DescentError, Evaluation, Job, Problem, Split, StartPoint,
};

const FEATURES: usize = 20;
const BATCH: usize = 16;
/// Purposes of random numbers that are one's own have numbers of 128 and above.
const DATA: Purpose = Purpose::new(200, "data of the example");
const NOISE: Purpose = Purpose::new(201, "batches of the example");

// The model: loss(θ) = mean of ln(1 + exp(−y·θ·x)) over a batch of noisy examples y = sign(w·x).

/// One descent of the model.
struct Logistic {
    theta: [f32; FEATURES],
    batches: ChaCha8Rng,
    optimizer: Optimizer,
    step: u64,
}

/// An example: its features, scaled unlike each other, and its class, −1 or 1.
fn example(generator: &mut ChaCha8Rng) -> ([f32; FEATURES], f32) {
    let mut x = [0.0; FEATURES];
    let mut sum = 0.0;
    for (number, value) in x.iter_mut().enumerate() {
        *value = normal_pair(generator)[0] as f32 * (1.0 + number as f32) / 4.0;
        sum += *value * if number % 2 == 0 { 0.5 } else { -0.5 };
    }
    (x, (sum + normal_pair(generator)[0] as f32).signum())
}

impl Logistic {
    /// Loss and gradient on `count` examples.
    fn loss(&self, generator: &mut ChaCha8Rng, count: usize) -> (f32, [f32; FEATURES]) {
        let (mut loss, mut gradient) = (0.0, [0.0; FEATURES]);
        for _ in 0..count {
            let (x, y) = example(generator);
            let margin = y * self.theta.iter().zip(&x).map(|(t, x)| t * x).sum::<f32>();
            loss += (-margin.abs()).exp().ln_1p() + (-margin).max(0.0);
            for (gradient, x) in gradient.iter_mut().zip(&x) {
                *gradient -= y * x / (1.0 + margin.exp()) / count as f32;
            }
        }
        (loss / count as f32, gradient)
    }
}

// What Descender asks of it.

impl Descent for Logistic {
    fn reset(&mut self, start: StartPoint) {
        self.batches = stream(start.seed, NOISE, start.index * 8 + start.purpose as u64);
        self.theta = [0.0; FEATURES];
        self.step = 0;
        self.optimizer.reset();
    }
    fn parameter_count(&self) -> usize {
        FEATURES
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            selection: true,
            ..Capabilities::default()
        }
    }
    fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
        let mut batches = self.batches.clone();
        let (loss, gradient) = self.loss(&mut batches, BATCH);
        self.batches = batches;
        let statistics = self.optimizer.step(&mu[0], &mut self.theta, &gradient);
        self.step += 1;
        Feedback {
            step: self.step - 1,
            loss,
            statistics,
        }
    }
    fn evaluate(&mut self, split: Split) -> Option<Evaluation> {
        let (loss, _) = self.loss(&mut stream(0, DATA, split as u64), 1_000);
        Some(Evaluation::of_loss(loss))
    }
}

#[derive(Debug)]
struct Regression;

impl Problem for Regression {
    fn name(&self) -> &str {
        "logistic-regression"
    }
    fn identity(&self) -> String {
        "logistic-regression, version 1".to_owned()
    }
    fn job(&self) -> Job {
        Job {
            steps: 100,
            batch_size: Some(16),
            parameters: Some(20),
            ..Job::default()
        }
    }
    fn descent(&self, method: Method) -> Result<Box<dyn Descent>, DescentError> {
        Ok(Box::new(Logistic {
            theta: [0.0; FEATURES],
            batches: stream(0, NOISE, 0),
            optimizer: Optimizer::new(method, FEATURES)?,
            step: 0,
        }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let temporary = tempfile::tempdir()?;
    let folder = match std::env::args().nth(1) {
        Some(folder) => folder.into(),
        None => temporary.path().join("own-model"),
    };
    let trained = Training::on(Regression)
        .episodes(640)
        .threshold(0.3)
        .against(
            "sgd:0.1,adam:0.01,tuned:adam,tuned:linear;optimizer=adam,untrained,replay",
            32,
        )
        .folder(&folder)
        .run()?;
    print!("{}", table(trained.comparison()));
    println!("controller and report: {}", folder.display());
    trained.save(folder.join("mine.safetensors"))?;
    let again = trained.compare("momentum:0.05", 32, 12)?;
    print!("{}", table(&again));
    Ok(())
}
