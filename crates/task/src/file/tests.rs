use super::*;
use crate::{Answers, Descent, Metric, Problem as _, Split, StartPoint};
use descender_optim::Method;

/// A folder with `task.toml` and a table of 60 rows: two numbers, their sum, and whether it is above 10.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "a,b,sum,large\n".to_owned();
    for row in 0..60 {
        let (a, b) = (row % 9, row * 7 % 11);
        let large = if a + b > 10 { "yes" } else { "no" };
        table.push_str(&format!("{a},{b},{},{large}\n", a + b));
    }
    std::fs::write(folder.path().join("rows.csv"), table).unwrap();
    std::fs::write(folder.path().join("task.toml"), text).unwrap();
    folder
}

fn task(text: &str) -> Result<Task, TaskFileError> {
    Task::from_file(&folder(text).path().join("task.toml"), None)
}

/// The message of an error and of its sources, as the command prints them.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message.push_str(&format!(": {error}"));
        source = error.source();
    }
    message
}

/// The validation losses before and after 300 steps of Adam.
fn learn(task: &Task) -> [f32; 2] {
    let method = Method::by_name("adam").unwrap();
    let mut descent = task.descent(method).unwrap();
    descent.reset(StartPoint::default());
    let loss = |descent: &mut Box<dyn Descent>| descent.evaluate(Split::Validation).unwrap().loss;
    let before = loss(&mut descent);
    for _ in 0..300 {
        descent.step(&[method.hyper_parameters(0.01)]);
    }
    [before, loss(&mut descent)]
}

#[test]
fn a_few_lines_are_a_task_that_is_learned() {
    for (target, words) in [("sum", "a number"), ("large", "2 classes")] {
        let loss = match target {
            "sum" => "loss = \"squared\"\n",
            _ => "",
        };
        let text = format!("{loss}[data]\npath = \"rows.csv\"\ntarget = \"{target}\"\n");
        let task = task(&text).unwrap();
        assert_eq!((task.name.as_str(), task.steps), ("task", 500));
        assert!(task.description.contains(words), "{}", task.description);
        assert_eq!(task.validation.len(), 12);
        assert_eq!(task.selection.as_ref().map(|data| data.len()), Some(5));
        let [before, after] = learn(&task);
        assert!(after < before / 5.0, "{target}: {before} {after}");
        let mut descent = task.descent(Method::Sgd).unwrap();
        let end = descent.evaluate(Split::Validation).unwrap();
        let [error, share] = [Metric::RootMeanSquareError, Metric::RSquared].map(|of| of.of(&end));
        match end.fit {
            // The loss is the mean square.
            Some(_) => {
                assert!((error * error - end.loss).abs() < 1e-5 && end.accuracy.is_nan());
                assert!(share < 1.0);
            }
            None => assert!(error.is_nan() && share.is_nan() && end.accuracy <= 1.0),
        }
        assert_eq!(end.fit.is_some(), target == "sum");
    }
}

#[test]
fn every_key_is_heard() {
    let text = "name = \"sums\"\nsteps = 200\nbatch = 8\nloss = \"huber\"\nobjective = \"first-hit\"\nthreshold = 0.1\n\
                [data]\npath = \"rows.csv\"\ntarget = \"sum\"\nvalidation = 0.5\nselection = 0.2\n\
                [network]\nlayers = [\"linear 8\", \"tanh\", [\"linear 8\"], \"linear\"]\n";
    let task = task(text).unwrap();
    assert_eq!(task.name, "sums");
    assert_eq!(
        (task.steps, task.batch_size, task.loss),
        (200, 8, Loss::Huber)
    );
    assert_eq!(task.goal, Goal::FirstHit(0.1));
    assert_eq!((task.train.len(), task.validation.len()), (24, 30));
    assert_eq!(task.network.specification().layers.len(), 4);
    let job = task.job();
    assert_eq!((job.steps, job.examples), (200, Some(24)));
    assert_eq!(
        task.metrics(),
        [Metric::RootMeanSquareError, Metric::RSquared]
    );
}

#[test]
fn embedded_images_and_changes_go_together() {
    let folder = folder("[data]\npath = \"mnist\"\n");
    let file = folder.path().join("task.toml");
    let name = format!("{};batch=16", file.display());
    let task = Task::by_name(&name, None).unwrap();
    assert_eq!((task.batch_size, task.train.len()), (16, 8_000));
    let paper = Task::paper().network;
    assert_eq!(task.network.specification(), paper.specification());
}

