use crate::format::Locale;

/// One entry of the main navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    /// Where it leads; the entry is current when the path begins with it.
    pub href: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Name of the icon in the sprite.
    pub icon: &'static str,
}

/// The colour scheme a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The word used in the database, on the wire and in the page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads [`Theme::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.as_str() == word)
    }
}

/// Who looks at the page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Shown in the corner.
    pub name: String,
}

/// What the frame around every page needs to know about the request.
#[derive(Clone, Debug, Default)]
pub struct Chrome {
    /// Token that every form carries.
    pub csrf: String,
    /// Path of the request, to mark the current entry of the navigation.
    pub path: String,
    /// Signed-in person, if any.
    pub visitor: Option<Visitor>,
    /// How numbers and dates are written.
    pub locale: Locale,
    /// Colours.
    pub theme: Theme,
    /// Whether amounts are hidden.
    pub private: bool,
    /// Whether the whole instance is the demo.
    pub demo: bool,
    /// The main navigation.
    pub nav: &'static [NavItem],
}
