//! The text of the page: well formed, self-contained, nothing hostile, and what is missing left out.

use crate::sample;
use descender_compare::comparison::table_within;
use descender_report::{Report, RunReport, html};
use descender_statistics::Estimate;

/// The page without its style and its script, which are ours.
fn markup(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, rest) = rest.split_once("<script>").unwrap();
    let (_, end) = rest.split_once("</script>").unwrap();
    format!("{head}{body}{end}")
}

fn escape(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Every element that is opened is closed, in the right order.
fn assert_balanced(page: &str) {
    const VOID: [&str; 3] = ["meta", "link", "!DOCTYPE"];
    let mut open: Vec<String> = Vec::new();
    for tag in markup(page).split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.split_whitespace().next().unwrap_or("");
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert_eq!(open, Vec::<String>::new());
}

/// A page names no address and loads nothing; its one script is ours, and its icon is empty.
fn assert_self_contained(page: &str) {
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<link").count(), 1);
    let page = page.replace("<link rel=\"icon\" href=\"data:,\">", "");
    for outside in ["http", "<link", "<img", "src=", "url(", "@import", "fetch("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_full_report_is_well_formed_and_self_contained() {
    let report = sample::report();
    let page = html(&report);
    assert_balanced(&page);
    assert_self_contained(&page);
    let markup = markup(&page);
    assert!(!markup.contains("NaN") && !markup.contains("inf]"));
    let comparison = report.runs[0].comparison.as_ref().unwrap();
    for method in &comparison.methods {
        assert!(
            page.contains(&format!("</svg><span>{}</span>", escape(&method.name))),
            "{}",
            method.name
        );
    }
    for text in [
        "mnist",
        "quick",
        "4711",
        "descender train --seed 4711 &lt;&amp;&gt;",
        "Score of each episode",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(html(&report), page);
}

#[test]
fn the_page_and_the_terminal_show_the_same_figures() {
    let report = sample::report();
    let page = html(&report);
    let comparison = report.runs[0].comparison.as_ref().unwrap();
    // Strip the tags and compare the words of the table's rows.
    let body = page
        .split_once("<tbody>")
        .unwrap()
        .1
        .split_once("</tbody>")
        .unwrap()
        .0;
    let terminal = table_within(comparison, 1_000);
    let rows: Vec<&str> = body
        .split("<tr")
        .filter(|row| row.contains("<td"))
        .collect();
    assert_eq!(rows.len(), comparison.methods.len());
    let words = |text: &str| -> Vec<String> {
        text.replace(['[', ']', ','], " ")
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    };
    // Rivals first, as in the sample; the table's row of a method begins with its name.
    for (row, method) in rows.iter().zip(&comparison.methods) {
        let text: Vec<&str> = row
            .split('<')
            .filter_map(|part| part.split_once('>').map(|(_, text)| text))
            .collect();
        let text = words(&text.join(" ").replace("&lt;", "<").replace("&gt;", ">"));
        let line = terminal
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{} ", method.name)))
            .unwrap_or_else(|| panic!("{} in {terminal}", method.name));
        for word in words(line) {
            assert!(text.contains(&word), "{word} of `{line}` in {text:?}");
        }
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let mut report = sample::report();
    let hostile = "\"><script>alert('x')</script>&";
    report.title = hostile.to_owned();
    let run = &mut report.runs[0];
    run.name = hostile.to_owned();
    run.measure = hostile.to_owned();
    run.facts.task = hostile.to_owned();
    run.facts.command = hostile.to_owned();
    run.facts
        .more
        .push((hostile.to_owned(), hostile.to_owned()));
    run.figures[0].caption = hostile.to_owned();
    let comparison = run.comparison.as_mut().unwrap();
    comparison.methods[1].name = hostile.to_owned();
    comparison.methods[1].settings = serde_json::json!({ hostile: hostile });
    comparison.task = hostile.to_owned();
    report.runs.push(report.runs[0].clone());
    let page = html(&report);
    assert_balanced(&page);
    assert_self_contained(&page);
}

#[test]
fn what_is_missing_is_left_out() {
    assert_balanced(&html(&Report::default()));
    let nothing = Report {
        title: String::new(),
        runs: vec![RunReport::default()],
    };
    let page = html(&nothing);
    assert_balanced(&page);
    assert!(page.contains("neither a comparison nor episodes"));

    let mut report = sample::report();
    let run = &mut report.runs[0];
    run.candidates.clear();
    for episode in &mut run.episodes {
        (episode.score, episode.learner_loss, episode.first_hit) = (f64::NAN, f32::NAN, None);
        episode.mean_learning_rate = f32::INFINITY;
    }
    for method in &mut run.comparison.as_mut().unwrap().methods {
        method.curves = None;
        method.first_hit.iqm = f64::NAN;
        method.final_train_loss = Estimate::UNKNOWN;
    }
    let page = html(&report);
    assert_balanced(&page);
    assert!(page.contains("No data to show.") && !markup(&page).contains("NaN"));
    report.runs[0].comparison.as_mut().unwrap().methods.clear();
    assert_balanced(&html(&report));
}

#[test]
fn several_runs_are_listed() {
    let mut report = sample::report();
    report.runs.push(RunReport {
        name: "second <run>".to_owned(),
        ..RunReport::default()
    });
    let page = html(&report);
    assert_balanced(&page);
    assert!(
        page.contains("<a href=\"#run-2\">second &lt;run&gt;</a>") && page.contains("id=\"run-2\"")
    );
}

/// A run under another seed, whose descents go a little otherwise.
fn other(seed: u64) -> RunReport {
    let mut run = sample::report().runs.remove(0);
    run.name = format!("run of seed {seed}");
    let comparison = run.comparison.as_mut().unwrap();
    comparison.seed = seed;
    for method in &mut comparison.methods {
        for start in &mut method.by_start {
            start.first_hit = start.first_hit.map(|hit| hit + 5 * seed);
        }
    }
    run
}

#[test]
fn alike_runs_stand_in_one_table_with_an_interval_over_all() {
    let report = Report {
        title: "runs".to_owned(),
        runs: (1..=5).map(other).collect(),
    };
    let page = html(&report);
    assert_balanced(&page);
    assert_eq!(page.matches("<h2>All runs</h2>").count(), 1);
    assert_eq!(page.matches("<details><summary>run of seed").count(), 5);
    let (_, row) = page.split_once("<tr><td>controller</td>").unwrap();
    let (row, _) = row.split_once("</tr>").unwrap();
    assert_eq!(row.matches("<td").count(), 6, "{row}");
    assert!(row.contains("data-label=\"All runs\"><b>"), "{row}");

    // Runs of other lengths are shown one by one.
    let mut unlike = report;
    unlike.runs[1].comparison.as_mut().unwrap().steps = 250;
    let page = html(&unlike);
    assert!(!page.contains("All runs") && page.contains("<h2>run of seed 2</h2>"));
}

#[test]
fn where_nobody_hits_the_page_says_so() {
    let mut report = sample::report();
    for method in &mut report.runs[0].comparison.as_mut().unwrap().methods {
        method.first_hit.reached = 0;
        for start in &mut method.by_start {
            start.first_hit = None;
        }
    }
    let page = html(&report);
    assert_balanced(&page);
    assert!(page.contains("there is no first hit to show"));
    for absent in [
        "AlgoPerf score",
        "Performance profile",
        "<div class=\"name\">First hit",
    ] {
        assert!(!markup(&page).contains(absent), "{absent}");
    }
}

#[test]
fn an_evolution_run_shows_the_best_score_of_each_generation() {
    let mut report = sample::report();
    let run = &mut report.runs[0];
    run.agent = "evolution".to_owned();
    for episode in &mut run.episodes {
        episode.learner_loss = -1.5;
    }
    let page = html(&report);
    assert!(page.contains("Best score of each generation") && !page.contains("The learner's loss"));
    assert!(page.contains("1.5"));
}

#[test]
fn the_cost_of_the_training_stands_on_the_page() {
    let page = html(&sample::report());
    assert!(page.contains("The training cost 200 descents, "), "{page}");
    assert!(page.contains("6.0 minutes with the choice of the controller"));
}
