//! What an interval chart draws, read back from its SVG.

use super::*;
use crate::control;

fn row(name: &str, center: f64, style: usize) -> IntervalRow {
    IntervalRow {
        name: name.to_owned(),
        center,
        low: center - 10.0,
        high: center + 15.0,
        text: format!("{center} [..]"),
        style,
        ..IntervalRow::default()
    }
}

/// The x and y of each dot.
fn dots(svg: &str) -> Vec<(f64, f64)> {
    let number = |line: &str, name: &str| -> Option<f64> {
        line.split(&format!(" {name}=\""))
            .nth(1)?
            .split('"')
            .next()?
            .parse()
            .ok()
    };
    svg.split('<')
        .filter(|line| line.starts_with("circle"))
        .filter_map(|line| Some((number(line, "cx")?, number(line, "cy")?)))
        .collect()
}

#[test]
fn rows_stand_in_order_at_their_values() {
    let rows = vec![
        row("controller", 185.0, 0),
        row("adam & co", 335.0, 1),
        row("sgd", 260.0, 2),
    ];
    let svg = IntervalChart {
        rows,
        reference: 185.0,
        x_label: "step".to_owned(),
        ..Default::default()
    }
    .to_svg();
    let dots = dots(&svg);
    assert_eq!(dots.len(), 3);
    assert!(dots[0].1 < dots[1].1 && dots[1].1 < dots[2].1, "{dots:?}");
    // 260 lies in the middle of 185 and 335.
    assert!(
        (dots[2].0 * 2.0 - dots[0].0 - dots[1].0).abs() <= 4.0,
        "{dots:?}"
    );
    assert!(svg.contains("adam &amp; co") && svg.contains("260 [..]"));
}

#[test]
fn a_row_without_a_value_keeps_its_name_and_its_text() {
    let mut never = row("sgd:0.01", f64::NAN, 1);
    never.text = "never".to_owned();
    let svg = IntervalChart {
        rows: vec![row("a", 1.0, 0), never],
        ..Default::default()
    }
    .to_svg();
    assert_eq!(dots(&svg).len(), 1);
    assert!(svg.contains("sgd:0.01") && svg.contains("never") && !svg.contains("NaN"));
}

#[test]
fn a_row_beyond_the_limit_gets_an_arrow_and_squeezes_nobody() {
    let rows = vec![row("a", 100.0, 0), row("b", 150.0, 1), row("dead", 1e6, 2)];
    let chart = IntervalChart {
        rows,
        limit: 400.0,
        ..Default::default()
    };
    let svg = chart.to_svg();
    let near = dots(&svg);
    assert_eq!(
        (near.len(), svg.matches("path class=\"fill\"").count()),
        (2, 1)
    );
    assert!(near[1].0 - near[0].0 > 200.0, "{near:?}");
    let all = dots(
        &IntervalChart {
            limit: f64::NAN,
            ..chart
        }
        .to_svg(),
    );
    assert!(all.len() == 3 && all[1].0 - all[0].0 < 2.0, "{all:?}");
}

#[test]
fn nothing_to_show_is_said() {
    assert!(
        IntervalChart::default()
            .to_svg()
            .contains("No data to show.")
    );
    let rows = vec![row("a", f64::NAN, 0); 3];
    assert!(
        IntervalChart {
            rows,
            ..Default::default()
        }
        .to_svg()
        .contains("No data to show.")
    );
    let rows = vec![row(&"long ".repeat(100), 0.0, 0); 400];
    assert!(
        IntervalChart {
            rows,
            width: 0,
            ..Default::default()
        }
        .to_svg()
        .contains("…")
    );
}

#[test]
fn controls_are_set_apart_and_single_values_are_shown() {
    let mut rows = vec![
        row("controller", 185.0, 0),
        row("sgd", 260.0, 1),
        row("untrained", 400.0, control(0)),
    ];
    rows[0].points = vec![170.0, 185.0, 300.0, f64::NAN];
    let chart = IntervalChart {
        rows,
        ..Default::default()
    };
    for width in [240, 760] {
        let svg = IntervalChart {
            width,
            ..chart.clone()
        }
        .to_svg();
        assert_eq!(svg.matches(CONTROLS).count(), 1);
        assert_eq!(svg.matches("h0").count(), 3);
    }
}

#[test]
fn bars_begin_at_zero() {
    let svg = IntervalChart {
        rows: vec![row("a", 20.0, 0), row("b", 40.0, 0)],
        bars: true,
        ..Default::default()
    }
    .to_svg();
    let widths: Vec<f64> = svg
        .split("class=\"fill bar\"")
        .skip(1)
        .map(|rest| {
            let width = rest.split("width=\"").nth(1).unwrap();
            width.split('"').next().unwrap().parse().unwrap()
        })
        .collect();
    assert!((widths[1] - 2.0 * widths[0]).abs() <= 0.2, "{widths:?}");
}
