use super::*;
use crate::data::npy::tests::{floats, integers, npy, npz};

fn made(
    arrays: &[(&str, Vec<u8>)],
    keys: [Option<&str>; 2],
    kind: Option<Kind>,
) -> Result<Table, NpzError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.npz");
    std::fs::write(&file, npz(arrays)).unwrap();
    let table = read(&file, keys, kind, 0.25, 0)?;
    table.train.check().unwrap();
    table.validation.check().unwrap();
    Ok(table)
}

fn count(values: usize) -> impl Iterator<Item = f32> {
    (0..values).map(|value| (value * value % 17) as f32)
}

/// Eight examples of two features, and their classes.
fn rows() -> Vec<u8> {
    floats("(8, 2)", count(16))
}

fn classes(values: [i64; 8]) -> Vec<u8> {
    integers("(8,)", values)
}

#[test]
fn rows_are_standardised_and_split_as_a_table_is() {
    let y = classes([0, 1, 2, 0, 1, 2, 0, 1]);
    let table = made(&[("x", rows()), ("y", y)], [None; 2], None).unwrap();
    assert_eq!((table.train.len(), table.validation.len()), (6, 2));
    assert_eq!(table.train.answers.outputs(), 3);
    for feature in 0..2 {
        let values: Vec<f32> = (0..6).map(|row| table.train.input(row)[feature]).collect();
        let mean = values.iter().sum::<f32>() / 6.0;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 6.0;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5);
    }
    assert!(table.notes[1].contains("3 classes"), "{:?}", table.notes);
}

#[test]
fn images_are_read_with_their_channels_first_or_last() {
    let planes = floats("(4, 3, 2, 2)", count(48));
    let numbers: Vec<f32> = count(48).collect();
    let last = (0..48).map(|place| numbers[place / 12 * 12 + place % 3 * 4 + place % 12 / 3]);
    let pixels = floats("(4, 2, 2, 3)", last);
    let labels = || integers("(4, 1)", [0, 1, 1, 0]);
    let [first, last] = [planes, pixels]
        .map(|images| made(&[("images", images), ("labels", labels())], [None; 2], None).unwrap());
    assert_eq!(first.train.shape.to_string(), "2 × 2 × 3");
    assert_eq!(first.train.inputs, last.train.inputs);
    let grey = floats("(4, 3, 2)", count(24));
    let table = made(&[("x", grey), ("y", labels())], [None; 2], None).unwrap();
    assert_eq!(table.train.shape.to_string(), "3 × 2 × 1");
    let sum: f32 = table.train.inputs.iter().sum();
    assert!(sum.abs() < 1e-4, "{sum}");
}

#[test]
fn numbers_validation_arrays_and_names_of_ones_own() {
    let arrays = [
        ("features", rows()),
        (
            "prices",
            floats("(8, 2)", count(16).map(|value| 2.0 * value)),
        ),
        ("features_val", floats("(2, 2)", [1.0, 2.0, 3.0, 4.0])),
        ("prices_val", floats("(2, 2)", [2.0, 4.0, 6.0, 8.0])),
    ];
    let table = made(&arrays, [Some("features"), Some("prices")], None).unwrap();
    assert_eq!((table.train.len(), table.validation.len()), (8, 2));
    // Twice the inputs, so the same in units of the deviation, also where the scale is that of the training data.
    for data in [&table.train, &table.validation] {
        let Answers::Numbers { width: 2, values } = &data.answers else {
            panic!("two numbers");
        };
        assert_eq!(values, &data.inputs);
    }
    // Keras' names; integers as numbers where the loss says so.
    let arrays = [
        ("x_train", rows()),
        ("y_train", classes([0, 1, 2, 0, 1, 2, 0, 1])),
        ("x_test", floats("(1, 2)", [1.0, 2.0])),
        ("y_test", integers("(1,)", [2])),
    ];
    let table = made(&arrays, [None; 2], None).unwrap();
    assert_eq!(table.validation.answers, Answers::classes(3, vec![2]));
    let table = made(&arrays, [None; 2], Some(Kind::Numbers)).unwrap();
    assert!(matches!(
        table.train.answers,
        Answers::Numbers { width: 1, .. }
    ));
}

