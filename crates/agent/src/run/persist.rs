//! Writes of a run that must succeed: repeated until they do, or until the runtime lets go.

use std::time::Duration;

use crate::{runtime::stop::Stop, store::StoreError};

/// The first pause after a write that failed; it doubles from time to time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause. A full disk is tried again this often, and nothing is given up.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Repeats a write while the store is busy or fails. Refusals (conflict, not found, closed) come back at once.
pub(crate) async fn persist<T, F, Fut>(
    stop: &Stop,
    what: &'static str,
    mut write: F,
) -> Result<T, StoreError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, StoreError>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match write().await {
            Err(error @ (StoreError::Busy | StoreError::Failed { .. })) => error,
            other => return other,
        };
        tracing::warn!(what, %error, retry_in = ?pause, "a write failed; it will be repeated");
        if stop.unless_halted(tokio::time::sleep(pause)).await.is_none() {
            return Err(StoreError::Closed);
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_repeats_until_it_succeeds_or_is_refused() {
        let stop = Stop::default();
        let tries = Cell::new(0);
        let flaky = || async {
            tries.set(tries.get() + 1);
            if tries.get() < 5 { Err(StoreError::Busy) } else { Ok(tries.get()) }
        };
        assert_eq!(persist(&stop, "test", flaky).await.unwrap(), 5);
        let refused = || async { Err::<(), _>(StoreError::Conflict("no".into())) };
        assert!(matches!(persist(&stop, "test", refused).await, Err(StoreError::Conflict(_))));
        stop.halt();
        let busy = || async { Err::<(), _>(StoreError::Busy) };
        assert!(matches!(persist(&stop, "test", busy).await, Err(StoreError::Closed)));
    }
}
