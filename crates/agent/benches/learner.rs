//! How long a decision and a learner's update take, for the two agents of the presets.
//!
//! `cargo bench -p descender-agent`

#![allow(missing_docs)] // of the functions that the macros below make

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use descender_agent::dqn::{Dqn, DqnSettings};
use descender_agent::{Agent, Transition};
use descender_control::{Action, ActionSpace};

/// An agent of `settings` that has seen `count` transitions with observations of `width` numbers.
fn filled(settings: &DqnSettings, width: usize, actions: usize, count: u32) -> Dqn {
    let mut agent = Dqn::new(settings, width, ActionSpace::Discrete(actions), 1, 1)
        .expect("the presets are possible");
    for number in 0..count {
        tell(&mut agent, width, actions, number);
    }
    agent
}

fn tell(agent: &mut Dqn, width: usize, actions: usize, number: u32) {
    let seen = |at: u32| -> Vec<f32> {
        (0..width)
            .map(|index| (at as f32 * 0.7 + index as f32).sin())
            .collect()
    };
    agent.observe(
        0,
        Transition {
            observation: &seen(number),
            action: &Action::Discrete(number as usize % actions),
            reward: (number as f32 * 0.3).cos(),
            next_observation: &seen(number + 1),
            terminated: false,
            truncated: number % 75 == 74,
            continuation: 1.0,
        },
    );
}

fn learner(criterion: &mut Criterion) {
    for (name, settings, width, actions) in [
        ("paper 18-50-3, batch 32", DqnSettings::paper(), 18, 3),
        ("quick 5-64-64-5, batch 64", DqnSettings::quick(), 5, 5),
    ] {
        let settings = DqnSettings {
            updates_per_decision: 100.0,
            ..settings
        };
        let mut agent = filled(&settings, width, actions, 3_000);
        let mut number = 3_000;
        criterion.bench_function(&format!("100 updates, {name}"), |bencher| {
            bencher.iter(|| {
                tell(&mut agent, width, actions, number);
                number += 1;
                black_box(agent.learn())
            });
        });
        let observation = vec![0.5; width];
        criterion.bench_function(&format!("act, {name}"), |bencher| {
            bencher.iter(|| black_box(agent.act(0, black_box(&observation))));
        });
        criterion.bench_function(&format!("save, {name}"), |bencher| {
            bencher.iter(|| black_box(agent.save()));
        });
    }
}

criterion_group!(benches, learner);
criterion_main!(benches);
