//! A dashboard: the latest sessions, drawn again whenever one of them changes.
//!
//! ```sh
//! cargo run -p openclaw-sdk --example dashboard -- ws://127.0.0.1:18789 TOKEN
//! ```

use std::{io::Write, time::Duration};

use openclaw_protocol::{
    events::sessions::SessionsChangedEvent,
    field::Int,
    methods::sessions::{
        SessionStatus, SessionsListParams, SessionsListResult, SessionsSubscribeParams,
    },
};
use openclaw_sdk::{Auth, Client, Options};
use tokio::time::timeout;

/// Changes that come within this time are drawn at once.
const CALM: Duration = Duration::from_millis(50);

/// Draws until the client is closed.
pub async fn run(client: &Client, mut screen: impl Write) -> anyhow::Result<()> {
    let mut changes = client.subscribe::<SessionsChangedEvent>();
    client.keep(SessionsSubscribeParams::default()).await?;
    loop {
        let params = SessionsListParams {
            limit: Int::new(20),
            include_derived_titles: Some(true),
            ..SessionsListParams::default()
        };
        let list = client.call(params).await?;
        // Home, then the lines, each cleared to its end, then whatever was below.
        write!(screen, "\x1b[H{}\x1b[J", draw(&list).join("\x1b[K\r\n"))?;
        screen.flush()?;
        // A change and a gap ask for the same: read again, once no more comes for a moment.
        if changes.next().await.is_none() {
            return Ok(());
        }
        while let Ok(Some(_)) = timeout(CALM, changes.next()).await {}
    }
}

/// The lines of the screen.
fn draw(list: &SessionsListResult) -> Vec<String> {
    let mut lines = vec![format!("{:2} {:32} {:>9} TITLE", "", "SESSION", "TOKENS")];
    lines.extend(list.sessions.iter().map(|row| {
        let mark = match row.status {
            Some(SessionStatus::Running) => "▶",
            Some(SessionStatus::Failed | SessionStatus::Timeout) => "✗",
            _ => "·",
        };
        let title = row.label.as_ref().or(row.derived_title.as_ref());
        let tokens = row.total_tokens.map_or_else(String::new, |tokens| tokens.to_string());
        format!("{mark:2} {:32} {tokens:>9} {}", row.key, title.map_or("", |title| title))
    }));
    lines
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "ws://127.0.0.1:18789".into());
    let auth = args.next().map_or(Auth::None, Auth::Token);
    let client = Client::connect(Options::new(url).auth(auth)).await?;
    let mut screen = std::io::stdout();
    write!(screen, "\x1b[2J")?;
    run(&client, screen).await
}
