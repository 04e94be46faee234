//! A whole reproduction with tiny numbers, interrupted and not.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use descender_env::Stop;

fn quiet() -> Watcher {
    Arc::new(|_| {})
}

fn run_with(
    folder: &Path,
    figures: &[FigureName],
    stop: &Stop,
    watcher: Watcher,
) -> Result<Vec<PaperFinding>, ReproduceError> {
    let reproduction = Reproduction {
        folder,
        plan: Plan::new(Budget::Tiny, 3, None).unwrap(),
        figures: figures.to_vec(),
        command: vec!["descender".to_owned(), "reproduce".to_owned()],
        stop,
        watcher,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    pool.install(|| reproduce(&reproduction))
}

/// The files that must have the same bits, with their content.
fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let figures = FigureName::ALL.iter().flat_map(|figure| {
        [
            format!("{}.json", figure.name()),
            format!("{}.svg", figure.name()),
        ]
    });
    let runs = ["paper-fixed", "paper-random"].iter().flat_map(|run| {
        [
            format!("{run}/episodes.jsonl"),
            format!("{run}/controller.safetensors"),
        ]
    });
    let files = figures.chain(runs).chain(["findings.json".to_owned()]);
    files
        .map(|name| {
            (
                name.clone(),
                std::fs::read(folder.join(&name)).unwrap_or_else(|error| panic!("{name}: {error}")),
            )
        })
        .collect()
}

#[test]
fn all_figures_come_out_and_the_files_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let findings = run_with(folder, &FigureName::ALL, &Stop::default(), quiet()).unwrap();
    let figures: Vec<&str> = findings
        .iter()
        .map(|finding| finding.figure.as_str())
        .collect();
    for figure in FigureName::ALL {
        assert!(
            figures.contains(&figure.name()),
            "no finding about {}",
            figure.name()
        );
        let svg = std::fs::read_to_string(folder.join(format!("{}.svg", figure.name()))).unwrap();
        assert!(
            svg.starts_with("<svg") && !svg.contains("No data to show"),
            "{}",
            figure.name()
        );
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let kept: Vec<PaperFinding> = serde_json::from_str(&read("findings.json")).unwrap();
    assert_eq!(kept.len(), findings.len());
    let fig1: FigureFile<Fig1> = serde_json::from_str(&read("fig1.json")).unwrap();
    assert_eq!(
        (fig1.data.by_start.len(), fig1.data.by_start[0].len()),
        (4, 4)
    );
    assert_eq!(
        (fig1.budget, fig1.seed, fig1.task.as_str()),
        (Budget::Tiny, 3, "mnist-small")
    );
    let fig3: FigureFile<Fig3> = serde_json::from_str(&read("fig3.json")).unwrap();
    assert_eq!(
        (fig3.data.first_hit.len(), fig3.data.adam_first_hit.len()),
        (12, 12)
    );
    assert!(fig3.data.adam_first_hit.iter().any(Option::is_some));
    let shorter = fig3.data.length.iter().filter(|length| **length < 200);
    assert_eq!(fig3.data.left_bounds, shorter.count() as u64);
    let fig4: FigureFile<Fig4> = serde_json::from_str(&read("fig4.json")).unwrap();
    assert_eq!(fig4.data.one_start[0].name, "untrained");
    assert!(
        fig4.data
            .one_start
            .iter()
            .all(|curve| curve.steps.len() <= 250)
    );
    let page = read("report.html");
    for finding in &findings {
        assert!(
            page.contains(&descender_figure::escape(&finding.claim)),
            "{}",
            finding.claim
        );
    }
    assert!(!page.contains(">NaN") && !page.contains("http://www.w3.org/1999"));
    assert_eq!(page.matches("<section").count(), 5);
}

#[test]
fn an_interrupted_reproduction_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    run_with(&whole, &FigureName::ALL, &Stop::default(), quiet()).unwrap();

    // Stopped after so many events: in the trainings, in the descents, near the end.
    let mut stops = 0;
    for patience in [40, 700, 1500, 2600, 3400, u64::MAX] {
        let stop = Stop::default();
        let (asked, events) = (stop.clone(), AtomicU64::new(0));
        let watcher: Watcher = Arc::new(move |_| {
            if events.fetch_add(1, Ordering::Relaxed) >= patience {
                asked.request();
            }
        });
        match run_with(&parts, &FigureName::ALL, &stop, watcher) {
            Err(ReproduceError::Stopped) => stops += 1,
            result => {
                result.unwrap();
            }
        }
    }
    assert!(stops >= 2, "it was complete before it was stopped twice");
    let (whole, parts) = (results(&whole), results(&parts));
    for (name, content) in &whole {
        assert_eq!(content, &parts[name], "{name}");
    }
}

