//! The result of a comparison: the figures of each method on the same start points.
//!
//! These structures are stored as `comparison.json` in a run folder, with the outcome of each start and each method's
//! mean curves ([`Curves`]). Figures that follow from the starts are not stored but derived: the controller against
//! each method in every measure ([`Comparison::controller_against`]), AlgoPerf's score and the performance profiles
//! ([`Comparison::algoperf_scores`]), and the [`Verdict`]. `descender compare --json` prints the derived figures
//! instead of the starts and the curves ([`Comparison::document`]), and [`table()`] shows a comparison in a terminal.
//!
//! Both documents have the same form, whose [version](SCHEMA_VERSION) they name: `version`, `task`, `metric`, `steps`,
//! `starts`, `seed`, `threshold`, and in `methods` the fields of a [`MethodResult`]. A number that is unknown is `null`.
//! `comparison.csv` beside the file holds the figures of each method as a table ([`Comparison::to_csv`]).

mod across;
mod csv_table;
mod curves;
mod document;
mod finding;
mod first_hit;
mod measure;
mod outcome;
mod recorded_note;
mod schema_version;
mod table;
mod time_to_target;
mod verdict;
mod wording;

pub use across::{AcrossRuns, figure_text};
pub use curves::{Band, Curves};
pub use document::Document;
pub use finding::{Finding, MINIMUM_STARTS, Standing};
pub(crate) use first_hit::pair;
pub use first_hit::{FirstHit, counted_hit, first_hit_text};
pub use measure::Measure;
pub use outcome::{CONTROLLER, Comparison, MethodResult, Role, StartResult, Tuning};
pub use schema_version::{SCHEMA_VERSION, SchemaVersion};
pub use table::{score_text, table, table_within};
pub use verdict::Verdict;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use descender_statistics::{Bootstrap, Estimate};

    /// A comparison with a good method, one that never reached the threshold, and one that diverged.
    pub(crate) fn sample() -> Comparison {
        let estimate = |iqm: f64, spread: f64| Estimate {
            iqm,
            ci95: [iqm - spread, iqm + spread],
        };
        let method = |name: &str, iqm: f64, reached: u64| MethodResult {
            name: name.to_owned(),
            role: if name == CONTROLLER {
                Role::Controller
            } else {
                Role::Rival
            },
            settings: serde_json::json!({"learning_rate": 0.25}),
            first_hit: FirstHit {
                iqm,
                ci95: [iqm - 10.0, iqm + 12.5],
                reached,
                starts: 24,
            },
            final_train_loss: estimate(0.0625, 0.015_625),
            final_validation_loss: estimate(0.125, 0.007_812_5),
            validation_accuracy: estimate(0.968_75, 0.003_906_25),
            validation_metrics: std::collections::BTreeMap::new(),
            diverged: 0,
            interventions: 0,
            controller_against: None,
            tuning: None,
            by_start: Vec::new(),
            curves: None,
        };
        let mut never = method("sgd:0.01", 500.0, 0);
        never.first_hit.ci95 = [500.0, 500.0];
        let mut dead = method("sgd:<5>", 500.0, 0);
        dead.first_hit.ci95 = [500.0, 500.0];
        dead.final_train_loss = Estimate::UNKNOWN;
        dead.final_validation_loss = Estimate::UNKNOWN;
        dead.diverged = 24;
        Comparison {
            version: SchemaVersion,
            task: "mnist".to_owned(),
            metric: "first_hit".to_owned(),
            steps: 500,
            starts: 24,
            seed: 7,
            threshold: 0.02,
            methods: vec![
                method(CONTROLLER, 184.5, 24),
                method("adam:0.001", 338.0625, 23),
                never,
                dead,
            ],
        }
    }

    /// A comparison of methods whose single starts are known: first hits within 500 steps, one final loss for all.
    pub(crate) fn with_starts(methods: &[(&str, Role, Vec<Option<u64>>, f64)]) -> Comparison {
        let bootstrap = Bootstrap::new(7);
        let mut comparison = sample();
        let template = comparison.methods[0].clone();
        comparison.starts = methods.first().map_or(0, |method| method.2.len() as u64);
        comparison.methods = methods
            .iter()
            .map(|(name, role, hits, loss)| MethodResult {
                name: (*name).to_owned(),
                role: *role,
                first_hit: FirstHit::of(hits, 500, &bootstrap, 0),
                final_train_loss: bootstrap.interquartile_mean(&vec![*loss; hits.len()], 0),
                final_validation_loss: bootstrap.interquartile_mean(&vec![*loss; hits.len()], 0),
                by_start: hits
                    .iter()
                    .map(|&first_hit| StartResult {
                        first_hit,
                        final_train_loss: *loss,
                        final_validation_loss: *loss,
                        validation_accuracy: 0.96,
                        diverged: false,
                        interventions: 0,
                    })
                    .collect(),
                ..template.clone()
            })
            .collect();
        comparison
    }

    #[test]
    fn the_json_is_the_contract() {
        let mut comparison = sample();
        comparison.methods.truncate(1);
        let json = serde_json::to_string(&comparison).unwrap();
        let expected = concat!(
            r#"{"version":1,"task":"mnist","metric":"first_hit","steps":500,"starts":24,"seed":7,"threshold":0.02,"methods":["#,
            r#"{"name":"controller","role":"controller","settings":{"learning_rate":0.25},"#,
            r#""first_hit":{"iqm":184.5,"ci95":[174.5,197.0],"bound":false,"reached":24,"starts":24},"#,
            r#""final_train_loss":{"iqm":0.0625,"ci95":[0.046875,0.078125]},"#,
            r#""final_validation_loss":{"iqm":0.125,"ci95":[0.1171875,0.1328125]},"#,
            r#""validation_accuracy":{"iqm":0.96875,"ci95":[0.96484375,0.97265625]},"diverged":0}]}"#,
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn a_comparison_comes_back_from_json_with_its_curves_and_its_nan() {
        let mut comparison = sample();
        comparison.methods.truncate(2);
        comparison.methods[0].curves = Some(Curves::of(
            &[vec![2.0, 1.0], vec![3.0, 0.5]],
            &[vec![0.1, 0.2], vec![0.1, 0.1]],
            1,
            10,
        ));
        let json = serde_json::to_string(&comparison).unwrap();
        let back: Comparison = serde_json::from_str(&json).unwrap();
        assert_eq!(back, comparison);
        assert_eq!(back.without_curves().methods[0].curves, None);
        assert_eq!(
            serde_json::to_string(&back.without_curves())
                .unwrap()
                .find("curves"),
            None
        );

        let json = serde_json::to_string(&sample()).unwrap();
        assert!(json.contains(r#""final_train_loss":{"iqm":null,"ci95":[null,null]}"#));
        let back: Comparison = serde_json::from_str(&json).unwrap();
        assert!(back.methods[3].final_train_loss.iqm.is_nan());
        assert_eq!(back.methods[..3], sample().methods[..3]);
    }

    #[test]
    fn a_start_that_never_hits_counts_as_the_whole_descent() {
        let hits = [
            Some(100),
            None,
            Some(120),
            Some(140),
            None,
            None,
            Some(80),
            Some(90),
        ];
        let first_hit = FirstHit::of(&hits, 500, &Bootstrap::new(1), 0);
        assert_eq!(first_hit.iqm, (100.0 + 120.0 + 140.0 + 500.0) / 4.0);
        assert_eq!((first_hit.reached, first_hit.starts), (5, 8));
        assert!(first_hit.is_bound() && first_hit.ci95[1].is_infinite());
    }

    #[test]
    fn the_best_rival_is_the_earliest_that_ever_got_there() {
        let comparison = sample();
        assert_eq!(comparison.controller().unwrap().name, CONTROLLER);
        assert_eq!(comparison.best_rival().unwrap().name, "adam:0.001");
    }
}
