/// A text that people agree to, in its current version: the day on which it was written.
pub(super) struct Document {
    pub(super) word: &'static str,
    pub(super) version: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) consent: &'static str,
}

/// What has to be agreed to. Whoever changes a text gives it the day as its new version: everybody is
/// asked again then.
pub(super) const DOCUMENTS: [Document; 3] = [
    Document {
        word: "terms",
        version: "2026-11-21",
        title: "Terms of use",
        text: "This server is run by whoever gave you the account. The software comes without any \
               warranty, under its licence. You answer for what you enter and for keeping your password \
               to yourself. Figures are computed from what you enter and from market data that can be \
               late or wrong; check them before you rely on them.",
        consent: "I accept the terms of use",
    },
    Document {
        word: "privacy",
        version: "2026-11-21",
        title: "Privacy",
        text: "What you enter stays in the database of this server. Others who use it cannot see it. Phone \
               number, tax numbers and keys are encrypted. Whoever runs the server can make back-ups of \
               it. You can download all of it and close your account at any time; bookings are then kept \
               for seven years without your name.",
        consent: "I have read what becomes of my data",
    },
    Document {
        word: "risk",
        version: "2026-11-21",
        title: "Risk",
        text: "Investments can lose value, all of it included; positions that are sold short or built on \
               credit can lose more than was put in. What has happened says little about what will. \
               Nothing on these pages is advice: decisions are yours.",
        consent: "I understand that I can lose money",
    },
];
