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

fn under(method: Method, schedule: Schedule, peak: f32, warmup: f64) -> Kind {
    let setup = Setup {
        method,
        schedule,
        warmup,
    };
    Kind::Schedule { setup, peak }
}

fn constant(method: Method, peak: f32) -> Kind {
    under(method, Schedule::Constant, peak, 0.0)
}

fn linear(method: Method, peak: f32, final_factor: f64) -> Kind {
    under(method, Schedule::Linear(Linear { final_factor }), peak, 0.0)
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
    let warm = under(Method::Sgd, Schedule::Constant, 0.1, 0.05);
    assert_eq!(read("sgd:0.1;warmup=0.05"), warm);
    let tenth = linear(Method::Sgd, 0.2, 0.1);
    assert_eq!(read("linear:0.2;final_factor=0.1"), tenth);
    let file = |method| Kind::ScheduleFile {
        method,
        path: "a:b.csv".into(),
    };
    assert_eq!(read("schedule:a:b.csv"), file(None));
    let over_momentum = "schedule:a:b.csv;optimizer=momentum;momentum=0.7";
    assert_eq!(read(over_momentum), file(Some(momentum(0.7))));
    let quoted = Kind::ScheduleFile {
        method: Some(momentum(0.7)),
        path: "a, b;c/s.csv".into(),
    };
    assert_eq!(
        read("schedule:\"a, b;c/s.csv\";optimizer=momentum;momentum=0.7"),
        quoted
    );
    assert_eq!(
        read("controller:\"a, b\""),
        Kind::ControllerFile("a, b".into())
    );
    assert_eq!(
        read("controller:runs/quick-1"),
        Kind::ControllerFile("runs/quick-1".into())
    );
}

#[test]
fn tuned_methods_have_a_default_grid_or_one_of_their_own() {
    let tuned = |name: &str, setup: (Method, Schedule), grid: &[f32], starts| {
        let (method, schedule) = setup;
        Kind::Tuned(Tuned {
            name: name.to_owned(),
            objective: Objective::FirstHit,
            setups: vec![Setup {
                method,
                schedule,
                warmup: 0.0,
            }],
            open: !name.contains("grid"),
            grid: grid.to_vec(),
            starts,
        })
    };
    let same = |item: &str, setup, grid: &[f32], starts| {
        assert_eq!(read(item), tuned(item, setup, grid, starts));
    };
    let constant = Schedule::Constant;
    let usual = default_grid(&Method::Sgd);
    same("tuned:sgd", (Method::Sgd, constant.clone()), &usual, 8);
    let item = "tuned:momentum;momentum=0.8;starts=3;grid=0.2/0.1/0.05/0.1";
    same(item, (momentum(0.8), constant), &[0.05, 0.1, 0.2], 3);
    let linear = Schedule::Linear(Linear { final_factor: 0.1 });
    let item = "tuned:linear;optimizer=momentum;final_factor=0.1";
    same(
        item,
        (momentum(0.9), linear),
        &default_grid(&momentum(0.9)),
        8,
    );
}

#[test]
fn a_tuned_method_lists_values_and_says_what_for() {
    let item = "tuned:linear;optimizer=momentum;momentum=0.8/0.9;warmup=0/0.1;for=validation-loss";
    let Kind::Tuned(tuned) = read(item) else {
        panic!("{item}")
    };
    assert_eq!(tuned.objective, Objective::ValidationLoss);
    let tried: Vec<(Method, f64)> = (tuned.setups.iter())
        .map(|setup| (setup.method, setup.warmup))
        .collect();
    let expected = [(0.8, 0.0), (0.8, 0.1), (0.9, 0.0), (0.9, 0.1)];
    assert_eq!(tried, expected.map(|(m, warmup)| (momentum(m), warmup)));
    // A setting whose own values have a slash is one value.
    let Kind::Tuned(tuned) = read("tuned:step;milestones=0.5/0.8") else {
        panic!("tuned:step")
    };
    assert_eq!(tuned.setups.len(), 1);
}

#[test]
fn the_panel_is_tuned_for_each_objective_and_shares_its_descents() {
    let entries = Entry::load_list("panel").unwrap();
    let tuned: Vec<&Tuned> = entries.iter().filter_map(Entry::tuned).collect();
    assert_eq!(tuned.len(), entries.len());
    for pair in tuned.chunks(2) {
        assert_eq!([pair[0].objective, pair[1].objective], Objective::ALL);
        assert!(pair[0].shares_search(pair[1]) && pair[0].open);
    }
    let alone = ContenderSpecification::parse("panel;starts=3");
    assert!(alone.is_err(), "it takes no settings");
}

#[test]
fn controls_stand_for_all_of_them() {
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
            "anchor",
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
fn a_controller_that_is_paced_by_another_length_is_refused() {
    let paced = [Entry::controller(sample::anchored_controller())];
    Entry::check_steps(&paced, 200).unwrap();
    for steps in [199, 201, 2000] {
        let message = Entry::check_steps(&paced, steps).unwrap_err().to_string();
        for part in ["`controller`", "of 200 steps", &format!("--steps {steps}")] {
            assert!(message.contains(part), "{message}");
        }
    }
    // The paper's kind goes on for any length, and so do rivals.
    let mut others = Entry::load_list("sgd:0.1").unwrap();
    others.push(Entry::controller(sample::controller()));
    Entry::check_steps(&others, 7).unwrap();
}

#[test]
fn a_wrong_item_is_refused_by_what_is_wrong_with_it() {
    for (item, parts) in [
        ("sgdd:0.1", ["sgdd", "`sgd`"]),
        ("control", ["control", "`control"]),
        ("b/s.csv", ["schedule:FILE", "double quotes"]),
        ("schedule:\"s.csv", ["schedule:\"s.csv", "not closed"]),
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
        (
            "tuned:sgd;for=fame",
            ["for=fame", "first-hit or validation-loss"],
        ),
        ("tuned:momentum;momentum=0.5/2", ["momentum", "2"]),
        ("sgd:0.1;warmup=1", ["warmup=1", "below 1"]),
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
