//! Floating-point numbers that survive JSON.
//!
//! JSON has no NaN and no infinity. The fields that use this module (`#[serde(with = …)]`) write `null` for a number
//! that is not finite and read `null` as NaN. An infinity therefore comes back as NaN; no file distinguishes the two.
//! Finite numbers are written as they are.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Serialize, SerializeTuple, Serializer};

/// `f32` and `f64`.
pub trait Float: Copy + Serialize + DeserializeOwned {
    /// Not a number.
    const NAN: Self;
    /// The number, if it is finite.
    fn finite(self) -> Option<Self>;
}

macro_rules! float {
    ($kind:ty) => {
        impl Float for $kind {
            const NAN: Self = <$kind>::NAN;
            fn finite(self) -> Option<Self> {
                self.is_finite().then_some(self)
            }
        }
    };
}
float!(f32);
float!(f64);

/// NaN, for `#[serde(default = …)]` of a field that may be missing.
pub fn nan<T: Float>() -> T {
    T::NAN
}

/// Writes one number.
pub fn serialize<T: Float, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.finite().serialize(serializer)
}

/// Reads one number.
pub fn deserialize<'de, T: Float, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or(T::NAN))
}

/// Two numbers, such as the bounds of an interval.
pub mod pair {
    use super::{Deserialize, Deserializer, Float, SerializeTuple, Serializer};

    /// Writes two numbers.
    pub fn serialize<T: Float, S: Serializer>(
        values: &[T; 2],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(2)?;
        for value in values {
            tuple.serialize_element(&value.finite())?;
        }
        tuple.end()
    }

    /// Reads two numbers.
    pub fn deserialize<'de, T: Float, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[T; 2], D::Error> {
        let values = <[Option<T>; 2]>::deserialize(deserializer)?;
        Ok(values.map(|value| value.unwrap_or(T::NAN)))
    }
}

/// Any number of numbers.
pub mod list {
    use super::{Deserialize, Deserializer, Float, Serializer};

    /// Writes the numbers.
    pub fn serialize<T: Float, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.finite()))
    }

    /// Reads the numbers.
    pub fn deserialize<'de, T: Float, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let values = Vec::<Option<T>>::deserialize(deserializer)?;
        Ok(values
            .into_iter()
            .map(|value| value.unwrap_or(T::NAN))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Sample {
        #[serde(with = "super", default = "super::nan")]
        one: f32,
        #[serde(with = "super::pair")]
        two: [f64; 2],
        #[serde(with = "super::list")]
        many: Vec<f64>,
    }

    #[test]
    fn what_is_not_finite_is_null_and_null_is_nan() {
        let sample = Sample {
            one: 0.1,
            two: [f64::NAN, 2.0],
            many: vec![f64::INFINITY, -1.5],
        };
        let text = serde_json::to_string(&sample).unwrap();
        assert_eq!(text, r#"{"one":0.1,"two":[null,2.0],"many":[null,-1.5]}"#);
        let back: Sample = serde_json::from_str(&text).unwrap();
        assert_eq!(back.one, 0.1);
        assert!(back.two[0].is_nan() && back.two[1] == 2.0);
        assert!(back.many[0].is_nan() && back.many[1] == -1.5);
    }

    #[test]
    fn a_missing_field_may_default_to_nan_and_a_word_is_refused() {
        let sample: Sample = serde_json::from_str(r#"{"two":[1,2],"many":[]}"#).unwrap();
        assert!(sample.one.is_nan());
        assert!(serde_json::from_str::<Sample>(r#"{"one":"x","two":[1,2],"many":[]}"#).is_err());
        assert!(serde_json::from_str::<Sample>(r#"{"two":[1],"many":[]}"#).is_err());
    }
}
