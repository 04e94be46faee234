//! A comparison as plain text, for a terminal of any width.
//!
//! It has a table of the methods (the controller, its rivals, its negative controls), a table of the controller against
//! each of them from the same starts, the cost of tuned rivals, and the verdict. Where a table is too wide, its last
//! columns follow in a table below, beside the names again: nothing is left out.

use super::first_hit::first_hit_text;
use super::recorded_note::recorded_text;
use super::{CONTROLLER, Comparison, Measure, MethodResult, Role};
use descender_statistics::number::{
    interval_text, percent_interval_text, setting, step_interval_text,
};
use descender_statistics::{Estimate, Interval};

/// The widest that the name of a method is shown, in characters; the verdict and the settings have it whole.
const NAME: usize = 44;
/// How many of these are the end of a longer name: rivals often differ only there.
const NAME_END: usize = 16;

/// The comparison as aligned tables for a terminal of 80 columns: [`table_within`].
#[must_use]
pub fn table(comparison: &Comparison) -> String {
    table_within(comparison, 80)
}

/// The comparison as aligned tables. A line above says what they show, and the verdict comes last. Every figure is an
/// interquartile mean with its 95 % interval.
///
/// Some columns are optional: AlgoPerf's score needs the single starts, accuracy and other metrics a task that has them, and divergence and
/// interventions of a safety net are shown if there were any. The text ends with a line feed. No line is longer than
/// `columns` characters, but for a cell or a word that is longer alone. Apart from ASCII it uses only `−`, `≥`, `≤`, `…`,
/// `²` and `–` (unknown).
#[must_use]
pub fn table_within(comparison: &Comparison, columns: usize) -> String {
    let about = format!(
        "{}: {} steps from each of {} starts (seed {}); first batch loss <= {}; interquartile mean [95 % interval]",
        comparison.task,
        comparison.steps,
        comparison.starts,
        comparison.seed,
        setting(comparison.threshold)
    );
    let mut text = wrapped(&about, columns);
    text.push_str(&methods_table(comparison, columns));
    text.push_str(&pairs_table(comparison, columns));
    for method in &comparison.methods {
        if let Some(line) = tuning_text(method) {
            text.push_str(&wrapped(&line, columns));
        }
        if let Some(words) = recorded_text(method, comparison.steps) {
            text.push_str(&format!("{}: {words}\n", printable(&method.name)));
        }
    }
    if !comparison.methods.is_empty() {
        text.push('\n');
        text.push_str(&wrapped(&comparison.verdict().sentence, columns));
    }
    text
}

