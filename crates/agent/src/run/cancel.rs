//! The wish that a run stops, with who wished it. The first wish counts.

use std::sync::Arc;

use tokio::sync::watch;

/// One per run.
#[derive(Debug, Default)]
pub(crate) struct Cancel(watch::Sender<Option<Arc<str>>>);

impl Cancel {
    /// Wishes that the run stops; `false` when somebody did before.
    pub(crate) fn cancel(&self, reason: &str) -> bool {
        self.0.send_if_modified(|wish| {
            let first = wish.is_none();
            if first {
                *wish = Some(reason.into());
            }
            first
        })
    }

    /// Who wished it, if anybody did.
    pub(crate) fn reason(&self) -> Option<Arc<str>> {
        self.0.borrow().clone()
    }

    /// Resolves when somebody wishes it.
    pub(crate) async fn cancelled(&self) -> Arc<str> {
        let mut wish = self.0.subscribe();
        match wish.wait_for(Option::is_some).await.map(|reason| reason.clone()) {
            Ok(Some(reason)) => reason,
            // The sender is `self`, so this cannot be.
            _ => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_wish_counts() {
        let cancel = Cancel::default();
        assert_eq!(cancel.reason(), None);
        assert!(cancel.cancel("rpc"));
        assert!(!cancel.cancel("stop"));
        assert_eq!(&*cancel.cancelled().await, "rpc");
    }
}
