//! Fetching from servers on this machine that answer well, badly, or not at all.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use descender_fetch::{FetchError, Fetched, MirrorProblem, PublishedFile, fetch};
use sha2::{Digest, Sha256};

/// Far longer than any answer of these servers takes.
const PATIENT: Duration = Duration::from_secs(60);

/// What the file holds: more than one block.
fn contents() -> Vec<u8> {
    (0..200_000_u32)
        .map(|place| (place * place / 7 % 251) as u8)
        .collect()
}

fn published(contents: &[u8]) -> PublishedFile {
    let sum = Sha256::digest(contents);
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    PublishedFile {
        name: "images.gz",
        bytes: contents.len() as u64,
        sha256: sum.leak(),
    }
}

/// A server on this machine that answers so many requests and ends.
struct Server {
    address: String,
    /// The first line and the range of each request.
    asked: Receiver<(String, Option<u64>)>,
    thread: JoinHandle<()>,
}

/// Writes the answer to a request for the bytes from a place on.
type Reply = fn(&mut TcpStream, &[u8], Option<u64>);

impl Server {
    fn new(requests: usize, reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a loopback");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sender, asked) = channel();
        let thread = std::thread::spawn(move || {
            for _ in 0..requests {
                let Ok((mut stream, _)) = listener.accept() else {
                    return;
                };
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    request.push(byte[0]);
                }
                let request = String::from_utf8_lossy(&request).to_lowercase();
                let range = request
                    .lines()
                    .find_map(|line| line.strip_prefix("range: bytes="));
                let from = range.and_then(|range| range.trim_end_matches('-').parse().ok());
                let first = request.lines().next().unwrap_or_default().to_owned();
                let _ = sender.send((first, from));
                reply(&mut stream, &contents(), from);
            }
        });
        Server {
            address,
            asked,
            thread,
        }
    }

    /// All requests, when it has answered as many as it was made for.
    fn requests(self) -> Vec<(String, Option<u64>)> {
        self.thread.join().expect("a server does not panic");
        self.asked.iter().collect()
    }
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8], announced: usize) {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {announced}\r\nConnection: close\r\n\r\n"
    );
    // A client that has heard enough hangs up.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}

/// Knows ranges, as most servers do.
fn good(stream: &mut TcpStream, contents: &[u8], from: Option<u64>) {
    match from {
        Some(from) => {
            let last = contents.len() - 1;
            let range = format!("Content-Range: bytes {from}-{last}/{}\r\n", contents.len());
            let rest = &contents[from as usize..];
            send(stream, "206 Partial Content", &range, rest, rest.len());
        }
        None => send(stream, "200 OK", "", contents, contents.len()),
    }
}

/// Knows no ranges.
fn whole(stream: &mut TcpStream, contents: &[u8], _: Option<u64>) {
    good(stream, contents, None);
}

/// Hangs up in the middle.
fn cut(stream: &mut TcpStream, contents: &[u8], _: Option<u64>) {
    send(stream, "200 OK", "", &contents[..70_000], contents.len());
}

fn missing(stream: &mut TcpStream, _: &[u8], _: Option<u64>) {
    send(stream, "404 Not Found", "", b"no such file", 12);
}

fn other(stream: &mut TcpStream, contents: &[u8], _: Option<u64>) {
    let mut other = contents.to_vec();
    other[100] ^= 1;
    good(stream, &other, None);
}

fn try_fetch(
    folder: &Path,
    addresses: &[&str],
    patience: Duration,
) -> Result<(Fetched, Vec<u64>), FetchError> {
    let mut told = Vec::new();
    let file = published(&contents());
    let fetched = fetch(&file, addresses, folder, patience, &mut |bytes| {
        told.push(bytes)
    })?;
    Ok((fetched, told))
}

/// The problem of the only mirror, and the bytes that are kept.
fn problem(result: Result<(Fetched, Vec<u64>), FetchError>) -> (MirrorProblem, u64) {
    match result {
        Err(FetchError::Mirrors {
            mut problems, kept, ..
        }) => (problems.pop().expect("there is a mirror").1, kept),
        other => panic!("{other:?}"),
    }
}

