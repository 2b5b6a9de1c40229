//! What a person can choose about the pages. Each choice is a closed list of words: the words stand in
//! the database, on the wire and in forms, the labels on pages.

/// A closed list of choices, each with its word and what it is called.
pub trait Choice: Copy + PartialEq + 'static {
    /// All of them, in the order in which they are offered.
    const ALL: &'static [Self];

    /// The word in the database, on the wire and in forms.
    fn as_str(self) -> &'static str;

    /// What it is called on a page.
    fn label(self) -> &'static str;

    /// Reads [`Choice::as_str`].
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == word)
    }

    /// Words and labels, for a list of a form.
    fn options() -> Vec<(&'static str, &'static str)> {
        Self::ALL
            .iter()
            .map(|one| (one.as_str(), one.label()))
            .collect()
    }

    /// The words, for a message.
    fn words() -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|one| one.as_str()).collect();
        words.join(", ")
    }
}

/// Declares a closed list; the first one is the default.
#[macro_export]
macro_rules! choices {
    (
        $(#[$about:meta])*
        $name:ident {
            $(#[$first_about:meta])* $first:ident = $first_word:literal, $first_label:literal;
            $($(#[$one_about:meta])* $one:ident = $word:literal, $label:literal;)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[$first_about])*
            #[default]
            $first,
            $($(#[$one_about])* $one,)*
        }

        impl $crate::Choice for $name {
            const ALL: &'static [Self] = &[Self::$first, $(Self::$one),*];

            fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$one => $word,)*
                }
            }

            fn label(self) -> &'static str {
                match self {
                    Self::$first => $first_label,
                    $(Self::$one => $label,)*
                }
            }
        }
    };
}

choices! {
    /// The colour scheme.
    Theme {
        /// As the system says.
        System = "system", "As the device";
        /// Always light.
        Light = "light", "Light";
        /// Always dark.
        Dark = "dark", "Dark";
    }
}

choices! {
    /// The colours of gain and loss; arrow and sign say it as well, whatever is chosen.
    SignColours {
        /// Blue-green and orange-red.
        Standard = "standard", "Gain green, loss red";
        /// Blue and orange, far apart for every common kind of colour blindness.
        ColourBlind = "colour_blind", "Gain blue, loss orange (for colour-blind eyes)";
        /// As in China, Japan and Korea.
        RedUp = "red_up", "Gain red, loss green";
    }
}

choices! {
    /// The letters of the pages.
    Font {
        /// Those of the device.
        System = "system", "Of the device";
        /// With serifs.
        Serif = "serif", "With serifs";
        /// All of one width.
        Mono = "mono", "All of one width";
    }
}

choices! {
    /// How large everything is.
    FontSize {
        /// 15 pixels, unless the browser is set otherwise.
        Medium = "medium", "Medium";
        /// 14 pixels.
        Small = "small", "Small";
        /// 17 pixels.
        Large = "large", "Large";
        /// 19 pixels.
        ExtraLarge = "extra_large", "Very large";
    }
}

choices! {
    /// How much room lies between things.
    Density {
        /// Easy to touch.
        Comfortable = "comfortable", "Comfortable";
        /// More rows on a screen.
        Compact = "compact", "Compact";
    }
}

choices! {
    /// How values over time are drawn.
    ChartType {
        /// A body from open to close with its extremes; of single values a filled line.
        Candlestick = "candlestick", "Candles (of single values a filled line)";
        /// A line with the surface below it tinted.
        Area = "area", "Line with a filled surface";
        /// A line alone.
        Line = "line", "Line";
        /// A stroke with open, high, low and close; of single values a bar a day.
        Bar = "bar", "Bars of open, high, low and close (of single values one from the foot)";
    }
}

/// How the pages look, besides what is written on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colours of gain and loss.
    pub signs: SignColours,
    /// The letters.
    pub font: Font,
    /// How large everything is.
    pub font_size: FontSize,
    /// How much room lies between things.
    pub density: Density,
    /// How values over time are drawn.
    pub chart_type: ChartType,
    /// Whether nothing moves by itself, whatever the device says.
    pub still: bool,
}

/// The word of a choice, unless it is the default one: an attribute that style sheets look for.
pub(crate) fn attribute<T: Choice + Default>(choice: T) -> Option<&'static str> {
    (choice != T::default()).then(|| choice.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law<T: Choice + std::fmt::Debug>() {
        for (at, one) in T::ALL.iter().enumerate() {
            assert_eq!(T::parse(one.as_str()), Some(*one));
            let twins = T::ALL
                .iter()
                .filter(|other| other.as_str() == one.as_str() || other.label() == one.label());
            assert_eq!(twins.count(), 1, "{one:?} at {at}");
        }
        assert_eq!(T::parse("pink"), None);
        assert_eq!(T::options().len(), T::ALL.len());
    }

    #[test]
    fn words_and_labels_name_one_choice_each() {
        law::<Theme>();
        law::<SignColours>();
        law::<Font>();
        law::<FontSize>();
        law::<Density>();
        law::<ChartType>();
        law::<crate::format::NumberFormat>();
        law::<crate::format::DateFormat>();
        law::<crate::format::TimeFormat>();
        law::<crate::format::PriceDigits>();
    }

    #[test]
    fn defaults_leave_no_attribute() {
        assert_eq!(attribute(Font::System), None);
        assert_eq!(attribute(Font::Serif), Some("serif"));
    }
}
