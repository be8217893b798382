//! Rates between two assets, and the one place where money is rounded.
//!
//! A rate is an exact decimal: whole units of `to` for one whole unit of `from`. A conversion
//! keeps the rate, the direction of rounding and the exact product beside the rounded amount.

use crate::asset::{Asset, CODE_LEN_MAX};
use crate::id::{ProgramId, RateId};
use crate::money::Money;
use crate::time::Time;
use core::fmt;

/// mantissa / 10^scale, greater than zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Rate {
    mantissa: i64,
    scale: u8,
}

/// The most decimals of a rate.
pub const SCALE_MAX: u8 = 12;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Rounding {
    /// Away from zero: what is held at authorization.
    Up,
    /// Towards zero.
    Down,
    /// To the nearest, halves to the even neighbour: what is settled.
    HalfEven,
}

/// Why a text is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rate: an exact decimal greater than zero with at most 12 decimals")]
pub struct BadRate;

/// What was multiplied by what, and what came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Conversion {
    pub rate: Rate,
    pub rounding: Rounding,
    /// The product before rounding, in minor units of the target: `numerator / 10^scale`.
    pub product_numerator: i128,
    pub product_scale: u8,
}

/// A programme's rate, set by its operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProgramRate {
    pub program: ProgramId,
    pub from: Asset,
    pub to: Asset,
    pub rate: Rate,
    pub version: u64,
    pub at: Time,
}

impl Conversion {
    /// The product after rounding, in minor units of the target; `None` where it does not fit.
    pub fn rounded(&self) -> Option<i64> {
        let unit = 10i128.checked_pow(u32::from(self.product_scale))?;
        i64::try_from(round(self.product_numerator, unit, self.rounding)).ok()
    }
}

impl Rate {
    pub fn new(mantissa: i64, scale: u8) -> Result<Self, BadRate> {
        if mantissa > 0 && scale <= SCALE_MAX { Ok(Self { mantissa, scale }) } else { Err(BadRate) }
    }

    /// Reads `digits[.digits]`.
    pub fn parse(text: &str) -> Result<Self, BadRate> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
        let dangling = text.ends_with('.');
        if whole.is_empty() || dangling || !digits(whole) || !digits(decimals) {
            return Err(BadRate);
        }
        let scale = u8::try_from(decimals.len()).map_err(|_| BadRate)?;
        let mantissa = [whole, decimals].concat().parse::<i64>().map_err(|_| BadRate)?;
        Self::new(mantissa, scale)
    }

    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// `from` in the asset `to`, rounded once. `None` where a number does not fit.
    pub fn convert(
        self,
        from: Money,
        to: Asset,
        rounding: Rounding,
    ) -> Option<(Money, Conversion)> {
        let product = i128::from(from.minor).checked_mul(i128::from(self.mantissa))?;
        let shift = i32::from(to.exponent()) - i32::from(from.asset.exponent());
        let places = i32::from(self.scale) - shift;
        let (numerator, scale) = match u32::try_from(places) {
            Ok(places) => (product, places),
            Err(_) => (product.checked_mul(10i128.checked_pow(places.unsigned_abs())?)?, 0),
        };
        let minor = round(numerator, 10i128.checked_pow(scale)?, rounding);
        let conversion = Conversion {
            rate: self,
            rounding,
            product_numerator: numerator,
            product_scale: u8::try_from(scale).ok()?,
        };
        Some((Money::new(i64::try_from(minor).ok()?, to), conversion))
    }
}

fn round(numerator: i128, unit: i128, rounding: Rounding) -> i128 {
    let quotient = numerator / unit;
    let remainder = (numerator % unit).abs();
    let away = if numerator < 0 { -1 } else { 1 };
    let up = match rounding {
        Rounding::Up => remainder > 0,
        Rounding::Down => false,
        Rounding::HalfEven => {
            // remainder < unit <= 10^30, so doubling it fits.
            let twice = remainder * 2;
            twice > unit || (twice == unit && quotient % 2 != 0)
        }
    };
    if up { quotient + away } else { quotient }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let unit = 10i64.pow(u32::from(self.scale));
        let width = usize::from(self.scale);
        write!(f, "{}.{:0width$}", self.mantissa / unit, self.mantissa % unit)
    }
}

impl Rounding {
    pub const fn code(self) -> u8 {
        match self {
            Self::Up => 1,
            Self::Down => 2,
            Self::HalfEven => 3,
        }
    }

    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Up),
            2 => Some(Self::Down),
            3 => Some(Self::HalfEven),
            _ => None,
        }
    }
}

impl RateId {
    /// A programme has one rate for each ordered pair of assets, so the pair is the key.
    pub fn of(from: Asset, to: Asset) -> Self {
        let mut bytes = [0u8; 2 * CODE_LEN_MAX];
        bytes[..from.code().len()].copy_from_slice(from.code().as_bytes());
        bytes[CODE_LEN_MAX..CODE_LEN_MAX + to.code().len()].copy_from_slice(to.code().as_bytes());
        Self::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests;
