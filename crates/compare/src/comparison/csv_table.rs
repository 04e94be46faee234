//! `comparison.csv`: a comparison as one table for spreadsheets and data frames, with a row for each method.

use descender_record::{FileError, replace_file};
use descender_statistics::Estimate;
use std::path::Path;

use super::{Comparison, Role};

/// The columns that every table has. `_low` and `_high` are the ends of the 95 % interval.
const COLUMNS: [&str; 22] = [
    "method",
    "role",
    "starts",
    "reached",
    "first_hit",
    "first_hit_low",
    "first_hit_high",
    "first_hit_bound",
    "algoperf_score",
    "algoperf_score_low",
    "algoperf_score_high",
    "final_train_loss",
    "final_train_loss_low",
    "final_train_loss_high",
    "final_validation_loss",
    "final_validation_loss_low",
    "final_validation_loss_high",
    "validation_accuracy",
    "validation_accuracy_low",
    "validation_accuracy_high",
    "diverged",
    "interventions",
];

impl Comparison {
    /// The figures of each method as comma-separated values (RFC 4180), with headings. What is unknown is an empty cell.
    /// The names of the columns are those of the JSON document. The task's other metrics follow the accuracy, such as
    /// `validation_r_squared`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let scores = self.algoperf_scores();
        let number = |value: f64| match value.is_finite() {
            true => value.to_string(),
            false => String::new(),
        };
        let interval = |value: f64, [low, high]: [f64; 2]| [value, low, high].map(number);
        let estimate = |estimate: &Estimate| interval(estimate.iqm, estimate.ci95);
        let mut table = csv::Writer::from_writer(Vec::new());
        let metrics = self.other_metrics();
        let mut headings = COLUMNS.map(str::to_owned).to_vec();
        let behind_accuracy = headings.len() - 2;
        let of_metrics = metrics.iter().flat_map(|metric| {
            ["", "_low", "_high"].map(|end| format!("validation_{}{end}", metric.name()))
        });
        headings.splice(behind_accuracy..behind_accuracy, of_metrics);
        let mut rows = vec![headings];
        for (place, method) in self.methods.iter().enumerate() {
            let hit = &method.first_hit;
            let score = scores.as_ref().map(|scores| &scores[place]);
            let role = match method.role {
                Role::Controller => "controller",
                Role::Rival => "rival",
                Role::Control => "control",
            };
            let mut row = vec![
                method.name.clone(),
                role.to_owned(),
                hit.starts.to_string(),
                hit.reached.to_string(),
            ];
            row.extend(interval(hit.iqm, hit.ci95));
            row.push(hit.is_bound().to_string());
            row.extend(
                score.map_or_else(Default::default, |score| interval(score.value, score.ci95)),
            );
            row.extend(estimate(&method.final_train_loss));
            row.extend(estimate(&method.final_validation_loss));
            row.extend(estimate(&method.validation_accuracy));
            for metric in &metrics {
                row.extend(estimate(&method.other_metric(*metric)));
            }
            row.extend([
                method.diverged.to_string(),
                method.interventions.to_string(),
            ]);
            rows.push(row);
        }
        for row in rows {
            table
                .write_record(row)
                .expect("memory takes rows of one length");
        }
        let bytes = table.into_inner().expect("memory can be written to");
        String::from_utf8(bytes).expect("rows of text are text")
    }

    /// Replaces the table of the comparison in `folder`, `comparison.csv`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_csv(&self, folder: &Path) -> Result<(), FileError> {
        replace_file(&folder.join("comparison.csv"), self.to_csv().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{sample, with_starts};
    use super::super::{CONTROLLER, Comparison, Role};
    use super::COLUMNS;
    use descender_task::Metric;

    #[test]
    fn a_row_has_the_figures_of_the_document() {
        let mut comparison = with_starts(&[
            (CONTROLLER, Role::Controller, vec![Some(99); 8], 0.125),
            ("adam:0.001", Role::Control, vec![Some(249); 8], 0.25),
        ]);
        // A name that needs quotes.
        comparison.methods[1].name = "schedule:\"a, b\"".to_owned();
        let text = comparison.to_csv();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), COLUMNS.to_vec());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        let document = serde_json::to_value(comparison.document()).unwrap();
        for (row, method) in rows.iter().zip(document["methods"].as_array().unwrap()) {
            let cell =
                |column: &str| &row[COLUMNS.iter().position(|known| *known == column).unwrap()];
            assert_eq!(cell("method"), method["name"].as_str().unwrap());
            assert_eq!(cell("role"), method["role"].as_str().unwrap());
            assert_eq!(cell("reached"), "8");
            let bound = method["first_hit"]["bound"].as_bool().unwrap();
            assert_eq!(cell("first_hit_bound"), bound.to_string());
            for (name, centre) in [
                ("first_hit", "iqm"),
                ("algoperf_score", "value"),
                ("final_train_loss", "iqm"),
                ("final_validation_loss", "iqm"),
                ("validation_accuracy", "iqm"),
            ] {
                let number = |column: &str| cell(column).parse::<f64>().unwrap();
                assert_eq!(
                    number(name),
                    method[name][centre].as_f64().unwrap(),
                    "{name}"
                );
                let [low, high] = ["low", "high"].map(|end| number(&format!("{name}_{end}")));
                assert_eq!(low, method[name]["ci95"][0].as_f64().unwrap(), "{name}");
                assert_eq!(high, method[name]["ci95"][1].as_f64().unwrap(), "{name}");
            }
        }
    }

    #[test]
    fn other_metrics_stand_behind_the_accuracy() {
        let mut comparison = sample();
        let estimate = comparison.methods[0].final_train_loss;
        for metric in [Metric::RSquared, Metric::BitsPerCharacter] {
            comparison.methods[1]
                .validation_metrics
                .insert(metric, estimate);
        }
        let text = comparison.to_csv();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headings = reader.headers().unwrap().clone();
        let names: Vec<&str> = headings.iter().skip(19).collect();
        assert_eq!(
            names,
            [
                "validation_accuracy_high",
                "validation_bits_per_character",
                "validation_bits_per_character_low",
                "validation_bits_per_character_high",
                "validation_r_squared",
                "validation_r_squared_low",
                "validation_r_squared_high",
                "diverged",
                "interventions"
            ]
        );
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(
            (&rows[0][20], &rows[1][20], &rows[1][25]),
            ("", "0.0625", "0.078125")
        );

        let json = serde_json::to_value(&comparison).unwrap();
        let metrics = &json["methods"][1]["validation_metrics"];
        for metric in comparison.other_metrics() {
            assert_eq!(metrics[metric.name()]["iqm"], 0.0625);
        }
        assert!(json["methods"][0].get("validation_metrics").is_none());
        let read: Comparison = serde_json::from_value(json).unwrap();
        assert_eq!(read.methods[1], comparison.methods[1]);
        let table = crate::comparison::table_within(&comparison, 300);
        assert!(
            table.contains("bits per character") && table.contains("R²"),
            "{table}"
        );
    }

    #[test]
    fn what_is_unknown_is_empty() {
        let text = sample().to_csv();
        let last = text.lines().last().unwrap();
        assert!(
            last.starts_with("sgd:<5>,rival,24,0,500,500,500,true,,,,,,,,,,"),
            "{last}"
        );
    }
}
