//! The checks that the settings of all on-policy agents share.

use crate::SettingsError;
use crate::error::impossible;
use crate::on_policy::OnPolicyPlan;

/// Names the first setting with an impossible value.
pub(crate) fn check_on_policy(plan: &OnPolicyPlan) -> Result<(), SettingsError> {
    if plan.hidden.len() > 16 || !plan.hidden.iter().all(|width| (1..=4096).contains(width)) {
        return Err(impossible(
            "hidden",
            &plan.hidden,
            "at most 16 widths, each from 1 to 4096",
        ));
    }
    if !(1..=1_000_000).contains(&plan.horizon) {
        return Err(impossible(
            "horizon",
            plan.horizon,
            "a whole number from 1 to 1000000",
        ));
    }
    let share = |value: f32| (0.0..=1.0).contains(&value);
    let rules = [
        (
            "learning_rate",
            plan.learning_rate,
            plan.learning_rate > 0.0 && plan.learning_rate.is_finite(),
            "a finite number above 0",
        ),
        (
            "learning_rate_decay",
            plan.learning_rate_decay,
            share(plan.learning_rate_decay),
            "a number from 0 to 1",
        ),
        (
            "discount",
            plan.discount,
            share(plan.discount),
            "a number from 0 to 1",
        ),
        (
            "lambda",
            plan.lambda,
            share(plan.lambda),
            "a number from 0 to 1",
        ),
        (
            "entropy",
            plan.entropy,
            (0.0..=1e3).contains(&plan.entropy),
            "a number from 0 to 1000",
        ),
        (
            "gradient_clip",
            plan.gradient_clip,
            plan.gradient_clip >= 0.0,
            "0 or more (0 or infinity: off)",
        ),
        (
            "log_deviation",
            plan.log_deviation,
            (-10.0..=5.0).contains(&plan.log_deviation),
            "a number from -10 to 5",
        ),
    ];
    match rules.into_iter().find(|(_, _, fits, _)| !fits) {
        None => Ok(()),
        Some((setting, value, _, expected)) => Err(impossible(setting, value, expected)),
    }
}