/// A row of a table: its cells, or a heading over the rows that follow.
pub(super) enum Row {
    Cells(Vec<String>),
    Heading(&'static str),
}

/// The figures of each method.
fn methods_table(comparison: &Comparison, columns: usize) -> String {
    let scores = comparison.algoperf_scores();
    let accuracy = comparison.has_accuracy();
    let metrics = comparison.other_metrics();
    let diverged = comparison.methods.iter().any(|method| method.diverged > 0);
    let guarded = (comparison.methods.iter()).any(|method| method.interventions > 0);
    let row = |(position, method): (usize, &MethodResult)| {
        let mut cells = vec![
            shown_name(&method.name),
            first_hit_text(&method.first_hit),
            format!("{}/{}", method.first_hit.reached, method.first_hit.starts),
            interval_text(&method.final_validation_loss),
        ];
        if accuracy {
            cells.push(percent_interval_text(&method.validation_accuracy));
        }
        cells.extend((metrics.iter()).map(|metric| interval_text(&method.other_metric(*metric))));
        cells.push(interval_text(&method.final_train_loss));
        if let Some(scores) = &scores {
            cells.push(score_text(&scores[position]));
        }
        if diverged {
            cells.push(method.diverged.to_string());
        }
        if guarded {
            cells.push(method.interventions.to_string());
        }
        Row::Cells(cells)
    };
    let mut headings = vec!["method", "first hit", "reached", "validation loss"];
    if accuracy {
        headings.push("accuracy, %");
    }
    headings.extend(metrics.iter().map(|metric| metric.heading()));
    headings.push("train loss");
    if scores.is_some() {
        headings.push("AlgoPerf score");
    }
    if diverged {
        headings.push("diverged");
    }
    if guarded {
        headings.push("interventions");
    }
    aligned(&headings, &grouped(comparison, row), columns)
}

/// The controller against each other method, from the same starts; empty if no pairs are known.
fn pairs_table(comparison: &Comparison, columns: usize) -> String {
    let against = |method: &MethodResult, measure| comparison.controller_against(method, measure);
    let compared = |method: &&MethodResult| against(method, Measure::FirstHit).is_some();
    if !comparison.methods.iter().any(|method| compared(&method)) {
        return String::new();
    }
    let whole = comparison
        .methods
        .iter()
        .any(|method| against(method, Measure::FinalValidationLoss).is_some());
    let accuracy = comparison.has_accuracy();
    let row = |(_, method): (usize, &MethodResult)| {
        let difference = |measure, show: &dyn Fn(&Estimate) -> String| {
            against(method, measure).map_or_else(String::new, |paired| show(&paired.difference))
        };
        let mut cells = vec![shown_name(&method.name)];
        match against(method, Measure::FirstHit) {
            Some(paired) => {
                let Interval { value, ci95 } = paired.probability_of_improvement;
                cells.push(step_interval_text(&paired.difference));
                cells.push(percent_interval_text(&Estimate { iqm: value, ci95 }));
            }
            None => cells.resize(3, String::new()),
        }
        if whole {
            cells.push(difference(Measure::FinalValidationLoss, &interval_text));
            if accuracy {
                cells.push(difference(
                    Measure::ValidationAccuracy,
                    &percent_interval_text,
                ));
            }
            cells.push(difference(Measure::FinalTrainLoss, &interval_text));
        }
        Row::Cells(cells)
    };
    let mut headings = vec!["controller - …", "first hit, steps", "earlier, % of starts"];
    if whole {
        headings.push("validation loss");
        if accuracy {
            headings.push("accuracy, %");
        }
        headings.push("train loss");
    }
    let rows = grouped(comparison, row);
    // The controller is not compared with itself.
    format!(
        "\n{}",
        aligned(
            &headings,
            &rows[usize::from(comparison.controller().is_some())..],
            columns
        )
    )
}

/// The rows of all methods: the controller, the others, and under a heading the negative controls.
fn grouped(comparison: &Comparison, row: impl Fn((usize, &MethodResult)) -> Row) -> Vec<Row> {
    let group = |wanted: fn(&MethodResult) -> bool| {
        comparison
            .methods
            .iter()
            .enumerate()
            .filter(move |(_, method)| wanted(method))
            .map(&row)
            .collect::<Vec<Row>>()
    };
    let mut rows = group(|method| method.name == CONTROLLER);
    rows.extend(group(|method| {
        method.name != CONTROLLER && method.role != Role::Control
    }));
    let controls = group(|method| method.name != CONTROLLER && method.role == Role::Control);
    if !controls.is_empty() {
        rows.push(Row::Heading("negative controls:"));
        rows.extend(controls);
    }
    rows
}

/// A table with a rule under its headings; each column is as wide as its widest cell. What goes beyond `columns`
/// characters follows in further tables, each beginning with the first column.
pub(super) fn aligned(headings: &[&str], rows: &[Row], columns: usize) -> String {
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| {
            rows.iter()
                .filter_map(|row| match row {
                    Row::Cells(cells) => cells.get(column).map(|cell| width(cell)),
                    Row::Heading(_) => None,
                })
                .fold(width(heading), usize::max)
        })
        .collect();
    let Some((first, others)) = widths.split_first() else {
        return String::new();
    };
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut used = usize::MAX;
    for (column, width) in (1..).zip(others) {
        used = used.saturating_add(2 + width);
        match blocks.last_mut().filter(|_| used <= columns) {
            Some(block) => block.push(column),
            None => {
                blocks.push(vec![0, column]);
                used = first + 2 + width;
            }
        }
    }
    let line = |block: &[usize], cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = block
            .iter()
            .map(|&column| format!("{:<1$}", cell(column), widths[column]))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let mut tables: Vec<String> = Vec::new();
    for block in &blocks {
        let mut text = line(block, &|column| headings[column].to_owned());
        text.push_str(&line(block, &|column| "-".repeat(widths[column])));
        for row in rows {
            match row {
                Row::Cells(cells) => text.push_str(&line(block, &|column| {
                    cells.get(column).cloned().unwrap_or_default()
                })),
                Row::Heading(heading) => text.push_str(&format!("{heading}\n")),
            }
        }
        tables.push(text);
    }
    tables.join("\n")
}

