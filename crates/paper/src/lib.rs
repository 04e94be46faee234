//! The paper's figures 1 to 5, from one call: trainings, descents, findings, pictures and a page.
//!
//! ```text
//! reproduce.json              which reproduction this is: budget, seed, task, version, command
//! paper-fixed, paper-random   ordinary run folders of the two trainings
//! fig1.json … fig5.json       the data of each figure with its findings
//! fig1.svg … fig5.svg         its pictures, one below the other
//! findings.json               the findings of all figures
//! report.html                 the page; opens without a network
//! ```
//!
//! [`reproduce`] makes what is missing. A figure is kept if its file was made by this version with the same settings. A
//! complete training is used again, an incomplete one continues from its checkpoint. So an interrupted reproduction
//! continues when it is asked for again, with the same bits. Pictures, findings and page are always made from the files
//! of the figures, not from memory: a new rule for a finding needs no new descents.
//!
//! The trainings have one environment each and use one core. The one with random starts runs beside everything that does
//! not need it. No result depends on that, or on the number of threads.

#![forbid(unsafe_code)]

mod context;
mod curve;
mod descent;
mod error;
mod fig1;
mod fig2;
mod fig3;
mod fig4;
mod fig5;
mod figure_data;
mod figure_name;
mod finding;
mod folder;
mod identity;
mod page;
mod plan;
mod reproduce;
mod rival;
mod runs;
#[cfg(test)]
mod tests;

pub use context::{ReproduceEvent, Reproduction, Watcher};
pub use curve::Curve;
pub use error::ReproduceError;
pub use fig1::{ConstantDescent, Fig1};
pub use fig2::{Fig2, Windows};
pub use fig3::Fig3;
pub use fig4::{Fig4, SteeredDescent};
pub use fig5::{Fig5, ValidatedDescent};
pub use figure_name::FigureName;
pub use finding::{Evidence, PaperFinding, Seen, Wanted, findings_table};
pub use folder::FigureFile;
pub use identity::Identity;
pub use plan::{Budget, Plan, Sample};
pub use reproduce::reproduce;
