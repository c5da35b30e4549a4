//! Keys of OpenClaw 2026.3.28 in sections that have a struct here, which nothing here uses yet: those that no struct
//! has, and those that are checked and then not used. `*` is any key or index. Remove a key from here when it works.

/// By the path of the object that holds them.
pub(super) const UNUSED: &[(&str, &[&str])] = &[
    (
        "agents.defaults",
        &[
            "imageModel",
            "imageGenerationModel",
            "pdfModel",
            "pdfMaxBytesMb",
            "pdfMaxPages",
            "repoRoot",
            "bootstrapPromptTruncationWarning",
            "timeFormat",
            "envelopeTimezone",
            "envelopeTimestamp",
            "envelopeElapsed",
            "cliBackends",
            "memorySearch",
            "contextPruning",
            "compaction",
            "embeddedPi",
            "verboseDefault",
            "elevatedDefault",
            "blockStreamingDefault",
            "blockStreamingBreak",
            "blockStreamingChunk",
            "blockStreamingCoalesce",
            "humanDelay",
            "mediaMaxMb",
            "imageMaxDimensionPx",
            "typingIntervalSeconds",
            "typingMode",
            "heartbeat",
            "subagents",
            "sandbox",
        ],
    ),
    ("agents.defaults.models.*", &["params", "streaming"]),
    (
        "agents.list.*",
        &[
            "reasoningDefault",
            "fastModeDefault",
            "skills",
            "memorySearch",
            "humanDelay",
            "heartbeat",
            "groupChat",
            "subagents",
            "sandbox",
            "params",
            "runtime",
            "agentDir",
        ],
    ),
    ("agents.list.*.tools", &["byProvider", "elevated", "exec", "fs", "loopDetection", "sandbox"]),
    // Those of `/v1/responses` and `/tools/invoke`, which are not served.
    ("gateway.http.endpoints", &["responses", "tools"]),
    // Pictures come as data URIs alone and nothing is fetched; what they may be is fixed.
    ("gateway.http.endpoints.chatCompletions", &["images"]),
    (
        "gateway",
        &[
            "reload",
            "tailscale",
            "tools",
            "push",
            "channelHealthCheckMinutes",
            "channelStaleEventThresholdMinutes",
            "channelMaxRestartsPerHour",
        ],
    ),
    ("gateway.controlUi", &["dangerouslyAllowHostHeaderOriginFallback"]),
    ("gateway.http.endpoints", &["responses", "tools"]),
    ("gateway.http.endpoints.chatCompletions", &["maxUrlParts", "images", "files"]),
    ("gateway.nodes", &["browser"]),
    ("gateway.remote", &["transport", "sshTarget", "sshIdentity", "tlsFingerprint"]),
    ("logging", &["redactSensitive"]),
    (
        "messages",
        &[
            "messagePrefix",
            "groupChat",
            "inbound",
            "ackReaction",
            "ackReactionScope",
            "removeAckAfterReply",
            "statusReactions",
            "suppressToolErrors",
            "tts",
            "queue",
            "responsePrefix",
        ],
    ),
    ("models", &["bedrockDiscovery"]),
    ("models.providers.*", &["auth", "injectNumCtxForOpenAICompat"]),
    ("models.providers.*.models.*", &["headers"]),
    (
        "models.providers.*.models.*.compat",
        &[
            "supportsStore",
            "supportsDeveloperRole",
            "supportsStrictMode",
            "thinkingFormat",
            "requiresToolResultName",
            "requiresAssistantAfterToolResult",
            "requiresThinkingAsText",
            "toolSchemaProfile",
            "unsupportedToolSchemaKeywords",
            "nativeWebSearchTool",
            "toolCallArgumentsEncoding",
            "requiresMistralToolIds",
            "requiresOpenAiAnthropicToolPayload",
        ],
    ),
    (
        "session",
        &[
            "store",
            "typingIntervalSeconds",
            "typingMode",
            "parentForkMaxTokens",
            "agentToAgent",
            "threadBindings",
            "maintenance",
            "scope",
            "dmScope",
            "mainKey",
            "identityLinks",
            "reset",
            "resetByType",
            "resetByChannel",
            "idleMinutes",
            "resetTriggers",
            "sendPolicy",
        ],
    ),
    (
        "tools",
        &[
            "byProvider",
            "web",
            "media",
            "links",
            "sessions",
            "loopDetection",
            "message",
            "agentToAgent",
            "elevated",
            "exec",
            "fs",
            "subagents",
            "sandbox",
            "sessions_spawn",
        ],
    ),
];

/// The names of such keys in the object at `path`.
pub(super) fn names_at(path: &[String]) -> impl Iterator<Item = &'static str> {
    let here = UNUSED.iter().filter(|(holder, _)| fits(holder, path));
    here.flat_map(|(_, names)| names.iter().copied())
}

/// Whether the last step of `path` is such a key.
pub(super) fn is_unused(path: &[String]) -> bool {
    let Some((name, parent)) = path.split_last() else { return false };
    UNUSED.iter().any(|(holder, names)| names.contains(&name.as_str()) && fits(holder, parent))
}

fn fits(pattern: &str, path: &[String]) -> bool {
    let mut steps = path.iter();
    pattern.split('.').all(|part| steps.next().is_some_and(|step| part == "*" || part == step))
        && steps.next().is_none()
}

#[cfg(test)]
mod tests;
