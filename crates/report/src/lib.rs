//! The report: one HTML page that shows what was run and its results.
//!
//! [`html`] is a pure function from data to text. The page holds its style and its figures and loads nothing, so it
//! opens anywhere and can be mailed. It is light or dark like the reader's system, and light on paper. One script shows
//! the values under the pointer in a chart; the rest of the page works without it. Missing data is left out or named as
//! missing. Every text is escaped.
//!
//! What stands where: `summary` first on the page, `methods` with its figures (`method_figures`, `profiles`),
//! `behaviour` of the controller, `training`, and `provenance` at the end. Several runs begin with `runs`, a table of all
//! of them, and each is folded up below it.
//!
//! ```
//! use descender_report::{Report, RunReport, html};
//! let run = RunReport { name: "quick".to_owned(), ..RunReport::default() };
//! let page = html(&Report { title: "A run".to_owned(), runs: vec![run] });
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! ```

#![forbid(unsafe_code)]

mod behaviour;
mod content;
mod method_figures;
mod methods;
mod notes;
mod page;
mod profiles;
mod provenance;
mod runs;
mod shown;
mod summary;
mod training;
mod words;

pub use content::{Facts, Report, ReportFigure, RunReport};
pub use page::{MARK, frame, html};
pub use words::capitalised;
