//! How headless Chromium shows the report: on a screen and on a phone, in light and in dark.
//!
//! Without Chromium the test says so and ends; with `DESCENDER_SCREENSHOTS=FOLDER` it leaves pictures of what it saw.
//! `CHROMIUM=FILE` names a browser that is not on the search path, and `DESCENDER_REPORTS=FILE:FILE…` names further
//! pages to look at, such as the report of a real run.

use crate::chromium::{Chromium, program};
use crate::sample;
use descender_report::{Report, html};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How a page is looked at: the width in pixels (a screen, a tablet, phones), and whether in the dark.
const LOOKS: [(u32, bool); 7] = [
    (1280, false),
    (1280, true),
    (390, false),
    (390, true),
    (1080, false),
    (820, false),
    (360, true),
];

/// What is wrong with the page as it is shown, as a list of texts.
const FINDINGS: &str = r#"(() => {
  const findings = [];
  const name = (element) => `${element.tagName}.${element.getAttribute("class")} "${element.textContent.slice(0, 40)}"`;
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) findings.push(`the page is ${page.scrollWidth} wide`);
  for (const element of document.body.querySelectorAll(":not(svg *)")) {
    const box = element.getBoundingClientRect();
    if (box.width > 1 && box.height > 1 && (box.right > innerWidth + 0.5 || box.left < -0.5)) findings.push(`beyond the page: ${name(element)}`);
    if (element.children.length === 0 && box.height > 1 && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1)
      findings.push(`wider than its place: ${name(element)}`);
    const sheet = element.parentElement.closest(".table, .card, .verdict, figure");
    if (sheet && box.height > 1 && box.right > sheet.getBoundingClientRect().right + 0.5) findings.push(`beyond its sheet: ${name(element)}`);
  }
  for (const figure of document.querySelectorAll("figure.chart")) {
    const title = figure.querySelector("h3")?.textContent;
    const shown = Array.from(figure.querySelectorAll("svg")).filter((svg) => svg.getClientRects().length > 0);
    if (shown.length !== 1) findings.push(`${title}: ${shown.length} drawings are shown`);
    for (const svg of shown) {
      const box = svg.getBoundingClientRect();
      if (box.width < 200 || box.height < 50) findings.push(`${title}: ${box.width} × ${box.height}`);
      const scale = box.width / svg.viewBox.baseVal.width;
      const words = Array.from(svg.querySelectorAll("text"), (text) => ({ text, box: text.getBoundingClientRect() }));
      words.forEach(({ text, box: word }, index) => {
        if (word.left < box.left - 0.5 || word.right > box.right + 0.5 || word.top < box.top - 0.5 || word.bottom > box.bottom + 0.5)
          findings.push(`${title}: outside its chart: ${name(text)}`);
        const size = parseFloat(getComputedStyle(text).fontSize) * scale;
        const least = innerWidth >= 390 ? 11 : 10;
        if (size < least) findings.push(`${title}: ${size.toFixed(1)} pixels are too small: ${name(text)}`);
        for (const other of words.slice(index + 1)) {
          const across = Math.min(word.right, other.box.right) - Math.max(word.left, other.box.left);
          const along = Math.min(word.bottom, other.box.bottom) - Math.max(word.top, other.box.top);
          // Boxes of text are higher than its letters.
          if (across > 1 && along > 5) findings.push(`${title}: ${name(text)} lies on ${name(other.text)}`);
        }
      });
    }
  }
  return findings;
})()"#;

/// The middle of the `index`th chart's plot on the viewport, or of its first row; `null` for a chart without data.
fn middle_of(index: usize) -> String {
    format!(
        r#"(() => {{
  const figure = document.querySelectorAll("figure.chart")[{index}];
  const svg = Array.from(figure.querySelectorAll("svg")).find((svg) => svg.getClientRects().length > 0);
  const row = svg.querySelector(".hit");
  if (!svg.dataset.plot && !row) return null;
  (row ?? svg).scrollIntoView({{ block: "center", behavior: "instant" }});
  const box = (row ?? svg).getBoundingClientRect();
  if (row) return {{ x: box.left + box.width / 2, y: box.top + box.height / 2 }};
  const [left, top, width, height] = svg.dataset.plot.split(" ").map(Number);
  const scale = box.width / svg.viewBox.baseVal.width;
  return {{ x: box.left + scale * (left + width / 2), y: box.top + scale * (top + height / 2) }};
}})()"#
    )
}

/// The text that is shown over the `index`th chart, and whether it lies on the page and in its box.
fn tip_of(index: usize) -> String {
    format!(
        r#"(() => {{
  const tip = document.querySelectorAll("figure.chart")[{index}].querySelector(".tip");
  const box = tip.getBoundingClientRect();
  return {{ text: tip.hidden ? "" : tip.textContent, inside: box.left >= 0 && box.right <= innerWidth && tip.scrollWidth <= tip.clientWidth }};
}})()"#
    )
}

/// The title of each chart of a page; empty for one without.
fn titles(browser: &mut Chromium) -> Vec<String> {
    let titles = browser.evaluate(
        r#"Array.from(document.querySelectorAll("figure.chart"), (chart) => chart.querySelector("h3")?.textContent ?? "")"#,
    );
    serde_json::from_value(titles).unwrap()
}

