//! The training of the controller: how the episodes went, and how the controller was chosen.

use super::RunReport;
use descender_env::EndReason;
use descender_figure::escape;
use descender_figure::{AxisScale, BandPoint, Chart, LineChart, Mark, Series};
use descender_statistics::moving_average;
use descender_train::CandidateScore;
use descender_train::episode_record::EpisodeRecord;
use std::collections::BTreeMap;

/// The section of a run's training; empty if nothing was trained.
pub(super) fn section(run: &RunReport) -> String {
    // One candidate alone was no choice.
    let chosen = run.candidates.len() > 1;
    if run.episodes.is_empty() && !chosen {
        return String::new();
    }
    let mut text = String::from("<h2>Training of the controller</h2>\n");
    let episodes = &run.episodes;
    if !episodes.is_empty() {
        let window = window(episodes.len());
        let hits = episodes
            .iter()
            .filter(|episode| episode.first_hit.is_some())
            .count();
        text.push_str(&format!(
            "<p class=\"said\">{} episodes ({}); {hits} of them reached the loss threshold. Dots are single episodes, \
             lines their moving average over {window}.</p>\n<div class=\"pair\">\n",
            episodes.len(),
            escape(&ends(episodes))
        ));
        let plain = LineChart {
            x_label: "episode".to_owned(),
            ..LineChart::default()
        };
        let score = LineChart {
            title: "Score of each episode".to_owned(),
            y_label: "score (sum of rewards)".to_owned(),
            series: dots_and_average(episodes, window, |episode| episode.score),
            ..plain.clone()
        };
        let mut push = |chart: LineChart, caption: &str| {
            text.push_str(&Chart::from(chart).to_html(caption, false));
        };
        push(
            score,
            "The sum of the rewards of each episode, which the agent learns to raise. Episodes explore.",
        );
        push(
            learning_rate_chart(episodes, window, &plain),
            "The η that the agent uses, on average over an episode; the band runs from its smallest to its largest η.",
        );
        let first_hit = LineChart {
            title: "First hit of each episode".to_owned(),
            y_label: "step".to_owned(),
            series: dots_and_average(episodes, window, |episode| {
                episode.first_hit.map_or(f64::NAN, |hit| hit as f64)
            }),
            ..plain.clone()
        };
        push(
            first_hit,
            "How soon an episode reaches the threshold; episodes that never did have no dot.",
        );
        let (learner, caption) = learner_chart(run, window, plain);
        push(learner, caption);
        text.push_str("</div>\n");
    }
    if chosen {
        text.push_str(&candidates_figure(&run.candidates, &run.measure));
    }
    text
}

/// What the agent reports at the end of each episode, and what that is.
fn learner_chart(run: &RunReport, window: usize, plain: LineChart) -> (LineChart, &'static str) {
    let of = |sign: f64| {
        dots_and_average(&run.episodes, window, |episode| {
            sign * f64::from(episode.learner_loss)
        })
    };
    // An evolution strategy reports minus the best score as its loss.
    if run.agent == "evolution" {
        let chart = LineChart {
            title: "Best score of each generation".to_owned(),
            y_label: "score (sum of rewards)".to_owned(),
            series: of(-1.0),
            ..plain
        };
        return (
            chart,
            "The mean score of the best policy of the last generation, on the starts of that generation.",
        );
    }
    let known = || (run.episodes.iter()).map(|episode| episode.learner_loss);
    let chart = LineChart {
        title: "The learner's loss".to_owned(),
        y_label: "loss".to_owned(),
        y_scale: match known().any(|loss| loss < 0.0) {
            true => AxisScale::Linear,
            false => AxisScale::Logarithmic,
        },
        series: of(1.0),
        ..plain
    };
    (
        chart,
        "What the agent reports at the end of each episode: for a Deep Q-Network the error of the values that it learns.",
    )
}

/// The paper averages over 50 neighbours of 800 episodes; shorter trainings are averaged over fewer.
fn window(episodes: usize) -> usize {
    (episodes / 16).clamp(5, 50)
}

