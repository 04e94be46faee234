//! What the dashboard and the plain lines show for given events.

use descender_compare::compare::Ended;
use descender_record::Phase;
use descender_train::configuration::{Configuration, Resolver, SelectionMeasure};
use descender_train::episode_record::EpisodeRecord;
use descender_train::observer::TrainingEvent;
use descender_train::{Candidate, Candidates};

use super::super::lines;
use super::*;

/// 100 episodes of 500 steps, a candidate every 25 episodes.
fn configuration() -> Configuration {
    let settings = [
        "episodes=100",
        "environment.steps=500",
        "selection.every=25",
        "selection.starts=4",
        "selection.finalists=2",
        "selection.final_starts=6",
        "comparison.starts=8",
        "comparison.steps=250",
        "comparison.against=sgd:0.1,adam:0.001",
    ];
    let resolver = settings
        .iter()
        .try_fold(Resolver::new(Some("dqn")).unwrap(), |resolver, setting| {
            resolver.set(setting)
        });
    resolver.unwrap().finish().unwrap()
}

fn episode(number: u64) -> EpisodeRecord {
    let line = format!(
        r#"{{"episode": {number}, "steps": 500, "score": {}, "final_loss": {}, "mean_learning_rate": 0.25,
        "minimum_learning_rate": 0.1, "maximum_learning_rate": 0.35, "epsilon": 0.125}}"#,
        number as f64 - 20.0,
        1.0 / (number + 1) as f64
    );
    serde_json::from_str(&line).unwrap()
}

fn candidate(configuration: &Configuration, episodes: u64, score: f64) -> Candidate {
    let network = descender_nn::NetworkSpecification::multi_layer_perceptron(
        1,
        &[],
        1,
        descender_nn::Activation::Relu,
    );
    assert_eq!(configuration.episodes, 100);
    Candidate {
        episodes,
        policy: descender_control::Policy::new(network, vec![0.0; 2]).unwrap(),
        scores: vec![score; 4],
        final_scores: Vec::new(),
    }
}

/// A training of which 50 episodes have ended, after 100 seconds.
fn half_way(configuration: &Configuration) -> View {
    let (mut view, none) = (View::default(), Candidates::default());
    let started = TrainingEvent::Started {
        configuration,
        episodes_ended: 0,
        progress: 0.0,
        steps: 0,
        candidates: &none,
    };
    view.apply(&started, 0.0);
    for number in 0..50 {
        view.apply(
            &TrainingEvent::EpisodeEnded(&episode(number)),
            number as f64 * 2.0,
        );
        let round = TrainingEvent::Round {
            decisions: number,
            steps: (number + 1) * 500,
            progress: (number + 1) as f64 / 100.0,
        };
        view.apply(&round, (number + 1) as f64 * 2.0);
    }
    for (episodes, score, best) in [(25, 240.0, true), (50, 192.5, true)] {
        let candidate = candidate(configuration, episodes, score);
        let scored = TrainingEvent::CandidateScored {
            candidate: &candidate,
            measure: SelectionMeasure::ExpectedHit,
            best,
        };
        view.apply(&scored, 100.0);
    }
    view
}

fn trials(phase: Phase, done: u64, total: u64) -> TrainingEvent<'static> {
    TrainingEvent::Trials { phase, done, total }
}

fn plain(view: &View, now: f64, columns: usize) -> Vec<String> {
    render(view, now, (30, columns), false)
}

#[test]
fn a_training_shows_bar_curves_and_the_best_candidate() {
    let view = half_way(&configuration());
    let lines = plain(&view, 100.0, 60);
    // 25,000 of 50,000 steps of training; to come: 8,000 of scoring, 6,000 of the choice, some of watching, 6,000 of
    // the comparison.
    assert!(lines[0].starts_with(" training  ██"), "{lines:#?}");
    assert!(
        lines[0].contains("░  ") && lines[0].contains(" %  ETA "),
        "{lines:#?}"
    );
    assert_eq!(
        lines[1..],
        [
            "  episode  50/100   250 steps/s   ε 0.125",
            "    score  ▁▁▁▁▁▁▁▂▂▂▂▃▃▃▃▃▄▄▄▄▅▅▅▅▆▆▆▆▆▇▇▇▇███████  +29.00",
            "     loss  ████▇▆▆▅▅▅▄▄▄▃▃▃▃▃▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  0.020",
            "        η  ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄  mean 0.250, 0.100 to 0.350",
            "     best  expected-hit 192.5   after 50 episodes",
        ]
    );
    // With more room, more is said.
    let wider = plain(&view, 100.0, 80).pop().unwrap();
    assert_eq!(
        wider,
        "     best  expected-hit 192.5   after 50 episodes   of 2 tried"
    );
}

#[test]
fn a_scoring_is_a_part_of_the_training() {
    let mut view = half_way(&configuration());
    let before = view.plan.fraction();
    view.apply(&trials(Phase::Scoring, 1, 4), 101.0);
    let lines = plain(&view, 101.0, 60);
    assert!(lines[0].starts_with(" training"), "{lines:#?}");
    assert!(
        lines[1].contains("50/100   scoring policies 1/4"),
        "{lines:#?}"
    );
    assert!(view.plan.fraction() > before);
}

