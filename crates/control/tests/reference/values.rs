//! What needs no descent: the μ of optimizers, and what of a job is outside of what `pretrained` was learned for.

use descender_optim::{HyperParameters, Job, Method, Targets};
use serde::{Deserialize, Serialize};

use crate::settings::{full, pretrained};

/// An optimizer and its μ.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MethodValues {
    method: Method,
    usual_learning_rate: f32,
    /// With η = 0.1.
    hyper_parameters: HyperParameters,
}

/// Every optimizer, as it is and with other settings.
pub(crate) fn methods() -> Vec<MethodValues> {
    let mut methods: Vec<Method> = Method::names().iter().map(|info| info.method).collect();
    for method in methods.clone() {
        for (key, value) in [
            ("beta1", "0.8"),
            ("beta2", "0.98"),
            ("momentum", "0.7"),
            ("dampening", "0.3"),
            ("decay", "0.95"),
            ("epsilon", "0.001"),
            ("epsilon_place", "inside"),
            ("b1", "-0.5"),
        ] {
            methods.extend(method.with_setting(key, value).ok());
        }
    }
    (methods.into_iter())
        .map(|method| MethodValues {
            usual_learning_rate: method.usual_learning_rate(),
            hyper_parameters: method.hyper_parameters(0.1),
            method,
        })
        .collect()
}

/// A job, and what of it is outside of what `pretrained` was learned for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outside {
    job: Job,
    texts: Vec<String>,
}

pub(crate) fn outside() -> Vec<Outside> {
    let jobs = [
        full(400),
        Job {
            batch_size: Some(1024),
            examples: Some(50_000),
            parameters: Some(11_689_512),
            input_scale: Some(0.0001),
            ..full(100_000)
        },
        Job {
            targets: Some(Targets::Classes(1000)),
            layers: Some(62),
            fan_in: Some(1.0),
            ..full(5000)
        },
        Job {
            targets: Some(Targets::Numbers(3)),
            ..full(7)
        },
    ];
    let pretrained = pretrained();
    (jobs.into_iter())
        .map(|job| Outside {
            job,
            texts: pretrained.control().outside(&job),
        })
        .collect()
}
