//! A bot: whoever writes `@echo something` in any session gets a note with it.
//!
//! ```sh
//! cargo run -p openclaw-sdk --example bot -- ws://127.0.0.1:18789 TOKEN
//! ```

use std::io::Write as _;

use openclaw_protocol::{
    events::sessions::SessionMessageEvent,
    methods::{chat::ChatInjectParams, sessions::SessionsSubscribeParams},
};
use openclaw_sdk::{Auth, Client, Delivery, Options};

/// Answers until the client is closed.
pub async fn run(client: &Client) -> anyhow::Result<()> {
    let mut messages = client.subscribe::<SessionMessageEvent>();
    client.keep(SessionsSubscribeParams::default()).await?;
    while let Some(delivery) = messages.next().await {
        match delivery? {
            Delivery::Event(said) if said.message.role == "user" => {
                let words = said.message.words();
                let Some((_, mention)) = words.split_once("@echo ") else { continue };
                let note = ChatInjectParams {
                    session_key: said.session_key.try_into()?,
                    agent_id: None,
                    message: format!("You said: {mention}").try_into()?,
                    label: Some("echo".try_into()?),
                };
                client.call(note).await?;
            }
            Delivery::Event(_) => {}
            Delivery::Gap(gap) => {
                writeln!(std::io::stderr(), "{gap:?}: a mention may have been missed")?;
            }
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "ws://127.0.0.1:18789".into());
    let auth = args.next().map_or(Auth::None, Auth::Token);
    let options = Options::new(url).auth(auth).scopes(["operator.admin"]);
    run(&Client::connect(options).await?).await
}
