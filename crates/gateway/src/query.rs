//! The parameters of a query string, as strictly as fields: each name once.

/// Why a query can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryFault {
    #[error("the query has a broken escape")]
    BrokenEscape,
    #[error("`{0}` is given twice")]
    Duplicate(String),
}

/// Names and values in their order, decoded.
pub fn pairs(query: Option<&str>) -> Result<Vec<(String, String)>, QueryFault> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(name), decode(value)) else {
            return Err(QueryFault::BrokenEscape);
        };
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(QueryFault::Duplicate(name));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// `+` is a blank, `%` begins an escape. `None` for a broken escape and for broken UTF-8.
fn decode(text: &str) -> Option<String> {
    let digit = |c: u8| char::from(c).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(c) = rest.next() {
        bytes.push(match c {
            b'+' => b' ',
            b'%' => {
                let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
                u8::try_from(value).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
