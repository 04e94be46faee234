//! Tests of the lists of contenders.

use super::specification::Kind;
use super::*;
use descender_optim::{Linear, Method, Momentum, Schedule};

fn read(item: &str) -> Kind {
    ContenderSpecification::parse(item).unwrap().kind().clone()
}

fn refused(item: &str) -> String {
    ContenderSpecification::parse(item).unwrap_err().to_string()
}

fn constant(method: Method, peak: f32) -> Kind {
    Kind::Schedule {
        method,
        schedule: Schedule::Constant,
        peak,
    }
}

fn linear(method: Method, peak: f32, final_factor: f64) -> Kind {
    Kind::Schedule {
        method,
        schedule: Schedule::Linear(Linear { final_factor }),
        peak,
    }
}

fn momentum(momentum: f64) -> Method {
    Method::Momentum(Momentum {
        momentum,
        ..Momentum::default()
    })
}

#[test]
fn an_item_names_an_optimizer_or_a_schedule_with_its_settings() {
    assert_eq!(read("sgd:0.1"), constant(Method::Sgd, 0.1));
    let adam = Method::by_name("adam").unwrap();
    assert_eq!(read("adam"), constant(adam, 0.001));
    let heavy = constant(momentum(0.8), 0.05);
    assert_eq!(read("momentum:0.05;momentum=0.8"), heavy);
    assert_eq!(read("linear:0.25"), linear(Method::Sgd, 0.25, 0.0));
    for same in [
        "linear:0.2;optimizer=momentum;momentum=0.5",
        "momentum:0.2;schedule=linear;momentum=0.5",
    ] {
        assert_eq!(read(same), linear(momentum(0.5), 0.2, 0.0));
    }
    let tenth = linear(Method::Sgd, 0.2, 0.1);
    assert_eq!(read("linear:0.2;final_factor=0.1"), tenth);
    let file = |method| Kind::ScheduleFile {
        method,
        path: "a:b.csv".into(),
    };
    assert_eq!(read("schedule:a:b.csv"), file(None));
    let over_momentum = "schedule:a:b.csv;optimizer=momentum;momentum=0.7";
    assert_eq!(read(over_momentum), file(Some(momentum(0.7))));
    assert_eq!(
        read("controller:runs/quick-1"),
        Kind::ControllerFile("runs/quick-1".into())
    );
}

#[test]
fn tuned_methods_have_a_default_grid_or_one_of_their_own() {
    let tuned = |method, schedule, grid: &[f32], starts| Kind::Tuned {
        method,
        schedule,
        grid: grid.to_vec(),
        starts,
    };
    let constant = Schedule::Constant;
    assert_eq!(
        read("tuned:sgd"),
        tuned(
            Method::Sgd,
            constant.clone(),
            &default_grid(&Method::Sgd),
            8
        )
    );
    assert_eq!(
        read("tuned:momentum;momentum=0.8;starts=3;grid=0.2/0.1/0.05/0.1"),
        tuned(momentum(0.8), constant, &[0.05, 0.1, 0.2], 3)
    );
    let linear = Schedule::Linear(Linear { final_factor: 0.1 });
    assert_eq!(
        read("tuned:linear;optimizer=momentum;final_factor=0.1"),
        tuned(momentum(0.9), linear, &default_grid(&momentum(0.9)), 8)
    );
}

#[test]
fn controls_stand_for_all_four() {
    let items = ContenderSpecification::parse_list("sgd:0.1, controls,replay").unwrap();
    let names: Vec<String> = (items.into_iter())
        .map(|item| {
            item.load(std::path::Path::new(""))
                .unwrap()
                .name()
                .to_owned()
        })
        .collect();
    assert_eq!(
        names,
        [
            "sgd:0.1",
            "untrained",
            "blind",
            "replay",
            "random",
            "replay"
        ]
    );
}

#[test]
fn a_control_without_a_controller_is_named() {
    let entries = Entry::load_list("sgd:0.1,blind").unwrap();
    let message = Entry::check(&entries).unwrap_err().to_string();
    assert!(message.contains("`blind`"), "{message}");
    Entry::check(&entries[..1]).unwrap();
}

#[test]
fn a_wrong_item_is_refused_by_what_is_wrong_with_it() {
    for (item, parts) in [
        ("sgdd:0.1", ["sgdd", "`sgd`"]),
        ("control", ["control", "`control"]),
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
        ("schedule:f;schedule=linear", ["schedule:f", "schedule"]),
        ("replay:0.1", ["replay:0.1", "no settings"]),
        ("random;seed=1", ["random;seed=1", "no settings"]),
        ("tuned", ["tuned", "tuned:sgd"]),
        ("tuned:", ["tuned", "tuned:sgd"]),
        ("tuned:sgdd", ["sgdd", "`sgd`"]),
        ("tuned:replay", ["replay", "unknown method"]),
        ("tuned:sgd:0.1", ["no learning rate", "grid="]),
        ("tuned:sgd;starts=0", ["starts=0", "from 1"]),
        ("tuned:sgd;grid=0.1//0.2", ["tuned:sgd", "above 0"]),
        ("tuned:sgd;momentum=0.9", ["momentum", "sgd"]),
        ("sgd:0.1;grid=0.1", ["grid", "sgd"]),
    ] {
        let message = refused(item);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{item}: {message}"
        );
    }
    for list in ["sgd:0.1,,adam", ""] {
        let error = ContenderSpecification::parse_list(list).unwrap_err();
        assert!(matches!(error, ContenderError::Empty(_)), "{error}");
    }
}
