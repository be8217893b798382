//! Address ranges and the allow-lists made of them.

use core::fmt;
use core::str::FromStr;
use std::net::IpAddr;

/// A range of addresses in CIDR notation. IPv4 addresses mapped into IPv6 count as IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is not a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCidr {
    #[error("not an address, or an address with a prefix length")]
    Malformed,
    #[error("the address has bits beyond the prefix length")]
    HostBits,
}

/// The addresses that a credential may call from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AllowList {
    Any,
    /// Only these; an empty list allows nobody.
    Only(Vec<Cidr>),
}

impl Cidr {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, canonical(address)) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                let shift = 32 - u32::from(self.prefix);
                (u64::from(net.to_bits()) >> shift) == (u64::from(one.to_bits()) >> shift)
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                let shift = 128 - u32::from(self.prefix);
                let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                cut(net.to_bits()) == cut(one.to_bits())
            }
            _ => false,
        }
    }
}

/// An IPv4 address that came in IPv6 clothes is the IPv4 address.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

impl FromStr for Cidr {
    type Err = BadCidr;

    /// Reads `203.0.113.7`, `203.0.113.0/24` or the same in IPv6.
    fn from_str(text: &str) -> Result<Self, BadCidr> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| BadCidr::Malformed)?;
        let address = canonical(written);
        let width: u8 = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            // A prefix of the mapped form counts IPv6 bits: too easily misread to be accepted.
            Some(_) if address != written => return Err(BadCidr::Malformed),
            Some(digits) => {
                let canonical_digits = digits.bytes().all(|c| c.is_ascii_digit())
                    && (digits.len() == 1 || !digits.starts_with('0'));
                let prefix: u8 = digits.parse().map_err(|_| BadCidr::Malformed)?;
                if !canonical_digits || prefix > width {
                    return Err(BadCidr::Malformed);
                }
                prefix
            }
        };
        let host_bits = match address {
            IpAddr::V4(v4) => u64::from(v4.to_bits()) & ((1u64 << (32 - prefix)) - 1) != 0,
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
                v6.to_bits() & mask != 0
            }
        };
        if host_bits { Err(BadCidr::HostBits) } else { Ok(Self { address, prefix }) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl AllowList {
    pub fn contains(&self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Only(ranges) => ranges.iter().any(|range| range.contains(address)),
        }
    }
}

/// `*`, or the ranges with a comma between them; the empty text allows nobody.
impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Only(ranges) => {
                for (index, range) in ranges.iter().enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    range.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl FromStr for AllowList {
    type Err = BadCidr;

    fn from_str(text: &str) -> Result<Self, BadCidr> {
        match text {
            "*" => Ok(Self::Any),
            "" => Ok(Self::Only(Vec::new())),
            list => list
                .split(',')
                .map(|range| range.trim().parse())
                .collect::<Result<_, _>>()
                .map(Self::Only),
        }
    }
}

#[cfg(test)]
mod tests;
