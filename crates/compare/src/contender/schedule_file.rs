//! Files of recorded schedules.
//!
//! | form | example | what it holds |
//! |---|---|---|
//! | table | `step,learning_rate,b1,b2` and one line per step | the named entries of μ; `step` only counts |
//! | plain table | one number per line, such as `0.1`, or a last column of any name | η |
//! | JSON document | `{"optimizer": {…}, "learning_rate": […], "b1": […]}` | the named entries of μ, and the optimizer |
//! | JSON list | `[0.1, 0.2]` | η |
//!
//! `descender export schedule` writes the table and the document. Other fields of the document (task, source,
//! comparison) are for people. A list that is not named after an entry of μ is rejected, because the name may be
//! misspelt.

use std::path::Path;

use descender_optim::{HyperParameter, Method};
use serde_json::Value;

use super::error::ContenderError;
use super::recorded::{RecordedSchedule, allowed, expectation};
use descender_record::read_text;
use descender_record::settings_text::nearest;

/// The most bytes of a schedule's file.
const MOST_BYTES: u64 = 1 << 28;

/// The column of a table that counts the steps.
const STEP: &str = "step";

/// The contents of a schedule file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleFile {
    /// The optimizer that it names; only a JSON document does.
    pub method: Option<Method>,
    /// The schedule.
    pub schedule: RecordedSchedule,
}

impl ScheduleFile {
    /// Reads a file in any of the forms.
    ///
    /// # Errors
    /// [`ContenderError::File`] if the file cannot be read, [`ContenderError::ScheduleFile`] if it is no schedule. Its message names the line and
    /// the column.
    pub fn read(path: &Path) -> Result<Self, ContenderError> {
        let text = read_text(path, MOST_BYTES)?;
        Self::parse(&text).map_err(|message| ContenderError::ScheduleFile {
            path: path.to_owned(),
            message,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (method, columns) = match text.trim_start().bytes().next() {
            Some(b'[' | b'{') => json(text)?,
            _ => (None, table(text)?),
        };
        let schedule = RecordedSchedule::new(columns).map_err(|error| error.to_string())?;
        Ok(Self { method, schedule })
    }
}

impl RecordedSchedule {
    /// The schedule as a table: `step` and one column per entry, one line per step. Each number is written with the
    /// fewest digits that read back as the same bits.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = STEP.to_owned();
        for entry in self.entries() {
            text.push(',');
            text.push_str(entry.name());
        }
        text.push('\n');
        for step in 0..self.steps() {
            text.push_str(&step.to_string());
            for (_, values) in self.columns() {
                text.push(',');
                text.push_str(&values[step].to_string());
            }
            text.push('\n');
        }
        text
    }
}

type Columns = Vec<(HyperParameter, Vec<f32>)>;

/// What a column of a table holds.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Step,
    Entry(HyperParameter),
}

fn table(text: &str) -> Result<Columns, String> {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim().is_empty())
        .peekable();
    let Some(&(number, first)) = lines.peek() else {
        return Ok(Vec::new());
    };
    let cells = |line| str::split(line, ',').map(str::trim);
    let Some(columns) = named(number, &cells(first).collect::<Vec<_>>())? else {
        // A plain table: the last column is η, whatever it is called.
        let mut rates = Vec::new();
        for (place, (number, line)) in lines.enumerate() {
            let last = cells(line).next_back().unwrap_or_default();
            match value(HyperParameter::LearningRate, last) {
                Ok(rate) => rates.push(rate),
                Err(_) if place == 0 && last.parse::<f32>().is_err() => {} // headings
                Err(message) => return Err(format!("line {number}: {message}")),
            }
        }
        return Ok(vec![(HyperParameter::LearningRate, rates)]);
    };
    lines.next();
    let mut values = vec![Vec::new(); columns.len()];
    let mut last_step: Option<u64> = None;
    for (number, line) in lines {
        let found = cells(line).count();
        if found != columns.len() {
            let expected = columns.len();
            return Err(format!(
                "line {number} has {found} columns; expected {expected}, as in the first line"
            ));
        }
        for (place, cell) in cells(line).enumerate() {
            let refused = |name: &str, message: String| {
                format!("line {number}, column {} ({name}): {message}", place + 1)
            };
            match columns[place] {
                Column::Entry(entry) => {
                    let number = value(entry, cell).map_err(|text| refused(entry.name(), text))?;
                    values[place].push(number);
                }
                Column::Step => {
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
            }
        }
    }
    let entries = columns.into_iter().zip(values);
    Ok(entries
        .filter_map(|(column, values)| match column {
            Column::Entry(entry) => Some((entry, values)),
            Column::Step => None,
        })
        .collect())
}

