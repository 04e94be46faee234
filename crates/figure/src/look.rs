//! How things look: the colour, the dashes and the mark of each style index, in light and in dark.
//!
//! Colours are those of P. Tol's *muted* scheme ("Colour schemes", SRON technical note, 2021), which people with a
//! colour-vision deficiency can tell apart; the ones that are too pale for a thin line on white are darkened. One
//! colour stands out: that of index 0, the controller. Nothing is told by colour alone: when the colours are used up
//! they come again with dashes and hollow dots, negative controls are grey with dashes of their own and square dots,
//! and actions run from dark orange (η falls) through grey to dark blue (η rises).
//!
//! An SVG names classes only. In a page their colours are CSS variables ([`PAGE_STYLE`], [`variables`]); in a file that
//! stands alone they are plain light colours ([`standalone_style`]), which every viewer understands.

use std::fmt::Write;

/// The first style index of negative controls; see [`control`].
const CONTROLS: usize = 1_000;
/// The first style index of actions; see [`action`].
const ACTIONS: usize = 2_000;
/// Colours of methods other than the controller.
const RIVALS: usize = 8;
/// Shades of actions.
const SHADES: usize = 9;

/// The style index of the `index`th negative control, counted from 0.
#[must_use]
pub const fn control(index: usize) -> usize {
    CONTROLS + index % (ACTIONS - CONTROLS)
}

/// The style index of the `index`th of `count` actions, from the one that lowers the most to the one that raises the
/// most.
#[must_use]
pub const fn action(index: usize, count: usize) -> usize {
    if count < 2 {
        return ACTIONS + SHADES / 2;
    }
    let last = count - 1;
    let index = if index > last { last } else { index };
    ACTIONS + (index * (SHADES - 1) + last / 2) / last
}

/// Whether a style index is that of a negative control.
pub(super) const fn is_control(style: usize) -> bool {
    style >= CONTROLS && style < ACTIONS
}

/// The class that gives a style its colour.
pub fn class(style: usize) -> String {
    match style {
        0 => "c".to_owned(),
        1..CONTROLS => format!("r{}", (style - 1) % RIVALS),
        CONTROLS..ACTIONS => "g".to_owned(),
        _ => format!("a{}", (style - ACTIONS).min(SHADES - 1)),
    }
}

/// The dashes of a style's lines, as `stroke-dasharray`; empty for none.
pub(super) const fn dashes(style: usize) -> &'static str {
    match style {
        0 | ACTIONS.. => "",
        1..CONTROLS => match ((style - 1) / RIVALS) % 3 {
            0 => "",
            1 => "6 3",
            _ => "2 2.5",
        },
        _ => match (style - CONTROLS) % 4 {
            0 => "7 3 2 3",
            1 => "2 3",
            2 => "10 4",
            _ => "4 2 1 2 1 2",
        },
    }
}

/// The shape of a style's dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A filled disc.
    Disc,
    /// A ring.
    Ring,
    /// A square.
    Square,
}

/// The shape of a style's dots.
pub(super) const fn shape(style: usize) -> Shape {
    match style {
        CONTROLS..ACTIONS => Shape::Square,
        1..CONTROLS if ((style - 1) / RIVALS) % 2 == 1 => Shape::Ring,
        _ => Shape::Disc,
    }
}

/// (variable, light, dark) of each colour of a figure.
const COLOURS: [(&str, &str, &str); 25] = [
    ("ink", "#1d2530", "#e8ebef"),
    ("quiet", "#5c6773", "#a3adb8"),
    ("grid", "#e6e9ed", "#2c343d"),
    ("axis", "#9aa4ae", "#5d6873"),
    ("sheet", "#ffffff", "#171c22"),
    ("c", "#1457d9", "#6ea8ff"),
    ("g", "#737d88", "#98a3ae"),
    ("r0", "#c25566", "#e58c99"),
    ("r1", "#2a8f82", "#56c0b0"),
    ("r2", "#a98718", "#d8bf5a"),
    ("r3", "#98479a", "#cd86cb"),
    ("r4", "#56752b", "#9fbf62"),
    ("r5", "#3f93bd", "#86cbea"),
    ("r6", "#7c2350", "#d9689f"),
    ("r7", "#b5651d", "#e0a062"),
    ("a0", "#b04a08", "#f7a35e"),
    ("a1", "#c97433", "#d98a48"),
    ("a2", "#dd9e6c", "#b07041"),
    ("a3", "#ebc5a4", "#7f5636"),
    ("a4", "#8b96a1", "#76828e"),
    ("a5", "#b3c8f0", "#34517f"),
    ("a6", "#84a6e8", "#4069ad"),
    ("a7", "#4c7ddd", "#5288dc"),
    ("a8", "#1457d9", "#6ea8ff"),
    ("faint", "#f4f6f8", "#1f262d"),
];

