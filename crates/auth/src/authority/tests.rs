//! The service as a gateway sees it, over records in memory.

use openclaw_protocol::{ScopeSet, Version, methods::devices::DevicePairListResult};

use super::*;
use crate::{
    attempt::{
        PeerFacts,
        tests::{ALL_FIVE, attempt, remote},
    },
    config::AuthConfig,
    credential::Secret,
    device::tests::{NOW, sign},
    pairing::MAX_PENDING,
    store::{MemoryAuthStore, SetupKey},
};

mod attacks;
mod machine;
mod managing;
mod recorded;
mod setups;

/// An authority whose token is `right-token`.
fn authority() -> Authority {
    with_config(r#"{"token":"right-token"}"#)
}

fn with_config(json: &str) -> Authority {
    let config: AuthConfig = serde_json::from_str(json).unwrap();
    let limits = config.rate_limit.clone().unwrap_or_default().limits();
    Authority::new(
        Arc::new(MemoryAuthStore::default()),
        Credentials::new(&config),
        Rules::default(),
        limits,
    )
}

/// What the owner sees.
async fn everything(authority: &Authority) -> DevicePairListResult {
    authority.list(&Approver::owner(), NOW).await.unwrap()
}

/// A command line on this machine that brings device `seed`.
fn paired(version: Version, seed: u8, scopes: &[&str]) -> Attempt {
    asking(attempt(version), seed, scopes)
}

fn asking(mut attempt: Attempt, seed: u8, scopes: &[&str]) -> Attempt {
    attempt.scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
    sign(&mut attempt, seed, NOW);
    attempt
}

/// The same with nothing but the device's own token.
fn by_token(mut attempt: Attempt, token: &Secret, seed: u8, scopes: &[&str]) -> Attempt {
    attempt.auth = crate::AuthFields { device_token: Some(token.clone()), ..Default::default() };
    asking(attempt, seed, scopes)
}

/// The Control UI under the address that it was asked by.
fn page(mut attempt: Attempt, origin: crate::OriginVerdict) -> Attempt {
    attempt.client.id = "openclaw-control-ui".to_owned();
    attempt.client.mode = "webchat".to_owned();
    attempt.peer.origin = origin;
    attempt.peer.browser = true;
    attempt
}

#[track_caller]
fn granted(decision: Decision) -> Grant {
    match decision {
        Decision::Granted(grant) => *grant,
        other => panic!("not granted: {other:?}"),
    }
}

#[track_caller]
fn refusal(decision: Decision) -> Refusal {
    match decision {
        Decision::Refused(refusal) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn code(decision: Decision) -> String {
    let details = refusal(decision).error.details.unwrap();
    details["code"].as_str().unwrap().to_owned()
}

fn pairing_reason(decision: Decision) -> String {
    let details = refusal(decision).error.details.unwrap();
    assert_eq!(details["code"], "PAIRING_REQUIRED");
    details["reason"].as_str().unwrap().to_owned()
}

fn token(grant: &Grant) -> Secret {
    grant.device_token.as_ref().unwrap().token.clone()
}

const READ: [&str; 1] = ["operator.read"];
