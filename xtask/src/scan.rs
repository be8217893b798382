//! Enough of Rust's grammar for the tidy checks: code without its comments and literals, the
//! functions in it with their lengths, the modules it declares.
//!
//! No parser: the checks need lines and names, and a parser would be the slowest dependency here.

/// The same lines with comments and the insides of string and character literals made blank, so
/// that a search meets only code.
pub fn code(source: &str) -> String {
    let mut blank = Blank { rest: source, out: String::with_capacity(source.len()) };
    while let Some(first) = blank.rest.chars().next() {
        match blank.literal() {
            Some(length) => blank.erase(length),
            None => blank.keep(first),
        }
    }
    blank.out
}

struct Blank<'a> {
    rest: &'a str,
    out: String,
}

impl Blank<'_> {
    fn keep(&mut self, character: char) {
        self.out.push(character);
        self.rest = &self.rest[character.len_utf8()..];
    }

    fn erase(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.out.extend(gone.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    /// The length in bytes of the comment or literal that starts here.
    fn literal(&self) -> Option<usize> {
        let rest = self.rest;
        match rest.as_bytes() {
            [b'/', b'/', ..] => Some(rest.find('\n').unwrap_or(rest.len())),
            [b'/', b'*', ..] => Some(block_comment(rest)),
            [b'"', ..] => Some(quoted(rest, '"')),
            [b'\'', ..] => character(rest),
            [b'r', b'"' | b'#', ..] if !self.inside_word() => raw_string(rest),
            // Of b"…", c"…", br"…" only the prefix is left as code, which no check looks at; but
            // the r of br and cr follows a letter, and must not be taken for the end of a word.
            [b'b' | b'c', b'r', ..] if !self.inside_word() => raw_string(&rest[1..]).map(|n| n + 1),
            _ => None,
        }
    }

    fn inside_word(&self) -> bool {
        self.out.ends_with(is_word)
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    loop {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += rest.chars().next().map_or(0, char::len_utf8);
        }
        if depth == 0 || at >= text.len() {
            return at;
        }
    }
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `'x'` and `'\n'`, but not the lifetime `'x`.
fn character(text: &str) -> Option<usize> {
    let mut after = text.chars().skip(1);
    match (after.next()?, after.next()) {
        ('\\', _) => Some(quoted(text, '\'')),
        (inner, Some('\'')) => Some(inner.len_utf8() + 2),
        _ => None,
    }
}

/// `r"…"`, `r#"…"#` and so on; `r#name` is a word.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].bytes().take_while(|&b| b == b'#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - body.len();
    Some(body.find(&close).map_or(text.len(), |at| start + at + close.len()))
}

#[derive(Debug, PartialEq, Eq)]
pub struct Function<'a> {
    pub name: &'a str,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// From the line of `fn` to the line of its closing brace.
    pub lines: usize,
}

/// The functions with a body in a text that [`code`] has made.
pub fn functions(code: &str) -> Vec<Function<'_>> {
    let named = words(code, "fn").filter_map(|at| {
        let after = &code[at + 2..];
        let name = first_word(after)?;
        let body = body(after)?;
        let whole = &code[at..at + 2 + body];
        let line = 1 + code[..at].matches('\n').count();
        Some(Function { name, line, lines: 1 + whole.matches('\n').count() })
    });
    named.collect()
}

/// Where the whole word stands.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !code[..at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word)
    })
}

/// The word that a declaration names, if only blanks come before it.
fn first_word(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

/// Where the braces that follow a signature end; `None` for a signature without a body.
fn body(signature: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0usize, 0usize);
    for (at, byte) in signature.bytes().enumerate() {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b'{' => braces += 1,
            b'}' if braces <= 1 => return Some(at + 1),
            b'}' => braces -= 1,
            b';' if brackets == 0 && braces == 0 => return None,
            _ => {}
        }
    }
    None
}

#[derive(Debug, PartialEq, Eq)]
pub struct Module {
    /// The name under the file's own module, with the inline modules around it: `["a", "b"]`.
    pub path: Vec<String>,
    pub inline: bool,
    pub line: usize,
}

/// The modules that a text made by [`code`] declares, in lines (`mod x;`) or in place (`mod x {`).
pub fn modules(code: &str) -> Vec<Module> {
    let mut found: Vec<Module> = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for at in words(code, "mod") {
        let after = &code[at + 3..];
        let Some(name) = first_word(after) else {
            continue;
        };
        let follows = after.trim_start()[name.len()..].trim_start();
        let inline = follows.starts_with('{');
        if !inline && !follows.starts_with(';') {
            continue;
        }
        open.retain(|(end, _)| at < *end);
        let path = open.iter().map(|(_, outer)| outer.clone()).chain([name.to_string()]).collect();
        found.push(Module { path, inline, line: 1 + code[..at].matches('\n').count() });
        if inline {
            let end = body(after).map_or(code.len(), |length| at + 3 + length);
            open.push((end, name.to_string()));
        }
    }
    found
}

#[cfg(test)]
mod tests;