#[test]
fn what_is_wrong_with_an_archive_is_said() {
    type Arrays<'a> = Vec<(&'a str, Vec<u8>)>;
    let good = || classes([0, 1, 0, 1, 0, 1, 0, 1]);
    let constant = floats("(8,)", [2.5; 8]);
    let mut infinite: Vec<f32> = count(16).collect();
    infinite[5] = f32::NAN;
    let cases: Vec<(Arrays<'_>, Option<Kind>, &str)> = vec![
        (
            vec![("a", rows()), ("b", good())],
            None,
            "no array `x`, expected one of that name; the arrays are a, b",
        ),
        (vec![("x", rows())], None, "no array `y`"),
        (
            vec![("images", rows()), ("y", good())],
            None,
            "no array `labels`",
        ),
        (
            vec![("x", floats("(8,)", count(8))), ("y", good())],
            None,
            "`x` is 8, expected n × features",
        ),
        (
            vec![("x", floats("()", [1.0])), ("y", good())],
            None,
            "`x` is a single number",
        ),
        (
            vec![("x", floats("(8, 1, 1, 1, 2)", count(16))), ("y", good())],
            None,
            "`x` is 8 × 1 × 1 × 1 × 2",
        ),
        (
            vec![("x", floats("(8, 0)", [])), ("y", good())],
            None,
            "at least one example",
        ),
        (
            vec![("x", floats("(7, 2)", count(14))), ("y", good())],
            None,
            "`y` is 8 examples, expected 7, as many as `x`",
        ),
        (
            vec![("x", rows()), ("y", floats("(8, 2, 1)", count(16)))],
            None,
            "`y` is 8 × 2 × 1, expected n, or n × numbers",
        ),
        (
            vec![("x", floats("(8, 2)", infinite)), ("y", good())],
            None,
            "`x`: example 2 has a value that is infinite",
        ),
        (
            vec![("x", rows()), ("y", floats("(8,)", [f32::INFINITY; 8]))],
            None,
            "`y`: example 0",
        ),
        (
            vec![("x", rows()), ("y", classes([0, 1, -1, 1, 0, 1, -1, -1]))],
            None,
            "has -1, expected a class from 0 to 1",
        ),
        (
            vec![("x", rows()), ("y", classes([300; 8]))],
            None,
            "has 300, expected a class from 0 to 255",
        ),
        (
            vec![("x", rows()), ("y", classes([0; 8]))],
            None,
            "0 in each example, expected one integer",
        ),
        (
            vec![("x", rows()), ("y", floats("(8,)", count(8)))],
            Some(Kind::Classes),
            "`y` is floats, expected one integer",
        ),
        (
            vec![("x", rows()), ("y", integers("(8, 2)", 0..16))],
            None,
            "`y` is 2 for each example",
        ),
        (
            vec![("x", rows()), ("y", constant)],
            None,
            "the same number in all training examples",
        ),
        (
            vec![("x", npy("'|O'", "(8, 2)", b"")), ("y", good())],
            None,
            "array `x`: it holds `|O`, Python objects",
        ),
        (
            vec![
                ("x", floats("(3, 2)", count(6))),
                ("y", integers("(3,)", [0, 1, 1])),
            ],
            None,
            "3 examples, expected at least 4",
        ),
        (
            vec![("x", rows()), ("y", good()), ("x_val", rows())],
            None,
            "no array `y_val`",
        ),
        (
            vec![
                ("x", rows()),
                ("y", good()),
                ("x_val", floats("(2, 3)", count(6))),
                ("y_val", integers("(2,)", [0, 1])),
            ],
            None,
            "expected 1 × 1 × 2 with 1, as in `x`",
        ),
    ];
    for (arrays, kind, expected) in cases {
        let message = made(&arrays, [None; 2], kind).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\nexpected {expected}");
    }
}
