//! The one place of this crate where tasks are spawned: each has a name and is joined at shutdown.

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio::{sync::watch, task::AbortHandle};

/// Spawns named tasks and joins them. Clones share the tasks.
#[derive(Clone, Default)]
pub struct Spawner {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    next: AtomicU64,
    live: Mutex<BTreeMap<u64, Task>>,
    count: watch::Sender<usize>,
}

struct Task {
    name: &'static str,
    abort: Option<AbortHandle>,
}

impl Spawner {
    /// No tasks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a future to its end. A panic ends the task, is logged with its name, and goes no further.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        self.inner.live.lock().insert(id, Task { name, abort: None });
        self.inner.count.send_modify(|count| *count += 1);
        let registered = Registered { inner: Arc::clone(&self.inner), id };
        #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
        let handle = tokio::spawn(async move {
            let _registered = registered;
            if let Err(panic) = AssertUnwindSafe(task).catch_unwind().await {
                tracing::error!(task = name, panic = panic_text(panic.as_ref()), "a task panicked");
            }
        });
        if let Some(task) = self.inner.live.lock().get_mut(&id) {
            task.abort = Some(handle.abort_handle());
        }
    }

    /// The names of the tasks that run.
    pub fn running(&self) -> Vec<&'static str> {
        self.inner.live.lock().values().map(|task| task.name).collect()
    }

    /// Resolves when no task runs.
    pub async fn ended(&self) {
        let mut count = self.inner.count.subscribe();
        // The sender is ours, so waiting cannot fail.
        drop(count.wait_for(|count| *count == 0).await);
    }

    /// Waits until all tasks have ended. Those that have not when `budget` is over are stopped;
    /// gives their names.
    pub async fn join(&self, budget: Duration) -> Vec<&'static str> {
        if tokio::time::timeout(budget, self.ended()).await.is_ok() {
            return Vec::new();
        }
        let live = self.inner.live.lock();
        for task in live.values() {
            if let Some(abort) = &task.abort {
                abort.abort();
            }
        }
        live.values().map(|task| task.name).collect()
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spawner").field(&self.running()).finish()
    }
}

/// Takes the task off the list when it ends, in whatever way.
struct Registered {
    inner: Arc<Inner>,
    id: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.inner.live.lock().remove(&self.id);
        self.inner.count.send_modify(|count| *count -= 1);
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_are_named_and_joined() {
        let spawner = Spawner::new();
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        spawner.spawn("waiter", async move {
            assert!(wait.await.is_ok());
        });
        assert_eq!(spawner.running(), ["waiter"]);
        go.send(()).unwrap();
        assert!(spawner.join(Duration::from_secs(5)).await.is_empty());
        assert!(spawner.running().is_empty());
    }

    #[tokio::test]
    async fn a_panic_stays_in_its_task() {
        let spawner = Spawner::new();
        spawner.spawn("bad", async { panic!("on purpose") });
        assert!(spawner.join(Duration::from_secs(5)).await.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_end_is_stopped_and_named() {
        let spawner = Spawner::new();
        spawner.spawn("stuck", std::future::pending());
        assert_eq!(spawner.join(Duration::from_secs(1)).await, ["stuck"]);
        assert!(spawner.join(Duration::from_secs(1)).await.is_empty());
    }
}
