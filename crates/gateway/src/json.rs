//! A strict reader of JSON objects, for doors.
//!
//! A body is read once into its fields, which borrow from it: names are compared, values are left
//! as their text until a door asks for one with the type it wants. So a number keeps its exact
//! digits, a string without escapes is not copied, and what a door does not know is not read.
//!
//! Refused: anything but an object, a byte order mark, broken UTF-8, one name twice in an object
//! that is read (two readers would take different ones), NUL and control characters in text (a
//! text of several lines has line breaks), escapes that are no character. `null` is the same as
//! absent.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Objects and arrays in one another. No vendor's request has more than five.
const DEPTH_MAX: usize = 32;
/// Names in one object; they are searched one by one.
const NAMES_MAX: usize = 128;
/// Characters of a name that is shown again in a fault.
const SHOWN_MAX: usize = 64;
/// Characters of a number. No amount that fits an account has as many.
pub const NUMBER_LEN_MAX: usize = 64;

/// Why a body, or an object in it, can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    #[error("the body is empty")]
    Empty,
    #[error("not UTF-8")]
    NotUtf8,
    #[error("begins with a byte order mark")]
    ByteOrderMark,
    #[error("not JSON")]
    Syntax,
    #[error("not a JSON object")]
    NotObject,
    #[error("too many levels")]
    TooDeep,
    #[error("too many names in one object")]
    TooManyNames,
    #[error("`{0}` is given twice")]
    Duplicate(String),
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {why}")]
pub struct FieldFault {
    /// Names from the outermost object inwards, with dots between.
    pub field: String,
    pub why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("is required")]
    Missing,
    #[error("must not be empty")]
    Empty,
    #[error("must be a string")]
    NotText,
    #[error("must be a number")]
    NotNumber,
    #[error("must be a whole number that is not negative")]
    NotUnsigned,
    #[error("must be true or false")]
    NotBoolean,
    #[error("must be an object")]
    NotObject,
    #[error("must be a list of strings")]
    NotTexts,
    #[error("must have at most {max} items")]
    TooManyItems { max: usize },
    #[error("must have at most {max} characters")]
    TooLong { max: usize },
    #[error("must be at most {max}")]
    TooLarge { max: u64 },
    #[error("must not contain control characters")]
    Control,
    #[error("contains an escape that is no character")]
    BadEscape,
    #[error("can't be read")]
    Object(#[source] JsonFault),
}

/// How a door writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberForm {
    /// As a string only.
    Text,
    /// As a JSON number only.
    Number,
    Either,
}

/// The fields of one object.
#[derive(Debug)]
pub struct Object<'a> {
    /// Where the object stands: empty, or names with a dot after each.
    path: String,
    fields: Vec<Field<'a>>,
}

struct Field<'a> {
    name: Cow<'a, str>,
    value: &'a RawValue,
    read: Cell<bool>,
}

