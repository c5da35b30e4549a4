//! `dead-letters`: what was accepted and then dropped or given up.

use jiff::Timestamp;
use openclaw_protocol::methods::dead_letters::{
    DeadLetter, DeadLettersDiscardParams, DeadLettersListParams, DeadLettersListResult,
};
use serde_json::json;

use crate::{
    args::{AskArgs, DeadLettersCommand},
    commands::Context,
    connect::{self, ALL, Gateway, Manner},
    failure::Failure,
    format, output,
};

/// Listing needs no more.
const READ: &[&str] = &["operator.read"];

pub(crate) async fn run(cx: &Context, command: &DeadLettersCommand) -> Result<(), Failure> {
    match command {
        DeadLettersCommand::List { cursor, limit, ask } => {
            let mut params = json!({ "limit": limit });
            if let Some(cursor) = cursor {
                params["cursor"] = json!(cursor);
            }
            let answer = gateway(cx, ask, READ).await?.ask::<DeadLettersListParams>(params).await?;
            if ask.json {
                return output::json(&answer);
            }
            output::lines(&render(&connect::read::<DeadLettersListParams>(answer)?))
        }
        DeadLettersCommand::Discard { ids, all, ask } => {
            let params = if *all { json!({ "all": true }) } else { json!({ "ids": ids }) };
            let answer =
                gateway(cx, ask, ALL).await?.ask::<DeadLettersDiscardParams>(params).await?;
            if ask.json {
                return output::json(&answer);
            }
            let done = connect::read::<DeadLettersDiscardParams>(answer)?;
            output::line(format!("Discarded {}; {} left.", done.discarded, done.total))
        }
    }
}

async fn gateway(
    cx: &Context,
    ask: &AskArgs,
    scopes: &'static [&'static str],
) -> Result<Gateway, Failure> {
    Gateway::connect(&cx.settings()?, &ask.remote, Manner::visit(scopes, ask.timeout)).await
}

fn render(list: &DeadLettersListResult) -> Vec<String> {
    if list.total == 0 {
        return vec!["Nothing was dropped or given up.".to_owned()];
    }
    let heads = ["Id", "Time", "How", "Where", "What", "Why"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(list.letters.iter().map(cells));
    let mut lines = format::table(&rows);
    let next = list.next_cursor.as_deref().map(format::plain);
    lines
        .extend(next.map(|next| format!("Older ones: openclaw dead-letters list --cursor {next}")));
    lines
}

fn cells(letter: &DeadLetter) -> Vec<String> {
    let time = Timestamp::from_millisecond(letter.at).ok();
    let place = match (&letter.session_key, &letter.node_id) {
        (Some(session), _) => session.clone(),
        (None, Some(node)) => format!("node {node}"),
        (None, None) => "-".to_owned(),
    };
    vec![
        format::plain(&letter.id),
        time.map_or_else(
            || "unknown".to_owned(),
            |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        ),
        letter.kind.name().to_owned(),
        format::shorten(&format::plain(&place), 32),
        format::shorten(&format::plain(letter.text.as_deref().unwrap_or(&letter.subject)), 40),
        format::plain(&letter.reason),
    ]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_line_for_each_letter() {
        let list: DeadLettersListResult = serde_json::from_value(json!({
            "total": 3, "nextCursor": "4", "letters": [
                { "id": "5", "at": 1_795_000_000_000_u64, "kind": "interrupted", "subject": "r-1",
                  "reason": "The gateway stopped.", "sessionKey": "agent:main:main", "text": "hello" },
                { "id": "4", "at": 1_795_000_000_000_u64, "kind": "expired", "subject": "w-1",
                  "reason": "too late", "nodeId": "n1", "text": "location.request" },
            ]
        }))
        .unwrap();
        expect![[r"
            Id  Time                  How          Where            What              Why
            5   2026-11-18 11:06:40Z  interrupted  agent:main:main  hello             The gateway stopped.
            4   2026-11-18 11:06:40Z  expired      node n1          location.request  too late
            Older ones: openclaw dead-letters list --cursor 4"]]
        .assert_eq(&render(&list).join("\n"));
        let none = render(&DeadLettersListResult::default());
        assert_eq!(none, ["Nothing was dropped or given up."]);
    }
}
