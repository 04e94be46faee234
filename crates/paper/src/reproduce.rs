//! The one call that makes all figures.

use std::sync::Arc;

use descender_train::TrainError;

use crate::context::{Context, ReproduceEvent, Reproduction};
use crate::error::ReproduceError;
use crate::figure_name::FigureName;
use crate::finding::PaperFinding;
use crate::folder::Folder;
use crate::{fig1, fig2, fig3, fig4, fig5, page, runs};

/// Makes the figures that are missing, then pictures, findings and page. Returns the findings of all figures that are
/// in the folder, in their order.
///
/// # Errors
/// [`ReproduceError::Stopped`] if a stop was asked for: the same call goes on. Otherwise what failed.
pub fn reproduce(reproduction: &Reproduction<'_>) -> Result<Vec<PaperFinding>, ReproduceError> {
    // Before there is a folder: data that cannot be used leave nothing behind.
    let context = Context {
        reproduction,
        task: Arc::new(
            reproduction
                .plan
                .fixed
                .load_task()
                .map_err(TrainError::from)?,
        ),
    };
    let folder = Folder::claim(&context)?;
    let mut missing: Vec<FigureName> = Vec::new();
    for figure in FigureName::ALL {
        if !reproduction.figures.contains(&figure) {
            continue;
        }
        if folder.has(figure, &context.settings(figure)) {
            context.tell(&ReproduceEvent::FigureReady { figure, kept: true });
        } else {
            missing.push(figure);
        }
    }
    make(&context, &folder, &missing)?;
    page::write(&folder, reproduction)
}

fn make(
    context: &Context<'_>,
    folder: &Folder,
    missing: &[FigureName],
) -> Result<(), ReproduceError> {
    let wants = |figure| missing.contains(&figure);
    let (random, rivals) = rayon::join(
        || {
            let needed = [FigureName::Fig3, FigureName::Fig4, FigureName::Fig5];
            let run = needed.iter().any(|figure| wants(*figure)).then(|| {
                let plan = &context.reproduction.plan;
                runs::complete(context, "paper-random", &plan.random)
            });
            run.transpose().inspect_err(|error| context.give_up(error))
        },
        || {
            let rest = || {
                if wants(FigureName::Fig2) {
                    let plan = &context.reproduction.plan;
                    let run = runs::complete(context, "paper-fixed", &plan.fixed)?;
                    folder.keep(context, FigureName::Fig2, fig2::make(context, &run)?)?;
                }
                if wants(FigureName::Fig1) {
                    folder.keep(context, FigureName::Fig1, fig1::make(context)?)?;
                }
                wants(FigureName::Fig3)
                    .then(|| fig3::rivals(context))
                    .transpose()
            };
            rest().inspect_err(|error| context.give_up(error))
        },
    );
    let (random, rivals) = match (random, rivals) {
        // The one that failed says more than the one that was stopped for it.
        (Err(ReproduceError::Stopped), Err(error)) | (Err(error), _) | (_, Err(error)) => {
            return Err(error);
        }
        (Ok(random), Ok(rivals)) => (random, rivals),
    };
    if let Some(run) = random {
        if let Some(rivals) = rivals {
            folder.keep(
                context,
                FigureName::Fig3,
                fig3::make(context, &run, rivals)?,
            )?;
        }
        if wants(FigureName::Fig4) {
            folder.keep(context, FigureName::Fig4, fig4::make(context, &run)?)?;
        }
        if wants(FigureName::Fig5) {
            folder.keep(context, FigureName::Fig5, fig5::make(context, &run)?)?;
        }
    }
    Ok(())
}
