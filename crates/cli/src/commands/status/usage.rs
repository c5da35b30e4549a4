//! `status --usage`: how much of the providers' quotas is used, where a gateway can tell.

use std::time::Duration;

use openclaw_sdk::{CallOptions, Hello};
use serde_json::{Value, json};

use crate::{connect::Gateway, failure::Failure, format};

/// Gateways that know of quotas have this method.
const METHOD: &str = "usage.status";
/// Longest wait; the gateway may have to ask the providers.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the gateway tells; null from one that cannot, by its list of methods.
pub(super) async fn ask(gateway: &Gateway, hello: &Hello) -> Result<Value, Failure> {
    if !hello.features.methods.iter().any(|method| method == METHOD) {
        return Ok(Value::Null);
    }
    let options = CallOptions { timeout: TIMEOUT, expect_final: false };
    let params = json!({});
    let call = gateway.client.call_with(METHOD, Some(&params), options);
    call.await.map_err(|error| gateway.target.explain(error))
}

/// A line for each window of each provider.
pub(super) fn render(usage: &Value) -> Vec<String> {
    if usage.is_null() {
        return vec![format!("this gateway cannot tell of quotas: it has no {METHOD}")];
    }
    let now = usage["updatedAt"].as_u64();
    let mut lines = Vec::new();
    for provider in usage["providers"].as_array().into_iter().flatten() {
        let text = |name: &str| provider[name].as_str().unwrap_or_default().to_owned();
        let name =
            if text("displayName").is_empty() { text("provider") } else { text("displayName") };
        let plan =
            if text("plan").is_empty() { String::new() } else { format!(" ({})", text("plan")) };
        if !text("error").is_empty() {
            lines.push(format!("{name}{plan}: {}", text("error")));
        }
        for window in provider["windows"].as_array().into_iter().flatten() {
            let label = window["label"].as_str().unwrap_or("quota");
            let used = window["usedPercent"].as_f64().unwrap_or_default();
            let reset = window["resetAt"].as_u64().zip(now).map(|(at, now)| at.saturating_sub(now));
            let reset =
                reset.map(|ms| format!(", new in {}", format::span(ms))).unwrap_or_default();
            lines.push(format!("{name}{plan} {label}: {used:.0}% used{reset}"));
        }
    }
    if lines.is_empty() {
        lines.push("no provider tells of a quota".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_failures_have_their_lines() {
        let usage = json!({ "updatedAt": 1_000, "providers": [
            { "provider": "anthropic", "displayName": "Claude", "plan": "max", "windows": [
                { "label": "5h", "usedPercent": 41.6, "resetAt": 7_201_000 }, { "label": "Week", "usedPercent": 3 } ] },
            { "provider": "copilot", "windows": [], "error": "HTTP 401" },
        ] });
        assert_eq!(
            render(&usage),
            [
                "Claude (max) 5h: 42% used, new in 2h",
                "Claude (max) Week: 3% used",
                "copilot: HTTP 401"
            ]
        );
        assert_eq!(
            render(&json!({ "updatedAt": 1, "providers": [] })),
            ["no provider tells of a quota"]
        );
        let cannot = "this gateway cannot tell of quotas: it has no usage.status";
        assert_eq!(render(&Value::Null), [cannot]);
    }
}
