//! Controllers with an observation and actions of one's own, by value.

use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Feedback, HyperParameter, HyperParameters, Method, StepStatistics};

use super::super::*;
use crate::{
    Action, ActionDefinition, ActionSettings, ActionSpace, ControlSettings, NotBuiltIn,
    Observation, ObservationSettings, Policy, RestoreError, Session, SettingsError,
};

/// Two features: the last loss and the number of steps, each divided by a scale.
#[derive(Clone, Debug)]
struct Plain {
    scale: f32,
    loss: f32,
    steps: u32,
}

impl Observation for Plain {
    fn name(&self) -> &str {
        "plain"
    }

    fn feature_names(&self) -> Vec<&str> {
        vec!["loss", "steps"]
    }

    fn reset(&mut self, _mu: &HyperParameters) {
        (self.loss, self.steps) = (0.0, 0);
    }

    fn record(&mut self, feedback: &Feedback, _mu: &HyperParameters) {
        self.loss = feedback.loss;
        self.steps += 1;
    }

    fn write(&self, out: &mut [f32]) {
        out.copy_from_slice(&[self.loss / self.scale, self.steps as f32 / self.scale]);
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.extend(self.loss.to_le_bytes());
        out.extend(self.steps.to_le_bytes());
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let ([loss, steps], []) = state.as_chunks() else {
            return Err(RestoreError::Observation);
        };
        (self.loss, self.steps) = (f32::from_le_bytes(*loss), u32::from_le_bytes(*steps));
        Ok(())
    }

    fn rewind(&mut self, kept: &[u8]) -> Result<(), RestoreError> {
        let steps = self.steps;
        self.restore(kept)?;
        self.steps = steps;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Observation> {
        Box::new(self.clone())
    }
}

/// Two actions: keep η, or halve it.
#[derive(Debug)]
struct Halve;

impl ActionDefinition for Halve {
    fn name(&self) -> &str {
        "halve"
    }

    fn space(&self) -> ActionSpace {
        ActionSpace::Discrete(2)
    }

    fn apply(&self, action: &Action, _step: u64, mu: &mut HyperParameters) {
        if *action == Action::Discrete(1) {
            mu.learning_rate /= 2.0;
        }
    }

    fn entries(&self) -> Vec<HyperParameter> {
        vec![HyperParameter::LearningRate]
    }

    fn descriptions(&self) -> Vec<String> {
        vec!["keep".into(), "halve the learning rate".into()]
    }
}

fn plain() -> Plain {
    // Started descents must not begin with what the prototype has seen.
    Plain {
        scale: 10.0,
        loss: 7.0,
        steps: 7,
    }
}

/// Halves η where the loss is above 1, under the safety net.
fn controller() -> Controller {
    let mut control = ControlSettings {
        observation: plain().into(),
        action: Halve.into(),
        ..ControlSettings::default()
    };
    control.safety.enabled = true;
    let network = NetworkSpecification::multi_layer_perceptron(2, &[], 2, Activation::Relu);
    let policy = Policy::new(network, vec![0.0, 1.0, 0.0, 0.0, 0.1, 0.0]).unwrap();
    Controller::new(policy, control, Method::Sgd, Provenance::default()).unwrap()
}

fn learning_rates(session: &mut Session, losses: &[f32]) -> Vec<f32> {
    let statistics = StepStatistics::default();
    losses
        .iter()
        .map(|&loss| {
            let step = 0;
            session
                .record(&Feedback {
                    step,
                    loss,
                    statistics,
                })
                .learning_rate
        })
        .collect()
}

#[test]
fn the_policy_sees_its_own_observation_and_takes_its_own_actions() {
    let mut session = controller().start();
    assert_eq!(
        learning_rates(&mut session, &[2.0, 2.0, 0.5]),
        [0.05, 0.025, 0.025]
    );
    assert_eq!(session.observed(), Some([0.05, 0.3].as_slice()));
    let mut other = controller().start();
    learning_rates(&mut other, &[0.5]);
    assert_eq!(other.observed(), Some([0.05, 0.1].as_slice()));
}

#[test]
fn the_file_names_its_own_parts_and_needs_them_by_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("controller.safetensors");
    let controller = controller();
    controller.save(&path).unwrap();

    let missing = |loaded: Result<Controller, ControllerError>| {
        let error = loaded.unwrap_err();
        let ControllerProblem::Format(FormatError::NotBuiltIn(missing)) = error.problem else {
            panic!("{error}")
        };
        let NotBuiltIn { part, name } = missing;
        (part, name)
    };
    assert_eq!(
        missing(Controller::load(&path)),
        ("observation", "plain".into())
    );
    let parts = OwnParts::new().with_observation(plain());
    assert_eq!(
        missing(Controller::load_with(&path, &parts)),
        ("action", "halve".into())
    );
    let parts = parts.with_action(Halve);
    let loaded = Controller::load_with(&path, &parts).unwrap();
    assert_eq!(loaded, controller);
    assert_eq!(loaded.to_bytes(), controller.to_bytes());
    let losses = [2.0, 1.0, 0.3, 4.0, f32::NAN, 1.0, 2.0];
    assert_eq!(
        learning_rates(&mut loaded.start(), &losses),
        learning_rates(&mut controller.start(), &losses)
    );
    assert!(loaded.to_string().contains("plain, 2 features"));
}

#[test]
fn settings_name_an_own_part_and_refuse_it_without_its_value() {
    let settings = ControlSettings {
        observation: plain().into(),
        ..ControlSettings::default()
    };
    settings.check().unwrap();
    let text = serde_json::to_string(&settings.observation).unwrap();
    assert_eq!(text, r#"{"name":"own","own":"plain"}"#);
    let mut read: ControlSettings =
        serde_json::from_str(&serde_json::to_string(&settings).unwrap()).unwrap();
    assert_eq!(read, settings);
    let error = read.check().unwrap_err();
    assert!(matches!(error, SettingsError::NotBuiltIn(_)));
    assert_eq!(
        error.to_string(),
        "the observation `plain` is not built in: bring it by value"
    );
    OwnParts::new().with_observation(plain()).provide(&mut read);
    read.check().unwrap();
    for text in [r#"{"name":"own"}"#, r#"{"name":"own","own":"x","scale":1}"#] {
        assert!(serde_json::from_str::<ObservationSettings>(text).is_err());
        assert!(serde_json::from_str::<ActionSettings>(text).is_err());
    }
}

#[test]
fn a_session_with_an_own_observation_continues_exactly_through_interventions() {
    let losses: Vec<f32> = (0..120)
        .map(|step| match step {
            40 | 100 => f32::NAN,
            _ => 3.0 / (1.0 + step as f32 / 10.0),
        })
        .collect();
    let controller = controller();
    let whole = learning_rates(&mut controller.start(), &losses);
    for cut in [1, 39, 41, 60, 101] {
        let mut session = controller.start();
        let mut pieces = learning_rates(&mut session, &losses[..cut]);
        let state = postcard::to_allocvec(&session.state()).unwrap();
        let mut resumed = controller.start();
        resumed
            .restore(postcard::from_bytes(&state).unwrap())
            .unwrap();
        pieces.extend(learning_rates(&mut resumed, &losses[cut..]));
        assert_eq!(whole, pieces, "{cut}");
        assert_eq!(resumed.interventions().len(), 2);
    }
}