/// The columns that the headings name. `None` if they name none, or if they name only η in the last column, as in a
/// plain table.
fn named(number: usize, headings: &[&str]) -> Result<Option<Vec<Column>>, String> {
    let column = |heading: &str| match heading {
        STEP => Some(Column::Step),
        name => HyperParameter::by_name(name).map(Column::Entry),
    };
    let known: Vec<Option<Column>> = headings.iter().map(|heading| column(heading)).collect();
    let unknown = known.iter().position(Option::is_none);
    let plain = known
        .iter()
        .enumerate()
        .all(|(place, column)| match column {
            Some(Column::Entry(HyperParameter::LearningRate)) => place + 1 == known.len(),
            Some(Column::Entry(_)) => false,
            Some(Column::Step) | None => true,
        });
    match unknown {
        Some(_) if plain => Ok(None),
        Some(place) => {
            let heading = headings[place];
            let names = HyperParameter::ALL.map(HyperParameter::name);
            let nearest = nearest(heading, names.into_iter().chain([STEP]));
            Err(format!(
                "line {number}, column {}: unknown column `{heading}`; did you mean `{nearest}`?",
                place + 1
            ))
        }
        None => Ok(Some(known.into_iter().flatten().collect())),
    }
}

/// The value of an entry in a cell.
fn value(entry: HyperParameter, cell: &str) -> Result<f32, String> {
    let number = cell.parse().ok().filter(|number| allowed(entry, *number));
    number.ok_or_else(|| format!("`{cell}`; expected {}", expectation(entry)))
}

fn json(text: &str) -> Result<(Option<Method>, Columns), String> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("not a JSON document ({error})"))?;
    let fields = match document {
        Value::Object(fields) => fields,
        list => {
            let entry = HyperParameter::LearningRate;
            return Ok((None, vec![(entry, numbers(entry, &list)?)]));
        }
    };
    let mut columns = Vec::new();
    for (name, field) in &fields {
        match HyperParameter::by_name(name) {
            Some(entry) => columns.push((entry, numbers(entry, field)?)),
            None if field.is_array() => {
                let names = HyperParameter::ALL.map(HyperParameter::name);
                let nearest = nearest(name, names);
                return Err(format!("unknown list `{name}`; did you mean `{nearest}`?"));
            }
            None => {}
        }
    }
    let method = match fields.get("optimizer") {
        None | Some(Value::Null) => None,
        Some(optimizer) => {
            let method: Method = serde_json::from_value(optimizer.clone())
                .map_err(|error| format!("optimizer: {error}"))?;
            method
                .check()
                .map_err(|error| format!("optimizer: {error}"))?;
            Some(method)
        }
    };
    Ok((method, columns))
}

