use super::*;

const CUT: Cut = Cut {
    window: 4,
    validation: 0.25,
    selection: 0.2,
};

fn refused(text: &str, cut: Cut) -> String {
    windows(text, "text", cut).unwrap_err().to_string()
}

/// The characters of a window, from its inputs.
fn spelled(symbols: &[f32], kept: &[char]) -> String {
    let spell = |symbol: &f32| kept.get(*symbol as usize).copied().unwrap_or('_');
    symbols.iter().map(spell).collect()
}

#[test]
fn no_window_crosses_a_border_and_each_predicts_the_next_character() {
    // 48 characters: 29 for training, 7 for selection, 12 for validation.
    let text = "abcdefgh".repeat(6);
    let read = windows(&text, "text", CUT).unwrap();
    let kept: Vec<char> = "abcdefgh".chars().collect();
    assert_eq!(read.symbols, 8);
    let expected: [&[&str]; 3] = [
        &["abcd", "efgh", "abcd", "efgh", "abcd", "efgh", "abcd"],
        &["fgha"],
        &["efgh", "abcd"],
    ];
    for (data, expected) in [&read.train, &read.selection, &read.validation]
        .into_iter()
        .zip(expected)
    {
        data.check().unwrap();
        let found: Vec<String> = (0..data.len())
            .map(|example| spelled(data.input(example), &kept))
            .collect();
        assert_eq!(found, expected, "{}", data.name);
        let Answers::Classes { labels, .. } = &data.answers else {
            panic!("characters are classes");
        };
        for (input, label) in data.inputs.iter().zip(labels) {
            assert_eq!((*input as u8 + 1) % 8, *label);
        }
    }
    assert!(read.notes[0].contains("7 for training, then 1 for selection, and the last 2"));
}

#[test]
fn rare_characters_and_those_never_trained_on_are_one_symbol() {
    // `z` is there once in the training part, `é` in the others alone.
    let text = format!(
        "{}z{}{}",
        "ab".repeat(20),
        "ab".repeat(40),
        "éab".repeat(20)
    );
    let read = windows(&text, "text", CUT).unwrap();
    assert_eq!(read.symbols, 3);
    let told = read.notes.join("\n");
    assert!(told.contains("the next of 3 symbols, ab"), "{told}");
    assert!(told.contains("other: 21 of 181 characters"), "{told}");
    assert!(told.ends_with(": zé"), "{told}");
    let inputs = &read.validation.inputs;
    assert!(inputs.contains(&2.0) && inputs.iter().all(|symbol| *symbol < 3.0));
}

#[test]
fn there_are_at_most_256_symbols() {
    let many: String = (0..600)
        .filter_map(|code| char::from_u32(0x4e00 + code))
        .collect();
    // The first hundred are more frequent.
    let first: String = many.chars().take(100).collect();
    let read = windows(&format!("{}{first}{}", many.repeat(2), many), "text", CUT).unwrap();
    assert_eq!(read.symbols, 256);
    let most = read
        .train
        .inputs
        .iter()
        .fold(0.0, |most: f32, symbol| most.max(*symbol));
    assert_eq!(most, 255.0);
    read.train.check().unwrap();
}

#[test]
fn a_byte_order_mark_is_no_character() {
    let text = "abcd".repeat(20);
    let with = windows(&format!("\u{feff}{text}"), "text", CUT).unwrap();
    assert_eq!(with.train, windows(&text, "text", CUT).unwrap().train);
}

#[test]
fn what_is_wrong_with_a_text_is_said() {
    let cut = |window, validation, selection| Cut {
        window,
        validation,
        selection,
    };
    for (text, cut, expected) in [
        (String::new(), CUT, "the text is empty"),
        ("\u{feff}".to_owned(), CUT, "the text is empty"),
        (
            "abc".to_owned(),
            CUT,
            "the training part has 2 of the text's 3 characters, expected at least 5: data.window = 4",
        ),
        (
            "ab".repeat(10),
            cut(4, 0.25, 0.1),
            "the selection part has 2 of the text's 20",
        ),
        (
            "ab".repeat(10),
            cut(4, 0.1, 0.5),
            "the validation part has 2 of the text's 20",
        ),
        (
            "ab".repeat(99),
            cut(4000, 0.2, 0.2),
            "expected at least 4001",
        ),
        ("a".repeat(99), CUT, "one symbol only, `a`"),
        ("\n".repeat(99), CUT, "one symbol only, `\\n`"),
        (
            (0..99)
                .filter_map(|code| char::from_u32(0x4e00 + code))
                .collect(),
            CUT,
            "no character is there 2 times",
        ),
    ] {
        let message = refused(&text, cut);
        assert!(message.contains(expected), "{message}\nexpected {expected}");
    }
}

#[test]
fn what_is_no_text_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book.txt");
    std::fs::write(&file, b"one\ntwo\nthr\xe9e\n").unwrap();
    let message = read(&file, CUT).unwrap_err().to_string();
    assert!(
        message.contains("byte 0xe9 in line 3 is no UTF-8"),
        "{message}"
    );
    let message = read(&folder.path().join("none.txt"), CUT).unwrap_err();
    assert!(message.to_string().contains("cannot read the text"));
    let sparse = std::fs::File::create(&file).unwrap();
    sparse.set_len(MOST_BYTES + 1).unwrap();
    let message = read(&file, CUT).unwrap_err().to_string();
    assert!(message.contains("67108865 bytes are too long"), "{message}");
}
