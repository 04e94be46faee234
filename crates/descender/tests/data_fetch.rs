//! `data fetch` as a user meets it. What arrives and how is tested in the crate `descender-fetch`.

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;

use common::{fail, path, run, text};

/// A server on this machine that answers one request with the same few bytes, whatever is asked for.
fn server(status: &'static str, headers: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a loopback");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else {
            return;
        };
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
            request.push(byte[0]);
        }
        let answer = format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\nshort");
        let _ = stream.write_all(answer.as_bytes());
    });
    format!("http://{address}/some/where")
}

#[test]
fn an_unknown_set_is_refused_with_those_that_there_are() {
    let message = fail(2, ["data", "fetch", "cifar"]);
    assert!(
        message.contains("`cifar`") && message.contains("mnist or fashion-mnist"),
        "{message}"
    );
}

#[test]
fn a_mirror_that_fails_is_told_and_the_licence_before_it() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let to = folder.path().join("here");
    for (status, headers, expected) in [
        (
            "404 Not Found",
            "Content-Length: 5\r\n",
            "the answer is HTTP status 404, expected 200",
        ),
        (
            "200 OK",
            "Content-Length: 5\r\n",
            "the answer has 5 bytes, expected 9912422",
        ),
        (
            "200 OK",
            "",
            "5 of 9912422 bytes are kept, and the same command goes on from there",
        ),
    ] {
        let address = server(status, headers);
        let output = run([
            "data",
            "fetch",
            "mnist",
            "--to",
            path(&to),
            "--from",
            &address,
        ]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(output.stdout.is_empty());
        let file = format!("{address}/train-images-idx3-ubyte.gz");
        for expected in ["licence CC BY-SA 3.0", &file, expected] {
            assert!(told.contains(expected), "{told}\nexpected {expected}");
        }
        assert!(!to.join("train-images-idx3-ubyte.gz").exists());
    }
}