/// How many episodes ended in which way, such as `190 of full length, 10 diverged`; the most frequent first.
fn ends(episodes: &[EpisodeRecord]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for episode in episodes {
        let end = match episode.end.as_str() {
            "" => "of unknown end",
            name => EndReason::by_name(name).map_or(name, |end| end.description()),
        };
        *counts.entry(end).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let parts: Vec<String> = counts
        .iter()
        .map(|(end, count)| format!("{count} {end}"))
        .collect();
    parts.join(", ")
}

fn numbered(episodes: &[EpisodeRecord], values: &[f64]) -> Vec<(f64, f64)> {
    episodes
        .iter()
        .zip(values)
        .map(|(episode, &value)| (episode.episode as f64, value))
        .collect()
}

fn dots_and_average(
    episodes: &[EpisodeRecord],
    window: usize,
    value: impl Fn(&EpisodeRecord) -> f64,
) -> Vec<Series> {
    let values: Vec<f64> = episodes.iter().map(value).collect();
    vec![
        Series::line(
            "moving average",
            numbered(episodes, &moving_average(&values, window)),
            0,
        ),
        Series::line("episode", numbered(episodes, &values), 0).with_mark(Mark::Dots),
    ]
}

/// The mean η of each episode, with a band from the smallest to the largest η.
fn learning_rate_chart(episodes: &[EpisodeRecord], window: usize, plain: &LineChart) -> LineChart {
    let average = |value: &dyn Fn(&EpisodeRecord) -> f32| {
        let values: Vec<f64> = episodes
            .iter()
            .map(|episode| f64::from(value(episode)))
            .collect();
        moving_average(&values, window)
    };
    let low = average(&|episode| episode.minimum_learning_rate);
    let high = average(&|episode| episode.maximum_learning_rate);
    let band = episodes
        .iter()
        .zip(low.into_iter().zip(high))
        .map(|(episode, (low, high))| BandPoint {
            x: episode.episode as f64,
            low,
            high,
        })
        .collect();
    let mut series = dots_and_average(episodes, window, |episode| {
        f64::from(episode.mean_learning_rate)
    });
    series[0].band = band;
    LineChart {
        title: "Mean learning rate of each episode".to_owned(),
        y_label: "η".to_owned(),
        y_scale: AxisScale::Logarithmic,
        series,
        ..plain.clone()
    }
}

fn candidates_figure(candidates: &[CandidateScore], measure: &str) -> String {
    let points = |kept: &dyn Fn(&CandidateScore) -> Option<f64>| -> Vec<(f64, f64)> {
        candidates
            .iter()
            .filter_map(|candidate| Some((candidate.episodes as f64, kept(candidate)?)))
            .collect()
    };
    let first = points(&|candidate| Some(candidate.score));
    let finals = points(&|candidate| {
        candidate
            .final_score
            .is_finite()
            .then_some(candidate.final_score)
    });
    let chosen = points(&|candidate| {
        let last = if candidate.final_score.is_finite() {
            candidate.final_score
        } else {
            candidate.score
        };
        candidate.chosen.then_some(last)
    });
    let mut series = Vec::new();
    if !chosen.is_empty() {
        series.push(Series::line("chosen as the controller", chosen, 0).with_mark(Mark::BoldDots));
    }
    if !finals.is_empty() {
        series.push(
            Series::line("finalists, on further starts", finals, 3).with_mark(Mark::BoldDots),
        );
    }
    series.push(
        Series::line("candidates, on the first selection starts", first, 2)
            .with_mark(Mark::LineAndDots),
    );
    let chart = LineChart {
        title: "Choice of the controller".to_owned(),
        x_label: "episodes trained".to_owned(),
        y_label: if measure.is_empty() {
            "score".to_owned()
        } else {
            measure.to_owned()
        },
        series,
        height: 320,
        ..LineChart::default()
    };
    let caption = "How good the policies taken during training are on selection starts, and which of \
                   them became the controller. Selection starts are neither training starts nor those of the \
                   comparison.";
    Chart::from(chart).to_html(caption, true)
}
