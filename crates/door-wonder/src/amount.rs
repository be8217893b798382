//! Amounts on the wire: exact decimals as strings, without zeros at the end.

use domain::money::Money;
use serde::{Serialize, Serializer};

/// `1.00` is `1`, `1.50` is `1.5`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal(pub Money);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        let short = match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.'),
            false => &text,
        };
        serializer.serialize_str(short)
    }
}

#[cfg(test)]
mod tests;
