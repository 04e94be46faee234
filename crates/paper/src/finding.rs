//! Findings: what the paper says about a figure, and whether it is seen here.
//!
//! No finding is judged by eye. Each claim is split into conditions, and each condition is a number with a 95 % interval
//! and a range in which the claim wants it ([`Evidence`]). A condition holds if its *whole* interval lies in that range,
//! and is contradicted if its whole interval lies outside of it; a number that is not known, or whose interval touches the
//! border, is undecided. A condition is a *main* one unless the figure's module says that it is minor: a detail, without
//! which the claim would still be the same. Then
//!
//! - a main condition is contradicted: [`Seen::Contradicted`], whatever else holds;
//! - otherwise all conditions hold: [`Seen::Yes`];
//! - some of them hold: [`Seen::Partly`];
//! - none holds: [`Seen::No`].
//!
//! An interval is over units that are drawn apart from each other, such as start points. The parts of one descent are not:
//! their numbers are exact, and hold for that descent. `n` says how many units there are, `seeds` how many trainings.
//!
//! A number without a wanted range is there to be read and decides nothing. Each figure's module says what its
//! conditions are and what the intervals are taken over.

use serde::{Deserialize, Serialize};

use descender_record::nullable_float;
use descender_statistics::number::significant;
use descender_statistics::{Bootstrap, PairedComparison};

/// Whether a finding of the paper is seen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// All conditions hold.
    Yes,
    /// Some conditions hold.
    Partly,
    /// No condition holds.
    No,
    /// A main condition is contradicted.
    Contradicted,
}

impl Seen {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Yes, Self::Partly, Self::No, Self::Contradicted];

    /// In a table.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Yes => "seen",
            Self::Partly => "partly seen",
            Self::No => "not seen",
            Self::Contradicted => "contradicted",
        }
    }
}

/// A finding of the paper, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaperFinding {
    /// The figure, such as `fig1`.
    pub figure: String,
    /// What the paper says, in our words.
    pub claim: String,
    /// Whether it is seen here.
    pub seen: Seen,
    /// What was seen, condition by condition, in words.
    pub text: String,
    /// The conditions with their numbers, and further numbers.
    pub strength: Vec<Evidence>,
    /// How many `units` the intervals are taken over.
    pub n: u64,
    /// What is counted by `n`, such as `starts`.
    pub units: String,
    /// How many trainings it rests on, each from its own seed; 0 where nothing is trained.
    #[serde(default)]
    pub seeds: u64,
}

/// A number with its 95 % interval, and where the claim wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the number is.
    pub what: String,
    /// The number.
    #[serde(with = "nullable_float")]
    pub value: f64,
    /// Its 95 % interval; the number twice where it is exact.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
    /// The range that the claim wants; `None` for a number that decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// Whether the whole interval lies in that range; `None` for a number that decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
    /// Whether the condition is a minor one, which can't contradict the claim.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub minor: bool,
}

/// The range in which a claim wants a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Above this.
    Above(f64),
    /// Below this.
    Below(f64),
    /// Between these two.
    Between(f64, f64),
}

impl Wanted {
    /// Whether a whole interval lies in the range.
    #[must_use]
    pub fn holds(self, [low, high]: [f64; 2]) -> bool {
        match self {
            Self::Above(border) => low > border && high >= low,
            Self::Below(border) => high < border && high >= low,
            Self::Between(least, most) => low >= least && high <= most && high >= low,
        }
    }

    /// Whether a whole interval lies outside the range.
    #[must_use]
    pub fn is_contradicted(self, [low, high]: [f64; 2]) -> bool {
        match self {
            Self::Above(border) => high < border && high >= low,
            Self::Below(border) => low > border && high >= low,
            Self::Between(least, most) => (high < least || low > most) && high >= low,
        }
    }

    /// In a table.
    #[must_use]
    pub fn words(self) -> String {
        let number = |value: f64| descender_statistics::number::setting(value);
        match self {
            Self::Above(border) => format!("above {}", number(border)),
            Self::Below(border) => format!("below {}", number(border)),
            Self::Between(least, most) => format!("{} to {}", number(least), number(most)),
        }
    }
}

