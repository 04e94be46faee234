//! What a line chart draws, read back from its SVG.

use super::*;

fn chart(series: Vec<Series>) -> LineChart {
    LineChart {
        title: "Loss".to_owned(),
        x_label: "step".to_owned(),
        series,
        ..LineChart::default()
    }
}

fn count(svg: &str, text: &str) -> usize {
    svg.matches(text).count()
}

/// The coordinates of the lines of data, without the samples of a legend.
fn lines(svg: &str) -> Vec<Vec<(f64, f64)>> {
    svg.split("<path class=\"line")
        .skip(1)
        .filter_map(|line| line.split(" d=\"M").nth(1)?.split('"').next())
        .map(|points| {
            let numbers: Vec<f64> = points
                .split([' ', 'L'])
                .map(|number| number.parse().unwrap())
                .collect();
            numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
        })
        .filter(|line: &Vec<(f64, f64)>| line[0].0 + 22.0 != line[line.len() - 1].0)
        .collect()
}

#[test]
fn lines_bands_legend_and_labels_are_drawn() {
    let points: Vec<(f64, f64)> = (0..50)
        .map(|step| (f64::from(step), f64::from(step).sqrt()))
        .collect();
    let band = points
        .iter()
        .map(|&(x, y)| BandPoint {
            x,
            low: y - 1.0,
            high: y + 1.0,
        })
        .collect();
    let mut chart = chart(vec![
        Series::line("sgd <1>", points.clone(), 0).with_band(band),
        Series::line("adam", points, 1).with_mark(Mark::Dots),
    ]);
    chart.references.push(Reference {
        value: 2.5,
        label: "threshold".to_owned(),
    });
    let svg = chart.to_svg();
    assert_eq!(count(&svg, "fill band\""), 1);
    assert_eq!(lines(&svg).len(), 1);
    assert_eq!(count(&svg, "h0"), 50);
    for text in ["sgd &lt;1&gt;", "adam", "Loss", "step", "threshold"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(svg.contains("<g class=\"c\"") && svg.contains("<g class=\"r0\""));
    assert_eq!(chart.to_svg(), svg);
}

#[test]
fn a_logarithmic_axis_spaces_ratios_equally() {
    let points = vec![(0.0, 0.01), (1.0, 0.1), (2.0, 1.0), (3.0, 0.0), (4.0, -1.0)];
    let mut chart = chart(vec![Series::line("a", points, 0)]);
    chart.y_scale = AxisScale::Logarithmic;
    let svg = chart.to_svg();
    let line = &lines(&svg)[0];
    assert_eq!(line.len(), 3, "what is not positive is skipped");
    let (first, second) = (line[0].1 - line[1].1, line[1].1 - line[2].1);
    assert!((first - second).abs() <= 1.0 && first > 50.0, "{line:?}");
}

#[test]
fn many_points_are_thinned() {
    let points = (0..50_000)
        .map(|step| (f64::from(step), f64::from(step % 97)))
        .collect();
    let svg = chart(vec![Series::line("a", points, 0)]).to_svg();
    assert!(lines(&svg)[0].len() <= 600);
    assert!(svg.len() < 30_000, "{}", svg.len());
}

#[test]
fn nothing_to_show_is_said_and_odd_numbers_are_skipped() {
    for series in [
        vec![],
        vec![Series::line("a", vec![], 0)],
        vec![Series::line(
            "a",
            vec![(f64::NAN, 1.0), (1.0, f64::INFINITY)],
            0,
        )],
    ] {
        assert!(chart(series).to_svg().contains("No data to show."));
    }
    let odd = vec![
        (0.0, 1.0),
        (1.0, f64::NAN),
        (2.0, 1e300),
        (3.0, 1.0),
        (f64::INFINITY, 2.0),
    ];
    let band = vec![
        BandPoint {
            x: 0.0,
            low: f64::NAN,
            high: 1.0
        };
        3
    ];
    let svg = chart(vec![Series::line("a", odd, 0).with_band(band)]).to_svg();
    assert_eq!(lines(&svg)[0].len(), 2);
    assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("fill band"));
    // One point, and a style past the palette.
    let svg = chart(vec![Series::line("a", vec![(1.0, 1.0)], 9)]).to_svg();
    assert!(svg.contains("<circle"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_data_makes_it_panic(
        values in proptest::collection::vec((proptest::num::f64::ANY, proptest::num::f64::ANY), 0..40),
        width in 0..2000_u32, height in 0..900_u32, style in 0..20_usize, logarithmic: bool,
    ) {
        let band = values.iter().map(|&(x, y)| BandPoint { x, low: y / 2.0, high: y }).collect();
        let scale = if logarithmic { AxisScale::Logarithmic } else { AxisScale::Linear };
        let svg = LineChart {
            width, height, x_scale: scale, y_scale: scale,
            series: vec![Series::line("a", values, style).with_band(band)],
            ..LineChart::default()
        }.to_svg();
        proptest::prop_assert!(svg.trim_end().ends_with("</svg>"));
    }
}

#[test]
fn names_stand_beside_the_lines_where_there_is_room_and_above_where_not() {
    let named = |count: usize| {
        let series = (0..count).map(|style| {
            Series::line(
                format!("method {style}"),
                vec![(0.0, 1.0), (1.0, style as f64)],
                style,
            )
        });
        chart(series.collect())
    };
    assert_eq!(count(&named(14).to_svg(), "class=\"leader\""), 14);
    assert_eq!(count(&named(40).to_svg(), "class=\"leader\""), 0);
    let narrow = LineChart {
        width: 360,
        ..named(14)
    }
    .to_svg();
    assert_eq!(count(&narrow, "class=\"leader\""), 0);
    assert_eq!(count(&narrow, ">method 13</text>"), 1);
    let mut together = named(14);
    for series in &mut together.series {
        series.points[1].1 = 1.0;
    }
    assert_eq!(count(&together.to_svg(), "class=\"leader\""), 0);
}

#[test]
fn a_step_holds_until_the_next_point() {
    let points = vec![(0.0, 0.0), (1.0, 1.0), (3.0, 2.0)];
    let svg = chart(vec![Series::line("a", points, 0).with_mark(Mark::Step)]).to_svg();
    let line = &lines(&svg)[0];
    assert_eq!(line.len(), 5);
    assert_eq!((line[1].0, line[1].1), (line[2].0, line[0].1));
}

#[test]
fn many_bands_are_shown_one_at_a_time() {
    let series = |style: usize| {
        let band = [0.0, 1.0].map(|x| BandPoint {
            x,
            low: 0.0,
            high: 2.0,
        });
        let mark = if style == 0 {
            Mark::BoldLine
        } else {
            Mark::Line
        };
        Series::line("a", vec![(0.0, 1.0), (1.0, 1.0)], style)
            .with_band(band.to_vec())
            .with_mark(mark)
    };
    let few = chart((0..4).map(series).collect()).to_svg();
    assert_eq!(count(&few, "band spare"), 0);
    let many = chart((0..6).map(series).collect()).to_svg();
    assert_eq!(
        (count(&many, "fill band\""), count(&many, "band spare")),
        (1, 5)
    );
}
