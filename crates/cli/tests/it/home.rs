//! A home folder, and a gateway that runs in it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use serde_json::{Value, json};

/// The secret of every gateway of these tests.
pub(crate) const TOKEN: &str = "a-token-of-this-test-0123456789";

/// A home folder of its own.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    pub(crate) port: u16,
}

impl Home {
    /// One whose gateway answers with the built-in model at a free port.
    pub(crate) fn new() -> Self {
        Self::with(&json!({}))
    }

    /// The same with more in the config.
    pub(crate) fn with(more: &Value) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let home = Self { dir, port };
        fs::create_dir(home.state()).unwrap();
        let mut config = json!({
            "gateway": {"port": port, "auth": {"token": TOKEN}},
            "logging": {"file": home.dir.path().join("log").display().to_string()},
            "agents": {"defaults": {"model": {"primary": "local/demo"}}},
        });
        for (name, value) in more.as_object().unwrap() {
            config[name] = value.clone();
        }
        home.write("openclaw.json", &config.to_string());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join(".openclaw")
    }

    /// Writes a file of the state directory, private as ours are.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.state().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        mode(&path, 0o600);
        mode(&self.state(), 0o700);
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
        command.env_clear().env("HOME", self.path()).args(line.split_whitespace());
        command
    }

    /// Exit code, stdout and stderr.
    pub(crate) fn run(&self, line: &str) -> (i32, String, String) {
        let output = self.command(line).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    pub(crate) fn done(&self, line: &str) -> String {
        let (code, out, err) = self.run(line);
        assert_eq!(code, 0, "{line}: {out}{err}");
        out
    }

    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.done(line)).unwrap()
    }

    /// What stderr says when the command fails with this code.
    #[track_caller]
    pub(crate) fn refused(&self, line: &str, expected: i32) -> String {
        let (code, out, err) = self.run(line);
        assert_eq!((code, err.lines().count()), (expected, 1), "{line}: {out}{err}");
        err
    }

    /// Starts the gateway; it serves when this returns.
    pub(crate) fn start(&self) -> Running {
        let mut command = self.command("gateway run");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Read to its end, so that the gateway never waits for a reader.
        let mut errors = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Running { child, line, stderr: Some(stderr) }
    }
}

/// Sets the mode of a file or folder.
pub(crate) fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// A gateway of a process of its own; it ends with the value.
pub(crate) struct Running {
    child: Child,
    /// Its first word, which comes when it serves.
    pub(crate) line: String,
    stderr: Option<JoinHandle<String>>,
}

impl Running {
    /// Ends it; what it said on stderr.
    pub(crate) fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.stderr.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        self.child.wait().unwrap();
    }
}