/// The files of a folder with their lengths.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(folder).expect("it is there").flatten();
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, entry.metadata().expect("it is there").len())
        })
        .collect()
}

fn holds_the_file(folder: &Path) {
    assert_eq!(files(folder), [("images.gz".to_owned(), 200_000)]);
    assert!(std::fs::read(folder.join("images.gz")).is_ok_and(|bytes| bytes == contents()));
}

#[test]
fn a_file_comes_whole_and_is_not_fetched_twice() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("made/when/missing");
    let server = Server::new(1, good);
    let base = format!("{}/set/", server.address);
    let (fetched, told) = try_fetch(&inner, &[&base], PATIENT).unwrap();
    assert_eq!(fetched, Fetched::Now);
    assert!(told.is_sorted() && told.first() == Some(&0) && told.last() == Some(&200_000));
    holds_the_file(&inner);
    // The server has ended, and isn't asked.
    assert_eq!(
        try_fetch(&inner, &[&base], PATIENT).unwrap().0,
        Fetched::Before
    );
    let asked = server.requests();
    assert_eq!(asked, [("get /set/images.gz http/1.1".to_owned(), None)]);
}

#[test]
fn what_was_cut_is_continued_by_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(1, cut);
    let result = try_fetch(folder.path(), &[&server.address], PATIENT);
    let message = result.unwrap_err().to_string();
    for expected in [
        "images.gz could not be fetched",
        &server.address,
        "the connection ended early",
        "70000 of 200000 bytes are kept, and the same command goes on from there",
    ] {
        assert!(message.contains(expected), "{message}\nexpected {expected}");
    }
    assert_eq!(
        files(folder.path()),
        [("images.gz.part".to_owned(), 70_000)]
    );
    let server = Server::new(1, good);
    let (fetched, told) = try_fetch(folder.path(), &[&server.address], PATIENT).unwrap();
    assert_eq!((fetched, told[0]), (Fetched::Now, 70_000));
    assert_eq!(server.requests()[0].1, Some(70_000));
    holds_the_file(folder.path());
}

#[test]
fn what_was_cut_is_continued_by_the_next_mirror() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, third] = [(1, cut as Reply), (1, missing), (1, good)]
        .map(|(requests, reply)| Server::new(requests, reply));
    let mirrors = [&first, &second, &third].map(|server| server.address.as_str());
    try_fetch(folder.path(), &mirrors, PATIENT).unwrap();
    assert_eq!(third.requests()[0].1, Some(70_000));
    holds_the_file(folder.path());
}

#[test]
fn a_server_without_ranges_sends_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("images.gz.part"), &contents()[..1234]).unwrap();
    let server = Server::new(1, whole);
    let (_, told) = try_fetch(folder.path(), &[&server.address], PATIENT).unwrap();
    assert_eq!(told[0], 0);
    holds_the_file(folder.path());
}

#[test]
fn a_part_that_is_wrong_is_begun_anew() {
    for part in [vec![7; 1234], vec![7; 200_000], vec![7; 300_000]] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("images.gz.part"), &part).unwrap();
        let server = Server::new(1 + usize::from(part.len() == 1234), good);
        try_fetch(folder.path(), &[&server.address], PATIENT).unwrap();
        assert_eq!(server.requests().last().unwrap().1, None);
        holds_the_file(folder.path());
    }
    // A range that the server refuses.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("images.gz.part"), [7; 5]).unwrap();
    let server = Server::new(2, |stream, contents, from| match from {
        Some(_) => send(stream, "416 Range Not Satisfiable", "", b"", 0),
        None => good(stream, contents, None),
    });
    try_fetch(folder.path(), &[&server.address], PATIENT).unwrap();
    holds_the_file(folder.path());
}

#[test]
fn a_whole_part_needs_no_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("images.gz.part"), contents()).unwrap();
    try_fetch(folder.path(), &["http://127.0.0.1:1"], PATIENT).unwrap();
    holds_the_file(folder.path());
}

#[test]
fn another_file_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(1, other);
    let (found, kept) = problem(try_fetch(folder.path(), &[&server.address], PATIENT));
    assert!(matches!(found, MirrorProblem::Checksum { .. }), "{found}");
    assert!(found.to_string().contains("expected ") && kept == 0);
    assert_eq!(files(folder.path()), []);
}

