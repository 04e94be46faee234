//! TensorBoard's event files: the little of the format that scalars need.
//!
//! A file is a sequence of records; the record is the length of its data (64 bits), a checksum of the length, the
//! data, and a checksum of the data, all little-endian. A checksum is a CRC-32C (Castagnoli) that is rotated right by
//! 15 bits and increased by `0xa282ead8` (TensorFlow's description of "TFRecords"; `record_writer.cc`). The data of a
//! record is one `Event` in the encoding of protocol buffers (`event.proto` and `summary.proto` of TensorBoard); the
//! first event of a file names the version of the format. Of the crates that write such files, none is both kept up
//! and free of a protobuf code generator, and the five kinds of fields needed here are less code than their glue.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use crc::{CRC_32_ISCSI, Crc};

/// CRC-32C goes by the name of iSCSI in the catalogue of checksums.
const CASTAGNOLI: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
const VERSION: &str = "brain.Event:2";

/// The wall times of events that were told before. The key is the event but for its time.
#[derive(Debug, Default)]
pub(super) struct WallTimes(HashMap<Vec<u8>, f64>);

impl WallTimes {
    /// Adds those of a file, up to the first record that is not whole.
    pub(super) fn add(&mut self, mut file: &[u8]) {
        while let Some((data, rest)) = first_record(file) {
            // The time is the first field of an event: a byte for its number and kind, then a double.
            if let Some((time, content)) = data.split_at_checked(9)
                && let Ok(time) = time[1..].try_into()
            {
                let time = f64::from_le_bytes(time);
                self.0.entry(content.to_vec()).or_insert(time);
            }
            file = rest;
        }
    }
}

/// The data of the first record, and what follows; `None` if it is cut or damaged.
fn first_record(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_at_checked(8)?;
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let (_, rest) = rest.split_at_checked(4)?;
    let (data, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let (checksum, rest) = rest.split_at_checked(4)?;
    (checksum == masked_checksum(data).to_le_bytes()).then_some((data, rest))
}

/// An event file, open for appending.
#[derive(Debug)]
pub(super) struct EventFile {
    file: File,
    known: WallTimes,
}

impl EventFile {
    /// Begins a file that holds the events of its run from the first one: what a reader has seen in files that were
    /// here before, it is told to forget. Events that are told again keep the time that is known of them.
    pub(super) fn create(path: &Path, known: WallTimes) -> io::Result<Self> {
        let mut file = Self {
            file: File::create(path)?,
            known,
        };
        let mut version = Message::default();
        version.bytes(3, VERSION.as_bytes());
        file.append(0, &version)?;
        let mut start = Message::default();
        start.integer(1, 1); // status = START
        let mut session = Message::default();
        session.bytes(7, &start.0); // session_log
        file.append(0, &session)?;
        Ok(file)
    }

    /// Appends scalars that belong to `step`. One write, so that whatever ends the program leaves whole records (but
    /// for the last one).
    pub(super) fn scalars<'a>(
        &mut self,
        step: u64,
        scalars: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> io::Result<()> {
        let mut summary = Message::default();
        for (tag, value) in scalars {
            let mut entry = Message::default();
            entry.bytes(1, tag.as_bytes()); // tag
            entry.float(2, value); // simple_value
            summary.bytes(1, &entry.0); // value
        }
        let mut content = Message::default();
        content.bytes(5, &summary.0); // summary
        self.append(step, &content)
    }

    /// Appends an event with a time, a step, and further fields.
    fn append(&mut self, step: u64, content: &Message) -> io::Result<()> {
        let now = || {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            since.map_or(0.0, |time| time.as_secs_f64())
        };
        let mut timeless = Message::default();
        timeless.integer(2, step); // step
        timeless.0.extend(&content.0);
        let time = self.known.0.get(&timeless.0).copied();
        let mut event = Message::default();
        event.double(1, time.unwrap_or_else(now)); // wall_time
        event.0.extend(&timeless.0);
        self.file.write_all(&record(&event.0))
    }
}

/// The data as a record.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let parts: [&[u8]; 4] = [
        &length,
        &masked_checksum(&length).to_le_bytes(),
        data,
        &masked_checksum(data).to_le_bytes(),
    ];
    parts.concat()
}