#[test]
fn every_mistake_names_the_file_and_the_key() {
    let data = "[data]\npath = \"rows.csv\"\ntarget = \"sum\"\n";
    for (text, expected) in [
        ("".to_owned(), "missing field `data`"),
        (format!("stepz = 3\n{data}"), "unknown field `stepz`"),
        (
            format!("steps = 0\n{data}"),
            "steps = 0, expected 1 to 10000000",
        ),
        (format!("steps = \"many\"\n{data}"), "expected u64"),
        (
            format!("batch = 0\n{data}"),
            "batch = 0, expected 1 or more",
        ),
        (
            format!("batch = 49\n{data}"),
            "batch size is 49, expected 1 to 48",
        ),
        (
            format!("loss = \"hinge\"\n{data}"),
            "unknown variant `hinge`",
        ),
        (
            format!("loss = \"rosenbrock\"\n{data}"),
            "loss = rosenbrock, expected a loss of data",
        ),
        (
            "[function]\nname = \"rosenbrock\"\ndimensions = 1\n".to_owned(),
            "function.dimensions = 1, expected 2 to 10000",
        ),
        (
            format!("objective = \"fast\"\n{data}"),
            "unknown variant `fast`",
        ),
        (
            format!("threshold = 0.1\n{data}"),
            "threshold = 0.1, expected none",
        ),
        (
            format!("{data}inputs = \"x\"\n"),
            "data.inputs = \"x\", expected none: only a .npz archive has arrays",
        ),
        (
            "[data]\npath = \"none.npz\"\n".to_owned(),
            "none.npz: cannot read",
        ),
        (
            format!("{data}validation = 1.5\n"),
            "data.validation = 1.5, expected a share",
        ),
        (
            format!("{data}selection = 0.0\n"),
            "data.selection = 0, expected a share",
        ),
        (
            format!("network = \"big\"\n{data}"),
            "network = big, expected \"fitted\"",
        ),
        (
            format!("{data}[network]\nlayers = [{{ linear = 4 }}]\n"),
            "expected a text such as \"linear 64\"",
        ),
        (
            format!("{data}[network]\nlayer = [\"linear 4\"]\n"),
            "network: unknown field `layer`, expected `layers`",
        ),
        (
            format!("{data}[network]\nlayers = [\"linear 4\"]\n"),
            "the last layer makes 4 values, expected",
        ),
        (
            format!("{data}[network]\nlayers = []\n"),
            "network.layers: the network has no layers",
        ),
        (
            "[data]\npath = \"rows.csv\"\n".to_owned(),
            "data.target = nothing, expected the name of the column",
        ),
        (
            "[data]\npath = \"rows.csv\"\ntarget = \"c\"\n".to_owned(),
            "no column `c`",
        ),
        (
            "[data]\npath = \"none.csv\"\ntarget = \"c\"\n".to_owned(),
            "none.csv: cannot read the table",
        ),
        (
            "[data]\npath = \"task.toml\"\n".to_owned(),
            "expected a .csv or .tsv table",
        ),
        ("[data]\npath = \"nowhere\"\n".to_owned(), "nowhere"),
        (
            "[data]\npath = \"mnist\"\ntarget = \"c\"\n".to_owned(),
            "only a table has columns",
        ),
        (
            format!("loss = \"cross-entropy\"\n{data}selection = 0.95\n"),
            "sum",
        ),
    ] {
        match task(&text) {
            Err(error) => {
                let message = chain(&error);
                assert!(message.contains("task.toml: "), "{message}");
                assert!(message.contains(expected), "{message}\nexpected {expected}");
            }
            // What is odd but possible: nineteen classes, and a selection that leaves a batch.
            Ok(task) => assert!(expected == "sum" && task.train.len() == 32, "{text}"),
        }
    }
    let missing = chain(&Task::by_name("no/such.toml", None).unwrap_err());
    assert!(
        missing.contains("no/such.toml: cannot read the task file"),
        "{missing}"
    );
}

/// A folder with `task.toml` and a text of 3,000 characters.
fn text_folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let book = "Round and round the rugged rock the ragged rascal ran. ".repeat(55);
    for name in ["book.txt", "book.md"] {
        std::fs::write(folder.path().join(name), &book).unwrap();
    }
    std::fs::write(folder.path().join("latin.txt"), b"caf\xe9").unwrap();
    std::fs::write(folder.path().join("empty.txt"), "").unwrap();
    std::fs::write(folder.path().join("short.txt"), "too short").unwrap();
    std::fs::write(folder.path().join("same.txt"), "=".repeat(900)).unwrap();
    std::fs::write(folder.path().join("task.toml"), text).unwrap();
    folder
}

fn text_task(text: &str) -> Result<Task, TaskFileError> {
    Task::from_file(&text_folder(text).path().join("task.toml"), None)
}

#[test]
fn a_text_is_a_task_that_is_learned_with_and_without_carried_states() {
    for carry in [false, true] {
        let text =
            format!("batch = 8\n[data]\npath = \"book.txt\"\nwindow = 16\ncarry = {carry}\n");
        let task = text_task(&text).unwrap();
        assert_eq!((task.loss, task.carry), (Loss::NextToken, carry));
        assert_eq!(task.metrics(), [Metric::Accuracy, Metric::BitsPerCharacter]);
        let job = task.job();
        assert_eq!((job.input_scale, job.examples), (None, Some(136)));
        let selection = task.selection.as_ref().map(|data| data.len());
        assert_eq!((selection, task.validation.len()), (Some(15), 37));
        let [before, after] = learn(&task);
        assert!(after < before / 5.0, "carry {carry}: {before} {after}");
    }
}

