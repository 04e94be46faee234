//! Distillation: a controller becomes a plain table of hyper-parameters, one line for each step.
//!
//! On one task a controller's feedback is often worth little: its mean schedule, whatever the descent does, is as good
//! ([`NegativeControl::Replay`](crate::contender::NegativeControl::Replay)). Then the table is the better product: it needs no controller,
//! no observation and no program. [`distil`] makes it exactly as the negative control `replay` is made, from the
//! calibration starts, and [`Distilled::compare`] sets the controller against it on starts that neither has seen, from
//! which [`ProductAdvice`] says which to use.
//!
//! The table is made on the controller's own task. To see how it does on another task (a *shift*), write it to a file
//! and compare it there:
//! `descender compare --controller FILE --against schedule:FILE.json --task 'mnist-cnn;batch=16'`. Or pass
//! [`Distilled::contender`] to a [`compare`](fn@crate::compare::compare) on that task.

mod advice;
mod distilled;
mod document;
mod torch;

pub use advice::{Product, ProductAdvice};
pub use distilled::{Distilled, SCHEDULE, distil, trained_steps};
pub use torch::{TorchError, torch_supports};

#[cfg(test)]
mod tests;
