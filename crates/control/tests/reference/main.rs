//! What controllers do, step by step, as reference values for whoever evaluates controller files elsewhere: the Python
//! package's tests read them.
//!
//! `reference/controllers.json` has the cases, `reference/controllers/` their files. The test compares both with what
//! this program does. To write them anew after a change that is meant:
//!
//! ```text
//! DESCENDER_WRITE_REFERENCE=1 cargo test --release -p descender-control --test reference
//! ```

mod case;
mod guarded;
mod recording;
mod settings;
mod values;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use case::Case;
use descender_control::Controller;
use recording::{Recording, recordings};
use serde::{Deserialize, Serialize};
use settings::Plan;

/// The reference file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Document {
    /// What the cases are told, by name.
    recordings: BTreeMap<String, Recording>,
    /// Optimizers and their μ.
    methods: Vec<values::MethodValues>,
    /// Jobs outside of what `pretrained` was learned for.
    outside: Vec<values::Outside>,
    /// Descents under controllers.
    cases: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference")
}

#[test]
fn controllers_do_what_the_reference_says() {
    let recordings = recordings();
    let plans: Vec<Plan> = (settings::plans().into_iter())
        .chain(guarded::plans())
        .collect();
    let cases = plans.iter().map(|plan| {
        let recording = &recordings[plan.recording];
        Case::of(plan, recording)
    });
    let document = Document {
        cases: cases.collect(),
        methods: values::methods(),
        outside: values::outside(),
        recordings,
    };
    for case in &document.cases {
        case.assert_moves();
    }
    let (path, files) = (
        folder().join("controllers.json"),
        folder().join("controllers"),
    );
    let own = plans.iter().filter(|plan| plan.name != "pretrained");
    let own: Vec<(PathBuf, &Controller)> = own
        .filter(|plan| plan.file() == plan.name)
        .map(|plan| {
            (
                files.join(format!("{}.safetensors", plan.name)),
                &plan.controller,
            )
        })
        .collect();
    if std::env::var_os("DESCENDER_WRITE_REFERENCE").is_some() {
        let _ = fs::remove_dir_all(&files);
        fs::create_dir_all(&files).expect("a folder for the files");
        for (path, controller) in &own {
            controller.save(path).expect("a file that can be written");
        }
        fs::write(&path, document.text()).expect("a file that can be written");
    }
    for (path, controller) in own {
        let kept = Controller::load(&path).expect("a controller");
        assert_eq!(&kept, controller, "{}", path.display());
    }
    let text = fs::read_to_string(&path).expect("the reference values");
    let kept: Document = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(kept.recordings, document.recordings);
    assert_eq!(kept.methods, document.methods);
    assert_eq!(kept.outside, document.outside);
    assert_eq!(kept.cases.len(), document.cases.len());
    for (kept, case) in kept.cases.iter().zip(&document.cases) {
        kept.assert_close(case);
    }
}

impl Document {
    /// One line for each recording, method and case.
    fn text(&self) -> String {
        let list = |lines: Vec<String>| lines.join(",\n");
        let recordings = self.recordings.iter();
        let recordings =
            recordings.map(|(name, recording)| format!("\"{name}\": {}", line(recording)));
        format!(
            "{{\n\"recordings\": {{\n{}\n}},\n\"methods\": [\n{}\n],\n\"outside\": [\n{}\n],\n\"cases\": [\n{}\n]\n}}\n",
            list(recordings.collect()),
            list(self.methods.iter().map(line).collect()),
            list(self.outside.iter().map(line).collect()),
            list(self.cases.iter().map(line).collect()),
        )
    }
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data has a JSON form")
}