/// Where pictures are wanted.
fn pictures() -> Option<PathBuf> {
    std::env::var_os("DESCENDER_SCREENSHOTS").map(PathBuf::from)
}

fn check(
    browser: &mut Chromium,
    (name, report): (&str, &Report),
    looks: &[(u32, bool)],
    expected: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{name}.html"));
    std::fs::write(&file, html(report)).unwrap();
    check_file(browser, (name, &file), looks, expected);
}

/// Looks at a page in each way: nothing overflows, every expected chart is there, pointing at a chart shows a value,
/// and the console is empty.
fn check_file(
    browser: &mut Chromium,
    (name, file): (&str, &Path),
    looks: &[(u32, bool)],
    expected: &[&str],
) {
    for &(width, dark) in looks {
        let what = format!("{name} at {width}, {}", if dark { "dark" } else { "light" });
        browser.look(width, dark);
        browser.open(file);
        if let Some(pictures) = pictures() {
            browser.screenshot(
                &pictures.join(format!("{}.png", what.replace([' ', ','], "-"))),
                true,
            );
        }
        assert_eq!(browser.evaluate(FINDINGS), json!([]), "{what}");
        // What is folded up is opened, as a reader would.
        browser.evaluate(
            "document.querySelectorAll('details').forEach(part => { part.open = true; })",
        );
        assert_eq!(browser.evaluate(FINDINGS), json!([]), "{what}, opened");
        let sum = browser.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((sum, part) => sum + Number(part), 0)",
        );
        assert_eq!(
            sum.as_f64().unwrap() < 384.0,
            dark,
            "{what}: the background"
        );
        let titles = titles(browser);
        for title in expected {
            assert!(
                titles.iter().any(|known| known == title),
                "{what}: {title} in {titles:?}"
            );
        }
        let mut pointed = 0;
        for (index, title) in titles.iter().enumerate() {
            let middle = browser.evaluate(&middle_of(index));
            if middle == Value::Null {
                continue;
            }
            browser.point(middle["x"].as_f64().unwrap(), middle["y"].as_f64().unwrap());
            let tip = browser.evaluate(&tip_of(index));
            let text = tip["text"].as_str().unwrap();
            assert!(
                text.chars().any(|c| c.is_ascii_digit()),
                "{what}: {title} shows `{text}`"
            );
            assert_eq!(
                tip["inside"], true,
                "{what}: the values of {title} lie beyond the page"
            );
            if let Some(pictures) = pictures().filter(|_| title == "Loss over the descent") {
                let name = format!("{}-pointed.png", what.replace([' ', ','], "-"));
                browser.screenshot(&pictures.join(name), false);
            }
            pointed += 1;
        }
        assert!(
            pointed >= expected.len(),
            "{what}: {pointed} charts with values"
        );
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{what}");
    }
    if let Some(pictures) = pictures() {
        browser.print(&pictures.join(format!("{name}.pdf")));
    }
}

#[test]
fn chromium_shows_every_chart_without_an_error_or_an_overflow() {
    let Some(program) = program() else {
        // Seen with `cargo test -- --nocapture`, and said by .ci/run as well.
        eprintln!("SKIPPED: Chromium is not installed, so the report was not opened in a browser");
        return;
    };
    let mut browser = Chromium::start(&program);
    let training = [
        "Score of each episode",
        "Mean learning rate of each episode",
        "First hit of each episode",
        "The learner's loss",
    ];
    let whole = [
        "First step with a batch loss ≤ 0.02",
        "Starts that have reached the threshold",
        "Performance profile of the first hit",
        "Final training loss",
        "Final validation loss",
        "Loss over the descent",
        "Learning rate η over the descent",
        "Actions over the descent",
        "Q-value of each action over the descent",
        "What the controller looks at",
        "Choice of the controller",
        "Where the time went",
    ];
    let whole: Vec<&str> = whole.into_iter().chain(training).collect();
    check(&mut browser, ("whole", &sample::report()), &LOOKS, &whole);
    check(
        &mut browser,
        ("without-comparison", &sample::without_comparison()),
        &LOOKS[1..3],
        &training,
    );
    check(
        &mut browser,
        ("several", &sample::several()),
        &[LOOKS[0], LOOKS[3]],
        &whole,
    );
}

#[test]
fn reports_that_are_named_are_shown_well() {
    let (Some(program), Some(files)) = (program(), std::env::var_os("DESCENDER_REPORTS")) else {
        return;
    };
    let mut browser = Chromium::start(&program);
    for file in std::env::split_paths(&files) {
        let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
        check_file(
            &mut browser,
            (&folder.to_string_lossy(), &file),
            &LOOKS,
            &[],
        );
    }
}

#[test]
fn without_its_script_the_page_is_complete() {
    let Some(program) = program() else {
        return;
    };
    let mut browser = Chromium::start(&program);
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({"value": true}),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    std::fs::write(&file, html(&sample::report())).unwrap();
    browser.look(1280, false);
    browser.open(&file);
    assert_eq!(browser.evaluate(FINDINGS), json!([]));
    // Nothing has taken the titles away that browsers show by themselves.
    let titles = browser.evaluate("document.querySelectorAll('svg [data-s] > title').length");
    assert!(titles.as_u64().unwrap() > 100, "{titles}");
}
