//! `gateway stop`: asks the process that holds the state directory's lock to end, and waits for it.

use std::{path::Path, time::Duration};

use openclaw_gateway::lock::{self, Holder};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{commands::Context, failure::Failure, output, patience, settings};

/// How long a gateway may take to finish what it does.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look whether it is gone.
const LOOK: Duration = Duration::from_millis(25);

pub(crate) async fn run(cx: &Context, json: bool) -> Result<(), Failure> {
    let paths = settings::paths(&cx.root, &cx.env)?;
    let dir = &paths.state_dir;
    let Some(holder) = stop(dir).await? else {
        let message = format!("no gateway runs with the state directory {}", dir.display());
        return Err(Failure::new("NOT_RUNNING", message));
    };
    if json {
        return output::json(&json!({ "ok": true, "pid": holder.pid, "port": holder.port }));
    }
    output::line(format!("Stopped the gateway (process {}, port {})", holder.pid, holder.port))
}

/// For `gateway run --force`: ends the gateway of this state directory, if one runs. Other programs
/// on the port are left alone: nobody knows what they are.
pub(super) fn make_room(dir: &Path) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| Failure::new("RUNTIME", error.to_string()))?;
    if let Some(holder) = runtime.block_on(stop(dir))? {
        output::note(format!("openclaw: stopped the gateway of process {}", holder.pid));
    }
    Ok(())
}

/// Ends the gateway of a state directory and says which it was.
async fn stop(dir: &Path) -> Result<Option<Holder>, Failure> {
    let Some(holder) = lock::holder(dir) else { return Ok(None) };
    let pid = i32::try_from(holder.pid).ok().and_then(Pid::from_raw).ok_or_else(|| {
        let file = dir.join(lock::FILE_NAME);
        Failure::new("NOT_RUNNING", format!("{} names no process", file.display()))
    })?;
    kill_process(pid, Signal::TERM).map_err(|error| {
        Failure::new("NOT_STOPPED", format!("cannot stop process {}: {error}", holder.pid))
    })?;
    patience::wait("the gateway finishes", wait(&holder, || lock::holder(dir))).await?;
    Ok(Some(holder))
}

/// Waits until somebody else or nobody holds the lock.
async fn wait(first: &Holder, now: impl Fn() -> Option<Holder>) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        looks.tick().await;
        if now().is_none_or(|holder| holder.pid != first.pid) {
            return Ok(());
        }
    }
    let seconds = PATIENCE.as_secs();
    let message = format!(
        "process {pid} still runs after {seconds} s; end it with `kill -9 {pid}`",
        pid = first.pid
    );
    Err(Failure::new("NOT_STOPPED", message))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn holder(pid: u32) -> Holder {
        Holder { pid, port: 1, started_at: 0, version: String::new(), reloads: false }
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn it_waits_until_the_lock_is_free_or_anothers() {
        for last in [None, Some(8)] {
            let looks = Cell::new(0);
            let now = || {
                looks.set(looks.get() + 1);
                if looks.get() < 3 { Some(holder(7)) } else { last.map(holder) }
            };
            block_on(wait(&holder(7), now)).unwrap();
            assert_eq!(looks.get(), 3);
        }
    }
}