/// What the search for a method's settings cost.
fn tuning_text(method: &MethodResult) -> Option<String> {
    let tuning = method.tuning.as_ref()?;
    let chosen = method.settings["learning_rate"].as_f64();
    let edge = match chosen {
        Some(rate) if tuning.is_edge(rate) => {
            "; it is the edge of those tried, a better one may lie beyond"
        }
        _ => "",
    };
    let chosen = chosen.map_or_else(String::new, |rate| {
        format!("learning rate {}, ", setting(rate))
    });
    let range = match (tuning.grid.first(), tuning.grid.last()) {
        (Some(&first), Some(&last)) => {
            format!(
                " (learning rates from {} to {})",
                setting(first),
                setting(last)
            )
        }
        _ => String::new(),
    };
    Some(format!(
        "{}: {chosen}the best of {}{range} for the {} on {} starts of its own; the search took {} steps{edge}",
        printable(&method.name),
        tuning.tried,
        tuning.objective.replace('-', " "),
        tuning.starts,
        tuning.steps
    ))
}

/// A score in [0, 1] with its interval, to two digits after the point.
pub fn score_text(score: &Interval) -> String {
    let Interval {
        value,
        ci95: [low, high],
    } = score;
    format!("{value:.2} [{low:.2}, {high:.2}]")
}

/// A method's name in a table: printable, and with `…` for the end of a long one.
pub(super) fn shown_name(name: &str) -> String {
    let name: Vec<char> = printable(name).chars().collect();
    if name.len() <= NAME {
        return name.into_iter().collect();
    }
    let head = name[..NAME - NAME_END - 1].iter();
    let tail = name[name.len() - NAME_END..].iter();
    head.chain(&['…']).chain(tail).collect()
}

