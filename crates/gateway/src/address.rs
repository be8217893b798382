//! Whose request it is, by network address, when proxies may stand between.

use std::net::{IpAddr, SocketAddr};

use domain::address::Cidr;
use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that an allow-list is asked about.
///
/// Without trusted proxies, and for every peer that is none, it is the peer, and the header is
/// not looked at: anybody can write it. A trusted proxy is believed about the address that it
/// added, which is the last one; if that is a trusted proxy too, about the one before, and so on.
/// What a stranger wrote further to the left is never reached. Where all are trusted, the call
/// comes from the first of them.
///
/// `None` where a trusted proxy sent no header, or one that can't be read up to the address
/// looked for. The peer is not taken instead: allow-lists often contain the proxies' own network,
/// and a proxy that is set up wrongly would let everybody in. Such a call is refused as one from
/// an address that is not allowed.
pub fn client_address(
    peer: SocketAddr,
    headers: &HeaderMap,
    trusted_proxies: &[Cidr],
) -> Option<IpAddr> {
    let trusted = |address| trusted_proxies.iter().any(|range| range.contains(address));
    let peer = peer.ip().to_canonical();
    if !trusted(peer) {
        return Some(peer);
    }
    let mut farthest = None;
    // Several headers are one list, in their order.
    for line in headers.get_all(FORWARDED_FOR).iter().rev() {
        for part in line.to_str().ok()?.rsplit(',') {
            let address = read(part)?;
            if !trusted(address) {
                return Some(address);
            }
            farthest = Some(address);
        }
    }
    farthest
}

/// An address, with or without the port that some proxies add.
fn read(part: &str) -> Option<IpAddr> {
    let part = part.trim_matches([' ', '\t']);
    let address = part.parse::<IpAddr>().ok();
    let address = address.or_else(|| part.parse::<SocketAddr>().ok().map(|both| both.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests;
