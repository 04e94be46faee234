//! The report as a page: its text, and how Chromium shows it at the widths of a screen and of a phone.

#![allow(clippy::unwrap_used, reason = "a test that fails here says so")]

mod browser;
mod chromium;
mod page;
mod sample;
