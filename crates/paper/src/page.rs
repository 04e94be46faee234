//! Pictures, findings and the page of a reproduction, made from the figures' files.

use std::fmt::Write as _;

use super::finding::{Evidence, PaperFinding, Seen, Wanted};
use super::folder::Folder;
use crate::context::Reproduction;
use crate::error::ReproduceError;
use crate::fig1::Fig1;
use crate::fig2::Fig2;
use crate::fig3::Fig3;
use crate::fig4::Fig4;
use crate::fig5::Fig5;
use crate::figure_data::{FigureData, Panel};
use crate::figure_name::FigureName;
use crate::identity::Identity;
use descender_figure::escape;
use descender_figure::{Chart, LineChart};
use descender_report::frame;

/// A figure as it is shown.
struct Shown {
    figure: FigureName,
    findings: Vec<PaperFinding>,
    panels: Vec<Panel>,
}

/// Writes pictures, findings and page of all figures in the folder; returns the findings.
pub(super) fn write(
    folder: &Folder,
    reproduction: &Reproduction<'_>,
) -> Result<Vec<PaperFinding>, ReproduceError> {
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
    let findings: Vec<PaperFinding> = shown
        .into_iter()
        .flat_map(|figure| figure.findings)
        .collect();
    folder.write_json("findings.json", &findings)?;
    folder.end()?;
    Ok(findings)
}

fn show(folder: &Folder, figure: FigureName) -> Result<Shown, ReproduceError> {
    fn read<D: FigureData>(folder: &Folder, figure: FigureName) -> Result<Shown, ReproduceError> {
        let mut file = folder.read_figure::<D>(figure)?;
        let panels = file.data.panels();
        // The rules may have become better since the file was made.
        let findings = file.data.findings(file.seed);
        if !same(&findings, &file.findings) {
            file.findings.clone_from(&findings);
            folder.write_figure(&file)?;
        }
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

/// Whether the findings are the same in a file, where NaN and infinity are one.
fn same(a: &[PaperFinding], b: &[PaperFinding]) -> bool {
    let texts = [a, b].map(|findings| serde_json::to_string(findings).ok());
    texts[0] == texts[1]
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

/// The page: the findings first, then the figures with their numbers.
fn html(identity: &Identity, shown: &[Shown]) -> String {
    let title = format!(
        "The paper’s figures, reproduced ({} budget)",
        identity.budget.name()
    );
    let mut main = lead(shown);
    main.push_str(&findings_section(shown));
    for figure in shown {
        main.push_str(&figure_section(figure));
    }
    main.push_str(&facts(identity));
    let header = "<p class=\"said\">Each claim of the paper is split into conditions with a number each. A condition \
        holds if the number’s whole 95 % interval lies where the claim wants it. A main \
        condition lies outside: contradicted. Otherwise, all conditions hold: seen; some: partly seen; none: not seen.</p>\n";
    frame(&title, header, &main, &identity.version)
}

fn lead(shown: &[Shown]) -> String {
    let findings = || shown.iter().flat_map(|figure| &figure.findings);
    let count = |seen| findings().filter(|finding| finding.seen == seen).count();
    format!(
        "<p class=\"verdict\">Of {} findings of the paper <b>{} are seen</b> here, <b>{} partly</b>, <b>{} are not \
         seen</b>, and <b>{} are contradicted</b>.</p>\n",
        findings().count(),
        count(Seen::Yes),
        count(Seen::Partly),
        count(Seen::No),
        count(Seen::Contradicted)
    )
}

/// The short table of all findings.
fn findings_section(shown: &[Shown]) -> String {
    let mut text = String::from(
        "<div class=\"table\"><table>\n<thead><tr><th>The paper’s finding</th><th>Here</th>\
         <th>Conditions that hold</th><th>n</th></tr></thead>\n<tbody>\n",
    );
    for figure in shown {
        let _ = writeln!(
            text,
            "<tr class=\"group\"><th colspan=\"4\"><a href=\"#{}\">{}</a></th></tr>",
            figure.figure.name(),
            escape(figure.figure.title())
        );
        for finding in &figure.findings {
            let decisive = || {
                finding
                    .strength
                    .iter()
                    .filter_map(|evidence| evidence.holds)
            };
            let _ = writeln!(
                text,
                "<tr><td>{}</td><td data-label=\"Here\">{}</td><td data-label=\"Conditions that hold\">{} of {}</td>\
                 <td data-label=\"n\">{}</td></tr>",
                escape(&finding.claim),
                verdict(finding.seen),
                decisive().filter(|holds| *holds).count(),
                decisive().count(),
                escape(&finding.sample()),
            );
        }
    }
    text.push_str("</tbody>\n</table></div>\n");
    text
}

/// The verdict with a sign: a full, a half and an empty disc, and a cross.
fn verdict(seen: Seen) -> String {
    let sign = match seen {
        Seen::Yes => "●",
        Seen::Partly => "◐",
        Seen::No => "○",
        Seen::Contradicted => "✕",
    };
    format!(
        "<b style=\"white-space:nowrap\">{sign} {}</b>",
        seen.words()
    )
}

fn figure_section(shown: &Shown) -> String {
    let mut text = format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n",
        shown.figure.name(),
        escape(shown.figure.title())
    );
    for panel in &shown.panels {
        text.push_str(&Chart::from(panel.chart.clone()).to_html(&panel.caption, true));
    }
    text.push_str(
        "<div class=\"table\"><table>\n<thead><tr><th>Condition</th><th>Value</th><th>Claimed</th><th>Holds</th></tr></thead>\n<tbody>\n",
    );
    for finding in &shown.findings {
        let _ = writeln!(
            text,
            "<tr class=\"group\"><th colspan=\"4\">{}: {} (n = {})</th></tr>",
            verdict(finding.seen),
            escape(&finding.claim),
            escape(&finding.sample())
        );
        for evidence in &finding.strength {
            text.push_str(&evidence_row(evidence));
        }
    }
    text.push_str("</tbody>\n</table></div>\n");
    text.push_str("</section>\n");
    text
}

fn evidence_row(evidence: &Evidence) -> String {
    let holds = match evidence.holds {
        Some(true) => "yes",
        Some(false) if evidence.is_contradicted() => "no",
        Some(false) => "undecided",
        None => "–",
    };
    let wanted = evidence
        .wanted
        .map_or_else(|| "–".to_owned(), Wanted::words);
    format!(
        "<tr><td>{}</td><td data-label=\"Value\">{}</td><td data-label=\"Claimed\">{}</td>\
         <td data-label=\"Holds\">{holds}</td></tr>\n",
        escape(&evidence.what),
        escape(&evidence.number()),
        escape(&wanted),
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
        "</dl>\n<pre>{}</pre>\n<p class=\"note\">Intervals: Wilson’s for shares, the percentile bootstrap for \
         interquartile means; numbers without an interval are exact. The two trainings have reports of their own in the \
         folders paper-fixed and paper-random.</p>",
        escape(&identity.command.join(" "))
    );
    text
}
