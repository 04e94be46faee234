//! Tests of the lists of competitors and of recorded schedules.

use super::*;
use descender_optim::{Linear, Momentum};

fn read(item: &str) -> (Method, Source) {
    let item = Item::parse(item).unwrap();
    (item.method, item.source)
}

fn refused(item: &str) -> String {
    Item::parse(item).unwrap_err().to_string()
}

#[test]
fn an_item_names_an_optimizer_or_a_schedule_with_its_settings() {
    let constant = |peak| Source::Schedule {
        schedule: Schedule::Constant,
        peak,
    };
    let linear = |peak| Source::Schedule {
        schedule: Schedule::Linear(Linear::default()),
        peak,
    };
    let momentum = |momentum| {
        Method::Momentum(Momentum {
            momentum,
            ..Momentum::default()
        })
    };
    assert_eq!(read("sgd:0.1"), (Method::Sgd, constant(0.1)));
    assert_eq!(
        read("adam"),
        (Method::by_name("adam").unwrap(), constant(0.001))
    );
    assert_eq!(
        read("momentum:0.05;momentum=0.8"),
        (momentum(0.8), constant(0.05))
    );
    assert_eq!(read("linear:0.25"), (Method::Sgd, linear(0.25)));
    for same in [
        "linear:0.2;optimizer=momentum;momentum=0.5",
        "momentum:0.2;schedule=linear;momentum=0.5",
    ] {
        assert_eq!(read(same), (momentum(0.5), linear(0.2)));
    }
    assert_eq!(
        read("linear:0.2;final_factor=0.1").1,
        Source::Schedule {
            schedule: Schedule::Linear(Linear { final_factor: 0.1 }),
            peak: 0.2
        }
    );
    assert_eq!(
        read("schedule:a:b.csv").1,
        Source::ScheduleFile("a:b.csv".into())
    );
    assert_eq!(
        read("controller:runs/quick-1").1,
        Source::ControllerFile("runs/quick-1".into())
    );
}

#[test]
fn a_wrong_item_is_refused_by_what_is_wrong_with_it() {
    for (item, parts) in [
        ("sgdd:0.1", ["sgdd", "`sgd`"]),
        ("sgd:-0.1", ["-0.1", "above 0"]),
        ("sgd:NaN", ["NaN", "above 0"]),
        ("sgd:0.1;momentum=0.9", ["momentum", "sgd"]),
        (
            "linear:0.25;optimizer=momentum;momentum=2",
            ["momentum", "2"],
        ),
        ("linear:0.25;slope=2", ["slope", "linear"]),
        ("sgd:0.1;fast", ["fast", "key=value"]),
        ("controller", ["controller", "controller:FILE"]),
        (
            "controller:file;momentum=0.9",
            ["controller:file", "its own settings"],
        ),
        ("schedule:", ["schedule:", "schedule:FILE"]),
    ] {
        let message = refused(item);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{item}: {message}"
        );
    }
    assert!(matches!(
        Item::parse_list("sgd:0.1,,adam"),
        Err(CompetitorError::Empty(_))
    ));
    assert!(matches!(
        Item::parse_list(""),
        Err(CompetitorError::Empty(_))
    ));
}

#[test]
fn a_recorded_schedule_may_be_json_plain_or_with_columns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rates");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        read_schedule(&file)
    };
    for text in [
        "[0.1, 0.25]",
        "0.1\n0.25\n",
        "step,learning_rate\n0,0.1\n\n1,0.25",
    ] {
        assert_eq!(read(text).unwrap(), [0.1, 0.25]);
    }
    for text in [
        "",
        "rates\n",
        "0.1\nfast\n",
        "0.1\n-0.5\n",
        "0.1\nNaN\n",
        "[0.1, \"a\"]",
    ] {
        assert!(
            read(text).unwrap_err().to_string().contains("rates"),
            "{text:?}"
        );
    }
}
