//! The terminal chats, the official ones and our own: each talks with a gateway of ours and shows the answers.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::terminal::Terminal;
use crate::{
    bench::gateway::{Gateway, TOKEN},
    run::{root, say, skip},
};

/// Lets a version's chat send two messages, change the session, send one there, and quit.
pub(super) fn talk(all: &Path, version: &str, node: &Path, gateway: &Gateway) -> Result<()> {
    if !Terminal::available() {
        skip(format!("the terminal chat of {version}, since script of util-linux is not here"));
        return Ok(());
    }
    let program = all.join(version).join("node_modules/openclaw/openclaw.mjs");
    let home = gateway.state_dir().join(format!("tui-{version}"));
    fs::create_dir_all(&home)?;
    let home = home.to_str().context("a home that is no text")?;
    let url = format!("ws://127.0.0.1:{}", gateway.port());
    let line = format!(
        "{} {} tui --url {url} --token {TOKEN} --session from-{version}",
        node.display(),
        program.display()
    );
    let mut terminal = Terminal::open(&line, &[("HOME", home), ("OPENCLAW_STATE_DIR", home)])?;
    let talked = conversation(&mut terminal, version);
    talked.with_context(|| format!("the terminal chat of OpenClaw {version}"))?;
    terminal.end().with_context(|| format!("the terminal chat of OpenClaw {version}"))?;
    say(format!("ok  openclaw {version}: tui"));
    Ok(())
}

fn conversation(terminal: &mut Terminal, version: &str) -> Result<()> {
    terminal.wait_for("connected | idle")?;
    for message in [format!("hello from {version}"), "and again".to_owned()] {
        terminal.enter(&message)?;
        // The demo model says what it was told; before that it streams what it is.
        terminal.wait_for(&format!("You said: {message}"))?;
    }
    let aside = format!("aside-{version}");
    terminal.enter(&format!("/session {aside}"))?;
    terminal.wait_for(&format!("agent main - session {aside}"))?;
    terminal.enter("in another session")?;
    terminal.wait_for("You said: in another session")?;
    terminal.enter("/exit")
}

/// Our own chat: a tool, a text of several lines that is pasted, another session, help, and the end.
pub(super) fn ours(gateway: &Gateway) -> Result<()> {
    if !Terminal::available() {
        skip("our terminal chat, since script of util-linux is not here");
        return Ok(());
    }
    let home = gateway.state_dir().join("tui-ours");
    fs::create_dir_all(&home)?;
    let home = home.to_str().context("a home that is no text")?;
    let program = root().join("target/release/openclaw");
    let url = format!("ws://127.0.0.1:{}", gateway.port());
    let line = format!("{} tui --url {url} --token {TOKEN} --session from-ours", program.display());
    let mut terminal = Terminal::open(&line, &[("HOME", home), ("OPENCLAW_STATE_DIR", home)])?;
    own_conversation(&mut terminal).context("our terminal chat")?;
    terminal.end().context("our terminal chat")?;
    say("ok  our own tui");
    Ok(())
}

/// Single words are looked for: it draws what has changed, and a space that was one before has not.
fn own_conversation(terminal: &mut Terminal) -> Result<()> {
    terminal.wait_for("yet.")?;
    terminal.write("run tool session_status\r")?;
    terminal.wait_for("answered:")?;
    // What is pasted is not sent before somebody sends it.
    terminal.write("\u{1b}[200~first line\nsecond line\u{1b}[201~")?;
    terminal.wait_for("second")?;
    terminal.write("\r")?;
    terminal.wait_for("said:")?;
    terminal.write("\u{1b}OP")?;
    terminal.wait_for("closes")?;
    terminal.write("x/session aside-ours\r")?;
    terminal.wait_for("yet.")?;
    terminal.write("another\r")?;
    terminal.wait_for("said:")?;
    terminal.write("/quit\r")
}
