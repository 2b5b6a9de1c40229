//! What somebody meant who spelt a name wrongly.

use sqlx::PgConnection;

use super::store;

/// Shorter words are too easily mistaken for each other; names' words of fewer letters are not kept either.
const SHORTEST: usize = 4;
/// How like two words must be: one minus the letters to change, leave out, add or swap (Damerau and
/// Levenshtein) over those of the longer word. One wrong letter in four passes, two in six do not.
const LIKENESS: f64 = 0.7;
/// Words of a text that are looked up; names that people type have fewer.
const WORDS: usize = 6;

/// The text with the nearest known word in place of each that no name has; `None` when nothing is like it.
pub(super) async fn corrected(conn: &mut PgConnection, text: &str) -> db::Result<Option<String>> {
    let text = text.to_lowercase();
    let mut meant = Vec::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
    {
        if word.chars().count() < SHORTEST || word.chars().any(char::is_numeric) {
            meant.push(word.to_owned());
            continue;
        }
        let known = store::search::list_words_like(conn, word).await?;
        match nearest(word, known) {
            Some(known) => meant.push(known),
            None => return Ok(None),
        }
    }
    let meant = meant.join(" ");
    Ok((!meant.is_empty() && meant != text).then_some(meant))
}

fn nearest(word: &str, known: Vec<String>) -> Option<String> {
    known
        .into_iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(word, &known), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        // The first of equals: they come with what has the most in common first.
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_differs_in_a_letter_of_four_at_most() {
        let known = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(
            nearest("unyon", known(&["unity", "union"])),
            Some("union".into())
        );
        assert_eq!(
            nearest("aplle", known(&["apollo", "apple"])),
            Some("apple".into())
        );
        assert_eq!(nearest("tesal", known(&["tesla"])), Some("tesla".into()));
        assert_eq!(nearest("orange", known(&["oracle", "organic"])), None);
        assert_eq!(nearest("any", Vec::new()), None);
    }
}
