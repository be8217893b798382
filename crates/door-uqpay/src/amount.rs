//! Money on the wire: requests as numbers or numeric strings, answers as strings with all decimals.

use crate::error::Failure;
use domain::asset::Asset;
use domain::money::{Amount, AmountFault, Money};
use gateway::json::{NumberForm, Object};
use serde::{Serialize, Serializer};

/// Digits before the point.
const WHOLE_LEN_MAX: usize = 15;

/// `1000.00`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal(pub Money);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An amount that is more than zero and no finer than its asset.
pub(crate) fn read(fields: &Object<'_>, name: &str, asset: Asset) -> Result<Amount, Failure> {
    let text = fields.amount_text(name, NumberForm::Either)?;
    let whole = text.split('.').next().unwrap_or("");
    if whole.len() > WHOLE_LEN_MAX {
        return Err(Failure::field(name, "is too large"));
    }
    Amount::parse(&text, asset).map_err(|fault| {
        let why = match fault {
            AmountFault::NotANumber => "must be a number",
            AmountFault::TooPrecise => "must be a multiple of the smallest unit",
            AmountFault::TooLarge => "is too large",
            AmountFault::NotPositive => "must be greater than 0",
        };
        Failure::field(name, why)
    })
}

#[cfg(test)]
mod tests;
