//! A shard: the share of a comparison that one machine makes.
//!
//! A trial is a function of what is compared, of the seed and of its start. So a comparison can be made in shards anywhere, in
//! any order and as often as one likes, and comes to the same bytes. Shard i of n has every n-th start, or job, from the
//! i-th on: descents of about the same length are spread over all.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Shard `number` of `count`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u64, u64)", into = "(u64, u64)")]
pub struct Shard {
    number: u64,
    count: u64,
}

/// Two numbers that make no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N with I from 1 to N, such as 2/8")]
pub struct ShardError;

impl Shard {
    /// The only one of one: everything.
    pub const WHOLE: Self = Self {
        number: 1,
        count: 1,
    };

    /// Shard `number` of `count`.
    ///
    /// # Errors
    /// The number is 0 or above the count.
    pub const fn new(number: u64, count: u64) -> Result<Self, ShardError> {
        if number == 0 || number > count {
            return Err(ShardError);
        }
        Ok(Self { number, count })
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.number
    }

    /// How many shards there are.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Whether it makes start (or job) number `index`, counted from 0.
    #[must_use]
    pub const fn has(self, index: u64) -> bool {
        index % self.count == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (number, count) = text.split_once('/').ok_or(ShardError)?;
        let read = |text: &str| text.trim().parse().map_err(|_| ShardError);
        Self::new(read(number)?, read(count)?)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.count)
    }
}

impl TryFrom<(u64, u64)> for Shard {
    type Error = ShardError;

    fn try_from((number, count): (u64, u64)) -> Result<Self, ShardError> {
        Self::new(number, count)
    }
}

impl From<Shard> for (u64, u64) {
    fn from(Shard { number, count }: Shard) -> Self {
        (number, count)
    }
}

/// Why shards don't make a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardsError {
    /// There are none.
    #[error("there are no shards; expected the folders of all shards of a comparison")]
    None,
    /// They are of different numbers of shards.
    #[error("shard {0} and shard {1} don't belong together: expected shards of one number of them")]
    Counts(Shard, Shard),
    /// One is there twice.
    #[error("shard {0} is there twice")]
    Twice(Shard),
    /// Some are not there.
    #[error("{}", missing(.0))]
    Missing(Vec<Shard>),
}

fn missing(shards: &[Shard]) -> String {
    let names: Vec<String> = shards.iter().map(Shard::to_string).collect();
    match names.as_slice() {
        [one] => format!("shard {one} is missing"),
        all => format!("shards {} are missing", all.join(", ")),
    }
}

/// Checks that the shards make a whole, in any order.
///
/// # Errors
/// [`ShardsError`]: which don't fit, or are missing.
pub fn check_whole(shards: &[Shard]) -> Result<(), ShardsError> {
    let first = shards.first().ok_or(ShardsError::None)?;
    if let Some(other) = shards.iter().find(|shard| shard.count != first.count) {
        return Err(ShardsError::Counts(*first, *other));
    }
    let mut sorted = shards.to_vec();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(ShardsError::Twice(twice[0]));
    }
    let missing: Vec<Shard> = (1..=first.count)
        .map(|number| Shard { number, ..*first })
        .filter(|shard| sorted.binary_search(shard).is_err())
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(ShardsError::Missing(missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    #[test]
    fn every_start_is_in_exactly_one_shard() {
        for count in 1..6 {
            let shards: Vec<Shard> = (1..=count)
                .map(|number| Shard::new(number, count).unwrap())
                .collect();
            check_whole(&shards).unwrap();
            for index in 0..20 {
                let having = shards.iter().filter(|shard| shard.has(index)).count();
                assert_eq!(having, 1, "{index} of {count}");
            }
        }
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        assert_eq!(shard("2/8"), Shard::new(2, 8).unwrap());
        assert_eq!(shard("2/8").to_string(), "2/8");
        for wrong in ["", "2", "0/3", "4/3", "1/0", "a/b", "-1/2", "1/2/3"] {
            let error = wrong.parse::<Shard>().unwrap_err();
            assert!(error.to_string().contains("2/8"), "{wrong}");
        }
        let json = serde_json::to_string(&shard("3/4")).unwrap();
        assert_eq!(serde_json::from_str::<Shard>(&json).unwrap(), shard("3/4"));
        assert!(serde_json::from_str::<Shard>("[5,4]").is_err());
    }

    #[test]
    fn shards_that_make_no_whole_are_named() {
        let check = |texts: &[&str]| {
            let shards: Vec<Shard> = texts.iter().map(|text| shard(text)).collect();
            check_whole(&shards).map_err(|error| error.to_string())
        };
        assert_eq!(check(&["2/3", "1/3", "3/3"]), Ok(()));
        for (shards, words) in [
            (&[][..], "no shards"),
            (&["1/3", "3/3"], "shard 2/3 is missing"),
            (&["2/4"], "shards 1/4, 3/4, 4/4 are missing"),
            (&["1/2", "2/2", "1/2"], "shard 1/2 is there twice"),
            (&["1/2", "2/3"], "1/2 and shard 2/3 don't belong together"),
        ] {
            let message = check(shards).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
