//! What must hold of every action definition, and of the factors.

use descender_optim::HyperParameters;

use super::*;

fn mu(learning_rate: f32) -> HyperParameters {
    HyperParameters {
        learning_rate,
        a1: 0.0,
        a2: 0.0,
        a3: 1.0,
        b1: 0.0,
        b2: 1.0,
        b3: 0.0,
        c: 1.0,
        w: 1.0,
    }
}

#[test]
fn a_factor_multiplies_the_learning_rate_and_nothing_else() {
    let action = ActionSettings::factors(vec![0.5, 1.0, 4.0]);
    for (index, expected) in [(0, 0.05), (1, 0.1), (2, 0.4)] {
        let mut changed = mu(0.1);
        action.apply(&Action::Discrete(index), 0, &mut changed);
        assert_eq!(changed, mu(expected));
    }
    assert_eq!(
        action.definition().unwrap().largest_log_change(),
        4.0_f32.ln()
    );
    assert_eq!(
        ActionSettings::factors([0.1, 2.0])
            .definition()
            .unwrap()
            .largest_log_change(),
        -(0.1_f32.ln())
    );
}

#[test]
fn an_action_outside_the_space_changes_nothing() {
    let action = ActionSettings::default();
    for outside in [
        Action::Discrete(3),
        Action::Discrete(usize::MAX),
        Action::Continuous(vec![1.0]),
    ] {
        assert!(!action.space().contains(&outside));
        let mut unchanged = mu(0.1);
        action.apply(&outside, 0, &mut unchanged);
        assert_eq!(unchanged, mu(0.1));
    }
    assert!(action.space().contains(&Action::Discrete(2)));
    let plane = ActionSpace::Continuous { dimensions: 2 };
    assert!(plane.contains(&Action::Continuous(vec![-1.0, 1.0])));
    assert!(!plane.contains(&Action::Continuous(vec![-1.0, f32::NAN])));
    assert!(!plane.contains(&Action::Continuous(vec![0.0])));
}

#[test]
fn impossible_factors_are_refused() {
    for factor in [0.0, -1.0, f32::NAN, f32::INFINITY, f32::MIN_POSITIVE / 2.0] {
        assert!(
            ActionSettings::factors(vec![1.0, factor]).check().is_err(),
            "{factor}"
        );
    }
}

#[test]
fn a_definition_that_is_built_in_becomes_its_variant_and_any_other_own() {
    let anchored = Anchored::default();
    assert_eq!(
        ActionSettings::from(anchored.clone()),
        ActionSettings::Anchored(anchored)
    );

    let own = ActionSettings::from(Nothing);
    own.check().unwrap();
    assert_eq!(own.space(), ActionSpace::Discrete(1));
    let text = serde_json::to_string(&own).unwrap();
    assert_eq!(text, r#"{"name":"own","own":"nothing"}"#);
    let read: ActionSettings = serde_json::from_str(&text).unwrap();
    assert_eq!(read, own);
    assert_eq!(
        read.check().unwrap_err().to_string(),
        "the action `nothing` is not built in: bring it by value"
    );
    assert_eq!(read.space(), ActionSpace::Discrete(0));
}

#[test]
fn every_listed_name_is_a_default_setting() {
    for (name, _) in ActionSettings::names() {
        let settings: ActionSettings =
            serde_json::from_str(&format!(r#"{{"name": "{name}"}}"#)).unwrap();
        settings.check().unwrap();
        assert_eq!(settings.definition().unwrap().name(), *name);
    }
}

/// One action, which changes nothing.
#[derive(Debug)]
struct Nothing;

impl ActionDefinition for Nothing {
    fn name(&self) -> &str {
        "nothing"
    }

    fn space(&self) -> ActionSpace {
        ActionSpace::Discrete(1)
    }

    fn apply(&self, _action: &Action, _step: u64, _mu: &mut HyperParameters) {}

    fn entries(&self) -> Vec<descender_optim::HyperParameter> {
        Vec::new()
    }

    fn descriptions(&self) -> Vec<String> {
        vec!["change nothing".into()]
    }
}
