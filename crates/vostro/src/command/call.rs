//! One request to the operator's API, before it is known how it gets there.

use domain::secret::Secret;
use http::Method;
use serde_json::{Map, Value};

/// Whether the request may be sent again where its outcome is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Repeat {
    /// It has no key, so it is sent once.
    Never,
    /// Under a key that is drawn for it.
    Drawn,
    /// Under the key that was given.
    Named(String),
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    pub method: Method,
    /// With its query, escaped.
    pub path: String,
    body: Option<Map<String, Value>>,
    /// A field of the body that must not print.
    secret: Option<(&'static str, Secret<String>)>,
    pub repeat: Repeat,
}

impl Call {
    fn new(method: Method, parts: &[&str], body: Option<Map<String, Value>>) -> Self {
        let mut path = "/v1".to_owned();
        for part in parts {
            path.push('/');
            escape(part, &mut path);
        }
        Self { method, path, body, secret: None, repeat: Repeat::Never }
    }

    pub(super) fn get(parts: &[&str]) -> Self {
        Self::new(Method::GET, parts, None)
    }

    pub(super) fn post(parts: &[&str]) -> Self {
        Self::new(Method::POST, parts, Some(Map::new()))
    }

    pub(super) fn patch(parts: &[&str]) -> Self {
        Self::new(Method::PATCH, parts, Some(Map::new()))
    }

    /// Adds a parameter where it was given.
    pub(super) fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.path.push(if self.path.contains('?') { '&' } else { '?' });
            self.path.push_str(name);
            self.path.push('=');
            escape(&value.to_string(), &mut self.path);
        }
        self
    }

    /// Adds a field to the body.
    pub(super) fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        let body = self.body.get_or_insert_default();
        body.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a field where it was given.
    pub(super) fn optional(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            None => self,
            Some(value) => self.field(name, value),
        }
    }

    /// Adds a field whose text must not print; there is one at most.
    pub(super) fn secret(self, name: &'static str, value: Secret<String>) -> Self {
        Self { secret: Some((name, value)), ..self }
    }

    /// Makes it run exactly once, under this key or a drawn one.
    pub(super) fn once(self, key: Option<String>) -> Self {
        Self { repeat: key.map_or(Repeat::Drawn, Repeat::Named), ..self }
    }

    /// The body's text as it is sent, with its secret; empty where there is none.
    pub(super) fn body(&self) -> String {
        let Some(mut body) = self.body.clone() else {
            return String::new();
        };
        if let Some((name, value)) = &self.secret {
            body.insert((*name).to_owned(), Value::from(value.expose().as_str()));
        }
        Value::Object(body).to_string()
    }
}

/// Everything but the unreserved characters of RFC 3986 is escaped.
pub fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests;
