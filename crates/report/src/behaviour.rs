//! What the controller does and what it relies on: actions, outputs of the policy, importance of the features.

use super::words::capitalised;
use descender_compare::behaviour::{Behaviour, Decision};
use descender_figure::{
    Chart, IntervalChart, IntervalRow, LineChart, Mark, Series, ShareChart, ShareLayer, action,
};
use descender_statistics::number::tenths;

/// The most groups of neighbouring decisions along a descent.
const MOST_GROUPS: usize = 30;

/// The section of a controller's behaviour; empty if there is nothing in it.
pub(super) fn section(behaviour: &Behaviour) -> String {
    let mut figures = String::new();
    if !behaviour.decisions.is_empty() && !behaviour.actions.is_empty() {
        let groups = grouped(&behaviour.decisions, behaviour.actions.len());
        let chosen = |group: &Group| group.shares.iter().any(|share| share.is_finite());
        if groups.iter().any(chosen) {
            figures.push_str(&actions_figure(behaviour, &groups));
        }
        if groups
            .iter()
            .any(|group| group.outputs.iter().any(|value| value.is_finite()))
        {
            figures.push_str(&outputs_figure(behaviour, &groups));
        }
    }
    if !behaviour.importance.is_empty() {
        figures.push_str(&importance_figure(behaviour));
    }
    if figures.is_empty() {
        return String::new();
    }
    format!(
        "<h2>What the controller does</h2>\n<p class=\"said\">Watched on {} descents from selection starts; a \
         decision every {}.</p>\n{figures}",
        behaviour.starts,
        match behaviour.interval {
            0 | 1 => "step".to_owned(),
            interval => format!("{interval} steps"),
        }
    )
}

/// Neighbouring decisions, averaged.
struct Group {
    step: f64,
    shares: Vec<f64>,
    outputs: Vec<f64>,
}

/// At most [`MOST_GROUPS`] groups of neighbouring decisions.
fn grouped(decisions: &[Decision], actions: usize) -> Vec<Group> {
    let size = decisions.len().div_ceil(MOST_GROUPS).max(1);
    decisions
        .chunks(size)
        .map(|chunk| {
            let mean = |value: &dyn Fn(&Decision) -> Option<f32>| {
                let known: Vec<f64> = chunk
                    .iter()
                    .filter_map(|decision| value(decision).filter(|value| value.is_finite()))
                    .map(f64::from)
                    .collect();
                known.iter().sum::<f64>() / known.len() as f64
            };
            let steps = chunk.iter().map(|decision| decision.step as f64);
            Group {
                step: steps.sum::<f64>() / chunk.len() as f64,
                shares: (0..actions)
                    .map(|index| mean(&|decision| decision.shares.get(index).copied()))
                    .collect(),
                outputs: (0..actions)
                    .map(|index| mean(&|decision| decision.outputs.get(index).copied()))
                    .collect(),
            }
        })
        .collect()
}

fn actions_figure(behaviour: &Behaviour, groups: &[Group]) -> String {
    let count = behaviour.actions.len();
    let layers = behaviour
        .actions
        .iter()
        .enumerate()
        .map(|(index, name)| ShareLayer {
            name: name.clone(),
            shares: groups.iter().map(|group| group.shares[index]).collect(),
            style: action(index, count),
        });
    let chart = ShareChart {
        title: "Actions over the descent".to_owned(),
        x_label: "step".to_owned(),
        y_label: "decisions, %".to_owned(),
        xs: groups.iter().map(|group| group.step).collect(),
        layers: layers.collect(),
        ..ShareChart::default()
    };
    let caption = "How often each action is chosen as the descent goes on: the height of a colour is the action's \
                   share of the decisions around that step.";
    Chart::from(chart).to_html(caption, true)
}

fn outputs_figure(behaviour: &Behaviour, groups: &[Group]) -> String {
    let count = behaviour.actions.len();
    let series = behaviour.actions.iter().enumerate().map(|(index, name)| {
        let points = groups
            .iter()
            .map(|group| (group.step, group.outputs[index]))
            .collect();
        Series::line(name.clone(), points, action(index, count)).with_mark(Mark::Line)
    });
    let output = if behaviour.output.is_empty() {
        "output of the policy"
    } else {
        &behaviour.output
    };
    let continuous = groups
        .iter()
        .all(|group| group.shares.iter().all(|share| !share.is_finite()));
    let of_what = if continuous {
        "hyper-parameter"
    } else {
        "action"
    };
    let chart = LineChart {
        title: capitalised(&format!("{output} of each {of_what} over the descent")),
        x_label: "step".to_owned(),
        y_label: format!("mean {output}"),
        series: series.collect(),
        height: 320,
        ..LineChart::default()
    };
    let caption = if continuous {
        "Where the policy places each hyper-parameter, as a mean over the watched descents: −1 is its low end, 0 its \
         anchor, 1 its high end."
    } else {
        "What the policy gives for each action, as a mean over the watched descents. The action with the highest value \
         is chosen: where lines lie together, the choice hardly matters to the policy."
    };
    Chart::from(chart).to_html(caption, true)
}

fn importance_figure(behaviour: &Behaviour) -> String {
    let mut features: Vec<_> = behaviour.importance.iter().collect();
    features.sort_by(|a, b| b.share.total_cmp(&a.share));
    let rows = features.into_iter().map(|feature| {
        let [low, high] = feature.ci95;
        let percent = |share: f64| share * 100.0;
        IntervalRow {
            name: feature.feature.replace('_', " "),
            center: percent(feature.share),
            low: percent(low),
            high: percent(high),
            text: format!(
                "{} % [{}, {}]",
                tenths(percent(feature.share)),
                tenths(percent(low)),
                tenths(percent(high))
            ),
            ..IntervalRow::default()
        }
    });
    let chart = IntervalChart {
        title: "What the controller looks at".to_owned(),
        x_label: "decisions that change, %".to_owned(),
        rows: rows.collect(),
        bars: true,
        ..IntervalChart::default()
    };
    let caption = "The share of the decisions that change when one feature's values are shuffled among the recorded \
                   observations, with its 95 % interval over the descents: the longer the bar, the more the \
                   controller relies on the feature. A bar of zero: it is not looked at. For a controller that places \
                   hyper-parameters it is how far a decision moves on average, as a share of its range.";
    Chart::from(chart).to_html(caption, true)
}
