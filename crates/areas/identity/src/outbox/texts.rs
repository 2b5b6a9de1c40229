//! What the messages say. Plain text: nothing to load, nothing to track, nothing to inject.

use super::Kind;

impl Kind {
    pub(super) fn subject(self) -> &'static str {
        match self {
            Self::FinishRegistration => "Finish your registration",
            Self::AlreadyRegistered => "You have an account already",
            Self::PasswordReset => "Set a new password",
            Self::PasswordSet => "Your password was changed",
            Self::VerifyEmail => "Confirm your email address",
            Self::ChangeEmail => "Confirm your new email address",
            Self::EmailInUse => "Your email address was asked for",
            Self::EmailChangeAsked => "Your email address is to be changed",
            Self::EmailChanged => "Your email address was changed",
            Self::Invitation => "You are invited",
            Self::DetailsChanged => "Your details were changed",
        }
    }

    /// The text, with the whole link where there is one.
    pub(super) fn text(self, link: Option<&str>, detail: Option<&str>) -> String {
        let before = match self {
            Self::FinishRegistration => {
                "Somebody asked for an account on Bursar with this email address. If it was you, finish \
                 the registration under this link:"
                    .to_owned()
            }
            Self::AlreadyRegistered => {
                "Somebody asked for an account on Bursar with this email address, but you have one \
                 already. Sign in with it; if you forgot the password, set a new one under this link:"
                    .to_owned()
            }
            Self::PasswordReset => {
                "Somebody asked for a new password for your account on Bursar. If it was you, set it \
                 under this link:"
                    .to_owned()
            }
            Self::PasswordSet => {
                "A new password was set for your account on Bursar, and you were signed out everywhere. \
                 If it was not you, ask for a new password at once, and tell whoever runs the server."
                    .to_owned()
            }
            Self::VerifyEmail => {
                "Confirm under this link that this email address is yours:".to_owned()
            }
            Self::ChangeEmail => {
                "Confirm under this link that you want to sign in to Bursar with this email address \
                 from now on:"
                    .to_owned()
            }
            Self::EmailInUse => {
                "Somebody wanted to use this email address for another account on Bursar. You have an \
                 account with it, so nothing was changed."
                    .to_owned()
            }
            Self::EmailChangeAsked => format!(
                "Somebody who is signed in to your account on Bursar wants to change your email address \
                 to {}. It changes once that address is confirmed. If it was not you, change your \
                 password now.",
                detail.unwrap_or("another one")
            ),
            Self::EmailChanged => format!(
                "You sign in to Bursar with {} from now on. If it was not you, tell whoever runs the \
                 server.",
                detail.unwrap_or("another address")
            ),
            Self::Invitation => {
                "You are invited to Bursar. Make your account under this link:".to_owned()
            }
            Self::DetailsChanged => format!(
                "The {} of your account on Bursar was changed or removed. If it was not you, change your \
                 password now. You can switch these messages off in your preferences.",
                detail.unwrap_or("details")
            ),
        };
        match link {
            Some(link) => format!(
                "{before}\n\n{link}\n\nThe link works once. If you do not know what this is about, leave \
                 it be: nothing happens without the link.\n"
            ),
            None => format!("{before}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_carries_its_link_and_what_it_names() {
        let text = Kind::PasswordReset.text(Some("https://bursar.example/identity/reset/x"), None);
        assert!(
            text.contains("\n\nhttps://bursar.example/identity/reset/x\n"),
            "{text}"
        );
        let text = Kind::EmailChanged.text(None, Some("new@example.org"));
        assert!(text.contains("with new@example.org from now on"), "{text}");
        assert!(!text.contains("link"), "{text}");
    }
}
