//! A step of a session, decisions included, allocates nothing: it runs inside other people's training loops.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use descender_control::{
    ControlSettings, Controller, ObservationSettings, Policy, ProgressObservationSettings,
    Provenance, SafetySettings,
};
use descender_nn::{Activation, Network, NetworkSpecification};
use descender_optim::{Feedback, Method, StepStatistics};

/// The system's allocator, which counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator unchanged; counting neither allocates nor unwinds
// (the cell has no destructor, and a thread at its end is left uncounted).
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`, and `pointer` came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_step_of_a_session_allocates_nothing() {
    for (observation, guarded) in [
        (ObservationSettings::paper(), false),
        (ObservationSettings::compact(), false),
        (ObservationSettings::compact(), true),
        (ObservationSettings::paper(), true),
        (ProgressObservationSettings::default().into(), true),
    ] {
        let inputs = observation.feature_names().len();
        let specification =
            NetworkSpecification::multi_layer_perceptron(inputs, &[50], 3, Activation::Relu);
        let count = Network::new(specification.clone())
            .unwrap()
            .parameter_count();
        let policy = Policy::new(
            specification,
            (0..count).map(|index| (index as f32).sin()).collect(),
        )
        .unwrap();
        let control = ControlSettings {
            observation,
            safety: SafetySettings {
                enabled: guarded,
                ..SafetySettings::default()
            },
            ..ControlSettings::default()
        };
        let controller =
            Controller::new(policy, control, Method::Sgd, Provenance::default()).unwrap();
        let mut session = controller.start();
        let before = ALLOCATIONS.get();
        for step in 0..400 {
            let loss = if step % 150 == 50 {
                f32::NAN
            } else {
                1.0 / (step + 1) as f32
            };
            session.record(&Feedback {
                step,
                loss,
                statistics: StepStatistics::default(),
            });
        }
        assert_eq!(ALLOCATIONS.get() - before, 0);
        assert_eq!(session.fallbacks(), 3 * u64::from(!guarded));
        assert_eq!(session.interventions().len(), 3 * usize::from(guarded));
    }
}
