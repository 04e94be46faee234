//! Parallel environments.
//!
//! Each environment is stepped by one thread, on rayon's current pool, and results come back in the order of the
//! environments: the same bits for any number of threads.

use descender_control::Action;
use rayon::prelude::*;

use crate::{Environment, StepOutcome};

/// Takes one decision in each environment that has an action. `actions[i]` is for the i-th environment; one with
/// `None`, or beyond the end of `actions`, is left alone, and its outcome is `None`.
pub fn step_all<'a>(
    environments: impl IntoIterator<Item = &'a mut Environment>,
    actions: &[Option<Action>],
) -> Vec<Option<StepOutcome>> {
    let actions = actions
        .iter()
        .map(Option::as_ref)
        .chain(std::iter::repeat(None));
    let pairs: Vec<_> = environments.into_iter().zip(actions).collect();
    pairs
        .into_par_iter()
        .with_max_len(1)
        .map(|(environment, action)| action.map(|action| environment.step(action)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentSettings;
    use crate::testing::environment;
    use descender_task::StartPoint;

    /// Everything that 6 environments say over 40 decisions, on a pool of `threads`.
    fn run(threads: usize) -> (Vec<Vec<Option<StepOutcome>>>, Vec<Vec<u8>>) {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut environments: Vec<_> = (0..6)
            .map(|_| environment(EnvironmentSettings::default()))
            .collect();
        for (index, environment) in (0..).zip(&mut environments) {
            environment.reset(StartPoint {
                index,
                ..StartPoint::default()
            });
        }
        pool.install(|| {
            let outcomes = (0..40)
                .map(|round: usize| {
                    let actions: Vec<_> = (0..6)
                        .map(|index| {
                            let idle = (round + index).is_multiple_of(5);
                            (!idle).then_some(Action::Discrete((round * index) % 3))
                        })
                        .collect();
                    step_all(&mut environments, &actions)
                })
                .collect();
            (
                outcomes,
                environments.iter().map(|one| one.save().unwrap()).collect(),
            )
        })
    }

    #[test]
    fn one_and_two_threads_give_the_same_bits_in_the_same_order() {
        let (one, two) = (run(1), run(2));
        assert!(one == two);
        assert!(one.0[0][0].is_none() && one.0[0][1].is_some());
        assert_ne!(
            one.0[20][1], one.0[20][2],
            "the environments must not all be alike"
        );
    }

    #[test]
    fn an_environment_without_an_action_is_left_alone() {
        let mut environments = [
            environment(EnvironmentSettings::default()),
            environment(EnvironmentSettings::default()),
        ];
        for environment in &mut environments {
            environment.reset(StartPoint::default());
        }
        let before = environments[1].save();
        let outcomes = step_all(&mut environments, &[Some(Action::Discrete(1))]);
        assert!(outcomes[0].is_some() && outcomes[1].is_none());
        assert_eq!(environments[1].save(), before);
    }
}
