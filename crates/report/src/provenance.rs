//! At the end of a run: where its time went, its settings, seed, version and command.

use super::RunReport;
use descender_figure::escape;
use descender_figure::{Chart, IntervalChart, IntervalRow};
use descender_record::PhaseTime;
use descender_statistics::number::{setting, tenths};

/// The section of a run's provenance; empty if nothing is known.
pub(super) fn section(run: &RunReport) -> String {
    let facts = &run.facts;
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
    let known: Vec<_> = items
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let mut text = String::new();
    if run.phases.iter().any(|phase| phase.seconds > 0.0) {
        text.push_str(&phases_figure(&run.phases));
    }
    // The seed alone, which is always there, is no provenance.
    if known.len() > 1 {
        text.push_str("<dl class=\"facts\">\n");
        for (name, value) in known {
            text.push_str(&format!(
                "<div><dt>{}</dt><dd>{}</dd></div>\n",
                escape(name),
                escape(value)
            ));
        }
        text.push_str("</dl>\n");
    }
    if !facts.command.is_empty() {
        text.push_str(&format!("<pre>{}</pre>\n", escape(&facts.command)));
    }
    if !facts.configuration.is_empty() {
        text.push_str(&format!(
            "<details><summary>Complete settings</summary>\n<pre>{}</pre>\n</details>\n",
            escape(&facts.configuration)
        ));
    }
    if text.is_empty() {
        return text;
    }
    format!("<h2>Settings and provenance</h2>\n{text}")
}

fn phases_figure(phases: &[PhaseTime]) -> String {
    let total: f64 = phases.iter().map(|phase| phase.seconds).sum();
    let rows = phases.iter().map(|phase| IntervalRow {
        name: phase.phase.name().to_owned(),
        center: phase.seconds,
        text: format!(
            "{} · {} %",
            duration(phase.seconds),
            tenths(100.0 * phase.seconds / total)
        ),
        ..IntervalRow::default()
    });
    let chart = IntervalChart {
        title: "Where the time went".to_owned(),
        x_label: "seconds".to_owned(),
        rows: rows.collect(),
        bars: true,
        ..IntervalChart::default()
    };
    let caption = format!(
        "The time that each phase of the run took, {} in all.",
        duration(total)
    );
    Chart::from(chart).to_html(&caption, true)
}

/// A number of seconds as people say it.
fn duration(seconds: f64) -> String {
    let whole = seconds.round();
    if seconds < 10.0 {
        format!("{} s", tenths(seconds))
    } else if whole < 60.0 {
        format!("{whole} s")
    } else if whole < 3600.0 {
        format!("{} min {} s", (whole / 60.0).floor(), whole % 60.0)
    } else {
        let minutes = (seconds / 60.0).round();
        format!("{} h {} min", (minutes / 60.0).floor(), minutes % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        for (seconds, expected) in [
            (0.04, "0.0 s"),
            (9.94, "9.9 s"),
            (59.4, "59 s"),
            (59.6, "1 min 0 s"),
            (580.0, "9 min 40 s"),
            (7199.0, "2 h 0 min"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
    }
}