#[test]
fn a_file_of_another_length_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(1, |stream, _, _| {
        send(stream, "200 OK", "", b"", 1 << 40);
    });
    let (found, _) = problem(try_fetch(folder.path(), &[&server.address], PATIENT));
    let expected = MirrorProblem::Length {
        found: 1 << 40,
        expected: 200_000,
    };
    assert_eq!(found, expected);
    // One that announces none is read no further than its file is long.
    let server = Server::new(1, |stream, contents, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while stream.write_all(contents).is_ok() {}
    });
    let (found, kept) = problem(try_fetch(folder.path(), &[&server.address], PATIENT));
    assert_eq!((found, kept), (MirrorProblem::Longer(200_000), 0));
    assert_eq!(files(folder.path()), []);
}

#[test]
fn a_missing_file_a_circle_and_a_closed_door_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(1, missing);
    let (found, _) = problem(try_fetch(folder.path(), &[&server.address], PATIENT));
    assert_eq!(found, MirrorProblem::Status(404));
    // It points to itself: asked once, and five times more.
    let server = Server::new(6, |stream, _, _| {
        send(stream, "302 Found", "Location: /images.gz\r\n", b"", 0);
    });
    let (found, _) = problem(try_fetch(folder.path(), &[&server.address], PATIENT));
    assert!(found.to_string().contains("redirect"), "{found}");
    assert_eq!(server.requests().len(), 6);
    let (found, _) = problem(try_fetch(folder.path(), &["http://127.0.0.1:1"], PATIENT));
    assert!(matches!(found, MirrorProblem::NoAnswer(_)), "{found}");
    let (found, _) = problem(try_fetch(folder.path(), &["no address"], PATIENT));
    assert!(matches!(found, MirrorProblem::NoAnswer(_)), "{found}");
    assert_eq!(files(folder.path()), []);
}

#[test]
fn one_redirect_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(2, |stream, contents, _| {
        let mut byte = [0];
        // The second request comes on a connection of its own.
        static ASKED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        match ASKED.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => send(stream, "301 Moved", "Location: /elsewhere\r\n", b"", 0),
            _ => good(stream, contents, None),
        }
        let _ = stream.read(&mut byte);
    });
    try_fetch(folder.path(), &[&server.address], PATIENT).unwrap();
    assert_eq!(server.requests()[1].0, "get /elsewhere http/1.1");
    holds_the_file(folder.path());
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_what_it_gave_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(1, |stream, contents, _| {
        send(stream, "200 OK", "", &contents[..1000], contents.len());
        // Until the client hangs up.
        let _ = stream.read(&mut [0]);
    });
    let patience = Duration::from_millis(300);
    let (found, kept) = problem(try_fetch(folder.path(), &[&server.address], patience));
    assert_eq!((found, kept), (MirrorProblem::Stalled(300), 1000));
    // One that never begins to answer.
    let server = Server::new(1, |stream, _, _| {
        let _ = stream.read(&mut [0]);
    });
    let (found, kept) = problem(try_fetch(folder.path(), &[&server.address], patience));
    assert!(matches!(found, MirrorProblem::NoAnswer(_)), "{found}");
    assert_eq!(kept, 1000);
}

#[test]
fn a_file_that_is_in_the_way_stays() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("images.gz");
    std::fs::write(&place, "mine").unwrap();
    let error = try_fetch(folder.path(), &[], PATIENT).unwrap_err();
    assert!(error.to_string().contains("move it away"), "{error}");
    assert_eq!(std::fs::read(&place).unwrap(), b"mine");
}

#[test]
fn two_at_once_do_not_mix_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let part = std::fs::File::create(folder.path().join("images.gz.part")).unwrap();
    part.lock().unwrap();
    let error = try_fetch(folder.path(), &["http://127.0.0.1:1"], PATIENT).unwrap_err();
    assert!(matches!(error, FetchError::Busy { .. }), "{error}");
}

#[test]
fn a_folder_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = try_fetch(&file, &[], PATIENT).unwrap_err();
    assert!(
        error.to_string().contains("cannot make the folder"),
        "{error}"
    );
}
