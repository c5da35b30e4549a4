//! Devices and requests as tables for people.

use std::borrow::Cow;

use openclaw_protocol::methods::devices::{DevicePairListResult, PairedDevice, PendingDevice};

use crate::format;

/// Both lists; `now` in milliseconds since 1970.
pub(super) fn list(list: &DevicePairListResult, now: u64) -> Vec<String> {
    let mut lines = Vec::new();
    if !list.pending.is_empty() {
        lines.push(format!("Pending ({})", list.pending.len()));
        lines.extend(pending(list, now));
        lines.push("Approve one with: openclaw devices approve <requestId>".to_owned());
    }
    if !list.paired.is_empty() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("Paired ({})", list.paired.len()));
        lines.extend(paired(&list.paired, now));
    }
    if lines.is_empty() {
        lines.push("No devices are paired, and none asks to be.".to_owned());
    }
    lines
}

/// The requests.
pub(super) fn pending(list: &DevicePairListResult, now: u64) -> Vec<String> {
    let heads = ["Request", "Device", "Asks for", "Address", "Age", "Kind"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(list.pending.iter().map(|request| {
        vec![
            format::plain(&request.request_id),
            name(request.display_name.as_ref(), request.client_id.as_ref(), &request.device_id),
            access(request.roles.as_deref(), request.scopes.as_deref()),
            request.remote_ip.as_deref().map_or_else(|| "this machine".to_owned(), format::plain),
            format::age(Some(now.saturating_sub(request.ts))),
            kind(request, list).to_owned(),
        ]
    }));
    format::table(&rows)
}

fn paired(devices: &[PairedDevice], now: u64) -> Vec<String> {
    let heads = ["Device", "Roles and scopes", "Tokens", "Seen", "Id"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(devices.iter().map(|device| {
        let told = device.operator_label.as_ref().or(device.display_name.as_ref());
        let seen = match device.connected {
            Some(true) => "connected".to_owned(),
            _ => format::age(device.last_seen_at_ms.map(|then| now.saturating_sub(then))),
        };
        vec![
            name(told, device.client_id.as_ref(), &device.device_id),
            access(device.roles.as_deref(), device.scopes.as_deref()),
            tokens(device),
            seen,
            format::plain(&device.device_id),
        ]
    }));
    format::table(&rows)
}

/// What it is called, else what it is.
fn name(told: Option<&String>, client: Option<&String>, id: &str) -> String {
    let told = told.or(client).map(|text| format::plain(text)).filter(|text| !text.is_empty());
    told.unwrap_or_else(|| format::shorten(&format::plain(id), 16))
}

/// Roles, and the scopes without the word that all of them begin with.
fn access(roles: Option<&[Cow<'_, str>]>, scopes: Option<&[Cow<'_, str>]>) -> String {
    let roles = roles.unwrap_or_default().join("+");
    let scopes: Vec<&str> = scopes
        .unwrap_or_default()
        .iter()
        .map(|scope| scope.strip_prefix("operator.").unwrap_or(scope))
        .collect();
    let text = if scopes.is_empty() { roles } else { format!("{roles}: {}", scopes.join(" ")) };
    if text.is_empty() { "nothing".to_owned() } else { format::plain(&text) }
}

fn tokens(device: &PairedDevice) -> String {
    let tokens = device.tokens.as_deref().unwrap_or_default().iter();
    let told = tokens.map(|token| {
        let revoked = if token.revoked_at_ms.is_some() { " (revoked)" } else { "" };
        format!("{}{revoked}", format::plain(&token.role))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    if told.is_empty() { "none".to_owned() } else { told }
}

/// What approving it would mean.
pub(super) fn kind(request: &PendingDevice, list: &DevicePairListResult) -> &'static str {
    let known = list.paired.iter().find(|device| device.device_id == request.device_id);
    let Some(device) = known else { return "new device" };
    let more = |asked: &Option<Vec<Cow<'_, str>>>, has: &Option<Vec<Cow<'_, str>>>| {
        let has = has.as_deref().unwrap_or_default();
        asked.iter().flatten().any(|word| !has.contains(word))
    };
    if more(&request.roles, &device.roles) {
        "another role"
    } else if more(&request.scopes, &device.scopes) {
        "more scopes"
    } else {
        "changed device"
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn answer() -> DevicePairListResult {
        serde_json::from_value(json!({
            "pending": [
                { "requestId": "r-1", "deviceId": "d3", "publicKey": "k", "clientId": "cli", "roles": ["operator"], "scopes": ["operator.admin", "operator.read"], "remoteIp": "192.0.2.7", "ts": 940_000 },
                { "requestId": "r-2", "deviceId": "d1", "publicKey": "k", "displayName": "A\u{1b}[2Jda", "roles": ["operator"], "scopes": ["operator.admin"], "ts": 1_000_000 },
            ],
            "paired": [
                { "deviceId": "d1", "publicKey": "k", "displayName": "Phone", "operatorLabel": "Ada's phone", "roles": ["operator", "node"], "scopes": ["operator.read"], "createdAtMs": 1, "approvedAtMs": 1, "connected": true, "tokens": [{ "role": "operator", "scopes": [], "createdAtMs": 1 }, { "role": "node", "scopes": [], "createdAtMs": 1, "revokedAtMs": 2 }] },
                { "deviceId": "0123456789abcdef0123456789abcdef", "publicKey": "k", "roles": [], "createdAtMs": 1, "approvedAtMs": 1, "lastSeenAtMs": 400_000 },
            ],
        }))
        .unwrap()
    }

    #[test]
    fn requests_come_first_and_escapes_do_not_reach_the_terminal() {
        expect![[r"
            Pending (2)
            Request  Device  Asks for              Address       Age       Kind
            r-1      cli     operator: admin read  192.0.2.7     1m ago    new device
            r-2      A[2Jda  operator: admin       this machine  just now  more scopes
            Approve one with: openclaw devices approve <requestId>

            Paired (2)
            Device            Roles and scopes     Tokens                    Seen       Id
            Ada's phone       operator+node: read  operator, node (revoked)  connected  d1
            0123456...abcdef  nothing              none                      10m ago    0123456789abcdef0123456789abcdef"]]
        .assert_eq(&list(&answer(), 1_000_000).join("\n"));
        let none = DevicePairListResult::default();
        assert_eq!(list(&none, 0), ["No devices are paired, and none asks to be."]);
    }
}
