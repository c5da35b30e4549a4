//! `channels list` and `channels status`: the chat channels, as the gateway tells them.

use std::time::Duration;

use openclaw_protocol::methods::channels::{
    ChannelAccount, ChannelsStatusParams, ChannelsStatusResult,
};
use serde_json::{Map, Value, json};

use crate::{
    args::{ChannelsCommand, RemoteArgs},
    commands::Context,
    connect::{self, Gateway, Manner, READ},
    failure::Failure,
    output,
};

/// Longest wait for the list.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) async fn run(cx: &Context, command: &ChannelsCommand) -> Result<(), Failure> {
    match *command {
        ChannelsCommand::List { json, .. } => {
            let answer = ask(cx, TIMEOUT, false).await?;
            let channels = connect::read::<ChannelsStatusParams>(answer)?;
            if json { output::json(&document(&channels)) } else { output::lines(&list(&channels)) }
        }
        ChannelsCommand::Status { probe, timeout, json } => {
            let answer = ask(cx, timeout, probe).await?;
            if json {
                return output::json(&answer);
            }
            output::line("Gateway reachable.")?;
            output::lines(&status(&connect::read::<ChannelsStatusParams>(answer)?))
        }
    }
}

async fn ask(cx: &Context, timeout: Duration, probe: bool) -> Result<Value, Failure> {
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(READ, timeout)).await?;
    let ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    let params = json!({ "probe": probe, "timeoutMs": ms });
    gateway.ask::<ChannelsStatusParams>(params).await
}

/// Each channel with its accounts, in the order in which they are shown.
fn accounts(channels: &ChannelsStatusResult) -> impl Iterator<Item = (&str, &[ChannelAccount])> {
    channels.channel_order.iter().map(|id| {
        let accounts = channels.channel_accounts.get(id).map(Vec::as_slice).unwrap_or_default();
        (id.as_str(), accounts)
    })
}

fn label<'a>(channels: &'a ChannelsStatusResult, id: &'a str) -> &'a str {
    channels.channel_labels.get(id).map_or(id, String::as_str)
}

/// The same shape as OpenClaw's: the ids of the accounts by channel.
fn document(channels: &ChannelsStatusResult) -> Value {
    let chat: Map<String, Value> = accounts(channels)
        .map(|(id, accounts)| {
            let ids: Vec<&str> = accounts.iter().map(|one| one.account_id.as_str()).collect();
            (id.to_owned(), json!(ids))
        })
        .collect();
    json!({ "chat": chat })
}

fn list(channels: &ChannelsStatusResult) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, accounts) in accounts(channels) {
        let name = label(channels, id);
        if accounts.is_empty() {
            lines.push(format!("- {name}: not configured"));
        }
        lines.extend(accounts.iter().map(|one| format!("- {name} {}", who(one))));
    }
    ended(lines, channels)
}

fn status(channels: &ChannelsStatusResult) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, accounts) in accounts(channels) {
        let name = label(channels, id);
        lines.extend(accounts.iter().map(|one| format!("- {name} {}: {}", who(one), words(one))));
    }
    let mut lines = ended(lines, channels);
    for issue in channels.status_issues.iter().flatten() {
        let fix = issue.fix.as_ref().map(|fix| format!("; {fix}")).unwrap_or_default();
        let (channel, account) = (label(channels, &issue.channel), &issue.account_id);
        lines.push(format!("- {channel} {account}: {}{fix}", issue.message));
    }
    lines
}

fn ended(mut lines: Vec<String>, channels: &ChannelsStatusResult) -> Vec<String> {
    if lines.is_empty() {
        lines.push("No chat channels.".to_owned());
    }
    lines.extend(channels.warnings.iter().flatten().map(|warning| format!("warning: {warning}")));
    lines
}

fn who(account: &ChannelAccount) -> String {
    match &account.name {
        Some(name) => format!("{} ({name})", account.account_id),
        None => account.account_id.clone(),
    }
}

fn words(account: &ChannelAccount) -> String {
    let flags = [
        (account.enabled, "enabled", "disabled"),
        (account.configured, "configured", "not configured"),
        (account.linked, "linked", "not linked"),
        (account.running, "running", "stopped"),
        (account.connected, "connected", "not connected"),
    ];
    let known = flags.into_iter().filter_map(|(flag, yes, no)| Some(if flag? { yes } else { no }));
    let mut words: Vec<String> = known.map(str::to_owned).collect();
    words.extend(account.last_error.as_ref().map(|error| format!("error: {error}")));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn some() -> ChannelsStatusResult {
        let answer = json!({
            "ts": 1, "channelOrder": ["telegram", "irc"], "channelLabels": { "telegram": "Telegram" }, "channels": {},
            "channelAccounts": { "telegram": [{ "accountId": "default", "name": "Bot", "enabled": true,
                "configured": true, "running": false, "lastError": "401" }], "irc": [] },
            "channelDefaultAccountId": {}, "warnings": ["channels.x is not known"],
            "statusIssues": [{ "channel": "telegram", "accountId": "default", "kind": "auth",
                "message": "the token is refused", "fix": "take a new one" }],
        });
        connect::read::<ChannelsStatusParams>(answer).unwrap()
    }

    #[test]
    fn accounts_have_their_lines() {
        expect![[r"
            - Telegram default (Bot): enabled, configured, stopped, error: 401
            warning: channels.x is not known
            - Telegram default: the token is refused; take a new one"]]
        .assert_eq(&status(&some()).join("\n"));
        expect![[r"
            - Telegram default (Bot)
            - irc: not configured
            warning: channels.x is not known"]]
        .assert_eq(&list(&some()).join("\n"));
        assert_eq!(document(&some()), json!({ "chat": { "telegram": ["default"], "irc": [] } }));
        assert_eq!(status(&ChannelsStatusResult::default()), ["No chat channels."]);
    }
}
