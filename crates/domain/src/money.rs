//! Money: minor units of an asset, in checked arithmetic. No float anywhere.
//!
//! Text becomes money only as an exact decimal; more digits than the asset has is a fault, never a
//! rounding. Rounding exists only in [`crate::rate`], where it is named and recorded.

use crate::asset::Asset;
use core::fmt;

/// An amount or a balance in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Money {
    /// Minor units of `asset`; may be negative for balances.
    pub minor: i64,
    pub asset: Asset,
}

/// An amount to be moved: more than zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Amount(Money);

/// Why a text is not an amount, in order of precedence. None of them changes by asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum AmountFault {
    #[error("not an exact decimal number")]
    NotANumber,
    #[error("more decimals than the asset has")]
    TooPrecise,
    #[error("too large")]
    TooLarge,
    #[error("not greater than zero")]
    NotPositive,
}

/// Longest accepted decimal text: sign, 19 digits, point, 8 decimals, with room to spare.
const TEXT_LEN_MAX: usize = 40;

impl Money {
    pub const fn new(minor: i64, asset: Asset) -> Self {
        Self { minor, asset }
    }

    /// Reads `-?digits[.digits]`: ASCII digits, no sign but minus, no exponent, no group marks, no
    /// blank, no leading zero before another digit, digits on both sides of the point.
    pub fn parse(text: &str, asset: Asset) -> Result<Self, AmountFault> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = match digits.split_once('.') {
            Some((_, "")) => return Err(AmountFault::NotANumber),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !all_digits(whole) || !all_digits(decimals) {
            return Err(AmountFault::NotANumber);
        }
        let exponent = usize::from(asset.exponent());
        if decimals.len() > exponent {
            return Err(AmountFault::TooPrecise);
        }
        if text.len() > TEXT_LEN_MAX {
            return Err(AmountFault::TooLarge);
        }
        let padding = core::iter::repeat_n(b'0', exponent - decimals.len());
        // Counted downwards, because the lowest number has no positive twin.
        let mut minor: i64 = 0;
        for digit in whole.bytes().chain(decimals.bytes()).chain(padding) {
            let digit = i64::from(digit - b'0');
            minor = minor
                .checked_mul(10)
                .and_then(|m| m.checked_sub(digit))
                .ok_or(AmountFault::TooLarge)?;
        }
        if !negative {
            minor = minor.checked_neg().ok_or(AmountFault::TooLarge)?;
        }
        Ok(Self { minor, asset })
    }

    /// `None` on overflow or where the assets differ.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.asset != other.asset {
            return None;
        }
        self.minor.checked_add(other.minor).map(|minor| Self { minor, asset: self.asset })
    }

    /// `None` on overflow or where the assets differ.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        if self.asset != other.asset {
            return None;
        }
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, asset: self.asset })
    }

    /// Divides by `weights` so that the parts add up to the whole: largest remainder first, the
    /// earlier part first where remainders are equal. `None` for negative money, for no weight and
    /// for weights that add up to nothing.
    pub fn split(self, weights: &[u64]) -> Option<Vec<Self>> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        let whole = u128::try_from(self.minor).ok()?;
        if total == 0 {
            return None;
        }
        let mut parts: Vec<u128> = Vec::with_capacity(weights.len());
        let mut remainders: Vec<(u128, usize)> = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            let product = whole * u128::from(*weight);
            parts.push(product / total);
            remainders.push((product % total, index));
        }
        let left = whole - parts.iter().sum::<u128>();
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, index) in remainders.into_iter().take(usize::try_from(left).ok()?) {
            parts[index] += 1;
        }
        let money = |minor: u128| i64::try_from(minor).ok().map(|m| Self::new(m, self.asset));
        parts.into_iter().map(money).collect()
    }
}

/// The exact decimal, with all decimals of the asset and without the asset's code.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = usize::from(self.asset.exponent());
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = self.minor.unsigned_abs();
        if exponent == 0 {
            return write!(f, "{sign}{digits}");
        }
        let unit = 10u64.pow(u32::from(self.asset.exponent()));
        write!(f, "{sign}{}.{:0exponent$}", digits / unit, digits % unit)
    }
}

impl Amount {
    pub fn new(money: Money) -> Result<Self, AmountFault> {
        if money.minor > 0 { Ok(Self(money)) } else { Err(AmountFault::NotPositive) }
    }

    pub fn parse(text: &str, asset: Asset) -> Result<Self, AmountFault> {
        Self::new(Money::parse(text, asset)?)
    }

    pub const fn money(self) -> Money {
        self.0
    }

    pub const fn minor(self) -> i64 {
        self.0.minor
    }

    pub const fn asset(self) -> Asset {
        self.0.asset
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
