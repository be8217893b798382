//! Assets: a code and the number of its decimals, from one registry.
//!
//! The exponent is never inferred from the code and never changes once an asset is used. Source of
//! the ISO 4217 exponents: the list of current codes; tokens are Vostro's own rows.

use core::fmt;

/// An asset of the registry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset(u16);

/// The longest code of the registry, in bytes.
pub const CODE_LEN_MAX: usize = 8;

impl Asset {
    /// The asset with exactly this code; codes are upper case.
    pub fn find(code: &str) -> Option<Self> {
        let index = NUMBERS.binary_search(&number(code)?).ok()?;
        // A text that ends with zeros has the number of the one without them.
        u16::try_from(index).ok().map(Self).filter(|found| found.code() == code)
    }

    pub fn code(self) -> &'static str {
        REGISTRY[usize::from(self.0)].0
    }

    /// Decimals of one whole unit: 2 means that 100 minor units are 1.
    pub fn exponent(self) -> u8 {
        REGISTRY[usize::from(self.0)].1
    }

    /// Every asset, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..REGISTRY.len()).filter_map(|index| u16::try_from(index).ok().map(Self))
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The code as a number, so that two are compared at once; in the order of codes, since those that
/// are shorter end with zeros. `None` where it is longer than any.
const fn number(code: &str) -> Option<u64> {
    let (code, mut at, mut number) = (code.as_bytes(), 0, [0; CODE_LEN_MAX]);
    if code.len() > CODE_LEN_MAX {
        return None;
    }
    while at < code.len() {
        number[at] = code[at];
        at += 1;
    }
    Some(u64::from_be_bytes(number))
}

/// Of each row of the registry.
static NUMBERS: [u64; REGISTRY.len()] = {
    let (mut numbers, mut row) = ([0; REGISTRY.len()], 0);
    while row < REGISTRY.len() {
        numbers[row] = number(REGISTRY[row].0).expect("no code is longer");
        row += 1;
    }
    numbers
};

/// Sorted by code, which `find` relies on and a test checks. Rows may be added, never changed.
#[rustfmt::skip]
const REGISTRY: &[(&str, u8)] = &[
    ("AED", 2), ("AFN", 2), ("ALL", 2), ("AMD", 2), ("AOA", 2), ("ARS", 2), ("AUD", 2),
    ("AWG", 2), ("AZN", 2), ("BAM", 2), ("BBD", 2), ("BDT", 2), ("BHD", 3), ("BIF", 0),
    ("BMD", 2), ("BND", 2), ("BOB", 2), ("BRL", 2), ("BSD", 2), ("BTN", 2), ("BWP", 2),
    ("BYN", 2), ("BZD", 2), ("CAD", 2), ("CDF", 2), ("CHF", 2), ("CLF", 4), ("CLP", 0),
    ("CNY", 2), ("COP", 2), ("CRC", 2), ("CUP", 2), ("CVE", 2), ("CZK", 2), ("DJF", 0),
    ("DKK", 2), ("DOP", 2), ("DZD", 2), ("EGP", 2), ("ERN", 2), ("ETB", 2), ("EUR", 2),
    ("FJD", 2), ("FKP", 2), ("GBP", 2), ("GEL", 2), ("GHS", 2), ("GIP", 2), ("GMD", 2),
    ("GNF", 0), ("GTQ", 2), ("GYD", 2), ("HKD", 2), ("HNL", 2), ("HTG", 2), ("HUF", 2),
    ("IDR", 2), ("ILS", 2), ("INR", 2), ("IQD", 3), ("IRR", 2), ("ISK", 0), ("JMD", 2),
    ("JOD", 3), ("JPY", 0), ("KES", 2), ("KGS", 2), ("KHR", 2), ("KMF", 0), ("KPW", 2),
    ("KRW", 0), ("KWD", 3), ("KYD", 2), ("KZT", 2), ("LAK", 2), ("LBP", 2), ("LKR", 2),
    ("LRD", 2), ("LSL", 2), ("LYD", 3), ("MAD", 2), ("MDL", 2), ("MGA", 2), ("MKD", 2),
    ("MMK", 2), ("MNT", 2), ("MOP", 2), ("MRU", 2), ("MUR", 2), ("MVR", 2), ("MWK", 2),
    ("MXN", 2), ("MYR", 2), ("MZN", 2), ("NAD", 2), ("NGN", 2), ("NIO", 2), ("NOK", 2),
    ("NPR", 2), ("NZD", 2), ("OMR", 3), ("PAB", 2), ("PEN", 2), ("PGK", 2), ("PHP", 2),
    ("PKR", 2), ("PLN", 2), ("PYG", 0), ("QAR", 2), ("RON", 2), ("RSD", 2), ("RUB", 2),
    ("RWF", 0), ("SAR", 2), ("SBD", 2), ("SCR", 2), ("SDG", 2), ("SEK", 2), ("SGD", 2),
    ("SHP", 2), ("SLE", 2), ("SOS", 2), ("SRD", 2), ("SSP", 2), ("STN", 2), ("SVC", 2),
    ("SYP", 2), ("SZL", 2), ("THB", 2), ("TJS", 2), ("TMT", 2), ("TND", 3), ("TOP", 2),
    ("TRY", 2), ("TTD", 2), ("TUSDT", 2), ("TWD", 2), ("TZS", 2), ("UAH", 2), ("UGX", 0),
    ("USD", 2), ("USDC", 6), ("USDT", 6), ("UYI", 0), ("UYU", 2), ("UYW", 4), ("UZS", 2),
    ("VED", 2), ("VES", 2), ("VND", 0), ("VUV", 0), ("WST", 2), ("XAF", 0), ("XCD", 2),
    ("XOF", 0), ("XPF", 0), ("YER", 2), ("ZAR", 2), ("ZMW", 2), ("ZWG", 2),
];

#[cfg(test)]
mod tests;
