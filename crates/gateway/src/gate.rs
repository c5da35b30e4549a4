//! How many strangers may be in the hall: sockets that have not authenticated, in all and by address.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use openclaw_auth::rate_limit::canonical;
use parking_lot::Mutex;

/// Unauthenticated sockets of one address; more get 503 (OpenClaw's limit and answer).
pub(crate) const MAX_PER_ADDRESS: usize = 32;
/// Unauthenticated sockets in all; more get 503.
pub(crate) const MAX_TOTAL: usize = 1024;

/// Counts sockets from their upgrade to their `hello-ok`.
#[derive(Clone)]
pub(crate) struct Gate {
    counts: Arc<Mutex<Counts>>,
    per_address: usize,
}

#[derive(Default)]
struct Counts {
    total: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// A stranger's place; dropping it gives it back.
pub(crate) struct Ticket {
    counts: Arc<Mutex<Counts>>,
    address: IpAddr,
}

impl Gate {
    /// A gate with a limit for each address.
    pub(crate) fn new(per_address: usize) -> Self {
        Self { counts: Arc::default(), per_address }
    }

    /// Lets one more in, or says no.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Ticket> {
        let address = canonical(address);
        let mut counts = self.counts.lock();
        let here = counts.by_address.get(&address).copied().unwrap_or_default();
        if counts.total >= MAX_TOTAL || here >= self.per_address {
            return None;
        }
        counts.total += 1;
        counts.by_address.insert(address, here + 1);
        Some(Ticket { counts: Arc::clone(&self.counts), address })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        counts.total -= 1;
        if let Some(here) = counts.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places_whatever_its_spelling() {
        let gate = Gate::new(2);
        let first = gate.enter("10.0.0.1".parse().unwrap());
        let second = gate.enter("::ffff:10.0.0.1".parse().unwrap());
        assert!(first.is_some() && second.is_some());
        assert!(gate.enter("10.0.0.1".parse().unwrap()).is_none());
        assert!(gate.enter("10.0.0.2".parse().unwrap()).is_some());
        drop(second);
        assert!(gate.enter("10.0.0.1".parse().unwrap()).is_some());
        let _kept = [
            gate.enter("2001:db8::1".parse().unwrap()),
            gate.enter("2001:db8::2".parse().unwrap()),
        ];
        assert!(gate.enter("2001:db8::3".parse().unwrap()).is_none());
    }

    #[test]
    fn all_addresses_together_have_a_bounded_number_of_places() {
        let gate = Gate::new(1);
        let address = |n: usize| IpAddr::from(u32::try_from(n).unwrap().to_be_bytes());
        let mut all: Vec<_> = (0..MAX_TOTAL).map(|n| gate.enter(address(n)).unwrap()).collect();
        assert!(gate.enter(address(MAX_TOTAL)).is_none());
        all.pop();
        assert!(gate.enter(address(MAX_TOTAL)).is_some());
    }
}
