//! A schedule as a table: comma-separated values (RFC 4180) with headings.

use descender_optim::{HyperParameter, Method};

use super::heading::{Columns, Heading, nearest_entry};
use crate::contender::recorded::{RecordedSchedule, allowed, expectation};

/// The first column of a table that is written.
const STEP: &str = "step";
/// The last one.
const OPTIMIZER: &str = "optimizer";

/// `step`, one column per entry, and the optimizer if there is one; one line per step.
pub(super) fn write(schedule: &RecordedSchedule, method: Option<&Method>) -> String {
    let mut text = STEP.to_owned();
    for entry in schedule.entries() {
        text.push(',');
        text.push_str(entry.name());
    }
    let optimizer = method.map(item);
    if optimizer.is_some() {
        text.push(',');
        text.push_str(OPTIMIZER);
    }
    text.push('\n');
    for step in 0..schedule.steps() {
        text.push_str(&step.to_string());
        for (_, values) in schedule.columns() {
            text.push(',');
            text.push_str(&values[step].to_string());
        }
        if let Some(optimizer) = &optimizer {
            text.push(',');
            text.push_str(optimizer);
        }
        text.push('\n');
    }
    text
}

/// The optimizer with its settings, as in a list of methods. Neither holds a comma or a quote.
fn item(method: &Method) -> String {
    let mut text = method.name().to_owned();
    for (key, value) in method.settings() {
        text.push_str(&format!(";{key}={value}"));
    }
    text
}

/// The optimizer that [`item`] has written.
fn method(item: &str) -> Result<Method, String> {
    let mut parts = item.split(';').map(str::trim);
    let method = Method::parse(parts.next().unwrap_or_default());
    parts.try_fold(
        method.map_err(|error| error.to_string())?,
        |method, part| {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is not key=value"))?;
            let changed = method.with_setting(key.trim(), value.trim());
            changed.map_err(|error| error.to_string())
        },
    )
}

/// The optimizer and the entries of a table.
pub(super) fn read(text: &str) -> Result<(Option<Method>, Columns), String> {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
        .into_records()
        .peekable();
    let Some(Ok(first)) = rows.peek() else {
        return Ok((None, Vec::new()));
    };
    let cells: Vec<String> = first.iter().map(str::to_owned).collect();
    let headings = if cells.iter().any(|cell| cell.parse::<f32>().is_err()) {
        let headings = named(line(first), &cells)?;
        rows.next();
        headings
    } else if let [_] = cells[..] {
        Heading::of(HyperParameter::LearningRate.name())
            .into_iter()
            .collect()
    } else {
        return Err(format!(
            "line {}: {} columns without headings; expected a first line such as {STEP},{}",
            line(first),
            cells.len(),
            HyperParameter::LearningRate
        ));
    };
    let mut columns: Columns = (headings.iter())
        .flat_map(|heading| match heading {
            Heading::Entries(entries) => *entries,
            _ => &[],
        })
        .map(|(entry, _)| (*entry, Vec::new()))
        .collect();
    let mut optimizer: Option<(String, Method)> = None;
    let mut last_step: Option<u64> = None;
    for row in rows {
        let row = row.map_err(|error| error.to_string())?;
        let number = line(&row);
        if row.len() != headings.len() {
            return Err(format!(
                "line {number} has {} columns; expected {}, as in the first line",
                row.len(),
                headings.len()
            ));
        }
        let mut values = columns.iter_mut().map(|(_, values)| values);
        for (place, (cell, heading)) in row.iter().zip(&headings).enumerate() {
            let refused = |name: &str, message: String| {
                format!("line {number}, column {} ({name}): {message}", place + 1)
            };
            match heading {
                Heading::Log => {}
                Heading::Entries(entries) => {
                    for ((entry, part), values) in entries.iter().zip(&mut values) {
                        let value = part.of_text(cell).filter(|value| allowed(*entry, *value));
                        let expected = || format!("`{cell}`; expected {}", expectation(*entry));
                        values.push(value.ok_or_else(|| refused(entry.name(), expected()))?);
                    }
                }
                Heading::Step => {
                    let step = cell.parse().ok();
                    let expected = last_step.map(|last: u64| last.saturating_add(1));
                    if step.is_none() || (expected.is_some() && step != expected) {
                        let expected = expected.map_or("a step's number".to_owned(), |step| {
                            format!("{step}, as there is a line for each step")
                        });
                        return Err(refused(STEP, format!("`{cell}`; expected {expected}")));
                    }
                    last_step = step;
                }
                Heading::Optimizer => match &optimizer {
                    Some((known, _)) if known == cell => {}
                    Some((known, _)) => {
                        let message = format!("`{cell}`; expected {known}, as in the lines before");
                        return Err(refused(OPTIMIZER, message));
                    }
                    None => {
                        let method = method(cell).map_err(|text| refused(OPTIMIZER, text))?;
                        optimizer = Some((cell.to_owned(), method));
                    }
                },
            }
        }
    }
    Ok((optimizer.map(|(_, method)| method), columns))
}

/// What the headings stand for. Those of a log are known only beside the number of the step: without it, a line may be an
/// epoch.
fn named(line: u64, headings: &[String]) -> Result<Vec<Heading>, String> {
    let known: Vec<_> = headings
        .iter()
        .map(|heading| Heading::of(heading))
        .collect();
    let is_log = known.contains(&Some(Heading::Step));
    let named = known.iter().enumerate().map(|(place, known)| match known {
        Some(Heading::Log) if !is_log => Err(place),
        Some(heading) => Ok(*heading),
        None => Err(place),
    });
    named.collect::<Result<_, usize>>().map_err(|place| {
        let heading = &headings[place];
        let advice = match known[place] {
            Some(_) => format!("it can stand beside a column `{STEP}` only"),
            None => format!("did you mean `{}`?", nearest_entry(heading)),
        };
        format!(
            "line {line}, column {}: unknown column `{heading}`; {advice} (the columns, separated by commas, are {})",
            place + 1,
            headings.join(", ")
        )
    })
}

/// The line of a row, from 1.
fn line(row: &csv::StringRecord) -> u64 {
    row.position().map_or(0, csv::Position::line)
}
