//! Files that cannot be read or written are refused with their path.

use std::fs;

use super::super::*;
use super::controller;
use crate::test_chain::chain;

#[test]
fn what_is_no_readable_file_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &std::path::Path| {
        let message = chain(&Controller::load(path).unwrap_err());
        assert!(
            message.starts_with(&format!("controller file {}: ", path.display())),
            "{message}"
        );
        assert!(!message.contains(char::is_control), "{message:?}");
        message
    };
    let missing = folder.path().join("missing");
    assert!(message(&missing).contains("cannot be read: "));
    assert!(message(folder.path()).ends_with("is a directory: expected a file"));
    let empty = folder.path().join("empty");
    fs::write(&empty, []).unwrap();
    assert!(message(&empty).contains("the file is empty"));
    let huge = folder.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap(); // sparse: takes no room
    assert!(message(&huge).contains("has 1099511627776 bytes: expected at most"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert!(message("/dev/zero".as_ref()).contains("expected a file"));
        let secret = folder.path().join("secret");
        controller().save(&secret).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read everything, so there this case does not exist.
        if fs::File::open(&secret).is_err() {
            assert!(message(&secret).contains("cannot be read: "));
        }
    }
}

#[test]
fn what_cannot_be_written_is_told_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().join("no/such/folder"),
        folder.path().to_owned(),
        folder.path().join(".."),
    ] {
        let message = chain(&controller().save(&path).unwrap_err());
        assert!(
            message.starts_with(&format!(
                "controller file {}: cannot be written: ",
                path.display()
            )),
            "{message}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
