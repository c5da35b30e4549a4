//! How many strangers may be in the hall: sockets on which nobody has proved who it is, in all and by
//! address, from the moment they are accepted.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use openclaw_auth::rate_limit::canonical;
use parking_lot::Mutex;

/// Unauthenticated sockets of one address; more get 503 (OpenClaw's limit and answer).
pub(crate) const MAX_PER_ADDRESS: usize = 32;
/// Unauthenticated sockets in all; more get 503.
pub(crate) const MAX_TOTAL: usize = 1024;
/// What they are told.
pub(crate) const FULL: &str = "Too many unauthenticated sockets";

/// Counts sockets until somebody on them is let in.
#[derive(Clone)]
pub(crate) struct Gate {
    counts: Arc<Mutex<Counts>>,
    per_address: usize,
    total: usize,
}

#[derive(Default)]
struct Counts {
    total: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// A stranger's place; dropping it gives it back.
pub(crate) struct Ticket {
    gate: Gate,
    /// Who has it; nobody as long as a listed proxy's socket has not said for whom it comes.
    address: Option<IpAddr>,
}

impl Gate {
    /// A gate with a limit for each address and one for all.
    pub(crate) fn new(per_address: usize, total: usize) -> Self {
        Self { counts: Arc::default(), per_address, total }
    }

    /// Lets one more in, or says no. Without an address the limit for all counts alone.
    pub(crate) fn enter(&self, address: Option<IpAddr>) -> Option<Ticket> {
        let address = address.map(canonical);
        let mut counts = self.counts.lock();
        if counts.total >= self.total {
            return None;
        }
        if let Some(address) = address {
            counts.add(address, self.per_address)?;
        }
        counts.total += 1;
        Some(Ticket { gate: self.clone(), address })
    }

    /// How many strangers there are.
    pub(crate) fn strangers(&self) -> usize {
        self.counts.lock().total
    }
}

impl Counts {
    fn here(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).copied().unwrap_or_default()
    }

    fn add(&mut self, address: IpAddr, limit: usize) -> Option<()> {
        let here = self.here(address);
        if here >= limit {
            return None;
        }
        self.by_address.insert(address, here + 1);
        Some(())
    }
}

impl Ticket {
    /// The same place, counted for this client; none when that one has too many.
    pub(crate) fn of(mut self, client: IpAddr) -> Option<Self> {
        if self.address.is_none() {
            let client = canonical(client);
            self.gate.counts.lock().add(client, self.gate.per_address)?;
            self.address = Some(client);
        }
        Some(self)
    }

    /// Whether more than half of the places are taken, its owner's or all: then whoever only idles leaves.
    fn is_crowded(&self) -> bool {
        let counts = self.gate.counts.lock();
        let here = self.address.map_or(0, |address| counts.here(address));
        here > self.gate.per_address / 2 || counts.total > self.gate.total / 2
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.gate.counts.lock();
        counts.total -= 1;
        let Some(address) = self.address else { return };
        if let Some(here) = counts.by_address.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                counts.by_address.remove(&address);
            }
        }
    }
}

/// The place of one socket's stranger, which every request on it can reach.
#[derive(Clone)]
pub(crate) struct Seat(Arc<Mutex<Option<Ticket>>>);

impl Seat {
    /// A socket that has just been accepted.
    pub(crate) fn new(ticket: Ticket) -> Self {
        Self(Arc::new(Mutex::new(Some(ticket))))
    }

    /// Takes the place over, as an upgrade does.
    pub(crate) fn take(&self) -> Option<Ticket> {
        self.0.lock().take()
    }

    /// Whether a stranger sits here and others need the place.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.lock().as_ref().is_some_and(Ticket::is_crowded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enters directly, from this address.
    fn enter(gate: &Gate, address: &str) -> Option<Ticket> {
        gate.enter(Some(address.parse().unwrap()))
    }

    #[test]
    fn one_address_cannot_take_all_places_whatever_its_spelling() {
        let gate = Gate::new(2, 10);
        let first = enter(&gate, "10.0.0.1");
        let second = enter(&gate, "::ffff:10.0.0.1");
        assert!(first.is_some() && second.is_some());
        assert!(enter(&gate, "10.0.0.1").is_none());
        assert!(enter(&gate, "10.0.0.2").is_some());
        drop(second);
        assert!(enter(&gate, "10.0.0.1").is_some());
        let _kept = [enter(&gate, "2001:db8::1"), enter(&gate, "2001:db8::2")];
        assert!(enter(&gate, "2001:db8::3").is_none());
    }

    #[test]
    fn all_addresses_together_have_a_bounded_number_of_places() {
        let gate = Gate::new(1, MAX_TOTAL);
        let address = |n: usize| Some(IpAddr::from(u32::try_from(n).unwrap().to_be_bytes()));
        let mut all: Vec<_> = (0..MAX_TOTAL).map(|n| gate.enter(address(n)).unwrap()).collect();
        assert!(gate.enter(address(MAX_TOTAL)).is_none() && gate.enter(None).is_none());
        all.pop();
        assert!(gate.enter(address(MAX_TOTAL)).is_some());
        drop(all);
        assert!(gate.strangers() == 0 && gate.counts.lock().by_address.is_empty());
    }

    #[test]
    fn a_proxys_sockets_are_its_clients() {
        let gate = Gate::new(2, 10);
        let client: IpAddr = "192.0.2.1".parse().unwrap();
        let proxied = || gate.enter(None).unwrap().of(client);
        let (first, second) = (proxied(), proxied());
        assert!(first.is_some() && second.is_some() && proxied().is_none());
        let mapped = gate.enter(None).unwrap().of("::ffff:192.0.2.1".parse().unwrap());
        assert!(mapped.is_none(), "it is the same client in another spelling");
        assert_eq!(gate.strangers(), 2, "a place that was refused is free again");
        // One that has an address keeps it: a header does not make it another.
        let direct = enter(&gate, "192.0.2.2").unwrap().of(client);
        assert!(direct.is_some());
    }

    #[test]
    fn who_idles_leaves_when_half_is_taken() {
        let gate = Gate::new(4, 100);
        let seats: Vec<_> = (0..2).map(|_| Seat::new(enter(&gate, "10.0.0.1").unwrap())).collect();
        assert!(!seats[0].is_wanted());
        let third = Seat::new(enter(&gate, "10.0.0.1").unwrap());
        assert!(third.is_wanted() && seats[0].is_wanted());
        drop(third.take());
        assert!(!third.is_wanted() && !seats[0].is_wanted());
    }

    #[test]
    fn who_idles_leaves_when_half_of_all_places_are_taken() {
        let gate = Gate::new(4, 4);
        let seat = |n: u8| Seat::new(gate.enter(Some(IpAddr::from([10, 0, 0, n]))).unwrap());
        let seats = [seat(1), seat(2)];
        assert!(!seats[0].is_wanted());
        let third = seat(3);
        assert!(third.is_wanted() && seats[0].is_wanted());
    }
}
