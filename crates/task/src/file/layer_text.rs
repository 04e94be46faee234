//! Layers as a line of text each: `linear 64`, `conv 16 5 stride 2`, `gru 32 all`.
//!
//! For a text, a value is wanted for each symbol at each character. There `linear` is a layer for each character by itself,
//! `gru` and `lstm` hand on all their states, `embedding` knows the number of symbols, and a layer that would look at
//! characters which are to be predicted is refused.

use descender_nn::{DropoutRate, Layer, NetworkSpecification, SequenceOutput, Shape};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text::each_step;

/// One entry of the list `layers` of a task file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "toml::Value")]
pub(super) enum LayerText {
    /// A layer.
    One(String),
    /// A list in the list: these layers, whose input is added to their output.
    Residual(Vec<LayerText>),
}

impl TryFrom<toml::Value> for LayerText {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(layer) => Ok(LayerText::One(layer)),
            toml::Value::Array(layers) => (layers.into_iter())
                .map(LayerText::try_from)
                .collect::<Result<_, _>>()
                .map(LayerText::Residual),
            other => Err(format!(
                "layers: {other}: expected a text such as \"linear 64\", or a list of them, whose input is added to \
                 their output"
            )),
        }
    }
}

/// All forms, for messages.
const FORMS: [(&str, &str); 13] = [
    ("linear", "linear UNITS"),
    ("relu", "relu"),
    ("tanh", "tanh"),
    ("sigmoid", "sigmoid"),
    ("conv", "conv CHANNELS KERNEL [stride S] [padding P]"),
    ("max-pool", "max-pool SIZE [stride S]"),
    ("global-average-pool", "global-average-pool"),
    ("layer-norm", "layer-norm"),
    ("dropout", "dropout RATE"),
    ("gru", "gru UNITS [all]"),
    ("lstm", "lstm UNITS [all]"),
    ("embedding", "embedding VOCABULARY FEATURES"), // of a text: `TEXT_EMBEDDING`
    ("[…]", "[layers whose input is added to their output]"),
];

/// The form of an embedding in a network for a text.
const TEXT_EMBEDDING: &str = "embedding FEATURES";

/// What a network is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wanted {
    /// So many values of an example.
    Values(usize),
    /// At each character of a text, a value for each of so many symbols.
    Symbols(usize),
}

impl Wanted {
    /// Values of each of the places that the last layer is for.
    fn values(self) -> usize {
        match self {
            Wanted::Values(count) | Wanted::Symbols(count) => count,
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Wanted::Symbols(_))
    }
}

/// What is wrong with a list of layers, and what they make of the input up to there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}{walk}")]
pub struct LayersError {
    /// The problem, with the number and the text of the layer.
    problem: String,
    /// A line for the input and for each layer, with the shape that it makes; empty where nothing is known.
    walk: String,
}

/// The network of a list of layers, whose last layer has the values that are wanted where it is a plain `linear`.
pub(super) fn network(
    texts: &[LayerText],
    input: Shape,
    wanted: Wanted,
) -> Result<NetworkSpecification, LayersError> {
    let mut number = 0;
    let layers = parse(texts, wanted, true, &mut number).map_err(|problem| LayersError {
        problem,
        walk: String::new(),
    })?;
    let specification = NetworkSpecification { input, layers };
    let shapes = specification.shapes();
    let (places, each) = match wanted {
        Wanted::Values(_) => (1, ""),
        Wanted::Symbols(_) => (input.height, " for each character"),
    };
    let values = wanted.values();
    let problem = match &shapes {
        Err(problem) => problem.to_string(),
        Ok(shapes) => match shapes.last() {
            Some(last) if last.count() != values * places => format!(
                "the last layer makes {} values{each}, expected {values}: end with a plain \"linear\", or with one of {values}",
                last.count() / places
            ),
            _ => return Ok(specification),
        },
    };
    Err(LayersError {
        problem,
        walk: walk(texts, &specification),
    })
}

/// What each layer makes of the input, until one that can't be.
fn walk(texts: &[LayerText], specification: &NetworkSpecification) -> String {
    let mut lines = format!("\n  input: {}", specification.input);
    let mut shape = specification.input;
    for (number, (text, layer)) in texts.iter().zip(&specification.layers).enumerate() {
        let one = NetworkSpecification {
            input: shape,
            layers: vec![layer.clone()],
        };
        let made = one.shapes().ok().and_then(|shapes| shapes.last().copied());
        let words = made.map_or_else(|| "does not fit".to_owned(), |shape| shape.to_string());
        lines.push_str(&format!("\n  {} {}: {words}", number + 1, text.words()));
        match made {
            Some(made) => shape = made,
            None => break,
        }
    }
    lines
}

