//! Licence expressions: `MIT OR Apache-2.0`, `(A OR B) AND C`, `A WITH exception`, and the old
//! `MIT/Apache-2.0`, which means a choice.

#[derive(Debug, PartialEq, Eq)]
pub enum Licence {
    /// A licence, with its exception as part of the name.
    Name(String),
    All(Vec<Licence>),
    Any(Vec<Licence>),
}

impl Licence {
    pub fn parse(text: &str) -> Result<Licence, String> {
        let spaced = text.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let mut tokens = Tokens(spaced.split_whitespace().collect());
        let licence = any(&mut tokens).ok_or_else(|| format!("{text:?} is not an expression"))?;
        match tokens.next() {
            None => Ok(licence),
            Some(token) => Err(format!("{text:?} goes on with {token:?}")),
        }
    }

    /// Whether the allowed licences are enough to use what is under this one.
    pub fn satisfied(&self, allowed: &impl Fn(&str) -> bool) -> bool {
        match self {
            Licence::Name(name) => allowed(name),
            Licence::All(parts) => parts.iter().all(|part| part.satisfied(allowed)),
            Licence::Any(parts) => parts.iter().any(|part| part.satisfied(allowed)),
        }
    }

    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Licence::Name(name) => Box::new(std::iter::once(name.as_str())),
            Licence::All(parts) | Licence::Any(parts) => {
                Box::new(parts.iter().flat_map(Licence::names))
            }
        }
    }
}

struct Tokens<'a>(std::collections::VecDeque<&'a str>);

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.0.pop_front()
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.0.front() == Some(&token);
        if found {
            self.0.pop_front();
        }
        found
    }
}

/// AND binds closer than OR.
fn any(tokens: &mut Tokens<'_>) -> Option<Licence> {
    let mut parts = vec![all(tokens)?];
    while tokens.take("OR") {
        parts.push(all(tokens)?);
    }
    Some(one_or(Licence::Any, parts))
}

fn all(tokens: &mut Tokens<'_>) -> Option<Licence> {
    let mut parts = vec![one(tokens)?];
    while tokens.take("AND") {
        parts.push(one(tokens)?);
    }
    Some(one_or(Licence::All, parts))
}

fn one_or(make: fn(Vec<Licence>) -> Licence, mut parts: Vec<Licence>) -> Licence {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            make(parts)
        }
    }
}

fn one(tokens: &mut Tokens<'_>) -> Option<Licence> {
    if tokens.take("(") {
        let inside = any(tokens)?;
        return tokens.take(")").then_some(inside);
    }
    let name = name(tokens)?;
    if !tokens.take("WITH") {
        return Some(Licence::Name(name.to_string()));
    }
    let exception = self::name(tokens)?;
    Some(Licence::Name(format!("{name} WITH {exception}")))
}

fn name<'a>(tokens: &mut Tokens<'a>) -> Option<&'a str> {
    tokens.next().filter(|token| !["(", ")", "AND", "OR", "WITH"].contains(token))
}

#[cfg(test)]
mod tests;
