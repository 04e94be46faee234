//! Pictures, findings and the page of a reproduction, made from the figures' files.

use std::fmt::Write as _;

use super::finding::{Evidence, Finding, Seen, Wanted};
use super::folder::{Folder, Identity};
use super::{
    Fig1, Fig2, Fig3, Fig4, Fig5, FigureData, FigureName, Panel, ReproduceError, Reproduction,
};
use crate::escape::escape;
use crate::figure::LineChart;

/// A figure as it is shown.
struct Shown {
    figure: FigureName,
    findings: Vec<Finding>,
    panels: Vec<Panel>,
}

/// Writes pictures, findings and page of all figures in the folder; returns the findings.
pub(super) fn write(
    folder: &Folder,
    reproduction: &Reproduction<'_>,
) -> Result<Vec<Finding>, ReproduceError> {
    let mut shown = Vec::new();
    for figure in FigureName::ALL {
        let wanted = reproduction.figures.contains(&figure);
        // One of an earlier command that can't be read is none of this command's business.
        if !wanted && !folder.file(&format!("{}.json", figure.name())).exists() {
            continue;
        }
        match show(folder, figure) {
            Ok(figure) => shown.push(figure),
            Err(error) if wanted => return Err(error),
            Err(_) => {}
        }
    }
    for figure in &shown {
        let charts: Vec<&LineChart> = figure.panels.iter().map(|panel| &panel.chart).collect();
        folder.write_text(&format!("{}.svg", figure.figure.name()), &stacked(&charts))?;
    }
    folder.write_text("report.html", &html(folder.identity(), &shown))?;
    let findings: Vec<Finding> = shown
        .into_iter()
        .flat_map(|figure| figure.findings)
        .collect();
    folder.write_json("findings.json", &findings)?;
    folder.end()?;
    Ok(findings)
}

fn show(folder: &Folder, figure: FigureName) -> Result<Shown, ReproduceError> {
    fn read<D: FigureData>(folder: &Folder, figure: FigureName) -> Result<Shown, ReproduceError> {
        let file = folder.read_figure::<D>(figure)?;
        let (findings, panels) = (file.findings, file.data.panels());
        Ok(Shown {
            figure,
            findings,
            panels,
        })
    }
    match figure {
        FigureName::Fig1 => read::<Fig1>(folder, figure),
        FigureName::Fig2 => read::<Fig2>(folder, figure),
        FigureName::Fig3 => read::<Fig3>(folder, figure),
        FigureName::Fig4 => read::<Fig4>(folder, figure),
        FigureName::Fig5 => read::<Fig5>(folder, figure),
    }
}

/// The charts one below the other, as one SVG element.
fn stacked(charts: &[&LineChart]) -> String {
    let width = charts.iter().map(|chart| chart.width).max().unwrap_or(1);
    let height: u32 = charts.iter().map(|chart| chart.height).sum();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    );
    let mut y = 0;
    for chart in charts {
        let place = format!("<svg x=\"0\" y=\"{y}\" ");
        text.push_str(&chart.to_svg().replacen("<svg ", &place, 1));
        y += chart.height;
    }
    text.push_str("</svg>\n");
    text
}

/// What only this page needs beside the report's style.
const STYLE: &str = "\
td.text { white-space: normal; text-align: left; min-width: 16em; }\n\
td.verdict { text-align: left; font-weight: 700; }\n\
td.verdict::before { content: \"\"; display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.5em; border-radius: 50%; }\n\
td.verdict.yes::before { background: #009e73; }\n\
td.verdict.partly::before { background: linear-gradient(90deg, #e69f00 50%, transparent 50%); outline: 1px solid #e69f00; }\n\
td.verdict.no::before { background: transparent; outline: 2px solid #d55e00; }\n";

/// The page: the findings first, then the figures with their numbers.
fn html(identity: &Identity, shown: &[Shown]) -> String {
    let title = format!(
        "The paper's figures, reproduced ({} budget)",
        identity.budget.name()
    );
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n\
         <style>\n{1}{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
        escape(&title),
        include_str!("../report/style.css"),
    );
    page.push_str(&lead(shown));
    page.push_str("</header>\n<main>\n");
    page.push_str(&findings_section(shown));
    for figure in shown {
        page.push_str(&figure_section(figure));
    }
    page.push_str(&facts(identity));
    let _ = write!(
        page,
        "</main>\n<footer>Made by descender {}. This page is complete in itself and loads nothing.</footer>\n</body>\n</html>\n",
        escape(&identity.version)
    );
    page
}

