//! `descender reproduce`: the paper's figures, with what of its findings is seen here.

use std::path::{Path, PathBuf};

use descender_paper::{
    Budget, FigureName, Identity, Plan, ReproduceError, Reproduction, findings_table, reproduce,
};

use super::on_threads;
use crate::program::arguments::{BudgetChoice, FigureChoice, ReproduceArguments};
use crate::program::failure::Failure;
use crate::program::interrupt::stop_on_interrupt;
use crate::program::printer::Printer;
use crate::program::progress::side_by_side::SideBySide;
use crate::program::words::words;

/// What is to be done, in which folder.
struct Work {
    folder: PathBuf,
    figures: Vec<FigureName>,
    plan: Plan,
}

pub(crate) fn run(arguments: &ReproduceArguments, printer: &Printer) -> Result<(), Failure> {
    let work = match &arguments.resume {
        Some(folder) => resumed(folder)?,
        None => begun(arguments)?,
    };
    printer.message(format_args!("folder: {}", work.folder.display()));
    let stop = stop_on_interrupt(printer)?;
    let shown = SideBySide::new(printer, &work.figures);
    let reproduction = Reproduction {
        folder: &work.folder,
        plan: work.plan,
        figures: work.figures,
        command: words(),
        stop: &stop,
        watcher: shown.watcher(),
    };
    let result = on_threads(arguments.threads, || reproduce(&reproduction))?;
    shown.finish();
    let findings = match result {
        Err(ReproduceError::Stopped) => {
            let folder = super::shell_word(&work.folder);
            let message =
                "stopped; what is done is kept. Continue with: descender reproduce --resume";
            return Err(anyhow::anyhow!("{message} {folder}").into());
        }
        result => result.map_err(failure)?,
    };
    printer.result(findings_table(&findings))?;
    printer.result(format_args!(
        "report:     {}",
        work.folder.join("report.html").display()
    ))
}

fn begun(arguments: &ReproduceArguments) -> Result<Work, Failure> {
    let budget = match arguments.budget {
        BudgetChoice::Full => Budget::Full,
        BudgetChoice::Quick => Budget::Quick,
        BudgetChoice::Tiny => Budget::Tiny,
    };
    let figures = match arguments.figure {
        Some(FigureChoice::Fig1) => vec![FigureName::Fig1],
        Some(FigureChoice::Fig2) => vec![FigureName::Fig2],
        Some(FigureChoice::Fig3) => vec![FigureName::Fig3],
        Some(FigureChoice::Fig4) => vec![FigureName::Fig4],
        Some(FigureChoice::Fig5) => vec![FigureName::Fig5],
        Some(FigureChoice::All) | None => FigureName::ALL.to_vec(),
    };
    // A continuation may come from elsewhere.
    let data = arguments.data.as_ref().map(std::path::absolute).transpose();
    let data = data.map_err(anyhow::Error::from)?;
    data.as_deref().map(super::storable).transpose()?;
    Ok(Work {
        folder: arguments
            .out
            .clone()
            .unwrap_or_else(|| Path::new("runs").join(format!("reproduce-{}", budget.name()))),
        figures,
        plan: Plan::new(budget, arguments.seed, data.as_deref())?,
    })
}

/// The work of the last command in a folder.
fn resumed(folder: &Path) -> Result<Work, Failure> {
    let identity = Identity::read(folder).map_err(failure)?;
    let data = Some(Path::new(&identity.data)).filter(|data| !data.as_os_str().is_empty());
    Ok(Work {
        folder: folder.to_owned(),
        plan: Plan::new(identity.budget, identity.seed, data)?,
        figures: identity.figures,
    })
}

fn failure(error: ReproduceError) -> Failure {
    match error {
        ReproduceError::Train(error) => super::train::failure_of_training(error.into()),
        ReproduceError::Run(error) => super::train::failure_of_training(error),
        ReproduceError::RunFolder(error) => error.into(),
        error @ (ReproduceError::Occupied { .. }
        | ReproduceError::OtherSettings(_)
        | ReproduceError::NoReproduction(_)) => Failure::Usage(error.into()),
        error => anyhow::Error::from(error).into(),
    }
}
