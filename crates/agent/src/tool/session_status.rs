//! `session_status`: the session's key, the model, the tokens, the time.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{StepClass, Tool, ToolContext, ToolOutput, typed};
use crate::clock::iso;

const DESCRIPTION: &str = "Shows the current time, the model in use, the tokens of this run and the key of this \
                           session. Call it when asked about any of these.";

/// It takes nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Params {}

/// The tool.
pub fn tool() -> Arc<dyn Tool> {
    typed(
        "session_status",
        DESCRIPTION,
        StepClass::Pure,
        |cx, _: Params| async move { status(&cx) },
    )
}

fn status(cx: &ToolContext) -> ToolOutput {
    let used = cx.usage.context;
    let share = used.saturating_mul(100).checked_div(cx.context_window).unwrap_or(0);
    let text = format!(
        "Time: {} (UTC)\nModel: {}/{}\nTokens: {} in / {} out\nContext: {used}/{} ({share}%)\nSession: {}\nAgent: {}",
        iso(cx.clock.now_ms()),
        cx.provider,
        cx.model,
        cx.usage.input,
        cx.usage.output,
        cx.context_window,
        cx.session_key,
        cx.agent_id,
    );
    let details = json!({"ok": true, "sessionKey": cx.session_key, "statusText": text});
    ToolOutput { text, details: Some(details), ..ToolOutput::default() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::tool::tests::context;

    #[tokio::test]
    async fn it_says_what_is_known() {
        let out = tool().call(&context(Path::new("/")), json!({})).await;
        expect_test::expect![[r"
            Time: 2026-11-20T23:31:34.948Z (UTC)
            Model: mock/echo
            Tokens: 100 in / 10 out
            Context: 100/128000 (0%)
            Session: agent:main:main
            Agent: main"]]
        .assert_eq(&out.text);
        assert!(!out.is_error);
    }
}
