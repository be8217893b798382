//! A port that stays ours while the server on it is down.

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, socket_with};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

/// Linux lets a second socket bind the port, since both allow reuse and ours does not listen, and
/// hands the port to nobody who asks for any: neither to a listener nor to an outgoing connection.
pub struct Port {
    address: SocketAddr,
    _held: OwnedFd,
}

impl Port {
    pub fn reserve() -> Self {
        let kind = (AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC);
        let socket = socket_with(kind.0, kind.1, kind.2, None).expect("a socket");
        rustix::net::sockopt::set_socket_reuseaddr(&socket, true).expect("a socket's option");
        bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let bound = getsockname(&socket).expect("a bound socket has a name");
        Self { address: bound.try_into().expect("an address of IPv4"), _held: socket }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