impl LayerText {
    fn words(&self) -> String {
        match self {
            LayerText::One(text) => text.trim().to_owned(),
            LayerText::Residual(layers) => {
                let words: Vec<String> = layers.iter().map(LayerText::words).collect();
                format!("[{}]", words.join(", "))
            }
        }
    }
}

/// `number` counts the layers as messages of networks do: those inside a residual follow it.
fn parse(
    texts: &[LayerText],
    wanted: Wanted,
    outermost: bool,
    number: &mut usize,
) -> Result<Vec<Layer>, String> {
    let last = texts.len().saturating_sub(1);
    let mut layers = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        *number += 1;
        let first = *number == 1;
        let words = text.words();
        let of_this = |problem| format!("layer {number} \"{words}\": {problem}");
        if wanted.is_text() && first && !words.starts_with("embedding") {
            return Err(of_this(format!(
                "a text begins with `{TEXT_EMBEDDING}`, which makes numbers of each character"
            )));
        }
        layers.push(match text {
            LayerText::Residual(inner) => Layer::Residual(parse(inner, wanted, false, number)?),
            LayerText::One(text) => {
                let free = (outermost && place == last).then_some(wanted.values());
                let layer = layer(text, free, wanted).map_err(of_this)?;
                match wanted {
                    Wanted::Values(_) => layer,
                    Wanted::Symbols(_) => for_text(layer, first).map_err(of_this)?,
                }
            }
        });
    }
    Ok(layers)
}

/// What stands for a layer in a network for a text; refused where a character would see those behind it.
fn for_text(layer: Layer, first: bool) -> Result<Layer, String> {
    let output = SequenceOutput::All;
    match layer {
        Layer::Linear { outputs } => Ok(each_step(outputs)),
        Layer::Gru { hidden, .. } => Ok(Layer::Gru { hidden, output }),
        Layer::Lstm { hidden, .. } => Ok(Layer::Lstm { hidden, output }),
        Layer::Embedding { .. } if !first => {
            Err("only the first layer of a text has characters to embed".to_owned())
        }
        Layer::Conv2d { kernel: 2.., .. } | Layer::MaxPool2d { .. } | Layer::GlobalAveragePool => Err(
            "it would see the characters that are to be predicted; layers of a text that look back are gru and lstm".to_owned(),
        ),
        layer => Ok(layer),
    }
}

/// One layer; `free` is the number of outputs of a `linear` that states none.
fn layer(text: &str, free: Option<usize>, wanted: Wanted) -> Result<Layer, String> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(&(_, form)) = FORMS.iter().find(|(known, _)| *known == name) else {
        let forms: Vec<&str> = FORMS.iter().map(|(_, form)| *form).collect();
        let nearest = FORMS
            .iter()
            .map(|(known, _)| (strsim::damerau_levenshtein(name, known), known))
            .min();
        let hint = match nearest {
            Some((distance, known)) if distance <= 2 => format!("; did you mean `{known}`?"),
            _ => ".".to_owned(),
        };
        let forms = forms.join(", ");
        return Err(format!(
            "there is no layer `{name}`{hint} The layers are: {forms}"
        ));
    };
    if name == "dropout" {
        return dropout(words, form);
    }
    let form = match (name, wanted) {
        ("embedding", Wanted::Symbols(_)) => TEXT_EMBEDDING,
        _ => form,
    };
    let expected = || format!("expected `{form}`, each number a whole one of at least 1");
    let mut numbers = Vec::new();
    let (mut stride, mut padding, mut all) = (None, None, false);
    while let Some(word) = words.next() {
        let mut value = || words.next().and_then(|word| word.parse::<usize>().ok());
        match word {
            "stride" if matches!(name, "conv" | "max-pool") => {
                stride = Some(value().filter(|&stride| stride > 0).ok_or_else(expected)?);
            }
            "padding" if name == "conv" => padding = Some(value().ok_or_else(expected)?),
            "all" if matches!(name, "gru" | "lstm") => all = true,
            word => numbers.push(word.parse().ok().filter(|&n| n > 0).ok_or_else(expected)?),
        }
    }
    let output = if all {
        SequenceOutput::All
    } else {
        SequenceOutput::Last
    };
    Ok(match (name, &numbers[..]) {
        ("linear", &[outputs]) => Layer::Linear { outputs },
        ("linear", &[]) => match free {
            Some(outputs) => Layer::Linear { outputs },
            None => {
                return Err("how many units? Only the last layer takes as many as there are values to predict".into());
            }
        },
        ("relu", &[]) => Layer::Relu,
        ("tanh", &[]) => Layer::Tanh,
        ("sigmoid", &[]) => Layer::Sigmoid,
        ("conv", &[out_channels, kernel]) => Layer::Conv2d {
            out_channels,
            kernel,
            stride: stride.unwrap_or(1),
            padding: padding.unwrap_or(kernel / 2),
        },
        ("max-pool", &[size]) => Layer::MaxPool2d {
            size,
            stride: stride.unwrap_or(size),
        },
        ("global-average-pool", &[]) => Layer::GlobalAveragePool,
        ("layer-norm", &[]) => Layer::LayerNorm,
        ("gru", &[hidden]) => Layer::Gru { hidden, output },
        ("lstm", &[hidden]) => Layer::Lstm { hidden, output },
        ("embedding", numbers) => match (numbers, wanted) {
            (&[vocabulary, features], Wanted::Values(_))
            | (&[features], Wanted::Symbols(vocabulary)) => Layer::Embedding {
                vocabulary,
                features,
            },
            (&[vocabulary, features], Wanted::Symbols(symbols)) if vocabulary == symbols => {
                Layer::Embedding {
                    vocabulary,
                    features,
                }
            }
            (&[_, _], Wanted::Symbols(symbols)) => {
                return Err(format!("the text has {symbols} symbols; expected `{form}`"));
            }
            _ => return Err(expected()),
        },
        _ => return Err(expected()),
    })
}

