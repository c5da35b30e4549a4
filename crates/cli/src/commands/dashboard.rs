//! `dashboard`: the page's address with the token in its fragment, which browsers do not send on.

use std::process::{Command, Stdio};

use openclaw_sdk::Auth;
use serde_json::json;

use crate::{
    args::{DashboardArgs, RemoteArgs},
    commands::Context,
    connect::Target,
    failure::Failure,
    output,
    settings::Settings,
};

pub(crate) fn run(cx: &Context, args: &DashboardArgs) -> Result<(), Failure> {
    let settings = cx.settings()?;
    let (url, hint) = address(&settings)?;
    if args.json {
        return output::json(&json!({ "url": url, "hint": hint }));
    }
    output::line(format!("Dashboard URL: {url}"))?;
    if let Some(hint) = hint {
        output::note(hint);
    }
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| cx.env.get(name).is_some());
    if !args.no_open && cx.out.terminal && (desktop || cfg!(target_os = "macos")) && !open(&url) {
        output::note("No browser could be opened; open the address yourself.");
    }
    Ok(())
}

/// The address, and what to know about signing in.
fn address(settings: &Settings) -> Result<(String, Option<&'static str>), Failure> {
    let target = Target::find(settings, &RemoteArgs::default())?;
    let page = if target.mode == "local" {
        if !settings.gateway.control_ui.is_enabled() {
            return Err(Failure::new(
                "NO_PAGE",
                "the page is switched off; remove gateway.controlUi.enabled from the config",
            ));
        }
        settings.page(settings.port()?.0)
    } else {
        let rest = target.url.strip_prefix("ws").unwrap_or(&target.url);
        format!("http{}/", rest.trim_end_matches('/'))
    };
    Ok(match (&target.auth, settings.snapshot.config.pointer("/gateway/auth/mode")) {
        (Auth::Token(token), _) => (with_token(&page, token), None),
        (Auth::Password(_), _) => (page, Some("Sign in with the gateway's password.")),
        (_, Some(mode)) if mode == "none" => (page, None),
        _ => (
            page,
            Some("There is no token yet; `openclaw gateway run` makes one at its first start."),
        ),
    })
}

/// The page's address with a token in the fragment.
pub(super) fn with_token(page: &str, token: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let token: String = token
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{page}#token={token}")
}

/// Starts the desktop's browser and does not wait for it.
fn open(url: &str) -> bool {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = || Stdio::null();
    Command::new(program).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_survives_the_fragment() {
        assert_eq!(with_token("http://h/", "aZ09-._~"), "http://h/#token=aZ09-._~");
        assert_eq!(with_token("http://h/x/", "a b#ü"), "http://h/x/#token=a%20b%23%C3%BC");
    }
}
