//! Settings by name: lists, `key=value`, files, and the errors that a user reads.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use descender_optim::{Adam, EpsilonPlace, Method, Momentum, Optimizer, OptimizerError, Schedule};
use proptest::prelude::*;

#[test]
fn every_listed_method_is_found_valid_and_survives_a_file() {
    for info in Method::names() {
        assert_eq!(Method::by_name(info.name), Some(info.method));
        assert_eq!(info.method.check(), Ok(()));
        assert!(info.learning_rate > 0.0);
        let text = serde_json::to_string(&info.method).unwrap();
        assert!(
            text.contains(&format!("\"name\":\"{}\"", info.name)),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Method>(&text).unwrap(), info.method);
        // The name alone stands for the defaults.
        let text = format!("{{\"name\":\"{}\"}}", info.name);
        assert_eq!(serde_json::from_str::<Method>(&text).unwrap(), info.method);
        // Each setting can be set to the value that the list shows, and the list shows every setting of the file.
        let file: serde_json::Value = serde_json::to_value(info.method).unwrap();
        assert_eq!(
            file.as_object().unwrap().len(),
            info.settings.len() + 1,
            "{}",
            info.name
        );
        for (key, value) in &info.settings {
            assert_eq!(info.method.with_setting(key, value), Ok(info.method));
            assert!(file.get(key).is_some(), "{key}");
        }
    }
}

#[test]
fn every_listed_schedule_is_found_valid_and_survives_a_file() {
    for info in Schedule::names() {
        assert_eq!(Schedule::by_name(info.name), Some(info.schedule.clone()));
        assert_eq!(info.schedule.check(), Ok(()));
        let text = serde_json::to_string(&info.schedule).unwrap();
        assert!(
            text.contains(&format!("\"name\":\"{}\"", info.name)),
            "{text}"
        );
        assert_eq!(
            serde_json::from_str::<Schedule>(&text).unwrap(),
            info.schedule
        );
        let text = format!("{{\"name\":\"{}\"}}", info.name);
        assert_eq!(
            serde_json::from_str::<Schedule>(&text).unwrap(),
            info.schedule
        );
        let file: serde_json::Value = serde_json::to_value(&info.schedule).unwrap();
        assert_eq!(
            file.as_object().unwrap().len(),
            info.settings.len() + 1,
            "{}",
            info.name
        );
        for (key, value) in &info.settings {
            assert_eq!(
                info.schedule.with_setting(key, value),
                Ok(info.schedule.clone())
            );
            assert!(file.get(key).is_some(), "{key}");
        }
    }
}

#[test]
fn settings_from_text_and_from_files() {
    let adam = Method::by_name("adam").unwrap();
    let changed = adam
        .with_setting("epsilon", " 1e-4 ")
        .unwrap()
        .with_setting("epsilon_place", "inside")
        .unwrap();
    let expected = Adam {
        epsilon: 1e-4,
        epsilon_place: EpsilonPlace::Inside,
        ..Adam::default()
    };
    assert_eq!(changed, Method::Adam(expected));
    assert_eq!(
        serde_json::from_str::<Method>(r#"{"name": "momentum", "momentum": 0}"#).unwrap(),
        Method::Momentum(Momentum {
            momentum: 0.0,
            ..Momentum::default()
        })
    );
    let step = Schedule::by_name("step")
        .unwrap()
        .with_setting("milestones", "0.2/0.4")
        .unwrap();
    assert_eq!(
        step.settings(),
        [
            ("factor", "0.1".to_string()),
            ("milestones", "0.2/0.4".to_string())
        ]
    );
}

#[test]
fn errors_name_the_setting_and_what_was_expected() {
    let adam = Method::by_name("adam").unwrap();
    let message = |result: Result<Method, OptimizerError>| result.unwrap_err().to_string();
    assert_eq!(
        message(adam.with_setting("beta3", "0.5")),
        "optimizer \"adam\" has no setting \"beta3\" (known: beta1, beta2, epsilon, epsilon_place, weight_decay)"
    );
    assert_eq!(
        message(Method::Sgd.with_setting("momentum", "0.9")),
        "optimizer \"sgd\" has no setting \"momentum\" (it has none)"
    );
    assert_eq!(
        message(adam.with_setting("beta1", "1")),
        "optimizer \"adam\": setting \"beta1\" is \"1\", expected a number of at least 0 and below 1"
    );
    for wrong in ["", "abc", "NaN", "inf", "0", "-1", "1e39"] {
        assert!(
            message(adam.with_setting("epsilon", wrong)).ends_with("expected a number above 0"),
            "{wrong}"
        );
    }
    assert!(
        message(adam.with_setting("epsilon_place", "middle"))
            .ends_with("expected outside or inside")
    );
    assert!(
        message(Method::parse("adem"))
            .starts_with("no optimizer is called \"adem\" (known: sgd, momentum, ")
    );
    let step = Schedule::by_name("step").unwrap();
    for wrong in ["0.5/0.2", "1.5", "0.5,0.6", ""] {
        let error = step
            .with_setting("milestones", wrong)
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("expected ascending numbers from 0 to 1, separated by /"),
            "{error}"
        );
    }
    let error = Schedule::by_name("sgdr")
        .unwrap()
        .with_setting("cycles", "0")
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("expected a whole number of at least 1"),
        "{error}"
    );
    assert!(
        Schedule::parse("liner")
            .unwrap_err()
            .to_string()
            .contains("one-cycle")
    );
}

#[test]
fn files_with_unknown_keys_or_values_out_of_range_are_refused() {
    for text in [
        r#"{"name": "adam", "beta3": 0.5}"#,
        r#"{"name": "sgd", "momentum": 0.9}"#,
        r#"{"name": "adem"}"#,
        r#"{"name": "adam", "beta1": "x"}"#,
        r#"{"beta1": 0.9}"#,
    ] {
        assert!(serde_json::from_str::<Method>(text).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<Schedule>(r#"{"name": "constant", "factor": 2}"#).is_err());
    assert!(serde_json::from_str::<Schedule>(r#"{"name": "cosine", "periods": 2}"#).is_err());
    let method: Method = serde_json::from_str(r#"{"name": "adam", "beta2": 1.5}"#).unwrap();
    let error = Optimizer::new(method, 1).unwrap_err().to_string();
    assert_eq!(
        error,
        "optimizer \"adam\": setting \"beta2\" is 1.5, expected a number of at least 0 and below 1"
    );
}

proptest! {
    #[test]
    fn no_text_panics(key in ".{0,12}", value in ".{0,12}") {
        for info in Method::names() {
            let _ = info.method.with_setting(&key, &value);
            for (known, _) in &info.settings {
                if let Ok(method) = info.method.with_setting(known, &value) {
                    prop_assert_eq!(method.check(), Ok(()));
                }
            }
        }
    }
}
