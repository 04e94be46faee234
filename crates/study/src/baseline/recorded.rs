//! Recorded schedules: η of each step, from a file.

use std::path::Path;

use super::CompetitorError;

/// The learning rates of a file: one a line (the last column where a line has commas), after at most one line of
/// headings; or a JSON list of numbers.
///
/// # Errors
/// [`CompetitorError::ScheduleFile`]: it cannot be read, or holds something else.
pub(super) fn read_schedule(path: &Path) -> Result<Vec<f32>, CompetitorError> {
    let broken = |message: String| CompetitorError::ScheduleFile {
        path: path.to_owned(),
        message,
    };
    let text = std::fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
    let rates: Vec<f32> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text)
            .map_err(|error| broken(format!("not a JSON list of numbers ({error})")))?
    } else {
        let mut rates = Vec::new();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let last = line.rsplit(',').next().unwrap_or_default().trim();
            match last.parse() {
                Ok(rate) => rates.push(rate),
                Err(_) if number == 0 => {} // headings
                Err(_) => {
                    return Err(broken(format!(
                        "line {}: `{last}` is not a number",
                        number + 1
                    )));
                }
            }
        }
        rates
    };
    match rates
        .iter()
        .position(|rate| !(rate.is_finite() && *rate >= 0.0))
    {
        _ if rates.is_empty() => Err(broken("it has no learning rate".to_owned())),
        Some(position) => Err(broken(format!(
            "learning rate {} is {}; expected a number, 0 or more",
            position + 1,
            rates[position]
        ))),
        None => Ok(rates),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_schedule_may_be_json_plain_or_with_columns() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rates");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read_schedule(&file)
        };
        for text in [
            "[0.1, 0.25]",
            "0.1\n0.25\n",
            "step,learning_rate\n0,0.1\n\n1,0.25",
        ] {
            assert_eq!(read(text).unwrap(), [0.1, 0.25]);
        }
        for text in [
            "",
            "rates\n",
            "0.1\nfast\n",
            "0.1\n-0.5\n",
            "0.1\nNaN\n",
            "[0.1, \"a\"]",
        ] {
            assert!(
                read(text).unwrap_err().to_string().contains("rates"),
                "{text:?}"
            );
        }
    }
}
