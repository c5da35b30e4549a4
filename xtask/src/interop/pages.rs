//! OpenClaw's own Control UIs, served by our binary from the installed packages and driven in Chromium.

use std::path::Path;

use anyhow::Result;

use super::{VERSIONS, node};
use crate::{
    run::{root, skip},
    ui,
};

/// Connects, chats, stops, reloads, and lists sessions in the page of each version.
pub(super) fn run_all(all: &Path) -> Result<()> {
    let Some(browser) = ui::browser() else {
        skip("the official Control UIs, since there is no Chromium here");
        return Ok(());
    };
    if let Err(error) = ui::prepare() {
        skip(format!("the official Control UIs: {error}"));
        return Ok(());
    }
    let shots = root().join("target/ui-shots").display().to_string();
    for version in VERSIONS {
        let page = all.join(version).join("node_modules/openclaw/dist/control-ui");
        if !page.join("index.html").exists() {
            skip(format!("the Control UI of {version}, which its package does not hold"));
            continue;
        }
        let page = page.display().to_string();
        let more = ["--root", &page, "--name", version, "--shots", &shots];
        ui::script(&node(all, "client"), "official.mjs", browser, &more)?;
    }
    Ok(())
}