impl Evidence {
    /// A number with its interval, which decides nothing yet.
    pub(crate) fn new(what: impl Into<String>, value: f64, ci95: [f64; 2]) -> Self {
        Self {
            what: what.into(),
            value,
            ci95,
            wanted: None,
            holds: None,
            minor: false,
        }
    }

    /// A number without any uncertainty.
    pub(crate) fn exact(what: impl Into<String>, value: f64) -> Self {
        Self::new(what, value, [value; 2])
    }

    /// The share of `cases` that are true, with Wilson's score interval, which stays honest where all cases agree
    /// (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
    pub(crate) fn share(
        what: impl Into<String>,
        cases: impl ExactSizeIterator<Item = bool>,
    ) -> Self {
        let count = cases.len();
        let share = cases.filter(|case| *case).count() as f64 / count as f64;
        Self::new(what, share, wilson(share, count as f64))
    }

    /// The interquartile mean of `values` that are no sample, but all there is.
    pub(crate) fn exact_mean(what: impl Into<String>, values: &[f64]) -> Self {
        Self::exact(what, descender_statistics::interquartile_mean(values))
    }

    /// The interquartile mean of `values` with its bootstrap interval.
    pub(crate) fn mean(what: impl Into<String>, values: &[f64], bootstrap: &Bootstrap) -> Self {
        let estimate = bootstrap.interquartile_mean(values, 0);
        Self::new(what, estimate.iqm, estimate.ci95)
    }

    /// The interquartile mean of the paired differences `first − second`, as [`PairedComparison`] takes them.
    pub(crate) fn difference(
        what: impl Into<String>,
        first: &[f64],
        second: &[f64],
        bootstrap: &Bootstrap,
    ) -> Self {
        let shared = first.len().min(second.len());
        match PairedComparison::of(&first[..shared], &second[..shared], bootstrap, 0) {
            Ok(paired) => Self::new(what, paired.difference.iqm, paired.difference.ci95),
            Err(_) => Self::new(what, f64::NAN, [f64::NAN; 2]), // never: the lengths are equal
        }
    }

    /// The same number as a condition.
    pub(crate) fn wanted(self, wanted: Wanted) -> Self {
        Self {
            holds: Some(wanted.holds(self.ci95)),
            wanted: Some(wanted),
            ..self
        }
    }

    /// The same number as a condition: in most cases.
    pub(crate) fn in_most(self) -> Self {
        self.wanted(Wanted::Above(0.5))
    }

    /// The same condition as a minor one.
    pub(crate) fn minor(self) -> Self {
        Self {
            minor: true,
            ..self
        }
    }

    /// Whether the whole interval lies outside the wanted range.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.wanted
            .is_some_and(|wanted| wanted.is_contradicted(self.ci95))
    }

    fn phrase(&self) -> String {
        let wanted = self.wanted.map_or_else(String::new, Wanted::words);
        format!("{} {} (claimed: {wanted})", self.what, self.number())
    }

    /// `value [low, high]`; the value alone where it is exact.
    #[must_use]
    pub fn number(&self) -> String {
        let [low, high] = self.ci95.map(|bound| significant(bound, 3));
        let value = significant(self.value, 3);
        if self.ci95 == [self.value; 2] {
            value
        } else {
            format!("{value} [{low}, {high}]")
        }
    }
}

/// 95 % interval of a share of `count` cases.
fn wilson(share: f64, count: f64) -> [f64; 2] {
    const Z: f64 = 1.959_964; // 97.5 % quantile of the normal distribution
    if count == 0.0 {
        return [f64::NAN; 2];
    }
    // Where all cases agree, the bound is exact but for rounding.
    let (least, most) = (share == 0.0, share == 1.0);
    let center = (share + Z * Z / (2.0 * count)) / (1.0 + Z * Z / count);
    let half = Z / (1.0 + Z * Z / count)
        * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    [
        if least { 0.0 } else { center - half },
        if most { 1.0 } else { center + half },
    ]
}

