//! Texts for people: ages, numbers of tokens, tables.

/// How long ago, in OpenClaw's words.
pub(crate) fn age(ms: Option<u64>) -> String {
    let Some(ms) = ms else { return "unknown".into() };
    match ms / 60_000 {
        0 => "just now".into(),
        minutes @ 1..60 => format!("{minutes}m ago"),
        minutes @ 60..2880 => format!("{}h ago", minutes / 60),
        minutes => format!("{}d ago", minutes / 1440),
    }
}

/// How long until then: `under a minute`, `5m`, `2h`, `3d`.
pub(crate) fn span(ms: u64) -> String {
    match ms / 60_000 {
        0 => "under a minute".into(),
        minutes @ 1..60 => format!("{minutes}m"),
        minutes @ 60..2880 => format!("{}h", minutes / 60),
        minutes => format!("{}d", minutes / 1440),
    }
}

/// A number of tokens: `100`, `0.9k` becomes `900`, `128k`.
pub(crate) fn tokens(count: u64) -> String {
    match count {
        0..1000 => count.to_string(),
        1000..10_000 => format!("{}.{}k", count / 1000, count % 1000 / 100),
        _ => format!("{}k", count / 1000),
    }
}

/// Used tokens of a context window: `0.1k/128k (0%)`.
pub(crate) fn context(used: Option<u64>, window: Option<u64>) -> String {
    let text = |count: Option<u64>| count.map_or_else(|| "unknown".into(), tokens);
    let percent = match (used, window) {
        (Some(used), Some(window)) if window > 0 => (used.saturating_mul(100) / window).to_string(),
        _ => "?".into(),
    };
    format!("{}/{} ({percent}%)", text(used), text(window))
}

/// Cuts a long key in the middle: the end tells keys apart.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let tail = 6.min(width / 2);
    let head: String = text.chars().take(width.saturating_sub(tail + 3)).collect();
    let tail: String = text.chars().skip(count - tail).collect();
    format!("{head}...{tail}")
}

/// A text from elsewhere without what would steer the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Columns, two blanks apart, the first row being the heads. The last column is not padded.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        let cases = [
            (0, "just now"),
            (59_999, "just now"),
            (60_000, "1m ago"),
            (3_600_000, "1h ago"),
            (172_800_000, "2d ago"),
        ];
        for (ms, expected) in cases {
            assert_eq!(age(Some(ms)), expected);
        }
        assert_eq!(age(None), "unknown");
    }

    #[test]
    fn numbers_of_tokens() {
        assert_eq!(
            [0, 999, 1000, 1250, 10_000, 128_000].map(tokens),
            ["0", "999", "1.0k", "1.2k", "10k", "128k"]
        );
        assert_eq!(context(Some(100), Some(128_000)), "100/128k (0%)");
        assert_eq!(context(None, Some(128_000)), "unknown/128k (?%)");
        assert_eq!(context(Some(1), Some(0)), "1/0 (?%)");
    }

    #[test]
    fn keys_keep_their_end() {
        assert_eq!(shorten("agent:main:main", 26), "agent:main:main");
        let key = "agent:main:hook:2cc3d10a-7feb-4447-88bf-f052bd9b0df9";
        assert_eq!(shorten(key, 26), "agent:main:hook:2...9b0df9");
        assert_eq!(shorten(key, 26).chars().count(), 26);
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["Key".into(), "Age".into()],
            vec!["a".into(), "1m ago".into()],
            vec!["long".into()],
        ];
        assert_eq!(table(&rows), ["Key   Age", "a     1m ago", "long"]);
    }
}
