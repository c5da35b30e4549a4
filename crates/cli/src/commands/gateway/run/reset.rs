//! `gateway run --dev --reset`: begins anew, and keeps what was there beside it.

use std::{fs, io::ErrorKind, path::Path};

use jiff::Timestamp;
use openclaw_gateway::lock;

use crate::{commands::Context, failure::Failure, output};

/// Renames the state directory of the development profile; a running gateway keeps its own.
pub(super) fn put_aside(cx: &Context, dir: &Path) -> Result<(), Failure> {
    if !cx.root.dev {
        return Err(Failure::usage("--reset needs --dev: it begins the development profile anew"));
    }
    if let Some(holder) = lock::holder(dir) {
        let message = format!(
            "a gateway (process {}) uses {}; stop it with `openclaw --dev gateway stop`",
            holder.pid,
            dir.display()
        );
        return Err(Failure::new("ALREADY_RUNNING", message));
    }
    let mut aside = dir.as_os_str().to_owned();
    aside.push(Timestamp::now().strftime(".%Y%m%dT%H%M%SZ").to_string());
    match fs::rename(dir, &aside) {
        Ok(()) => {
            output::note(format!("openclaw: what was there is in {}", Path::new(&aside).display()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            let message = format!("cannot put {} aside: {error}", dir.display());
            return Err(Failure::new("NOT_RESET", message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use openclaw_gateway::config::Environment;

    use super::*;
    use crate::{args::Root, output::Output};

    #[test]
    fn what_was_there_is_kept_beside_and_a_running_gateway_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join(".openclaw-dev");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("openclaw.json"), "{}").unwrap();
        let cx = |dev| Context {
            root: Root { dev, ..Root::default() },
            env: Environment::from_vars([("HOME", "/")]),
            out: Output { color: false, terminal: false },
        };
        assert!(put_aside(&cx(false), &dir).is_err() && dir.exists());
        let holder =
            lock::Holder { pid: 7, port: 1, started_at: 1, version: String::new(), reloads: false };
        let held = lock::StateLock::acquire(&dir, &holder).unwrap();
        assert!(put_aside(&cx(true), &dir).unwrap_err().message.contains("process 7"));
        drop(held);
        put_aside(&cx(true), &dir).unwrap();
        assert!(!dir.exists());
        let beside: Vec<_> = fs::read_dir(home.path()).unwrap().flatten().collect();
        assert_eq!(beside.len(), 1);
        assert!(beside[0].path().join("openclaw.json").exists());
        put_aside(&cx(true), &dir).unwrap();
    }
}