/// The numbers of a JSON list.
fn numbers(entry: HyperParameter, list: &Value) -> Result<Vec<f32>, String> {
    let Value::Array(values) = list else {
        return Err(format!("{entry}: expected a list of numbers"));
    };
    let number = |(place, value): (usize, &Value)| {
        let number = value.as_f64().map(|number| number as f32);
        let number = number.filter(|number| allowed(entry, *number));
        number.ok_or_else(|| {
            format!(
                "{entry}[{place}] is {value}; expected {}",
                expectation(entry)
            )
        })
    };
    values.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use HyperParameter::{B1, B2, LearningRate};
    use descender_optim::Momentum;

    fn read(text: &str) -> Result<ScheduleFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rates");
        std::fs::write(&file, text).unwrap();
        ScheduleFile::read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn learning_rates_alone_may_be_json_plain_or_with_columns() {
        for text in [
            "[0.1, 0.25]",
            "0.1\n0.25\n",
            "step,learning_rate\n0,0.1\n\n1,0.25",
            "epoch, learning_rate\n0,0.1\n0,0.25",
            "rate\n0.1\n0.25\n",
            "0,0.1\n7,0.25\n",
            "{\"learning_rate\": [0.1, 0.25], \"task\": \"mnist-small\"}",
        ] {
            let file = read(text).unwrap();
            assert_eq!(
                file.schedule.columns(),
                [(LearningRate, vec![0.1, 0.25])],
                "{text}"
            );
            assert_eq!(file.method, None);
        }
    }

    #[test]
    fn a_table_or_a_document_may_name_any_entry() {
        let expected = [
            (LearningRate, vec![0.1, 0.25]),
            (B1, vec![0.0, 0.9]),
            (B2, vec![1.0, -0.5]),
        ];
        for text in [
            "step,learning_rate,b1,b2\n0,0.1,0,1\n1,0.25,0.9,-0.5\n",
            "b2, b1 ,learning_rate\n1,0,0.1\n-0.5,0.9,0.25",
            "step,b2,b1,learning_rate\n1,1,0,0.1\n2,-0.5,0.9,0.25",
            "\n {\"learning_rate\": [0.1, 0.25], \"b2\": [1, -0.5], \"b1\": [0, 0.9]}",
        ] {
            assert_eq!(read(text).unwrap().schedule.columns(), expected, "{text}");
        }
        let optimizer = "\"optimizer\": {\"name\": \"momentum\", \"momentum\": 0.5}";
        let file = read(&format!("{{\"learning_rate\": [0.1], {optimizer}}}")).unwrap();
        let momentum = Momentum {
            momentum: 0.5,
            ..Momentum::default()
        };
        assert_eq!(file.method, Some(Method::Momentum(momentum)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_what_was_expected() {
        for (text, parts) in [
            ("", ["no learning rate", "one for each step"]),
            ("rates\n", ["no learning rate", "one for each step"]),
            ("{}", ["no learning rate", "one for each step"]),
            (
                "step,b1\n0,0.5\n",
                ["no learning rate", "one for each step"],
            ),
            (
                "0.1\nfast\n",
                ["line 2", "`fast`; expected a finite number, 0 or more"],
            ),
            (
                "0.1\n-0.5\n",
                ["line 2", "`-0.5`; expected a finite number, 0 or more"],
            ),
            ("NaN\n0.1\n", ["line 1", "`NaN`"]),
            (
                "[0.1, \"a\"]",
                ["learning_rate[1] is \"a\"", "expected a finite number"],
            ),
            ("[0.1", ["not a JSON document", "line 1"]),
            (
                "{\"learning_rate\": 0.1}",
                ["learning_rate", "a list of numbers"],
            ),
            (
                "{\"learning_rate\": [0.1], \"b1\": [0.5, 0.5]}",
                ["b1 has 2 steps", "expected 1"],
            ),
            (
                "{\"learning_rates\": [0.1]}",
                [
                    "unknown list `learning_rates`",
                    "did you mean `learning_rate`",
                ],
            ),
            (
                "{\"learning_rate\": [0.1], \"optimizer\": {\"name\": \"adem\"}}",
                ["optimizer", "adem"],
            ),
            (
                "learning_rate,b1\n0.1,0.5\n0.1,inf\n",
                ["line 3, column 2 (b1): `inf`", "expected a finite number"],
            ),
            (
                "learning_rate,b1\n0.1\n",
                ["line 2 has 1 columns", "expected 2"],
            ),
            (
                "step,learning_rate,b\n0,0.1,0.5\n",
                ["line 1, column 3: unknown column `b`", "did you mean `b"],
            ),
            (
                "b1,b1,learning_rate\n0,0,0.1\n",
                ["b1 stands there twice", "one column"],
            ),
            (
                "step,learning_rate\n0,0.1\n10,0.1\n",
                ["line 3, column 1 (step): `10`", "expected 1, as"],
            ),
            (
                "step,learning_rate\nzero,0.1\n",
                ["line 2, column 1 (step): `zero`", "a step's number"],
            ),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains("rates"), "the file: {message}");
            for part in parts {
                assert!(message.contains(part), "{text:?}: {message}");
            }
        }
    }

    #[test]
    fn a_table_comes_back_with_the_same_bits() {
        use descender_random::{Purpose, stream, unit};
        let mut generator = stream(1, Purpose::new(200, "test"), 0);
        let mut values = || -> Vec<f32> {
            let number = |power: i32| unit(&mut generator) as f32 * 10_f32.powi(power % 60 - 40);
            (0..2000).map(number).collect()
        };
        let columns = vec![(LearningRate, values()), (B1, values()), (B2, values())];
        let schedule = RecordedSchedule::new(columns).unwrap();
        let file = read(&schedule.to_csv()).unwrap();
        let bits = |schedule: &RecordedSchedule| -> Vec<u32> {
            let columns = schedule.columns().iter();
            columns
                .flat_map(|(_, values)| values)
                .map(|value| value.to_bits())
                .collect()
        };
        assert_eq!(bits(&file.schedule), bits(&schedule));
    }
}
