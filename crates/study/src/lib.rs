//! Training of controllers, baselines, comparisons and their statistics, figures and reports.