/// What a finding rests on; see [`PaperFinding`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) n: usize,
    pub(crate) units: &'a str,
    pub(crate) seeds: u64,
}

impl PaperFinding {
    /// What it rests on, in words: `30 starts, 1 training seed`.
    #[must_use]
    pub fn sample(&self) -> String {
        let units = match self.n {
            1 => self.units.strip_suffix('s').unwrap_or(&self.units),
            _ => &self.units,
        };
        match self.seeds {
            0 => format!("{} {units}", self.n),
            1 => format!("{} {units}, 1 training seed", self.n),
            seeds => format!("{} {units}, {seeds} training seeds", self.n),
        }
    }

    /// The finding that follows from the evidence by the rule of this [module](self).
    pub(crate) fn decide(
        figure: &str,
        claim: impl Into<String>,
        strength: Vec<Evidence>,
        Sample { n, units, seeds }: Sample<'_>,
    ) -> Self {
        let held = strength
            .iter()
            .filter(|evidence| evidence.holds == Some(true))
            .count();
        let failed = strength
            .iter()
            .filter(|evidence| evidence.holds == Some(false))
            .count();
        let against = |evidence: &Evidence| !evidence.minor && evidence.is_contradicted();
        let seen = match (held, failed) {
            _ if strength.iter().any(against) => Seen::Contradicted,
            (0, _) => Seen::No,
            (_, 0) => Seen::Yes,
            _ => Seen::Partly,
        };
        let listed = |label: &str, belongs: &dyn Fn(&Evidence) -> bool| -> String {
            let phrases: Vec<String> = strength
                .iter()
                .filter(|evidence| evidence.holds.is_some() && belongs(evidence))
                .map(Evidence::phrase)
                .collect();
            match phrases.is_empty() {
                true => String::new(),
                false => format!("{label}: {}. ", phrases.join("; ")),
            }
        };
        let holds = |evidence: &Evidence| evidence.holds == Some(true);
        let text = listed("Holds", &holds)
            + &listed("Contradicted", &Evidence::is_contradicted)
            + &listed("Undecided", &|evidence| {
                !holds(evidence) && !evidence.is_contradicted()
            });
        let text = match text.trim_end() {
            "" => "Nothing could be measured.".to_owned(),
            text => text.to_owned(),
        };
        Self {
            figure: figure.to_owned(),
            claim: claim.into(),
            seen,
            text,
            strength,
            n: n as u64,
            units: units.to_owned(),
            seeds,
        }
    }
}

/// The findings as a table for a terminal: the verdict first, then claim and numbers.
#[must_use]
pub fn findings_table(findings: &[PaperFinding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (figure, seen) = (&finding.figure, finding.seen.words());
        text.push_str(&format!("{figure}  {seen:<12} {}\n", finding.claim));
        let numbers = format!("{} n = {}.", finding.text, finding.sample());
        for line in folded(&numbers, 100) {
            text.push_str(&format!("{:20}{line}\n", ""));
        }
    }
    let count = |seen| {
        findings
            .iter()
            .filter(|finding| finding.seen == seen)
            .count()
    };
    text.push_str(&format!(
        "{} findings: {} seen, {} partly seen, {} not seen, {} contradicted",
        findings.len(),
        count(Seen::Yes),
        count(Seen::Partly),
        count(Seen::No),
        count(Seen::Contradicted)
    ));
    text
}