// A value may be personal or secret: only the name prints.
impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl<'a> Object<'a> {
    pub fn parse(body: &'a [u8]) -> Result<Self, JsonFault> {
        let text = std::str::from_utf8(body).map_err(|_| JsonFault::NotUtf8)?;
        if text.starts_with('\u{feff}') {
            return Err(JsonFault::ByteOrderMark);
        }
        let start = text.trim_start_matches([' ', '\t', '\r', '\n']);
        if start.is_empty() {
            return Err(JsonFault::Empty);
        }
        if is_deeper_than(DEPTH_MAX, start) {
            return Err(JsonFault::TooDeep);
        }
        Self::read(start, String::new())
    }

    fn read(text: &'a str, path: String) -> Result<Self, JsonFault> {
        match serde_json::from_str::<Fields<'a>>(text) {
            Ok(Fields(fields)) => Ok(Self { path, fields: fields? }),
            Err(error) if error.is_data() => Err(JsonFault::NotObject),
            Err(_) => Err(JsonFault::Syntax),
        }
    }

    /// A string of 1 to `max` characters.
    pub fn text(&self, name: &str, max: usize) -> Result<Cow<'a, str>, FieldFault> {
        let value = self.required(name)?;
        let text = decode(value, max).map_err(|why| self.fault(name, why))?;
        if text.is_empty() {
            return Err(self.fault(name, Why::Empty));
        }
        Ok(text)
    }

    /// As [`Self::text`]; absent and the empty string are the same, since callers send either.
    pub fn optional_text(
        &self,
        name: &str,
        max: usize,
    ) -> Result<Option<Cow<'a, str>>, FieldFault> {
        let Some(value) = self.find(name) else {
            return Ok(None);
        };
        let text = decode(value, max).map_err(|why| self.fault(name, why))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// As [`Self::text`], with line breaks: `\n` and `\r` are no control characters here.
    pub fn multiline_text(&self, name: &str, max: usize) -> Result<Cow<'a, str>, FieldFault> {
        let value = self.required(name)?;
        let is_refused = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
        let text = decode_without(is_refused, value, max).map_err(|why| self.fault(name, why))?;
        if text.is_empty() {
            return Err(self.fault(name, Why::Empty));
        }
        Ok(text)
    }

    /// The digits of a JSON number, as they were sent.
    pub fn number_text(&self, name: &str) -> Result<&'a str, FieldFault> {
        let value = self.required(name)?;
        number(value).map_err(|why| self.fault(name, why))
    }

    /// The text of an amount, in the form that the door has. What the text means is not looked at.
    pub fn amount_text(&self, name: &str, form: NumberForm) -> Result<Cow<'a, str>, FieldFault> {
        let value = self.required(name)?;
        let quoted = value.starts_with('"');
        match form {
            NumberForm::Text => self.text(name, NUMBER_LEN_MAX),
            NumberForm::Either if quoted => self.text(name, NUMBER_LEN_MAX),
            NumberForm::Number | NumberForm::Either => {
                number(value).map(Cow::Borrowed).map_err(|why| self.fault(name, why))
            }
        }
    }

    /// A JSON number without sign, point or exponent; `default` where absent.
    pub fn unsigned(&self, name: &str, default: u64, max: u64) -> Result<u64, FieldFault> {
        let Some(value) = self.find(name) else {
            return Ok(default);
        };
        if !value.bytes().all(|c| c.is_ascii_digit()) {
            return Err(self.fault(name, Why::NotUnsigned));
        }
        match value.parse::<u64>() {
            Ok(value) if value <= max => Ok(value),
            _ => Err(self.fault(name, Why::TooLarge { max })),
        }
    }

    /// `true` or `false`, or absent.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, FieldFault> {
        match self.find(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.fault(name, Why::NotBoolean)),
        }
    }

    /// A list of at most `items` strings, each of 1 to `max` characters; or absent.
    pub fn texts(
        &self,
        name: &str,
        items: usize,
        max: usize,
    ) -> Result<Option<Vec<Cow<'a, str>>>, FieldFault> {
        let Some(value) = self.find(name) else {
            return Ok(None);
        };
        let list = serde_json::from_str::<Vec<&'a RawValue>>(value);
        let list = list.map_err(|_| self.fault(name, Why::NotTexts))?;
        if list.len() > items {
            return Err(self.fault(name, Why::TooManyItems { max: items }));
        }
        let item = |value: &'a RawValue| match decode(value.get(), max) {
            Ok(text) if text.is_empty() => Err(Why::Empty),
            Ok(text) => Ok(text),
            Err(Why::NotText) => Err(Why::NotTexts),
            Err(why) => Err(why),
        };
        let texts: Result<Vec<_>, Why> = list.into_iter().map(item).collect();
        texts.map(Some).map_err(|why| self.fault(name, why))
    }

    /// A nested object; its faults name the whole way to a field.
    pub fn object(&self, name: &str) -> Result<Object<'a>, FieldFault> {
        self.optional_object(name)?.ok_or_else(|| self.fault(name, Why::Missing))
    }

    /// As [`Self::object`], or absent.
    pub fn optional_object(&self, name: &str) -> Result<Option<Object<'a>>, FieldFault> {
        let Some(value) = self.find(name) else {
            return Ok(None);
        };
        if !value.starts_with('{') {
            return Err(self.fault(name, Why::NotObject));
        }
        Object::read(value, format!("{}{name}.", self.path))
            .map(Some)
            .map_err(|fault| self.fault(name, Why::Object(fault)))
    }

    /// Whether the field is there and not null, whatever it is.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The names of this object that nobody has asked for so far.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|field| !field.read.get()).map(|field| &*field.name)
    }

    /// A fault of one of this object's fields, also for what a door itself finds wrong with it.
    pub fn fault(&self, name: &str, why: Why) -> FieldFault {
        FieldFault { field: format!("{}{name}", self.path), why }
    }

    fn required(&self, name: &str) -> Result<&'a str, FieldFault> {
        self.find(name).ok_or_else(|| self.fault(name, Why::Missing))
    }

    /// The text of the value, unless it is absent or null.
    fn find(&self, name: &str) -> Option<&'a str> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        field.read.set(true);
        Some(field.value.get()).filter(|value| *value != "null")
    }
}

/// Whether brackets outside strings stand deeper in one another than `max`. What lies below a
/// field that nobody asks for is skipped without recursion, so this bounds what may be asked for.
fn is_deeper_than(max: usize, text: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max {
            return true;
        }
    }
    false
}

/// The characters of a JSON string that is known to be well-formed but for its escapes.
fn decode(value: &str, max: usize) -> Result<Cow<'_, str>, Why> {
    decode_without(char::is_control, value, max)
}

fn decode_without(
    is_refused: fn(char) -> bool,
    value: &str,
    max: usize,
) -> Result<Cow<'_, str>, Why> {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.ok_or(Why::NotText)?;
    let text = if inner.contains('\\') {
        Cow::Owned(serde_json::from_str::<String>(value).map_err(|_| Why::BadEscape)?)
    } else {
        Cow::Borrowed(inner)
    };
    // A text of few bytes has few characters, and mostly there is nothing to count.
    if text.len() > max && text.chars().count() > max {
        return Err(Why::TooLong { max });
    }
    // What is printable ASCII is told without looking at characters one by one.
    let plain = text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if !plain && text.chars().any(is_refused) {
        return Err(Why::Control);
    }
    Ok(text)
}

fn number(value: &str) -> Result<&str, Why> {
    if !value.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Err(Why::NotNumber);
    }
    if value.len() > NUMBER_LEN_MAX {
        return Err(Why::TooLong { max: NUMBER_LEN_MAX });
    }
    Ok(value)
}

/// The fields of an object, or why they are not to be read although they are well-formed.
struct Fields<'a>(Result<Vec<Field<'a>>, JsonFault>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'de>, M::Error> {
        let mut fields: Vec<Field<'de>> = Vec::with_capacity(8);
        while let Some(Name(name)) = map.next_key()? {
            let fault = if fields.len() == NAMES_MAX {
                JsonFault::TooManyNames
            } else if fields.iter().any(|field| field.name == name) {
                JsonFault::Duplicate(name.chars().take(SHOWN_MAX).collect())
            } else {
                fields.push(Field { name, value: map.next_value()?, read: Cell::new(false) });
                continue;
            };
            // To the end, since an error inside the object would be taken for bad syntax.
            map.next_value::<IgnoredAny>()?;
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Fields(Err(fault)));
        }
        Ok(Fields(Ok(fields)))
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests;