fn lead(shown: &[Shown]) -> String {
    let findings = || shown.iter().flat_map(|figure| &figure.findings);
    let count = |seen| findings().filter(|finding| finding.seen == seen).count();
    format!(
        "<p class=\"lead\">Of {} findings of the paper {} are seen here, {} partly, and {} not.</p>\n\
         <p>Each claim is split into conditions with a number each; a condition holds if the number’s whole 95 % interval \
         lies where the claim wants it. All conditions hold: seen; some: partly seen; none: not seen.</p>\n",
        findings().count(),
        count(Seen::Yes),
        count(Seen::Partly),
        count(Seen::No)
    )
}

fn findings_section(shown: &[Shown]) -> String {
    let mut text = String::from(
        "<h2>Findings</h2>\n<div class=\"sheet\"><table>\n<thead><tr><th>The paper’s finding</th><th>Here</th>\
         <th>What was seen</th></tr></thead>\n<tbody>\n",
    );
    for finding in shown.iter().flat_map(|figure| &figure.findings) {
        let _ = writeln!(
            text,
            "<tr><td><a href=\"#{0}\">{0}</a>: {1}</td>{2}<td class=\"text\">{3} <span class=\"ci\">n = {4} {5}</span></td></tr>",
            escape(&finding.figure),
            escape(&finding.claim),
            verdict(finding.seen),
            escape(&finding.text),
            finding.n,
            escape(&finding.units)
        );
    }
    text.push_str("</tbody>\n</table></div>\n");
    text
}

fn verdict(seen: Seen) -> String {
    let class = match seen {
        Seen::Yes => "yes",
        Seen::Partly => "partly",
        Seen::No => "no",
    };
    format!("<td class=\"verdict {class}\">{}</td>", seen.words())
}

fn figure_section(shown: &Shown) -> String {
    let mut text = format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n<div class=\"figures\">\n",
        shown.figure.name(),
        escape(shown.figure.title())
    );
    for panel in &shown.panels {
        let _ = writeln!(
            text,
            "<figure>\n{}<figcaption>{}</figcaption>\n</figure>",
            panel.chart.to_svg(),
            escape(&panel.caption)
        );
    }
    text.push_str("</div>\n");
    for finding in &shown.findings {
        let _ = write!(
            text,
            "<details>\n<summary>{}: {}</summary>\n<div class=\"sheet\"><table>\n<thead><tr><th>Number</th><th>Value \
             with 95 % interval</th><th>Claimed</th><th>Holds</th></tr></thead>\n<tbody>\n",
            escape(&finding.claim),
            finding.seen.words()
        );
        finding
            .strength
            .iter()
            .for_each(|evidence| text.push_str(&evidence_row(evidence)));
        text.push_str("</tbody>\n</table></div>\n</details>\n");
    }
    text.push_str("</section>\n");
    text
}

fn evidence_row(evidence: &Evidence) -> String {
    let holds = match evidence.holds {
        Some(true) => "yes",
        Some(false) => "no",
        None => "–",
    };
    format!(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{holds}</td></tr>\n",
        escape(&evidence.what),
        escape(&evidence.number()),
        escape(
            &evidence
                .wanted
                .map_or_else(|| "–".to_owned(), Wanted::words)
        ),
    )
}

fn facts(identity: &Identity) -> String {
    let facts = [
        ("Budget", identity.budget.name().to_owned()),
        ("Task", identity.task.clone()),
        ("Seed", identity.seed.to_string()),
        ("Version", identity.version.clone()),
        ("Started", identity.started.clone()),
    ];
    let mut text = String::from("<h2>How it was made</h2>\n<dl class=\"facts\">\n");
    for (name, value) in facts {
        let _ = writeln!(
            text,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            escape(&value)
        );
    }
    let _ = writeln!(
        text,
        "</dl>\n<pre>{}</pre>",
        escape(&identity.command.join(" "))
    );
    text
}
