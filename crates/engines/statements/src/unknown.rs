//! Parts of a file that are not known: one refusal for each name, however often it is there.

use std::collections::HashMap;

use crate::{Statement, code, model::Refusal, text::shown};

/// Names of sections or elements that no reader knows.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    places: HashMap<String, usize>,
    /// Name, line of the first, how many.
    found: Vec<(String, u64, u64)>,
}

impl Unknown {
    pub(crate) fn note(&mut self, name: &str, line: u64) {
        let known = self.places.get(name).copied();
        if let Some((_, _, count)) = known.and_then(|place| self.found.get_mut(place)) {
            *count += 1;
        } else {
            self.places.insert(name.to_owned(), self.found.len());
            self.found.push((name.to_owned(), line, 1));
        }
    }

    /// Adds a refusal for each name; `what` says what it is the name of.
    pub(crate) fn refuse(&self, what: &str, statement: &mut Statement) {
        for (name, line, count) in &self.found {
            let message = format!(
                "the {what} “{}” ({count} in the file) is not known here: enter by hand what it \
                 states",
                shown(name)
            );
            statement.take(*line, Err(Refusal::new(code::NOT_SUPPORTED_YET, message)));
        }
    }
}
