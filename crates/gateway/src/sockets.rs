//! How many sockets this process may hold: the system's limit, and a place for each.

use std::{io, sync::Arc};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Sockets at a time, where the system allows as many; above it new ones wait in the kernel's queue.
const MAX_SOCKETS: usize = 65_536;
/// Descriptors that are not for sockets: the store, transcripts, the log, programs, model servers.
const RESERVED: usize = 256;

/// A place for every socket; cheap to clone.
#[derive(Clone)]
pub(crate) struct Sockets {
    free: Arc<Semaphore>,
    total: usize,
}

/// One socket's place; dropping it gives it back.
pub(crate) type Place = OwnedSemaphorePermit;

impl Sockets {
    /// As many as the process may open, less what else it needs: a flood of sockets must not keep the
    /// store from opening a file.
    pub(crate) fn new() -> Self {
        let limit = getrlimit(Resource::Nofile).current;
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Self::of(places(limit))
    }

    fn of(total: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(total)), total }
    }

    /// All of them.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.total - self.free.available_permits()
    }

    /// Waits for a place.
    pub(crate) async fn place(&self) -> Option<Place> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }
}

/// What of the descriptors may be sockets; never none, however low the limit is.
fn places(descriptors: usize) -> usize {
    descriptors.saturating_sub(RESERVED).max(descriptors / 4).clamp(4, MAX_SOCKETS)
}

/// Lets this process open as many files as its hard limit says. Most systems start programs with a soft
/// one of 1,024, which is for programs of an older kind; a gateway has a descriptor for each socket.
pub fn raise_descriptor_limit() -> io::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return Ok(());
    }
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_leave_descriptors_for_the_rest() {
        for (limit, expected) in [
            (0, 4),
            (100, 25),
            (256, 64),
            (1_024, 768),
            (20_000, 19_744),
            (usize::MAX, MAX_SOCKETS),
        ] {
            assert_eq!(places(limit), expected, "{limit}");
        }
    }

    #[tokio::test]
    async fn a_place_is_given_back() {
        let sockets = Sockets::of(2);
        let held = (sockets.place().await, sockets.place().await);
        assert_eq!((sockets.taken(), sockets.total()), (2, 2));
        drop(held);
        assert_eq!(sockets.taken(), 0);
    }

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        raise_descriptor_limit().unwrap();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