#[test]
fn a_comparison_shows_starts_and_the_chosen_policy() {
    let configuration = configuration();
    let mut view = half_way(&configuration);
    let chosen = candidate(&configuration, 50, 192.5);
    view.apply(&TrainingEvent::ControllerChosen(&chosen), 120.0);
    view.apply(&trials(Phase::Comparing, 6, 24), 121.0);
    view.apply(&trials(Phase::Comparing, 12, 24), 122.0);
    let lines = plain(&view, 122.0, 60);
    assert!(lines[0].starts_with("comparing  ██"), "{lines:#?}");
    assert!(
        lines[1].starts_with(" descents  12/24   starts 4/8"),
        "{lines:#?}"
    );
    assert_eq!(lines[2], "   chosen  the policy after 50 episodes");
    // The means of the first hits so far; a bound where a descent of 250 steps never hit.
    for (method, first_hit) in [
        ("adam:0.001", 250),
        ("controller", 100),
        ("controller", 111),
        ("sgd:0.1", 106),
    ] {
        view.apply(
            &TrainingEvent::TrialEnded(Ended {
                method,
                first_hit,
                reached: first_hit < 250,
            }),
            122.0,
        );
    }
    let lines = plain(&view, 122.0, 60);
    assert_eq!(
        lines[3],
        "first hit  controller 106   sgd:0.1 106   adam:0.001 ≥250"
    );
}

#[test]
fn no_line_is_as_wide_as_the_terminal_and_no_picture_as_high() {
    let configuration = configuration();
    let mut scoring = half_way(&configuration);
    scoring.part = "fig3 (3 of 5)".to_owned();
    scoring.apply(&trials(Phase::Scoring, 1, 4), 101.0);
    let mut comparing = half_way(&configuration);
    comparing.apply(&trials(Phase::Tuning, 1, 4), 1e6);
    for view in [half_way(&configuration), scoring, comparing] {
        for columns in 0..140 {
            for rows in [0, 1, 2, 5, 30] {
                let lines = render(&view, 1e5, (rows, columns), true);
                assert!(lines.len() < rows.max(2));
                for line in lines {
                    let width = console::measure_text_width(&line);
                    assert!(width < columns.max(1), "{columns}: {line}");
                }
            }
        }
    }
}

#[test]
fn a_narrow_terminal_still_shows_what_matters() {
    let lines = plain(&half_way(&configuration()), 100.0, 30);
    // No bar then, but the time that is left.
    assert!(
        lines[0].starts_with(" training   ") && lines[0].contains(" %  ETA "),
        "{lines:#?}"
    );
    assert!(lines[1].contains("50/100"), "{lines:#?}");
    assert!(
        lines[2].ends_with("█  +29.00") && lines[3].ends_with("  0.020"),
        "{lines:#?}"
    );
    assert_eq!(lines[4], "        η  ▄▄▄▄▄▄▄▄▄▄▄  0.250");
    assert_eq!(lines[5], "     best  expected-hit 192.5");
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let view = half_way(&configuration());
    let coloured = render(&view, 100.0, (30, 80), true);
    assert!(coloured.iter().all(|line| line.contains('\u{1b}')));
    let stripped: Vec<_> = coloured
        .iter()
        .map(|line| console::strip_ansi_codes(line).into_owned())
        .collect();
    assert_eq!(stripped, plain(&view, 100.0, 80));
}

#[test]
fn a_resumed_training_knows_its_candidates_and_its_progress() {
    let configuration = configuration();
    let mut candidates = Candidates::default();
    candidates.add(candidate(&configuration, 25, 240.0), 2);
    candidates.add(candidate(&configuration, 50, f64::INFINITY), 2);
    let mut view = View::default();
    let started = TrainingEvent::Started {
        configuration: &configuration,
        episodes_ended: 60,
        progress: 0.6,
        steps: 30_000,
        candidates: &candidates,
    };
    view.apply(&started, 0.0);
    let lines = plain(&view, 0.0, 80);
    assert!(
        lines[0].contains("ETA –"),
        "no speed is known yet: {lines:#?}"
    );
    assert_eq!(lines[1], "  episode  60/100");
    assert!(
        lines[2].contains("240.0   after 25 episodes   of 2 tried"),
        "{lines:#?}"
    );
}

#[test]
fn plain_lines_say_the_same() {
    let mut view = half_way(&configuration());
    let line = lines::line(&view, 100.0);
    assert!(
        line.starts_with("training 3") && line.contains(" %  ETA "),
        "{line}"
    );
    assert!(
        line.contains("episode 50/100  score +29.00, loss 0.020, mean η 0.250  250 steps/s"),
        "{line}"
    );
    view.apply(&trials(Phase::Comparing, 6, 24), 121.0);
    let line = lines::line(&view, 121.0);
    assert!(
        line.starts_with("comparing ") && line.contains("descent 6/24"),
        "{line}"
    );
    assert!(!line.contains("episode"), "{line}");

    let configuration = configuration();
    let candidate = candidate(&configuration, 25, 192.5);
    let scored = TrainingEvent::CandidateScored {
        candidate: &candidate,
        measure: SelectionMeasure::ExpectedHit,
        best: true,
    };
    assert_eq!(
        lines::note(&scored).unwrap(),
        "policy after 25 episodes: expected-hit 192.5 on the selection starts, lower is better (best so far)"
    );
    assert!(lines::note(&trials(Phase::Comparing, 1, 2)).is_none());
}
