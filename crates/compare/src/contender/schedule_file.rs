//! Files of recorded schedules.
//!
//! | form | example | what it holds |
//! |---|---|---|
//! | table | `step,learning_rate,b1,optimizer` and one line per step | the named entries of μ, and the optimizer |
//! | plain table | one number per line, such as `0.1` | η |
//! | JSON document | `{"optimizer": {…}, "learning_rate": […], "b1": […]}` | the named entries of μ, and the optimizer |
//! | JSON list | `[0.1, 0.2]` | η |
//!
//! `descender export schedule` writes the table and the document. Names may be in capitals or quoted, and usual names
//! serve as well ([`heading`]): `lr`, `eta`, `momentum`, `beta1`, `beta2`. A column or a list of any other name is
//! refused, because it may be misspelt; but a table with a column `step` may be a log, whose losses are passed over. Other
//! fields of the document (task, source, comparison) are for people.

mod heading;
mod table;

use std::path::Path;

use descender_optim::{HyperParameter, Method};
use serde_json::Value;

use self::heading::{Columns, Heading};
use super::error::ContenderError;
use super::recorded::{RecordedSchedule, allowed, expectation};
use descender_record::read_text;

/// The most bytes of a schedule's file.
const MOST_BYTES: u64 = 1 << 28;

/// The contents of a schedule file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleFile {
    /// The optimizer that it names, if it does.
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

    /// The schedule as a table: `step`, one column per entry, and the optimizer if there is one; one line per step. Each
    /// number is written with the fewest digits that read back as the same bits. The optimizer is written as in a list
    /// of methods, such as `momentum;momentum=0.9`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        table::write(&self.schedule, self.method.as_ref())
    }

    fn parse(text: &str) -> Result<Self, String> {
        // Windows programs begin UTF-8 files with this mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (method, columns) = match text.trim_start().bytes().next() {
            Some(b'[' | b'{') => json(text)?,
            _ => table::read(text)?,
        };
        let schedule = RecordedSchedule::new(columns).map_err(|error| error.to_string())?;
        Ok(Self { method, schedule })
    }
}

fn json(text: &str) -> Result<(Option<Method>, Columns), String> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("not a JSON document ({error})"))?;
    let fields = match document {
        Value::Object(fields) => fields,
        list => {
            let entry = HyperParameter::LearningRate;
            let rates = numbers(entry.name(), entry, &list)?;
            let rates = rates.into_iter().map(|rate| rate as f32).collect();
            return Ok((None, vec![(entry, rates)]));
        }
    };
    let mut columns = Vec::new();
    for (name, field) in &fields {
        match Heading::of(name) {
            Some(Heading::Entries(entries)) => {
                for (entry, part) in entries {
                    let values = numbers(name, *entry, field)?;
                    columns.push((*entry, values.into_iter().map(|x| part.of(x)).collect()));
                }
            }
            None if field.is_array() => {
                let nearest = heading::nearest_entry(name);
                return Err(format!("unknown list `{name}`; did you mean `{nearest}`?"));
            }
            _ => {}
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
fn numbers(name: &str, entry: HyperParameter, list: &Value) -> Result<Vec<f64>, String> {
    let Value::Array(values) = list else {
        return Err(format!("{name}: expected a list of numbers"));
    };
    let number = |(place, value): (usize, &Value)| {
        let number = value.as_f64();
        let number = number.filter(|number| allowed(entry, *number as f32));
        number.ok_or_else(|| {
            format!(
                "{name}[{place}] is {value}; expected {}",
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
            "\u{feff}0.1\n0.25\n",
            "\u{feff}LR\r\n0.1\r\n0.25\r\n",
            "eta\n0.1\n0.25",
            "\"Step\",\"Learning Rate\"\n0,0.1\n1,0.25",
            "\"\",\"lr\"\n\"1\",0.1\n\"2\",0.25",
            "step,lr,loss\n0,0.1,2.302\n1,0.25,2.1",
            "loss, epoch, lr ,Step\n2.302,0,0.1,7\nNA,0,0.25,8",
            "\u{feff}{\"lr\": [0.1, 0.25]}",
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
            ("lr\n", ["no learning rate", "one for each step"]),
            ("{}", ["no learning rate", "one for each step"]),
            (
                "step,lr,los\n0,0.1,2\n",
                ["column 3: unknown column `los`", "are step, lr, los"],
            ),
            ("rate\n0.1\n", ["unknown column `rate`", "are rate"]),
            ("epoch,lr\n0,0.1\n", ["unknown column `epoch`", "`step`"]),
            (
                "step;lr\n0;0.1\n",
                ["unknown column `step;lr`", "separated by commas"],
            ),
            (
                "0,0.1\n1,0.1\n",
                ["2 columns without headings", "step,learning_rate"],
            ),
            (
                "lr,eta\n1,1\n",
                ["learning_rate stands there twice", "one column"],
            ),
            (
                "b1,beta1,lr\n0,0,1\n",
                ["b1 stands there twice", "one column"],
            ),
            (
                "lr,optimizer\n0.1,adam\n0.1,sgd\n",
                ["line 3, column 2 (optimizer): `sgd`", "expected adam, as"],
            ),
            ("lr,optimizer\n0.1,adem\n", ["(optimizer)", "adem"]),
            ("lr,optimizer\n0.1,adam;beta3=1\n", ["(optimizer)", "beta3"]),
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
        let adam = Method::by_name("adam").unwrap();
        let method = Some(adam.with_setting("beta1", "0.85").unwrap());
        let file = ScheduleFile { method, schedule };
        let back = read(&file.to_csv()).unwrap();
        assert_eq!(back.method, file.method);
        let bits = |schedule: &RecordedSchedule| -> Vec<u32> {
            let columns = schedule.columns().iter();
            columns
                .flat_map(|(_, values)| values)
                .map(|value| value.to_bits())
                .collect()
        };
        assert_eq!(bits(&back.schedule), bits(&file.schedule));
    }

    #[test]
    fn the_usual_names_of_decays_are_entries_of_mu() {
        let columns = |text: &str| read(text).unwrap().schedule.columns().to_vec();
        let rates = (LearningRate, vec![0.1, 0.1]);
        assert_eq!(
            columns("lr,momentum\n0.1,0.5\n0.1,0.75"),
            [rates.clone(), (B1, vec![0.5, 0.75])]
        );
        let expected = [
            rates,
            (HyperParameter::A1, vec![0.5, 0.5]),
            (HyperParameter::A2, vec![0.5, 0.5]),
            (B1, vec![0.9, 0.75]),
            (B2, vec![0.1, 0.25]), // Q is an average
        ];
        for text in [
            "lr,beta1,Beta_2\n0.1,0.9,0.5\n0.1,0.75,0.5",
            "{\"lr\": [0.1, 0.1], \"beta1\": [0.9, 0.75], \"beta2\": [0.5, 0.5]}",
        ] {
            assert_eq!(columns(text), expected, "{text}");
        }
    }
}
