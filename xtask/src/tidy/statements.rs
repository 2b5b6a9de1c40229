//! Migrations as statements: SQL without comments, one space between words.

/// One statement in lower case, with the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) line: usize,
    pub(super) text: String,
}

/// Splits at semicolons outside quotes. The inside of single and dollar quotes is dropped, so that
/// a function body is not mistaken for statements.
pub(super) fn split(sql: &str) -> Vec<Statement> {
    let chars: Vec<char> = sql.chars().collect();
    let mut statements = Vec::new();
    let mut current = Statement {
        line: 0,
        text: String::new(),
    };
    let mut at = 0;
    let mut line = 1;
    while at < chars.len() {
        let end = quoted_end(&chars, at);
        if let Some(end) = end {
            line += chars[at..end].iter().filter(|c| **c == '\n').count();
            current.push(' ', line);
            at = end;
            continue;
        }
        if chars[at] == '\n' {
            line += 1;
        }
        if chars[at] == ';' {
            statements.extend(current.finish());
            current = Statement {
                line: 0,
                text: String::new(),
            };
        } else {
            current.push(chars[at], line);
        }
        at += 1;
    }
    statements.extend(current.finish());
    statements
}

/// Where the comment or quoted text that begins here ends; nothing when none begins.
fn quoted_end(chars: &[char], at: usize) -> Option<usize> {
    let rest: String = chars[at..].iter().take(64).collect();
    let until = |start: usize, mark: &str| {
        let mark: Vec<char> = mark.chars().collect();
        chars[start..]
            .windows(mark.len())
            .position(|window| window == mark)
            .map_or(chars.len(), |found| start + found + mark.len())
    };
    if rest.starts_with("--") {
        // The line end itself stays.
        return Some(
            until(at, "\n")
                .saturating_sub(1)
                .max(at + 2)
                .min(chars.len()),
        );
    }
    if rest.starts_with("/*") {
        return Some(until(at + 2, "*/"));
    }
    if rest.starts_with('\'') {
        return Some(until(at + 1, "'"));
    }
    let tag = dollar_tag(&rest)?;
    Some(until(at + tag.len(), &tag))
}

/// `$$` or `$name$` at the start of the text; `$1` is a parameter.
fn dollar_tag(text: &str) -> Option<String> {
    let inside = text.strip_prefix('$')?;
    let (name, _) = inside.split_once('$')?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    is_name.then(|| format!("${name}$"))
}

impl Statement {
    fn push(&mut self, c: char, line: usize) {
        if !c.is_whitespace() {
            if self.text.is_empty() {
                self.line = line;
            }
            self.text.extend(c.to_lowercase());
        } else if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    fn finish(mut self) -> Option<Self> {
        self.text.truncate(self.text.trim_end().len());
        (!self.text.is_empty()).then_some(self)
    }
}

/// The parts between top-level commas inside the first pair of parentheses.
pub(super) fn items_in_parentheses(text: &str) -> Vec<&str> {
    let Some(open) = text.find('(') else {
        return Vec::new();
    };
    let mut items = Vec::new();
    let mut depth = 0_usize;
    let mut start = open + 1;
    for (offset, c) in text[open..].char_indices() {
        let at = open + offset;
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            items.push(text[start..at].trim());
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_lose_comments_and_quoted_text() {
        let sql = "-- why; not\nCREATE  TABLE a.b (\n  c text default ';' /* ; */\n);\n\n\
                   create function f() returns int as $body$ select 1; $body$;\nselect $1";
        let statements = split(sql);
        let texts: Vec<(usize, &str)> = statements
            .iter()
            .map(|s| (s.line, s.text.as_str()))
            .collect();
        assert_eq!(
            texts,
            [
                (2, "create table a.b ( c text default )"),
                (6, "create function f() returns int as"),
                (7, "select $1")
            ]
        );
    }

    #[test]
    fn columns_are_split_at_their_own_commas() {
        let items =
            items_in_parentheses("create table t (a numeric(20,8), check (a in (1,2)), b int) x");
        assert_eq!(items, ["a numeric(20,8)", "check (a in (1,2))", "b int"]);
    }
}
