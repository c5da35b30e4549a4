//! `audit`: what was decided about devices, nodes and programs, and who was refused.

use jiff::Timestamp;
use openclaw_protocol::methods::audit::{AuditListParams, AuditListResult, AuditRow};
use serde_json::{Value, json};

use crate::{
    args::RecordArgs,
    commands::{Context, devices::Place},
    connect,
    failure::Failure,
    format, output,
};

pub(crate) async fn run(cx: &Context, args: &RecordArgs) -> Result<(), Failure> {
    let place = Place::find(cx, &args.ask).await?;
    let answer = place.ask::<AuditListParams>(params(args)).await?;
    if args.ask.json {
        return output::json(&answer);
    }
    output::lines(&render(&connect::read::<AuditListParams>(answer)?))
}

fn params(args: &RecordArgs) -> Value {
    let mut params = json!({ "limit": args.limit });
    let given = [
        ("deviceId", args.device.clone().map(Value::from)),
        ("status", args.status.clone().map(Value::from)),
        ("after", args.after.map(Value::from)),
        ("before", args.before.map(Value::from)),
        ("cursor", args.cursor.clone().map(Value::from)),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            params[name] = value;
        }
    }
    params
}

fn render(list: &AuditListResult) -> Vec<String> {
    if list.events.is_empty() {
        return vec!["Nothing is recorded.".to_owned()];
    }
    let heads = ["Time", "Event", "By", "Device", "More"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(list.events.iter().map(cells));
    let mut lines = format::table(&rows);
    let next = list.next_cursor.as_deref();
    lines.extend(
        next.map(|next| format!("Older ones: openclaw audit --cursor {}", format::plain(next))),
    );
    lines
}

fn cells(row: &AuditRow) -> Vec<String> {
    let time = i64::try_from(row.occurred_at).ok();
    let time = time.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let times = if row.count > 1 { format!(" ({} times)", row.count) } else { String::new() };
    let by = match row.actor.r#type.as_str() {
        "proof" => row.actor.id.clone(),
        kind => format!("{kind} {}", row.actor.id),
    };
    let device = row.device_id.as_deref().unwrap_or("-");
    let more = row.detail.iter().filter(|(_, value)| !value.is_empty());
    let more: Vec<_> = more.map(|(name, value)| format!("{name}={value}")).collect();
    vec![
        time.map_or_else(
            || "unknown".to_owned(),
            |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        ),
        format!("{}{times}", format::plain(&row.action)),
        format::shorten(&format::plain(&by), 26),
        format::shorten(&format::plain(device), 16),
        format::plain(&more.join("; ")),
    ]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_line_for_each_entry() {
        let row = |seq: u64, action: &str, actor: Value, more: Value, count: u64| {
            let mut row = json!({ "eventId": seq.to_string(), "sequence": seq, "sourceSequence": seq,
                "occurredAt": 1_795_000_000_000_u64, "kind": "device", "action": action,
                "status": "succeeded", "actor": actor, "detail": more, "count": count,
                "redaction": "metadata_only" });
            if seq == 4 {
                row["deviceId"] = json!("d1");
            }
            row
        };
        let list = json!({ "nextCursor": "4", "events": [
            row(5, "connect.refused", json!({ "type": "address", "id": "192.0.2.7" }), json!({ "reason": "token_mismatch" }), 12),
            row(4, "device.approved", json!({ "type": "proof", "id": "owner" }), json!({ "roles": "operator", "scopes": "operator.read" }), 1),
        ]});
        let list: AuditListResult = serde_json::from_value(list).unwrap();
        expect![[r"
            Time                  Event                       By                 Device  More
            2026-11-18 11:06:40Z  connect.refused (12 times)  address 192.0.2.7  -       reason=token_mismatch
            2026-11-18 11:06:40Z  device.approved             owner              d1      roles=operator; scopes=operator.read
            Older ones: openclaw audit --cursor 4"]]
        .assert_eq(&render(&list).join("\n"));
    }
}
