//! What `gateway run` says first: the page's address with the token to a person, never to a file.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::home::{Home, TOKEN};

/// Runs the gateway with a terminal as its output, by util-linux's `script`, which every Debian has.
fn on_a_terminal(home: &Home) -> Vec<String> {
    let program = env!("CARGO_BIN_EXE_openclaw");
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command"]).arg(format!("'{program}' gateway run"));
    command.arg("/dev/null").env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
    command.env("SHELL", "/bin/sh").env("TERM", "xterm");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = Vec::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    // The last line of the greeting says how to stop it.
    while !lines.last().is_some_and(|line: &String| line.contains("Ctrl+C")) {
        let mut line = String::new();
        let read = output.read_line(&mut line).unwrap();
        assert!(read > 0, "the gateway ended: {lines:?}");
        lines.push(line);
    }
    // The gateway is a child of `script`: it is stopped by its own command, and `script` ends with it.
    home.done("gateway stop");
    child.wait().unwrap();
    lines
}

#[test]
fn the_address_with_the_token_is_for_a_terminal_alone() {
    let home = Home::new();
    let address = format!("http://127.0.0.1:{}/#token={TOKEN}", home.port);
    let lines = on_a_terminal(&home);
    let page: Vec<&String> = lines.iter().filter(|line| line.contains(TOKEN)).collect();
    assert_eq!(page.len(), 1, "{lines:?}");
    assert!(page[0].contains(&address), "{page:?}");

    // Into a pipe: neither the greeting nor what follows has it, and the log file neither.
    let gateway = home.start();
    let greeting = gateway.line.clone();
    assert!(greeting.contains("`openclaw dashboard`"), "{greeting}");
    home.done("health");
    let errors = gateway.end();
    let log = std::fs::read_to_string(home.path().join("log")).unwrap();
    for text in [&greeting, &errors, &log] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert!(!log.is_empty(), "there is a log to look at");
}
