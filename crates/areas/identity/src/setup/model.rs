use serde::Deserialize;
use web::{FieldError, Problem, format::Formats};

use crate::{
    preferences::{Choices, Preferences},
    users::{Email, NewUser, Password, UserError, clean_name},
};

/// What the administrator fills in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SetupForm {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password: String,
    #[serde(flatten)]
    pub(super) choices: Choices,
}

/// An administrator as they may be stored.
pub(super) struct NewAdmin {
    pub(super) user: NewUser,
    pub(super) password: Password,
    pub(super) preferences: Preferences,
}

impl SetupForm {
    /// Reads the whole form, so that everything that is wrong is said at once.
    pub(super) fn read(&self) -> Result<NewAdmin, Vec<FieldError>> {
        let email = Email::new(&self.email);
        let name = clean_name(&self.name);
        let password = Password::new(&self.password, &self.email).map_err(UserError::from);
        let base_currency = self.choices.base_currency();
        let locale = self.choices.locale();
        match (email, name, password, base_currency, locale) {
            (Ok(email), Ok(name), Ok(password), Ok(base_currency), Ok(locale)) => {
                let preferences = Preferences {
                    base_currency,
                    formats: Formats::of(locale),
                    ..Preferences::default()
                };
                Ok(NewAdmin {
                    user: NewUser { email, name },
                    password,
                    preferences,
                })
            }
            (email, name, password, base_currency, locale) => Err([
                email.err().map(Problem::from),
                name.err().map(Problem::from),
                password.err().map(Problem::from),
                base_currency.err().map(Problem::from),
                locale.err().map(Problem::from),
            ]
            .into_iter()
            .flatten()
            .flat_map(|problem| problem.errors)
            .collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_said_at_once() {
        let form = SetupForm {
            email: "nobody".to_owned(),
            name: "A".repeat(200),
            password: "short".to_owned(),
            choices: Choices {
                base_currency: "E".to_owned(),
                locale: "xx".to_owned(),
            },
        };
        let errors = form.read().err().expect("refused");
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["email", "name", "password", "base_currency", "locale"]
        );
    }
}
