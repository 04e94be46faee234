//! The page around the sections: head, style, script, and the order of the sections.

use super::{
    Report, ReportFigure, RunReport, behaviour, methods, notes, provenance, runs, summary, training,
};
use descender_figure::escape;
use descender_figure::{page_style, variables};

/// What every page holds, and hardly another file.
pub const MARK: &str = "<p class=\"eyebrow\">Descender report</p>";

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The colours of the page around the figures, in light and in dark.
const LIGHT: &str = "--page:#f5f6f8;--line:#e0e4e9;";
const DARK: &str = "--page:#0f1317;--line:#2b333c;";

/// The report as one self-contained HTML page.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = if report.title.is_empty() {
        "Descender report"
    } else {
        &report.title
    };
    let several = report.runs.len() > 1;
    let mut header = String::new();
    if several {
        header.push_str("<nav>");
        for (index, run) in report.runs.iter().enumerate() {
            header.push_str(&format!(
                "<a href=\"#run-{}\">{}</a>",
                index + 1,
                escape(&heading(run, index))
            ));
        }
        header.push_str("</nav>\n");
    }
    let mut main = String::new();
    if report.runs.is_empty() {
        main.push_str("<p>This report holds no runs.</p>\n");
    }
    let together = runs::section(&report.runs);
    main.push_str(&together);
    for (index, run) in report.runs.iter().enumerate() {
        let class = if several { " class=\"run\"" } else { "" };
        main.push_str(&format!("<section{class} id=\"run-{}\">\n", index + 1));
        let name = escape(&heading(run, index));
        if together.is_empty() {
            if several {
                main.push_str(&format!("<h2>{name}</h2>\n"));
            }
            main.push_str(&section(run));
        } else {
            main.push_str(&format!("<details><summary>{name}</summary>\n"));
            main.push_str(&section(run));
            main.push_str("</details>\n");
        }
        main.push_str("</section>\n");
    }
    main.push_str(&notes::section(&report.runs));
    let version = report
        .runs
        .first()
        .map_or("", |run| run.facts.version.as_str());
    frame(title, &header, &main, version)
}

/// A self-contained page in the style of the report: `header` stands below the title, `main` below it; both are HTML.
pub fn frame(title: &str, header: &str, main: &str, version: &str) -> String {
    // The icon is empty, so that no server is asked for one.
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n<header>\n\
         {MARK}\n<h1>{0}</h1>\n",
        escape(title),
        style()
    );
    page.push_str(header);
    page.push_str("</header>\n<main>\n");
    page.push_str(main);
    page.push_str("</main>\n<footer>Made by descender");
    if !version.is_empty() {
        page.push_str(&format!(" {}", escape(version)));
    }
    page.push_str(&format!(
        ". This page is complete in itself and loads nothing.</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    ));
    page
}

/// The colours, light on paper whatever the screen has, and the rules.
fn style() -> String {
    format!(
        ":root{{color-scheme:light;{}{LIGHT}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{}{DARK}}}}}\n{}{STYLE}",
        variables(false),
        variables(true),
        page_style()
    )
}

/// The heading of a run: its name, or its number.
fn heading(run: &RunReport, index: usize) -> String {
    if run.name.is_empty() {
        format!("Run {}", index + 1)
    } else {
        run.name.clone()
    }
}

/// All that is shown of one run.
fn section(run: &RunReport) -> String {
    let mut text = summary::section(run);
    if let Some(comparison) = &run.comparison {
        text.push_str(&methods::section(comparison, run.facts.threshold));
    }
    for ReportFigure { chart, caption } in &run.figures {
        text.push_str(&chart.to_html(caption, true));
    }
    if let Some(behaviour) = &run.behaviour {
        text.push_str(&behaviour::section(behaviour));
    }
    text.push_str(&training::section(run));
    if text.is_empty() {
        text.push_str("<p>This run has neither a comparison nor episodes yet.</p>\n");
    }
    text.push_str(&provenance::section(run));
    text
}
