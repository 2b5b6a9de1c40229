//! Every figure that has a trail: its word in addresses, its name and its formula in words. Each slice
//! declares its own family beside what explains it.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de::Error as _};

use super::{
    holding::Holding,
    total::{Comparison, Total},
    whole::Whole,
};
use crate::{
    allocation::trail::Allocation, cash::trail::Cash, categories::trail::Category,
    contribution::trail::Contribution, gains::trail::Gains, income::trail::Income,
    performance::trail::Performance,
};

/// Declares a family: the variant, its word in addresses, its name, its formula in words.
macro_rules! figures {
    ($(#[$meta:meta])* $name:ident { $($variant:ident: $word:literal, $title:literal, $formula:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant),+ }

        impl $name {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in addresses.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The name.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// The formula in words, with its conventions.
            pub(crate) const fn formula(self) -> &'static str {
                match self { $(Self::$variant => $formula),+ }
            }
        }

        impl From<$name> for $crate::trail::Figure {
            fn from(figure: $name) -> Self {
                Self::$name(figure)
            }
        }
    };
}
pub(crate) use figures;

/// Declares the whole of the families.
macro_rules! families {
    ($($name:ident),+) => {
        /// A figure that can say how it came about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Figure { $(
            #[doc = concat!("One of [`", stringify!($name), "`].")]
            $name($name)
        ),+ }

        impl Figure {
            /// All of them.
            pub(crate) fn all() -> impl Iterator<Item = Self> {
                let families: [Vec<Self>; [$(stringify!($name)),+].len()] =
                    [$($name::ALL.iter().map(|figure| Self::$name(*figure)).collect()),+];
                families.into_iter().flatten()
            }

            /// The word in addresses.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$name(figure) => figure.word()),+ }
            }

            /// The name.
            pub(super) fn title(self) -> &'static str {
                match self { $(Self::$name(figure) => figure.title()),+ }
            }

            /// The formula in words.
            pub(super) fn formula(self) -> &'static str {
                match self { $(Self::$name(figure) => figure.formula()),+ }
            }
        }
    };
}

families!(
    Whole,
    Holding,
    Total,
    Comparison,
    Performance,
    Contribution,
    Gains,
    Income,
    Allocation,
    Category,
    Cash
);

impl FromStr for Figure {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::all()
            .find(|figure| figure.word() == word)
            .ok_or_else(|| {
                format!(
                    "there is no figure with the name \"{}\"",
                    word.escape_debug()
                )
            })
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(D::Error::custom)
    }
}

/// The words for the document of the API.
pub(super) fn schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(Figure::all().map(Figure::word)))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_is_found_by_a_word_of_its_own() {
        let words: Vec<&str> = Figure::all().map(Figure::word).collect();
        let distinct: BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(words.len(), distinct.len(), "{words:?}");
        for figure in Figure::all() {
            assert_eq!(figure.word().parse(), Ok(figure));
            assert!(figure.formula().ends_with('.'), "{}", figure.word());
        }
        assert!(
            "wisdom"
                .parse::<Figure>()
                .is_err_and(|why| why.contains("wisdom"))
        );
    }
}
