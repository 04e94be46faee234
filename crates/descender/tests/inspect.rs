//! `descender inspect` explains a controller and a run folder, and refuses broken files in one line with exit code 1.

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use common::{QUICK, fail, path, succeed};

/// A finished run, made once for all tests of this file.
fn run() -> PathBuf {
    static RUN: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, run) = RUN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let run = folder.path().join("run");
        succeed(
            ["train", "--out", path(&run)]
                .into_iter()
                .chain(QUICK.iter().copied()),
        );
        (folder, run)
    });
    run.clone()
}

#[test]
fn a_controller_is_explained() {
    let file = run().join("controller.safetensors");
    let text = succeed(["inspect", path(&file)]);
    for part in [
        "learning_rate",
        "0.35",
        "mnist-small",
        "sgd",
        "expected-hit",
        "dqn",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&succeed(["inspect", path(&file), "--json"])).unwrap();
    assert!(json.to_string().contains("mnist-small"));
}

#[test]
fn a_run_folder_is_explained() {
    let text = succeed(["inspect", path(&run())]);
    for part in [
        "complete since",
        "24 of 24",
        "% stepping the descents",
        "Relies on",
        "loss_trend",
        "preset dqn",
        "controller",
        "adam:0.001",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&succeed(["inspect", path(&run()), "--json"])).unwrap();
    assert_eq!(json["episodes_ended"], 24);
    assert_eq!(json["complete"], true);
    assert_eq!(json["behaviour"]["importance"][4]["feature"], "last_action");
    assert_eq!(json["comparison"]["methods"][0]["name"], "controller");
}

/// Position of `needle` in the file's header.
fn find(bytes: &[u8], needle: &str) -> usize {
    bytes
        .windows(needle.len())
        .position(|window| window == needle.as_bytes())
        .expect(needle)
}

#[test]
fn broken_files_are_refused_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(run().join("controller.safetensors")).unwrap();
    let header_length = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    let replaced = |from: &str, to: &str| {
        assert_eq!(
            from.len(),
            to.len(),
            "a replacement must not move the header's end"
        );
        let mut bytes = good.clone();
        let position = find(&bytes, from);
        bytes[position..position + from.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let mut flipped_header = good.clone();
    flipped_header[8 + header_length / 2] ^= 4;
    let mut flipped_weight = good.clone();
    flipped_weight[8 + header_length + 10] ^= 1;
    let mut not_a_number = good.clone();
    not_a_number[8 + header_length..8 + header_length + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut huge_header = good.clone();
    huge_header[..8].copy_from_slice(&u64::MAX.to_le_bytes());

    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("cut in the header", good[..40].to_vec()),
        ("cut in the tensors", good[..good.len() - 5].to_vec()),
        ("with a tail", [&good[..], b"tail"].concat()),
        ("of something else", b"episodes = 3\n".repeat(20)),
        ("with a bit flipped in its header", flipped_header),
        ("with a bit flipped in a weight", flipped_weight),
        ("with a weight that is no number", not_a_number),
        ("with an impossible header length", huge_header),
        (
            "of another version",
            replaced("format_version\\\":1", "format_version\\\":7"),
        ),
        ("with another shape", replaced("[5,64]", "[6,64]")),
        (
            "with another type of numbers",
            replaced("\"F32\"", "\"I32\""),
        ),
    ];
    for (what, bytes) in cases {
        let file = folder.path().join("broken.safetensors");
        fs::write(&file, bytes).unwrap();
        let message = fail(1, ["inspect", path(&file)]);
        assert!(
            message.contains("broken.safetensors"),
            "a file {what}: {message}"
        );
    }

    let message = fail(2, ["inspect", path(folder.path())]);
    assert!(message.contains("not a run folder"), "{message}");
    let message = fail(2, ["inspect", path(&folder.path().join("nothing"))]);
    assert!(message.contains("nothing"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.safetensors");
    fs::copy(run().join("controller.safetensors"), &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything; there the file is good, and there is nothing to see.
    if fs::read(&file).is_err() {
        let message = fail(1, ["inspect", path(&file)]);
        assert!(message.contains("secret.safetensors"), "{message}");
    }
}

#[test]
fn a_broken_run_folder_is_refused_with_the_file_that_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("config.toml", "episodes = \"many\"\n"),
        ("manifest.json", "{"),
        ("episodes.jsonl", "{\"episode\": 0}\n"),
        ("comparison.json", "[]"),
        ("behaviour.json", "{\"starts\": 8}"),
        ("controller.safetensors", "?"),
    ] {
        let copy = folder.path().join(name.replace('.', "-"));
        fs::create_dir(&copy).unwrap();
        for entry in fs::read_dir(run())
            .unwrap()
            .map(Result::unwrap)
            .filter(|entry| entry.path().is_file())
        {
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        fs::write(copy.join(name), content).unwrap();
        // Settings that are refused are so wherever they stand.
        let code = if name == "config.toml" { 2 } else { 1 };
        let message = fail(code, ["inspect", path(&copy)]);
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_broken_checkpoint_is_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("run");
    fs::create_dir_all(copy.join("checkpoint")).unwrap();
    for name in [
        "config.toml",
        "manifest.json",
        "episodes.jsonl",
        "checkpoint/state",
    ] {
        fs::copy(run().join(name), copy.join(name)).unwrap();
    }
    common::forget_the_end(&copy);
    let state = fs::read(copy.join("checkpoint/state")).unwrap();
    let episodes = fs::read(copy.join("episodes.jsonl")).unwrap();
    for broken in [
        Vec::new(),
        state[..state.len() / 2].to_vec(),
        [&state[..], b"x"].concat(),
    ] {
        fs::write(copy.join("checkpoint/state"), &broken).unwrap();
        let output = common::run(["train", "--resume", path(&copy)]);
        assert_eq!(output.status.code(), Some(1));
        let message = common::text(&output.stderr);
        assert!(message.contains("not a usable checkpoint"), "{message}");
        assert_eq!(fs::read(copy.join("episodes.jsonl")).unwrap(), episodes);
    }
    // An episode file that lost its end is noticed, too.
    fs::write(copy.join("checkpoint/state"), &state).unwrap();
    fs::write(copy.join("episodes.jsonl"), &episodes[..episodes.len() / 2]).unwrap();
    let output = common::run(["train", "--resume", path(&copy)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(common::text(&output.stderr).contains("it was cut or replaced"));
}