/// `dropout 0.2`: the only layer whose number is no whole one.
fn dropout<'a>(mut words: impl Iterator<Item = &'a str>, form: &str) -> Result<Layer, String> {
    let rate = words.next().and_then(|word| word.parse().ok());
    let rate = rate.filter(|_| words.next().is_none());
    let rate = rate.and_then(|rate| DropoutRate::new(rate).ok());
    let rate =
        rate.ok_or_else(|| format!("expected `{form}`, a rate of at least 0 and below 1"))?;
    Ok(Layer::Dropout { rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: Shape = Shape {
        height: 8,
        width: 8,
        channels: 1,
    };

    fn texts(list: &[&str]) -> Vec<LayerText> {
        list.iter()
            .map(|text| LayerText::One((*text).to_owned()))
            .collect()
    }

    fn refused(list: &[&str]) -> String {
        network(&texts(list), IMAGE, Wanted::Values(3))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn every_form_makes_its_layer() {
        let mut list = texts(&["conv 4 3", "relu", "max-pool 2", "layer-norm"]);
        list.push(LayerText::Residual(texts(&["conv 4 3", "tanh"])));
        list.extend(texts(&[
            "conv 6 3 stride 2 padding 0",
            "sigmoid",
            "dropout 0.25",
            "global-average-pool",
            "linear",
        ]));
        let specification = network(&list, IMAGE, Wanted::Values(3)).unwrap();
        let shapes = specification.shapes().unwrap();
        assert_eq!(shapes[3].count(), 4 * 4 * 4);
        assert_eq!(shapes[6].count(), 6);
        assert_eq!(specification.layers[9], Layer::Linear { outputs: 3 });
        let rate = DropoutRate::new(0.25).unwrap();
        assert_eq!(specification.layers[7], Layer::Dropout { rate });
        let sequence = texts(&["gru 5 all", "lstm 4", "linear 3"]);
        let specification = network(&sequence, IMAGE, Wanted::Values(3)).unwrap();
        assert_eq!(specification.shapes().unwrap()[1].count(), 8 * 5);
        let ids = Shape {
            height: 6,
            width: 1,
            channels: 1,
        };
        let text = texts(&["embedding 9 4", "gru 5 all", "conv 9 1"]);
        assert_eq!(
            network(&text, ids, Wanted::Values(54))
                .unwrap()
                .shapes()
                .unwrap()[3]
                .count(),
            54
        );
    }

    #[test]
    fn every_mistake_names_the_layer_and_what_was_expected() {
        for (list, expected) in [
            (
                &["lniear 4"][..],
                "layer 1 \"lniear 4\": there is no layer `lniear`; did you mean `linear`?",
            ),
            (&["transformer 4"], "The layers are: linear UNITS, relu"),
            (
                &["relu", "linear", "linear"],
                "layer 2 \"linear\": how many units?",
            ),
            (&["linear 0"], "expected `linear UNITS`"),
            (&["linear -3"], "expected `linear UNITS`"),
            (&["linear 4 5"], "expected `linear UNITS`"),
            (&["relu 4"], "expected `relu`"),
            (
                &["conv 4"],
                "expected `conv CHANNELS KERNEL [stride S] [padding P]`",
            ),
            (&["conv 4 3 stride"], "expected `conv CHANNELS"),
            (&["conv 4 3 stride 0"], "expected `conv CHANNELS"),
            (&["linear 4 stride 2"], "expected `linear UNITS`"),
            (&["conv 4 3 all"], "expected `conv CHANNELS"),
            (
                &["dropout 1"],
                "expected `dropout RATE`, a rate of at least 0 and below 1",
            ),
            (&["dropout"], "expected `dropout RATE`"),
            (&["dropout -0.1"], "expected `dropout RATE`"),
            (&["dropout 0.1 0.2"], "expected `dropout RATE`"),
            (&["dropout nan"], "expected `dropout RATE`"),
            (
                &["conv 4 99 padding 0"],
                "kernel 99 does not fit into its input 8 × 8 × 1",
            ),
            (&["max-pool 9"], "size 9 does not fit"),
            (&["linear 5"], "makes 5 values, expected 3"),
            (&[], "no layers"),
            (&["linear 999999999999"], "more than"),
        ] {
            let message = refused(list);
            assert!(message.contains(expected), "{message}\nexpected {expected}");
        }
    }

    /// The ids of six characters.
    const TEXT: Shape = Shape {
        height: 6,
        width: 1,
        channels: 1,
    };

    #[test]
    fn a_text_has_layers_for_each_character() {
        let mut list = texts(&["embedding 4", "gru 5", "linear 7", "relu"]);
        list.push(LayerText::Residual(texts(&["layer-norm", "lstm 7 all"])));
        list.extend(texts(&["conv 3 1", "linear"]));
        let specification = network(&list, TEXT, Wanted::Symbols(9)).unwrap();
        let shapes = specification.shapes().unwrap();
        let channels: Vec<usize> = shapes.iter().map(|shape| shape.channels).collect();
        assert_eq!(channels, [1, 4, 5, 7, 7, 7, 3, 9]);
        assert!(
            shapes
                .iter()
                .all(|shape| (shape.height, shape.width) == (6, 1))
        );
        let vocabulary = |text| network(&texts(&[text, "linear"]), TEXT, Wanted::Symbols(9));
        assert_eq!(vocabulary("embedding 9 4"), vocabulary("embedding 4"));
    }

    #[test]
    fn a_network_that_does_not_fit_a_text_is_explained() {
        for (list, expected) in [
            (
                &["gru 8", "linear"][..],
                "layer 1 \"gru 8\": a text begins with `embedding FEATURES`",
            ),
            (&["embedding 8 4", "linear"], "the text has 9 symbols"),
            (&["embedding", "linear"], "expected `embedding FEATURES`"),
            (
                &["embedding 1 2 3", "linear"],
                "expected `embedding FEATURES`",
            ),
            (
                &["embedding 4", "embedding 4", "linear"],
                "layer 2 \"embedding 4\": only the first layer",
            ),
            (
                &["embedding 4", "conv 8 3", "linear"],
                "layer 2 \"conv 8 3\": it would see the characters that are to be predicted",
            ),
            (&["embedding 4", "max-pool 1", "linear"], "it would see"),
            (
                &["embedding 4", "gru 4", "global-average-pool"],
                "it would see",
            ),
            (
                &["embedding 4", "gru 4"],
                "makes 4 values for each character, expected 9: end with a plain \"linear\"",
            ),
            (
                &["embedding 4", "linear 8"],
                "makes 8 values for each character",
            ),
            (&["embedding 4", "linear", "relu"], "how many units?"),
            (&[], "no layers"),
        ] {
            let error = network(&texts(list), TEXT, Wanted::Symbols(9)).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(expected), "{message}\nexpected {expected}");
        }
        let residual = [
            LayerText::Residual(texts(&["linear 1"])),
            LayerText::One("linear".to_owned()),
        ];
        let error = network(&residual, TEXT, Wanted::Symbols(9)).unwrap_err();
        assert!(
            error.to_string().contains("\"[linear 1]\": a text begins"),
            "{error}"
        );
        // Without a text, nobody knows how many ids there are.
        assert!(refused(&["embedding 4", "linear"]).contains("`embedding VOCABULARY FEATURES`"));
    }

    #[test]
    fn a_network_that_does_not_fit_is_told_layer_by_layer() {
        let message = refused(&["conv 4 3", "max-pool 4", "max-pool 4", "linear"]);
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines[1], "  input: 8 × 8 × 1");
        assert_eq!(lines[2], "  1 conv 4 3: 8 × 8 × 4");
        assert_eq!(lines[3], "  2 max-pool 4: 2 × 2 × 4");
        assert_eq!(lines[4], "  3 max-pool 4: does not fit");
        assert_eq!(lines.len(), 5);
    }
}
