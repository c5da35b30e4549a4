//! Whose is the other end of a connection on this machine, as the system's table of sockets tells it.
//!
//! Where it cannot be told (another system, a table that hides it, a user without a name of its own in
//! this namespace) the answer is no.

use std::{fs, net::SocketAddr};

/// The tables of IPv4 and IPv6 sockets of this process's network.
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
/// Stands for every user that has no number in this namespace, unless the system says another.
const OVERFLOW_UID: u32 = 65_534;
/// The state of an open connection. Sockets in any later state may belong to nobody, which reads as root.
const ESTABLISHED: &str = "01";

/// Whether the peer's socket belongs to this process's own user. Reads two files; may block.
pub(crate) fn is_own(peer: SocketAddr, local: SocketAddr) -> bool {
    is_of(rustix::process::geteuid().as_raw(), peer, local)
}

/// Whether the peer's socket belongs to this user. Reads two files; may block.
pub(crate) fn is_of(user: u32, peer: SocketAddr, local: SocketAddr) -> bool {
    let overflow = fs::read_to_string("/proc/sys/kernel/overflowuid")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(OVERFLOW_UID);
    // Every stranger from outside this namespace would look like such a user.
    // A table that changes while it is read may miss a row; a second look does not.
    user != overflow && (0..2).any(|_| belongs_to(user, &TABLES.map(read), peer, local))
}

/// A table, or nothing when it cannot be read.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Whether the tables know the socket from `peer` to `local`, and name this user and no other.
fn belongs_to(user: u32, tables: &[String], peer: SocketAddr, local: SocketAddr) -> bool {
    let rows = tables.iter().flat_map(|table| table.lines());
    let mut owners = rows.filter_map(|row| owner(row, peer, local)).peekable();
    owners.peek().is_some() && owners.all(|owner| owner == user)
}

/// The user of a row, when it is the one of this connection seen from the peer's end.
fn owner(row: &str, peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    let mut columns = row.split_ascii_whitespace().skip(1);
    let (here, there, state) = (columns.next()?, columns.next()?, columns.next()?);
    let same = |text: &str, address: SocketAddr| {
        address_of(text).is_some_and(|found| {
            found.port() == address.port()
                && found.ip().to_canonical() == address.ip().to_canonical()
        })
    };
    if state != ESTABLISHED || !same(here, peer) || !same(there, local) {
        return None;
    }
    columns.nth(3)?.parse().ok()
}

/// An address as the table writes it: groups of four bytes in the machine's order, then the port.
fn address_of(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let group = |at: usize| {
        let text = address.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(text, 16).ok().map(u32::to_ne_bytes)
    };
    let ip = match address.len() {
        8 => group(0)?.into(),
        32 => {
            let mut bytes = [0; 16];
            for (at, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&group(at)?);
            }
            bytes.into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr, TcpListener, TcpStream};

    use super::*;

    /// A row as Linux prints it.
    fn row(here: SocketAddr, there: SocketAddr, state: &str, uid: u32) -> String {
        let address = |address: SocketAddr| {
            let hex = |bytes: &[u8]| {
                let groups = bytes
                    .chunks_exact(4)
                    .map(|group| format!("{:08X}", u32::from_ne_bytes(group.try_into().unwrap())));
                groups.collect::<String>()
            };
            let ip = match address.ip() {
                IpAddr::V4(ip) => hex(&ip.octets()),
                IpAddr::V6(ip) => hex(&ip.octets()),
            };
            format!("{ip}:{:04X}", address.port())
        };
        let (here, there) = (address(here), address(there));
        format!(
            "   3: {here} {there} {state} 00000000:00000000 00:00000000 00000000  {uid}        0 1 1 0000000000000000 20 4 30 10 -1\n"
        )
    }

    #[test]
    fn another_user_another_pair_and_a_closed_socket_are_not_ours() {
        let (peer, local): (SocketAddr, SocketAddr) =
            ("127.0.0.1:40000".parse().unwrap(), "127.0.0.1:18789".parse().unwrap());
        let ours = |rows: &[String]| belongs_to(1000, rows, peer, local);
        assert!(ours(&[row(peer, local, "01", 1000)]));
        assert!(!ours(&[row(peer, local, "01", 1001)]), "another user");
        assert!(!ours(&[row(peer, local, "01", 0)]), "root is another user too");
        assert!(!ours(&[row(local, peer, "01", 1000)]), "our own end says nothing about the peer");
        let other: SocketAddr = "127.0.0.1:18790".parse().unwrap();
        assert!(!ours(&[row(peer, other, "01", 1000)]), "it goes to another program");
        assert!(!ours(&[row(peer, local, "06", 1000)]), "a socket that is closed has no owner");
        assert!(!ours(&[]), "what is not told is not permitted");
        assert!(!ours(&["garbage\n  sl  local_address\n1: 0:1 x".to_owned()]));
        let both = [row(peer, local, "01", 1000), row(peer, local, "01", 1001)];
        assert!(!ours(&both), "two answers are none");
        // A client that dials 127.0.0.1 from an IPv6 socket stands in the other table.
        let mapped = |address: SocketAddr| match address.ip() {
            IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
            IpAddr::V6(_) => address,
        };
        assert!(ours(&[String::new(), row(mapped(peer), mapped(local), "01", 1000)]));
        let v6 = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 40_000);
        assert!(!ours(&[row(v6, local, "01", 1000)]));
    }

    #[test]
    fn the_real_table_knows_this_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, local) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
        let own = rustix::process::geteuid().as_raw();
        let tables = TABLES.map(read);
        assert!(belongs_to(own, &tables, peer, local));
        assert!(!belongs_to(own + 1, &tables, peer, local));
    }
}
