//! The page around the figures: head, facts, and the order of the sections.

use super::{Facts, Report, ReportFigure, RunReport, methods, notes, training};
use crate::escape::escape;
use crate::number::setting;

/// The width of a figure that fills the page, in pixels.
pub(super) const WIDE: u32 = 1150;

const STYLE: &str = include_str!("style.css");

/// The report as one self-contained HTML page.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = if report.title.is_empty() {
        "Descender report"
    } else {
        &report.title
    };
    let several = report.runs.len() > 1;
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
        escape(title)
    );
    if several {
        page.push_str("<nav>");
        for (index, run) in report.runs.iter().enumerate() {
            page.push_str(&format!(
                "<a href=\"#run-{}\">{}</a>",
                index + 1,
                escape(&heading(run, index))
            ));
        }
        page.push_str("</nav>\n");
    } else if let Some(run) = report.runs.first() {
        page.push_str(&facts(&run.facts));
    }
    page.push_str("</header>\n<main>\n");
    if report.runs.is_empty() {
        page.push_str("<p>This report holds no runs.</p>\n");
    }
    for (index, run) in report.runs.iter().enumerate() {
        page.push_str(&format!("<section id=\"run-{}\">\n", index + 1));
        if several {
            page.push_str(&format!(
                "<h2>{}</h2>\n{}",
                escape(&heading(run, index)),
                facts(&run.facts)
            ));
        }
        page.push_str(&section(run));
        page.push_str("</section>\n");
    }
    page.push_str(&notes::section(&report.runs));
    page.push_str("</main>\n<footer>Made by descender");
    if let Some(run) = report
        .runs
        .first()
        .filter(|run| !run.facts.version.is_empty())
    {
        page.push_str(&format!(" {}", escape(&run.facts.version)));
    }
    page.push_str(
        ". This page is complete in itself and loads nothing.</footer>\n</body>\n</html>\n",
    );
    page
}

/// The heading of a run: its name, or its number.
fn heading(run: &RunReport, index: usize) -> String {
    if run.name.is_empty() {
        format!("Run {}", index + 1)
    } else {
        run.name.clone()
    }
}

/// What was run, as a list of names and values, and the command.
fn facts(facts: &Facts) -> String {
    let mut items: Vec<(&str, String)> = vec![
        ("Task", facts.task.clone()),
        ("Preset", facts.preset.clone()),
        ("Seed", facts.seed.to_string()),
        ("Version", facts.version.clone()),
    ];
    if facts.threshold.is_finite() {
        items.push(("Loss threshold", setting(facts.threshold)));
    }
    items.extend(
        facts
            .more
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    );
    let mut list = String::from("<dl class=\"facts\">\n");
    for (name, value) in items.iter().filter(|(_, value)| !value.is_empty()) {
        list.push_str(&format!(
            "<div><dt>{}</dt><dd>{}</dd></div>\n",
            escape(name),
            escape(value)
        ));
    }
    list.push_str("</dl>\n");
    if !facts.command.is_empty() {
        list.push_str(&format!("<pre>{}</pre>\n", escape(&facts.command)));
    }
    list
}

/// All that is shown of one run below its facts.
fn section(run: &RunReport) -> String {
    let mut text = String::new();
    if let Some(comparison) = &run.comparison {
        text.push_str(&methods::section(comparison, run.facts.threshold));
    }
    if !run.figures.is_empty() {
        text.push_str("<h3>Further figures</h3>\n<div class=\"figures\">\n");
        for ReportFigure { svg, caption } in &run.figures {
            text.push_str(&figure(svg, caption, false));
        }
        text.push_str("</div>\n");
    }
    text.push_str(&training::section(run));
    if text.is_empty() {
        text.push_str("<p>This run has neither a comparison nor episodes yet.</p>\n");
    }
    text
}

/// A figure with its caption. `svg` goes in as it is.
pub(super) fn figure(svg: &str, caption: &str, wide: bool) -> String {
    let class = if wide { " class=\"wide\"" } else { "" };
    let mut text = format!("<figure{class}>\n{svg}");
    if !caption.is_empty() {
        text.push_str(&format!("<figcaption>{}</figcaption>\n", escape(caption)));
    }
    text.push_str("</figure>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::table;
    use crate::report::sample;

    /// Every element that is opened is closed, in the right order.
    fn assert_balanced(page: &str) {
        const VOID: [&str; 2] = ["meta", "!DOCTYPE"];
        let mut open: Vec<String> = Vec::new();
        let style_end = page.find("</style>").unwrap();
        for tag in page[style_end..].split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("a tag ends");
            let name = tag.split_whitespace().next().unwrap_or("");
            if let Some(name) = name.strip_prefix('/') {
                if name == "style" {
                    continue;
                }
                // Opened before the style: html, head.
                let opened = open.pop();
                match opened {
                    Some(opened) => assert_eq!(opened, name),
                    None => assert!(
                        ["head", "html"].contains(&name),
                        "</{name}> was never opened"
                    ),
                }
            } else if !tag.ends_with('/') && !VOID.contains(&name) {
                open.push(name.to_owned());
            }
        }
        assert_eq!(open, Vec::<String>::new());
    }

    /// A page may name no address but the namespace of SVG, and load nothing.
    fn assert_self_contained(page: &str) {
        let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        for outside in [
            "http", "<script", "<link", "<img", "src=", "url(", "@import",
        ] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn a_full_report_is_well_formed_and_self_contained() {
        let report = sample::report();
        let page = html(&report);
        assert_balanced(&page);
        assert_self_contained(&page);
        assert!(!page.contains("NaN") && !page.contains("inf]"));
        let comparison = report.runs[0].comparison.as_ref().unwrap();
        for method in &comparison.methods {
            assert!(
                page.contains(&format!("{}</td>", escape(&method.name))),
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
        let terminal = table(comparison);
        let rows: Vec<&str> = body.split("<tr").skip(1).collect();
        assert_eq!(rows.len(), comparison.methods.len());
        for (row, line) in rows.iter().zip(terminal.lines().skip(3)) {
            let text: String = row
                .split('<')
                .filter_map(|part| part.split_once('>').map(|(_, text)| text))
                .collect::<Vec<_>>()
                .join(" ");
            let numbers = |text: &str| -> Vec<String> {
                let text = text
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace(['[', ']', ','], " ");
                text.split_whitespace()
                    .filter(|word| *word != "%")
                    .map(str::to_owned)
                    .collect()
            };
            assert_eq!(numbers(&text), numbers(line));
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
        assert!(!page.contains("<script"));
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
            method.final_train_loss = crate::statistics::Estimate::UNKNOWN;
        }
        let page = html(&report);
        assert_balanced(&page);
        assert!(page.contains("No data to show.") && !page.contains("NaN"));
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
            page.contains("<a href=\"#run-2\">second &lt;run&gt;</a>")
                && page.contains("id=\"run-2\"")
        );
    }

    #[test]
    fn the_data_survive_json() {
        let mut report = sample::report();
        report.runs[0].facts.threshold = f64::NAN;
        let json = serde_json::to_string(&report).unwrap();
        let back: Report = serde_json::from_str(&json).unwrap();
        assert_eq!(html(&back), html(&report));
    }
}
