//! Just enough of Rust's lexical grammar to tell code from comments and strings.

/// A Rust source in three layers, line for line.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The text with the inside of comments, strings and characters blanked out.
    pub(super) code: String,
    pub(super) comments: Vec<Piece>,
    pub(super) strings: Vec<Piece>,
}

/// A comment or the content of a string literal, with the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) line: usize,
    pub(super) text: String,
}

pub(super) fn lex(text: &str) -> Source {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        out: Source::default(),
    };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.out
}

/// Whether the character can be part of a name.
pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    out: Source,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Copies one character to the code.
    fn keep(&mut self) {
        if let Some(c) = self.peek(0) {
            self.out.code.push(c);
            self.advance(c);
        }
    }

    /// Blanks one character out, except for line ends, and returns it.
    fn blank(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.out.code.push(if c == '\n' { '\n' } else { ' ' });
        self.advance(c);
        Some(c)
    }

    fn advance(&mut self, c: char) {
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (Some('/'), Some('/')) => self.line_comment(),
            (Some('/'), Some('*')) => self.block_comment(),
            (Some('"'), _) => self.string(),
            (Some('\''), _) => self.quote(),
            (Some(c), _) if is_name(c) => self.word(),
            _ => self.keep(),
        }
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while self.peek(0).is_some_and(|c| c != '\n') {
            text.extend(self.blank());
        }
        self.out.comments.push(Piece { line, text });
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        let mut depth = 0_usize;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    text.extend(self.blank());
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    text.extend(self.blank());
                }
                _ => {}
            }
            text.extend(self.blank());
            if depth == 0 {
                break;
            }
        }
        self.out.comments.push(Piece { line, text });
    }

    /// A name, or the prefix of a string such as `r#"`, `b"` or `cr"`.
    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_name) {
            self.keep();
        }
        let word: String = self.chars[start..self.at].iter().collect();
        let is_raw = matches!(word.as_str(), "r" | "br" | "cr");
        if !is_raw {
            // `b"` and `c"` go on as plain strings, `b'` as a plain character.
            return;
        }
        let hashes = self.chars[self.at..]
            .iter()
            .take_while(|c| **c == '#')
            .count();
        if self.peek(hashes) == Some('"') {
            for _ in 0..hashes {
                self.keep();
            }
            self.raw_string(hashes);
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        self.keep();
        let line = self.line;
        let mut text = String::new();
        while self.peek(0).is_some() {
            let closes = self.peek(0) == Some('"')
                && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closes {
                for _ in 0..=hashes {
                    self.keep();
                }
                break;
            }
            text.extend(self.blank());
        }
        self.out.strings.push(Piece { line, text });
    }

    fn string(&mut self) {
        self.keep();
        let line = self.line;
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            if c == '"' {
                self.keep();
                break;
            }
            if c == '\\' {
                text.extend(self.blank());
            }
            text.extend(self.blank());
        }
        self.out.strings.push(Piece { line, text });
    }

    /// A character literal, or the tick of a lifetime or label.
    fn quote(&mut self) {
        let is_character = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        self.keep();
        if !is_character {
            return;
        }
        // The first character may itself be an escaped tick.
        if self.blank() == Some('\\') {
            self.blank();
        }
        while self.peek(0).is_some_and(|c| c != '\'' && c != '\n') {
            self.blank();
        }
        self.keep();
    }
}

impl Source {
    /// Lines (from 1) on which `word` stands in the code with no name character on either side.
    /// A word that ends in another character, such as `query!`, is bounded on the left only.
    pub(super) fn lines_with(&self, word: &str) -> Vec<usize> {
        let mut lines = Vec::new();
        for (index, line) in self.code.lines().enumerate() {
            if has_word(line, word) {
                lines.push(index + 1);
            }
        }
        lines
    }

    /// The first and last lines of the items under `#[cfg(test)]`.
    pub(super) fn test_ranges(&self) -> Vec<(usize, usize)> {
        const MARK: &str = "#[cfg(test)]";
        let mut ranges = Vec::new();
        for (at, _) in self.code.match_indices(MARK) {
            let end = item_end(&self.code, at + MARK.len());
            ranges.push((line_of(&self.code, at), line_of(&self.code, end)));
        }
        ranges
    }

    /// Name, first and last line of every function with a body.
    pub(super) fn functions(&self) -> Vec<(String, usize, usize)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            if self.code[..at].chars().next_back().is_some_and(is_name) {
                continue;
            }
            let rest = self.code[at + 3..].trim_start();
            let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
            let end = item_end(&self.code, at);
            if name.is_empty() || !self.code[..end].ends_with('}') {
                continue;
            }
            found.push((name, line_of(&self.code, at), line_of(&self.code, end - 1)));
        }
        found
    }
}

/// Whether `line` holds `word` as a word of its own.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let ends_in_name = word.chars().next_back().is_some_and(is_name);
        !(before.is_some_and(is_name) || ends_in_name && after.is_some_and(is_name))
    })
}

/// Where the item that begins at `start` ends: after the `;` or the matching `}` that closes it.
fn item_end(code: &str, start: usize) -> usize {
    let mut nesting = 0_usize;
    let mut braces = 0_usize;
    for (offset, c) in code[start..].char_indices() {
        match c {
            '(' | '[' => nesting += 1,
            ')' | ']' => nesting = nesting.saturating_sub(1),
            ';' if nesting == 0 && braces == 0 => return start + offset + 1,
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return start + offset + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_leave_the_code_line_for_line() {
        let source = lex("let a = \"x // y\"; // note\n/* one /* two */\nstill */ b\n");
        assert_eq!(
            source.code,
            "let a = \"      \";        \n                \n         b\n"
        );
        assert_eq!(
            source.strings,
            [Piece {
                line: 1,
                text: "x // y".to_owned()
            }]
        );
        assert_eq!(
            source.comments[0],
            Piece {
                line: 1,
                text: "// note".to_owned()
            }
        );
        assert_eq!(source.comments[1].line, 2);
        assert!(source.comments[1].text.ends_with("still */"));
    }

    #[test]
    fn escapes_raw_strings_characters_and_lifetimes_are_told_apart() {
        let text = r##"f('"', '\'', b'{', "a\"b{", r#"c"{"#, br"\", &'a str, 'x: loop {}, r#fn)"##;
        let source = lex(text);
        assert_eq!(source.code.matches('{').count(), 1, "{}", source.code);
        let strings: Vec<&str> = source
            .strings
            .iter()
            .map(|piece| piece.text.as_str())
            .collect();
        assert_eq!(strings, ["a\\\"b{", "c\"{", "\\"]);
        assert!(
            source.code.ends_with("&'a str, 'x: loop {}, r#fn)"),
            "{}",
            source.code
        );
    }

    #[test]
    fn words_have_borders() {
        assert!(has_word("sqlx::query!(x)", "query!"));
        assert!(!has_word("my_query!(x)", "query!"));
        assert!(!has_word("unsafe_code", "unsafe"));
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let source = lex(
            "trait T { fn declared(&self) -> [u8; 3]; }\nfn one(a: [u8; 2],\n  b: fn(u8))\n{\n  \
             let x = || { 1 };\n}\nconst F: fn (u8) = one;\n",
        );
        assert_eq!(source.functions(), [("one".to_owned(), 2, 6)]);
    }

    #[test]
    fn test_modules_are_found_with_their_whole_body() {
        let source = lex("fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n");
        assert_eq!(source.test_ranges(), [(2, 5)]);
    }
}
