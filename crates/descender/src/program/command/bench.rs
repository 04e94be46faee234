//! `descender bench`: how fast this machine steps.

use std::fmt::Write;
use std::sync::Arc;

use crate::program::bench::{BenchError, BenchSettings, Benchmark, bench};
use descender_task::Task;

use super::thread_count;
use crate::program::arguments::BenchArguments;
use crate::program::failure::Failure;
use crate::program::printer::Printer;

pub(crate) fn run(arguments: &BenchArguments, printer: &Printer) -> Result<(), Failure> {
    let default = if arguments.data.is_some() {
        "idx-cnn"
    } else {
        "mnist-cnn"
    };
    let name = arguments.task.as_deref().unwrap_or(default);
    let task =
        Arc::new(Task::by_name(name, arguments.data.as_deref()).map_err(super::data::failure)?);
    let settings = BenchSettings {
        seconds: arguments.seconds,
        threads: thread_count(None),
    };
    let mut progress = |done, _| {
        if done == 0 {
            printer.message(format_args!(
                "measuring {} for {} s …",
                task.name, arguments.seconds
            ));
        }
    };
    let benchmark = bench(&task, &settings, &mut progress).map_err(|error| match error {
        BenchError::Seconds(_) => Failure::usage(format_args!("--{error}")),
        error => Failure::Running(error.into()),
    })?;
    if arguments.json {
        printer.json(&benchmark)
    } else {
        printer.result(table(&benchmark).trim_end())?;
        Ok(())
    }
}

/// The figures as a table for people.
fn table(benchmark: &Benchmark) -> String {
    let Benchmark {
        task,
        threads,
        cpu,
        instruction_set,
        steps_per_second,
        microseconds,
        gflops,
    } = benchmark;
    let mut text = String::new();
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{arguments}");
    };
    line(format_args!(
        "{task} on {cpu} ({instruction_set}, {threads} threads)\n"
    ));
    line(format_args!(
        "{:24}{:>14}{:>14}",
        "steps per second", "one thread", "all threads"
    ));
    for (name, rates) in [
        ("descent", &steps_per_second.descent),
        ("control", &steps_per_second.control),
    ] {
        line(format_args!(
            "  {name:22}{:>14.0}{:>14.0}",
            rates.one_thread, rates.all_threads
        ));
    }
    let parts = [
        ("forward and backward", microseconds.forward_backward),
        ("update and statistics", microseconds.update_and_statistics),
        ("observation", microseconds.observation),
        ("policy", microseconds.policy),
        ("learner", microseconds.learner),
    ];
    let whole: f64 = parts.iter().map(|(_, time)| time).sum();
    line(format_args!(
        "\n{:24}{:>14}{:>14}",
        "parts of a step", "microseconds", "share"
    ));
    for (name, time) in parts {
        line(format_args!(
            "  {name:22}{time:>14.2}{:>13.1}%",
            100.0 * time / whole
        ));
    }
    line(format_args!(
        "\ndescent, counted densely: {gflops:.0} GFLOP/s on one thread"
    ));
    text
}
