//! The report as a page: its text, and how Chromium shows it at the widths of a screen and of a phone.

mod browser;
mod chromium;
mod page;
mod sample;