/// The rules of a figure's classes, each colour as `colour` names it.
fn rules(colour: impl Fn(&str) -> String) -> String {
    let mut rules = String::new();
    for (name, ..) in COLOURS {
        let value = colour(name);
        let rule = match name {
            "ink" => format!(".t{{fill:{value}}}.head{{fill:{value};font-weight:600}}"),
            "quiet" => format!(
                ".q{{fill:{value}}}.reference{{stroke:{value};stroke-dasharray:3 3;fill:none}}"
            ),
            "grid" => format!(".grid{{stroke:{value}}}"),
            "axis" => format!(".axis{{stroke:{value};fill:none}}"),
            "sheet" => format!(
                ".sheet{{fill:{value}}}.halo{{stroke:{value};stroke-width:3;stroke-linejoin:round;paint-order:stroke}}.cut{{stroke:{value};stroke-width:.75}}.ring{{fill:{value}!important}}"
            ),
            "faint" => continue,
            _ => format!(
                ".{name} .line,.{name} .leader,.{name} .dots{{stroke:{value}}}.{name} .fill{{fill:{value}}}.{name} .ring{{stroke:{value}}}"
            ),
        };
        rules.push_str(&rule);
        rules.push('\n');
    }
    rules.push_str(
        ".line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:butt}.bold{stroke-width:2.8}\
         .leader{fill:none;stroke-width:.8;opacity:.6}.band{opacity:.16}.spare{opacity:0}.bar{opacity:.55}\
         .dots{fill:none;stroke-linecap:round;stroke-width:4.5;opacity:.4}.large{stroke-width:10;opacity:.9}\
         .ring{stroke-width:2}.hit{fill:none;pointer-events:all}\
         .end{text-anchor:end}.mid{text-anchor:middle}\n",
    );
    rules
}

/// The rules of figures in a page, whose colours are the [`variables`]; `--mark` is the colour of a style's class.
pub fn page_style() -> String {
    let mut text = rules(|name| format!("var(--{name})"));
    for (name, ..) in COLOURS {
        let _ = writeln!(text, ".{name}{{--mark:var(--{name})}}");
    }
    text
}

/// The style of a figure that stands alone: plain colours, light.
pub(super) fn standalone_style() -> String {
    let light = |name: &str| {
        let found = COLOURS.iter().find(|(known, ..)| *known == name);
        found.map_or("#000", |(_, light, _)| light).to_owned()
    };
    rules(light)
}

/// The colours as CSS variables.
pub fn variables(dark: bool) -> String {
    let mut text = String::new();
    for (name, light, night) in COLOURS {
        let value = if dark { night } else { light };
        // Writing into a string cannot fail.
        let _ = write!(text, "--{name}:{value};");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_four_rivals_and_four_controls_differ() {
        let styles: Vec<_> = (0..=24)
            .chain((0..4).map(control))
            .map(|style| (class(style), dashes(style)))
            .collect();
        for (index, style) in styles.iter().enumerate() {
            assert!(!styles[..index].contains(style), "{style:?}");
        }
        assert!(is_control(control(3)) && !is_control(24) && !is_control(action(0, 3)));
    }

    #[test]
    fn actions_run_from_one_end_of_the_shades_to_the_other() {
        let classes = |count| -> Vec<String> {
            (0..count)
                .map(|index| class(action(index, count)))
                .collect()
        };
        assert_eq!(classes(3), ["a0", "a4", "a8"]);
        assert_eq!(classes(5), ["a0", "a2", "a4", "a6", "a8"]);
        assert_eq!(classes(2), ["a0", "a8"]);
        assert_eq!(classes(1), ["a4"]);
        assert_eq!(classes(30)[29], "a8");
    }

    /// The relative luminance of WCAG 2, definition of contrast.
    fn luminance(colour: &str) -> f64 {
        let part = |from: usize| {
            let value = f64::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn text_and_lines_stand_out_from_both_backgrounds() {
        let find = |name: &str| COLOURS.iter().find(|(known, ..)| *known == name).unwrap();
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        let (_, light, dark) = find("sheet");
        for (names, least) in [
            (&["ink", "quiet"][..], 4.5),
            (
                &["c", "g", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"],
                3.0,
            ),
        ] {
            for name in names {
                let (_, in_light, in_dark) = find(name);
                assert!(
                    contrast(in_light, light) >= least,
                    "{name}: {}",
                    contrast(in_light, light)
                );
                assert!(
                    contrast(in_dark, dark) >= least,
                    "{name}: {}",
                    contrast(in_dark, dark)
                );
            }
        }
    }

    #[test]
    fn a_page_has_variables_and_a_file_has_none() {
        assert!(page_style().contains("var(--r3)") && variables(true).contains("--r3:#cd86cb;"));
        assert!(!standalone_style().contains("var("));
    }
}