#[test]
fn every_key_of_a_text_is_heard() {
    let text = "name = \"rock\"\nsteps = 90\nbatch = 4\nloss = \"cross-entropy\"\n\
                [data]\npath = \"book.md\"\nkind = \"text\"\nwindow = 20\ncarry = true\nvalidation = 0.3\nselection = 0.5\n\
                [network]\nlayers = [\"embedding 4\", \"lstm 6\", \"linear 5\", \"tanh\", \"linear\"]\n";
    let task = text_task(text).unwrap();
    assert_eq!(
        (task.name.as_str(), task.steps, task.batch_size),
        ("rock", 90, 4)
    );
    assert_eq!((task.loss, task.carry), (Loss::CrossEntropy, true));
    assert_eq!(task.metrics(), [Metric::Accuracy]);
    assert_eq!(task.train.input_len(), 20);
    assert_eq!((task.train.len(), task.validation.len()), (52, 45));
    // h and c.
    assert_eq!(task.network.state_count(), 12);
    let told = task.notes.join("\n");
    assert!(
        told.contains("to predict: the next of 17 symbols"),
        "{told}"
    );
    let identity = task.identity();
    let fresh = Task {
        carry: false,
        ..task
    };
    assert_ne!(identity, fresh.identity());
}

#[test]
fn the_text_of_the_program_is_a_task_and_has_variants() {
    let folder = text_folder("[data]\npath = \"alice\"\n");
    let file = folder.path().join("task.toml");
    let task = Task::by_name(&file.display().to_string(), None).unwrap();
    assert_eq!((task.source.as_ref(), task.embedded), (None, Some("alice")));
    let summary = crate::DataSummary::of(&task).unwrap();
    assert_eq!(summary.files[0].file, Path::new("alice.txt.gz"));
    let told = summary.to_string();
    assert!(
        told.contains("training: 1669 examples\nselection"),
        "{told}"
    );
    assert_eq!(task.warnings(), Vec::<String>::new());
    assert_eq!((task.train.len(), task.validation.len()), (1669, 463));
    let Answers::Classes { count, .. } = task.train.answers else {
        panic!("characters are classes");
    };
    let parameters = count * 16 + (16 + 64) * 192 + 256 + 64 * count + count;
    assert_eq!(task.network.parameter_count(), parameters);
    let name = format!("{};batch=16;width=0.5;data=0.1", file.display());
    let small = Task::by_name(&name, None).unwrap();
    assert_eq!((small.batch_size, small.train.len()), (16, 167));
    assert_eq!(small.network.state_count(), 32);
}

#[test]
fn every_mistake_with_a_text_names_the_key() {
    let data = "[data]\npath = \"book.txt\"\n";
    for (text, expected) in [
        (
            "[data]\npath = \"latin.txt\"\n".to_owned(),
            "latin.txt: byte 0xe9 in line 1 is no UTF-8",
        ),
        (
            "[data]\npath = \"empty.txt\"\n".to_owned(),
            "empty.txt: the text is empty",
        ),
        (
            "[data]\npath = \"short.txt\"\n".to_owned(),
            "the training part has 6 of the text's 9 characters, expected at least 65",
        ),
        (
            "[data]\npath = \"same.txt\"\n".to_owned(),
            "same.txt: the text has one symbol only, `=`",
        ),
        (
            "[data]\npath = \"none.txt\"\n".to_owned(),
            "none.txt: cannot read the text",
        ),
        (
            format!("{data}window = 0\n"),
            "data.window = 0, expected 1 to 4096",
        ),
        (
            format!("{data}window = 2000\n"),
            "data.window = 2000 and the character",
        ),
        (
            format!("{data}kind = \"novel\"\n"),
            "unknown variant `novel`",
        ),
        (
            format!("{data}target = \"a\"\n"),
            "data.target = \"a\", expected none: of a text",
        ),
        (
            format!("loss = \"squared\"\n{data}"),
            "loss = squared, expected \"next-token\"",
        ),
        (
            format!("batch = 99\n{data}"),
            "batch size is 99, expected 1 to 34",
        ),
        (
            format!("{data}carry = true\n[network]\nlayers = [\"embedding 4\", \"linear\"]\n"),
            "what is carried is the state of no layer, expected a network with a gru or an lstm layer",
        ),
        (
            format!("{data}[network]\nlayers = [\"gru 4\", \"linear\"]\n"),
            "a text begins with `embedding FEATURES`",
        ),
        (
            "[data]\npath = \"mnist\"\nwindow = 8\n".to_owned(),
            "data.window = 8, expected none",
        ),
        (
            "[data]\npath = \"iris\"\ncarry = true\n".to_owned(),
            "data.carry = true, expected none",
        ),
        (
            "loss = \"next-token\"\n[data]\npath = \"iris\"\n".to_owned(),
            "loss = next-token, expected another loss",
        ),
    ] {
        let message = chain(&text_task(&text).unwrap_err());
        assert!(message.contains("task.toml: "), "{message}");
        assert!(message.contains(expected), "{message}\nexpected {expected}");
    }
}
