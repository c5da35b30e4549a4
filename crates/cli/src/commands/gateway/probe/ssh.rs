//! The way to a gateway that only its own machine can reach: through `ssh -W`, whose input and output
//! are the connection. Nothing listens here meanwhile.

use std::{
    io,
    path::{Path, PathBuf},
    pin::Pin,
    process::Stdio,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use openclaw_sdk::{BoxFuture, Dial, Error, Io};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::Mutex,
    time::timeout,
};

use crate::failure::Failure;

/// How long ssh may take to say why it ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A machine that ssh reaches, and the gateway's port there.
pub(super) struct Ssh {
    program: PathBuf,
    host: String,
    port: Option<u16>,
    identity: Option<PathBuf>,
    gateway_port: u16,
    told: Mutex<Option<ChildStderr>>,
}

impl Ssh {
    /// Reads `user@host` or `user@host:port`.
    pub(super) fn parse(
        target: &str,
        identity: Option<&Path>,
        gateway_port: u16,
    ) -> Result<Self, Failure> {
        let target = target.trim();
        let bad =
            || Failure::usage(format!("--ssh {target}: user@host or user@host:port is needed"));
        let (host, port) = match target.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| bad())?)),
            None => (target, None),
        };
        // A host that begins with a dash would be an option of ssh.
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        if host.is_empty() || host.starts_with('-') || !host.chars().all(plain) {
            return Err(bad());
        }
        Ok(Self {
            program: "ssh".into(),
            host: host.to_owned(),
            port,
            identity: identity.map(Path::to_owned),
            gateway_port,
            told: Mutex::default(),
        })
    }

    /// What ssh is called with. It never asks: a probe has nobody to answer.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = ["-o", "BatchMode=yes", "-T"].map(str::to_owned).to_vec();
        if let Some(port) = self.port {
            arguments.extend(["-p".to_owned(), port.to_string()]);
        }
        if let Some(identity) = &self.identity {
            let identity = identity.display().to_string();
            arguments.extend(["-o", "IdentitiesOnly=yes", "-i"].map(str::to_owned));
            arguments.push(identity);
        }
        let to = format!("127.0.0.1:{}", self.gateway_port);
        arguments.extend(["-W".to_owned(), to, "--".to_owned(), self.host.clone()]);
        arguments
    }

    /// What ssh said last, when it has ended.
    pub(super) async fn complaint(&self) -> Option<String> {
        let mut told = self.told.lock().await.take()?;
        let mut text = String::new();
        timeout(LAST_WORDS, told.read_to_string(&mut text)).await.ok()?.ok()?;
        let last = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
        Some(format!("ssh: {}", last.strip_prefix("ssh: ").unwrap_or(last)))
    }

    async fn start(&self, url: &str) -> Result<Tunnel, Error> {
        let failed = |source| Error::Connect { url: url.to_owned(), source: Arc::new(source) };
        let mut child = Command::new(&self.program)
            .args(self.arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                let program = self.program.display();
                failed(io::Error::new(error.kind(), format!("cannot start {program}: {error}")))
            })?;
        *self.told.lock().await = child.stderr.take();
        match (child.stdout.take(), child.stdin.take()) {
            (Some(output), Some(input)) => Ok(Tunnel { output, input, _child: child }),
            _ => Err(failed(io::ErrorKind::BrokenPipe.into())),
        }
    }
}

impl Dial for Ssh {
    fn dial<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Box<dyn Io>, Error>> {
        Box::pin(async { Ok(Box::new(self.start(url).await?) as Box<dyn Io>) })
    }
}

/// A running ssh; it ends with the value.
struct Tunnel {
    output: ChildStdout,
    input: ChildStdin,
    _child: Child,
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn targets() {
        let line = |target: &str, identity: Option<&str>| {
            let ssh = Ssh::parse(target, identity.map(Path::new), 18789).ok()?;
            Some(ssh.arguments().join(" "))
        };
        assert_eq!(
            line("me@far.example", None).unwrap(),
            "-o BatchMode=yes -T -W 127.0.0.1:18789 -- me@far.example"
        );
        assert_eq!(
            line(" far:2222 ", Some("/k")).unwrap(),
            "-o BatchMode=yes -T -p 2222 -o IdentitiesOnly=yes -i /k -W 127.0.0.1:18789 -- far"
        );
        for bad in ["", ":22", "far:x", "-oProxyCommand=x", "a b", "far:99999"] {
            assert_eq!(line(bad, None), None, "{bad}");
        }
    }

    /// An `ssh` of the test's own making.
    fn fake(script: &str) -> (tempfile::TempDir, Ssh) {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("ssh");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let ssh = Ssh { program, ..Ssh::parse("far", None, 7).unwrap() };
        (dir, ssh)
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn what_is_said_goes_through_it_and_comes_back() {
        use tokio::io::AsyncWriteExt as _;
        let (_dir, ssh) = fake("cat");
        block_on(async {
            let mut tunnel = ssh.start("ws://far").await.unwrap();
            tunnel.write_all(b"hello").await.unwrap();
            let mut back = [0; 5];
            tunnel.read_exact(&mut back).await.unwrap();
            assert_eq!(&back, b"hello");
        });
    }

    #[test]
    fn why_it_ended_is_its_last_line() {
        let (_dir, ssh) =
            fake("echo warning >&2; echo 'me@far: Permission denied (publickey).' >&2; exit 255");
        block_on(async {
            let mut tunnel = ssh.start("ws://far").await.unwrap();
            let mut nothing = Vec::new();
            assert_eq!(tunnel.read_to_end(&mut nothing).await.unwrap(), 0);
            drop(tunnel);
            let told = ssh.complaint().await.unwrap();
            assert_eq!(told, "ssh: me@far: Permission denied (publickey).");
        });
    }
}