/// A name comes from the command line: control characters must not reach the terminal.
pub(super) fn printable(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The sentence in lines of at most `columns` characters, each with a line feed. A longer word gets a line of its own.
fn wrapped(sentence: &str, columns: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    for word in sentence.split(' ') {
        let width = word.chars().count();
        if used > 0 && used + 1 + width > columns {
            text.push('\n');
            used = 0;
        } else if used > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += width;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::super::Tuning;
    use super::super::tests::{sample, with_starts};
    use super::*;
    use descender_statistics::PairedComparison;

    #[test]
    fn the_table_shows_what_a_file_without_single_starts_has() {
        let expected = "\
mnist: 500 steps from each of 24 starts (seed 7); first batch loss <= 0.02;
interquartile mean [95 % interval]
method      first hit             reached  validation loss       accuracy, %
----------  --------------------  -------  --------------------  -----------------
controller  184.5 [174.5, 197.0]  24/24    0.125 [0.117, 0.133]  96.9 [96.5, 97.3]
adam:0.001  338.1 [328.1, 350.6]  23/24    0.125 [0.117, 0.133]  96.9 [96.5, 97.3]
sgd:0.01    never                 0/24     0.125 [0.117, 0.133]  96.9 [96.5, 97.3]
sgd:<5>     never                 0/24     –                     96.9 [96.5, 97.3]

method      train loss               diverged
----------  -----------------------  --------
controller  0.0625 [0.0469, 0.0781]  0
adam:0.001  0.0625 [0.0469, 0.0781]  0
sgd:0.01    0.0625 [0.0469, 0.0781]  0
sgd:<5>     –                        24

controller - …  first hit, steps      earlier, % of starts
--------------  --------------------  --------------------
adam:0.001      −53.5 [−60.0, −47.0]  87.5 [75.0, 95.8]
sgd:0.01
sgd:<5>

The controller first reaches a batch loss of 0.02 at step 184.5 [174.5, 197.0],
earlier than all 3 rivals, the earliest being adam:0.001 (−53.5 [−60.0, −47.0]
steps). Its final validation loss is 0.125 [0.117, 0.133], not told apart from any
of 3 rivals, the lowest being adam:0.001. Its validation accuracy in % is 96.9
[96.5, 97.3], not told apart from any of 3 rivals, the highest being adam:0.001. In
brackets: controller − method, interquartile mean [95 % interval] over 24 paired
starts.
";
        let mut comparison = sample();
        comparison.methods[1].controller_against = Some(PairedComparison {
            difference: Estimate {
                iqm: -53.5,
                ci95: [-60.0, -47.0],
            },
            probability_of_improvement: Interval {
                value: 0.875,
                ci95: [0.75, 0.958],
            },
        });
        assert_eq!(table_within(&comparison, 84), expected);
    }

    #[test]
    fn the_table_shows_scores_groups_and_the_cost_of_tuning() {
        let mut comparison = with_starts(&[
            ("replay", Role::Control, vec![Some(100); 8], 0.125),
            ("tuned:sgd", Role::Rival, vec![Some(200); 8], 0.25),
            (CONTROLLER, Role::Controller, vec![Some(100); 8], 0.125),
        ]);
        comparison.methods[1].tuning = Some(Tuning {
            objective: "first-hit".to_owned(),
            tried: 8,
            grid: vec![0.05, 0.1, 0.25, 0.5],
            scores: vec![400.0, 300.0, 200.0, 500.0],
            starts: 16,
            steps: 32_000,
        });
        let text = table_within(&comparison, 1_000);
        for expected in [
            "\
method      first hit             reached  validation loss       accuracy, %        train loss            AlgoPerf score
",
            "\
negative controls:
replay      100.0 [100.0, 100.0]  8/8      0.125 [0.125, 0.125]  96.9 [96.5, 97.3]  0.125 [0.125, 0.125]  1.00 [1.00, 1.00]
",
            "\
tuned:sgd       −100.0 [−100.0, −100.0]  100.0 [100.0, 100.0]  −0.125 [−0.125, −0.125]  0.0 [0.0, 0.0]  −0.125 [−0.125, −0.125]
",
            "\
tuned:sgd: learning rate 0.25, the best of 8 (learning rates from 0.05 to 0.5) for the first hit on 16 starts of its own; the search took 32000 steps
",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }

    #[test]
    fn tables_fit_the_terminal_and_leave_nothing_out() {
        let never: Vec<Option<u64>> = (0..8).map(|start| (start < 3).then_some(499)).collect();
        let mut comparison = with_starts(&[
            (CONTROLLER, Role::Controller, vec![Some(100); 8], 0.125),
            (
                "schedule-free-adamw:0.0025;warm-up=50;beta2=0.99",
                Role::Rival,
                never,
                0.25,
            ),
        ]);
        comparison.methods[0].interventions = 2;
        comparison.methods[1].diverged = 1;
        for columns in [80, 120] {
            let text = table_within(&comparison, columns);
            for line in text.lines() {
                assert!(line.chars().count() <= columns, "{columns}: {line}\n{text}");
            }
            for part in [
                "≥ 499.8 [499.0, –]",
                "accuracy, %",
                "AlgoPerf score",
                "train loss",
                "diverged",
                "interventions",
            ] {
                assert!(text.contains(part), "{columns}: {part}\n{text}");
            }
        }
    }

    #[test]
    fn interventions_are_shown_where_there_were_any() {
        let mut comparison = sample();
        assert!(!table_within(&comparison, 1_000).contains("interventions"));
        comparison.methods[0].interventions = 12;
        let text = table_within(&comparison, 1_000);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("diverged  interventions"), "{text}");
        assert!(
            lines[3].ends_with(" 12") && lines[4].ends_with(" 0"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_comparison_and_an_odd_name_are_shown() {
        let mut comparison = sample();
        comparison.methods[0].name = "sgd\n\u{1b}[31m:0.1".to_owned();
        comparison.methods.truncate(1);
        let text = table_within(&comparison, 1_000);
        assert!(text.contains("No controller was compared; the earliest method is sgd  [31m:0.1"));
        assert!(!text.contains('\u{1b}'));
        comparison.methods.clear();
        assert_eq!(table_within(&comparison, 1_000).lines().count(), 3);
    }

    #[test]
    fn sentences_are_broken_between_words() {
        assert_eq!(wrapped("a bc def ghij", 6), "a bc\ndef\nghij\n");
        assert_eq!(wrapped("longer than that", 3), "longer\nthan\nthat\n");
    }
}