/// The words of a text in lines of at most `width` characters (a longer word stands alone).
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTS: Sample<'_> = Sample {
        n: 30,
        units: "starts",
        seeds: 1,
    };

    fn share(hits: usize, count: usize) -> Evidence {
        let cases: Vec<bool> = (0..count).map(|case| case < hits).collect();
        Evidence::share("share", cases.into_iter())
    }

    #[test]
    fn wilsons_interval_is_that_of_the_textbook() {
        // Agresti and Coull's worked figures for 0 of 10 and 5 of 10.
        let [low, high] = share(0, 10).ci95;
        assert!(low == 0.0 && (high - 0.2775).abs() < 1e-4, "{high}");
        let [low, high] = share(5, 10).ci95;
        assert!((low - 0.2366).abs() < 1e-4 && (high - 0.7634).abs() < 1e-4);
        assert!(share(0, 0).ci95[0].is_nan());
    }

    #[test]
    fn a_condition_holds_with_its_whole_interval_only() {
        assert_eq!(share(29, 30).in_most().holds, Some(true));
        assert_eq!(
            share(18, 30).in_most().holds,
            Some(false),
            "60 % of 30 is no evidence for most"
        );
        assert_eq!(
            share(3, 3).in_most().holds,
            Some(false),
            "neither are three of three"
        );
        assert_eq!(share(0, 0).in_most().holds, Some(false));
        assert!(!Wanted::Below(1.0).holds([f64::NAN, 0.5]));
        assert!(!Wanted::Between(0.0, 1.0).holds([f64::NAN; 2]));
        assert!(Wanted::Between(0.06, 0.14).holds([0.06, 0.1]));
        assert!(!Wanted::Between(0.06, 0.14).holds([0.05, 0.1]));
    }

    #[test]
    fn all_some_and_none_give_yes_partly_and_no() {
        let seen =
            |strength: Vec<Evidence>| PaperFinding::decide("fig1", "claim", strength, STARTS).seen;
        let (good, open, mute) = (
            || share(30, 30).in_most(),
            || share(16, 30).in_most(),
            || share(1, 2),
        );
        assert_eq!(seen(vec![good(), good(), mute()]), Seen::Yes);
        assert_eq!(seen(vec![good(), open()]), Seen::Partly);
        assert_eq!(seen(vec![open(), open(), mute()]), Seen::No);
        assert_eq!(seen(vec![mute()]), Seen::No);
        assert_eq!(seen(vec![]), Seen::No);
    }

    #[test]
    fn a_contradicted_main_condition_contradicts_the_claim_whatever_else_holds() {
        let seen =
            |strength: Vec<Evidence>| PaperFinding::decide("fig1", "claim", strength, STARTS).seen;
        let (good, bad) = (|| share(30, 30).in_most(), || share(2, 30).in_most());
        assert_eq!(seen(vec![good(), good(), bad()]), Seen::Contradicted);
        assert_eq!(seen(vec![bad()]), Seen::Contradicted);
        // A minor one is only missing; a number that decides nothing contradicts nothing.
        assert_eq!(seen(vec![good(), bad().minor()]), Seen::Partly);
        assert_eq!(seen(vec![bad().minor()]), Seen::No);
        assert_eq!(seen(vec![good(), share(0, 30)]), Seen::Yes);
    }

    #[test]
    fn a_finding_says_what_it_rests_on() {
        let of = |n, seeds| {
            let sample = Sample { n, seeds, ..STARTS };
            PaperFinding::decide("fig1", "claim", vec![], sample).sample()
        };
        assert_eq!(of(30, 0), "30 starts");
        assert_eq!(of(1, 1), "1 start, 1 training seed");
        assert_eq!(of(5, 2), "5 starts, 2 training seeds");
    }

    #[test]
    fn a_no_says_what_was_seen_instead_and_the_table_names_it_like_a_yes() {
        let no = PaperFinding::decide("fig4", "it rises", vec![share(2, 30).in_most()], STARTS);
        assert!(
            no.text
                .starts_with("Contradicted: share 0.0667 [0.0185, 0.213] (claimed: above 0.5)"),
            "{}",
            no.text
        );
        let yes = PaperFinding::decide("fig1", "it falls", vec![share(30, 30).in_most()], STARTS);
        let table = findings_table(&[yes, no]);
        assert!(
            table.contains("fig1  seen         it falls")
                && table.contains("fig4  contradicted it rises"),
            "{table}"
        );
        assert!(table.ends_with("2 findings: 1 seen, 0 partly seen, 0 not seen, 1 contradicted"));
    }
}