fn masked_checksum(data: &[u8]) -> u32 {
    CASTAGNOLI
        .checksum(data)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

/// A protocol-buffers message: each field is its number and kind, then its content.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn field(&mut self, number: u64, kind: u64) {
        self.variable(number << 3 | kind);
    }

    /// Seven bits a byte, the lowest first; the highest bit of a byte says that there are more.
    fn variable(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn integer(&mut self, number: u64, value: u64) {
        self.field(number, 0);
        self.variable(value);
    }

    fn double(&mut self, number: u64, value: f64) {
        self.field(number, 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, number: u64, value: &[u8]) {
        self.field(number, 2);
        self.variable(value.len() as u64);
        self.0.extend(value);
    }

    fn float(&mut self, number: u64, value: f32) {
        self.field(number, 5);
        self.0.extend(value.to_le_bytes());
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What a reader finds in an event.
    #[derive(Debug, Default, PartialEq)]
    pub(crate) struct Event {
        pub(crate) step: u64,
        pub(crate) version: String,
        pub(crate) restart: bool,
        pub(crate) scalars: Vec<(String, f32)>,
    }

    /// All events of a file; panics where a checksum or a length is wrong. Shares no code with the writer.
    pub(crate) fn read(bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            verify(&rest[..8], &rest[8..12]);
            let data = &rest[12..12 + length];
            verify(data, &rest[12 + length..16 + length]);
            events.push(event(data));
            rest = &rest[16 + length..];
        }
        events
    }

    fn verify(data: &[u8], stored: &[u8]) {
        let masked = u32::from_le_bytes(stored.try_into().unwrap()).wrapping_sub(0xa282_ead8);
        assert_eq!(masked.rotate_left(15), bit_by_bit(data));
    }

    /// CRC-32C by its definition: the reflected polynomial 0x1EDC6F41.
    fn bit_by_bit(data: &[u8]) -> u32 {
        let mut remainder = u32::MAX;
        for byte in data {
            remainder ^= u32::from(*byte);
            for _ in 0..8 {
                let low = remainder & 1;
                remainder >>= 1;
                if low == 1 {
                    remainder ^= 0x82f6_3b78;
                }
            }
        }
        !remainder
    }

    /// Field number, and its content: the number itself or the bytes.
    fn fields(mut data: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
        fn variable(data: &mut &[u8]) -> u64 {
            let mut value = 0;
            for shift in (0..).step_by(7) {
                let byte = data[0];
                *data = &data[1..];
                value |= u64::from(byte & 0x7f) << shift;
                if byte < 0x80 {
                    break;
                }
            }
            value
        }
        let mut found = Vec::new();
        while !data.is_empty() {
            let key = variable(&mut data);
            let (number, length) = match key & 7 {
                0 => (variable(&mut data), 0),
                1 => (0, 8),
                2 => (0, variable(&mut data) as usize),
                5 => (0, 4),
                kind => panic!("no field has kind {kind}"),
            };
            found.push((key >> 3, number, data[..length].to_vec()));
            data = &data[length..];
        }
        found
    }

    fn event(data: &[u8]) -> Event {
        let mut event = Event::default();
        for (field, number, bytes) in fields(data) {
            match field {
                1 => assert!(f64::from_le_bytes(bytes.try_into().unwrap()) > 1.6e9),
                2 => event.step = number,
                3 => event.version = String::from_utf8(bytes).unwrap(),
                5 => {
                    for (_, _, value) in fields(&bytes) {
                        let parts = fields(&value);
                        assert_eq!((parts[0].0, parts[1].0), (1, 2));
                        let tag = String::from_utf8(parts[0].2.clone()).unwrap();
                        let value = f32::from_le_bytes(parts[1].2.as_slice().try_into().unwrap());
                        event.scalars.push((tag, value));
                    }
                }
                7 => event.restart = fields(&bytes)[0].1 == 1,
                field => panic!("no event has field {field}"),
            }
        }
        event
    }

    #[test]
    fn the_checksum_is_castagnolis() {
        // RFC 3720, B.4, and the catalogue's check value.
        assert_eq!(CASTAGNOLI.checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(CASTAGNOLI.checksum(b"123456789"), 0xe306_9283);
        assert_eq!(bit_by_bit(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn what_is_told_again_keeps_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, known: &[u8], steps: u64| {
            let mut times = WallTimes::default();
            times.add(known);
            let path = folder.path().join(name);
            let mut file = EventFile::create(&path, times).unwrap();
            (0..steps).for_each(|step| file.scalars(step, [("a", 0.5)]).unwrap());
            std::fs::read(path).unwrap()
        };
        let first = write("first", &[], 3);
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert_eq!(write("again", &first, 3), first);
        let more = write("more", &first, 4);
        assert_eq!(more[..first.len()], first);
        assert_ne!(write("anew", &[], 3), first);
        // Only whole records count.
        let mut cut = first.clone();
        cut.truncate(first.len() - 1);
        let again = write("cut", &cut, 3);
        let last = write("two", &first, 2).len();
        assert_eq!(again[..last], first[..last]);
        assert_ne!(again, first);
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut file = EventFile::create(&path, WallTimes::default()).unwrap();
        // Lengths and steps of one and of several bytes.
        let long = "x".repeat(300);
        let scalars = [
            ("a", 0.1),
            (long.as_str(), -1e30),
            ("b/c", f32::MIN_POSITIVE),
        ];
        file.scalars(5, scalars).unwrap();
        file.scalars(1 << 40, [("a", 0.0)]).unwrap();
        let events = read(&std::fs::read(&path).unwrap());
        assert_eq!(events.len(), 4);
        assert_eq!((events[0].version.as_str(), events[0].step), (VERSION, 0));
        assert!(events[1].restart);
        let expected: Vec<_> = scalars
            .iter()
            .map(|(tag, value)| ((*tag).to_owned(), *value))
            .collect();
        assert_eq!((events[2].step, &events[2].scalars), (5, &expected));
        assert_eq!(events[3].step, 1 << 40);
    }
}