#[test]
fn what_is_there_is_kept_and_what_was_made_otherwise_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let figures = [FigureName::Fig1];
    let kept = |figures: &[FigureName]| {
        let kept = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&kept);
        let watcher: Watcher = Arc::new(move |event| {
            if let ReproduceEvent::FigureReady { kept: true, .. } = event {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        run_with(folder, figures, &Stop::default(), watcher).unwrap();
        kept.load(Ordering::Relaxed)
    };
    assert_eq!(kept(&figures), 0);
    assert_eq!(kept(&figures), 1);
    assert!(
        !folder.join("paper-random").exists(),
        "figure 1 needs no training"
    );
    // Another version, other settings, half a file.
    let path = folder.join("fig1.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    let steps = "\"descents\":{\"starts\":4,\"steps\":200}";
    assert!(
        text.contains(&version) && text.contains(steps),
        "{}",
        &text[..600]
    );
    for changed in [
        text.replace(&version, "\"version\":\"0.0.0\""),
        text.replace(steps, "\"descents\":{\"starts\":4,\"steps\":201}"),
        text[..text.len() / 2].to_owned(),
        text.replace("\"chance_loss\"", "\"another_number\""),
    ] {
        std::fs::write(&path, changed).unwrap();
        assert_eq!(kept(&figures), 0);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn findings_follow_from_the_data_in_the_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let findings = run_with(folder, &FigureName::ALL, &Stop::default(), quiet()).unwrap();
    let path = folder.join("fig4.json");
    let text = std::fs::read_to_string(&path).unwrap();
    // As if an older rule had judged otherwise.
    let mut file: FigureFile<Fig4> = serde_json::from_str(&text).unwrap();
    file.findings[0].seen = Seen::Yes;
    file.findings[0].claim = "something else".to_owned();
    std::fs::write(&path, serde_json::to_string(&file).unwrap()).unwrap();
    let again = run_with(folder, &[FigureName::Fig4], &Stop::default(), quiet()).unwrap();
    assert_eq!(format!("{again:?}"), format!("{findings:?}"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_folder_of_another_reproduction_or_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run_with(folder, &[FigureName::Fig1], &Stop::default(), quiet()).unwrap();
    let stop = Stop::default();
    let other = |seed, figures| {
        let reproduction = Reproduction {
            folder,
            plan: Plan::new(Budget::Tiny, seed, None).unwrap(),
            figures,
            command: Vec::new(),
            stop: &stop,
            watcher: quiet(),
        };
        reproduce(&reproduction).unwrap_err().to_string()
    };
    let message = other(4, vec![FigureName::Fig1]);
    assert!(
        message.contains("budget tiny, seed 3 and task mnist-small"),
        "{message}"
    );

    let mut configuration = Plan::new(Budget::Tiny, 3, None).unwrap().fixed;
    configuration.episodes += 1;
    let manifest = descender_record::manifest::Manifest::start(Vec::new(), 3, 1);
    descender_study::RunFolder::create(&folder.join("paper-fixed"), &configuration, &manifest)
        .unwrap();
    let message = other(3, vec![FigureName::Fig2]);
    assert!(
        message.contains("paper-fixed holds a run with other settings"),
        "{message}"
    );
}

#[test]
fn a_training_whose_learner_diverged_breaks_no_figure() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::new(Budget::Tiny, 3, None).unwrap();
    for configuration in [&mut plan.fixed, &mut plan.random] {
        let descender_agent::AgentSettings::Dqn(agent) = &mut configuration.agent else {
            panic!("the paper's agent is a DQN")
        };
        agent.learning_rate = 3e38;
    }
    let reproduction = Reproduction {
        folder: folder.path(),
        plan,
        figures: FigureName::ALL.to_vec(),
        command: Vec::new(),
        stop: &Stop::default(),
        watcher: quiet(),
    };
    let findings = reproduce(&reproduction).unwrap();
    let controller = folder.path().join("paper-random/controller.safetensors");
    assert!(!controller.exists(), "the learner did not diverge");
    assert!(
        findings
            .iter()
            .filter(|finding| finding.figure == "fig5")
            .all(|finding| finding.seen == Seen::No)
    );
}
