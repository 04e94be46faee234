//! The categorical algorithm against numbers worked out by hand, and PyTorch's.

use super::*;

fn close(found: &[f32], expected: &[f32]) -> bool {
    found.len() == expected.len()
        && (found.iter().zip(expected)).all(|(found, expected)| (found - expected).abs() < 2e-6)
}

#[test]
fn a_moved_distribution_is_shared_between_neighbours_as_by_hand() {
    let projected = |reward, discount| {
        // The returns −1, 0 and 1, with probabilities 0.2, 0.5 and 0.3.
        let mut projected = [9.0; 3];
        project(
            &[0.2, 0.5, 0.3],
            (-1.0, 1.0),
            (reward, discount),
            &mut projected,
        );
        projected
    };
    assert!(close(&projected(0.0, 1.0), &[0.2, 0.5, 0.3]));
    // Moved to −0.25, 0.25, 0.75: 0.25·0.2 at −1; 0.75·0.2 + 0.75·0.5 + 0.25·0.3 at 0; 0.25·0.5 + 0.75·0.3 at 1.
    assert!(close(&projected(0.25, 0.5), &[0.05, 0.6, 0.35]));
    // Moved to −0.3, 0.7 and 1.7, of which the last is clipped.
    assert!(close(&projected(0.7, 1.0), &[0.06, 0.29, 0.65]));
    // Terminated: all of it at the reward; and beyond the ends.
    assert!(close(&projected(0.4, 0.0), &[0.0, 0.6, 0.4]));
    assert!(close(&projected(7.0, 0.9), &[0.0, 0.0, 1.0]));
    assert!(close(&projected(-7.0, 0.9), &[1.0, 0.0, 0.0]));
}

/// In PyTorch 2, with float64:
///
/// ```text
/// z = linspace(-1, 3, 5);  next = [0.3, -1.2, 0.8, 0.1, 1.5];  own = [1.0, 0.5, -0.7, 0.2, 0.0]
/// b = (r + d * z).clamp(-1, 3) + 1;  l, u = b.floor(), b.ceil()
/// m[l] += p * (u - b), m[u] += p * (b - l), or m[l] += p where l == u, with p = softmax(next)
/// loss = -(m * log_softmax(own)).sum();  loss.backward();  own.grad;  kl_div(log_softmax(own), m);  (softmax(own) * z).sum()
/// ```
#[test]
fn targets_losses_values_and_gradients_are_those_of_pytorch() {
    let mut model = CategoricalReturn::new(5, -1.0, 3.0, 2);
    let next = [0.3, -1.2, 0.8, 0.1, 1.5];
    let own = [1.0, 0.5, -0.7, 0.2, 0.0];
    for (reward, discount, target, (loss, error), slopes) in [
        (
            0.3,
            0.9,
            [
                0.085_583_5,
                0.079_334_6,
                0.197_685_9,
                0.152_139_2,
                0.485_256_9,
            ],
            (1.940_680_1, 0.571_439_3),
            [
                0.298_084_2,
                0.153_371_6,
                -0.127_596_1,
                0.020_253_8,
                -0.344_113_4,
            ],
        ),
        (
            -5.0,
            0.9,
            [1.0, 0.0, 0.0, 0.0, 0.0],
            (0.957_978_6, 0.957_978_6),
            [
                -0.616_332_4,
                0.232_706_2,
                0.070_089_8,
                0.172_393,
                0.141_143_4,
            ],
        ),
        (
            1.25,
            0.0,
            [0.0, 0.0, 0.75, 0.25, 0.0],
            (2.432_978_6, 1.870_643_5),
            [
                0.383_667_6,
                0.232_706_2,
                -0.679_910_2,
                -0.077_607,
                0.141_143_4,
            ],
        ),
    ] {
        model.set_target(1, reward, discount, &next);
        assert!(close(&model.targets[5..], &target), "{:?}", model.targets);
        let mut gradient = [0.0; 5];
        let compared = model.compare(1, &own, &mut gradient);
        assert!(close(&gradient, &slopes), "{gradient:?}");
        let found = [compared.loss, compared.error, compared.value];
        assert!(close(&found, &[loss, error, 0.454_638_4]), "{found:?}");
    }
}

#[test]
fn the_highest_expected_return_is_the_best_action_and_the_policys() {
    let model = CategoricalReturn::new(2, 0.0, 1.0, 1);
    let outputs = [0.0, 0.0, -3.0, 1.0, 5.0, 6.0];
    assert_eq!(model.best_action(&outputs), 1);
    assert_eq!(model.head().decide(&outputs), Action::Discrete(1));
}

#[test]
fn what_is_not_finite_gives_no_finite_loss() {
    let mut model = CategoricalReturn::new(3, 0.0, 1.0, 1);
    for (reward, next, own) in [
        (f32::NAN, [0.0; 3], [0.0; 3]),
        (f32::INFINITY, [0.0; 3], [0.0; 3]),
        (0.0, [0.0, f32::NAN, 0.0], [0.0; 3]),
        (0.0, [f32::INFINITY, 0.0, 0.0], [0.0; 3]),
        (0.0, [0.0; 3], [f32::NAN, 0.0, 0.0]),
    ] {
        model.set_target(0, reward, 0.9, &next);
        assert!(!model.compare(0, &own, &mut [0.0; 3]).loss.is_finite());
    }
    // Logits far apart are no harm.
    model.set_target(0, 0.5, 0.9, &[1e4, -1e4, 0.0]);
    assert!(
        model
            .compare(0, &[-1e4, 1e4, 0.0], &mut [0.0; 3])
            .loss
            .is_finite()
    );
}
