//! The line under a comparison's table about a recorded schedule: the optimizer that it runs under.

use super::{MethodResult, Role};

/// The optimizer under a rival's recorded schedule, and whether the schedule is shorter than the descents.
pub(super) fn recorded_text(method: &MethodResult, steps: u64) -> Option<String> {
    let recorded = method.settings["recorded_steps"].as_u64()?;
    if method.role != Role::Rival {
        return None;
    }
    let optimizer = method.settings["optimizer"]["name"].as_str()?;
    let after = match recorded < steps {
        true => "; after these, the values of the last one stay",
        false => "",
    };
    Some(format!("{recorded} recorded steps of {optimizer}{after}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn the_optimizer_of_a_recorded_rival_is_told() {
        let mut method = sample().methods[1].clone();
        assert_eq!(recorded_text(&method, 500), None);
        method.settings = serde_json::json!({"optimizer": {"name": "sgd"}, "recorded_steps": 20});
        let text = recorded_text(&method, 20).unwrap();
        assert_eq!(text, "20 recorded steps of sgd");
        assert!(recorded_text(&method, 21).unwrap().contains("the last one"));
        method.role = Role::Control;
        assert_eq!(recorded_text(&method, 20), None);
    }
}
