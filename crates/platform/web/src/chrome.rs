use crate::{
    format::Formats,
    look::{Look, Theme},
};

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
    /// How numbers, days and times are written.
    pub formats: Formats,
    /// Colours.
    pub theme: Theme,
    /// Everything else about how pages look.
    pub look: Look,
    /// Whether forms say what short positions and options can cost.
    pub risk_warnings: bool,
    /// After how many seconds pages about the market are fetched anew; never if `None`.
    pub refresh_s: Option<u32>,
    /// Whether amounts are hidden.
    pub private: bool,
    /// Whether the whole instance is the demo.
    pub demo: bool,
    /// The main navigation.
    pub nav: &'static [NavItem],
}
