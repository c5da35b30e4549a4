//! What a request pays for its right: finding its method, its access and scopes, and the limiter.

use std::net::Ipv6Addr;

use openclaw_auth::{Secret, SecretCheck, rate_limit::MAX_BUCKETS};

use super::*;
use crate::edge;

/// Rounds, of which the fastest counts: what else the machine does only adds to it.
const ROUNDS: usize = 200;
/// Requests in a round.
const REQUESTS: u32 = 1_000;

fn fastest(mut request: impl FnMut()) -> Duration {
    let mut round = || {
        let begin = Instant::now();
        (0..REQUESTS).for_each(|_| request());
        begin.elapsed() / REQUESTS
    };
    (0..ROUNDS).map(|_| round()).min().unwrap()
}

#[tokio::test]
#[cfg_attr(debug_assertions, ignore = "a measurement of the optimised build: cargo xtask bench")]
async fn a_request_pays_less_than_two_microseconds_for_its_right() {
    let rig = rig().await;
    let authority = &rig.app.authority;
    // The limiter remembers as many guessers as it can.
    for n in 1..=MAX_BUCKETS as u128 {
        let address = IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) + (n << 64)));
        let guesser = PeerFacts { address, loopback: false, ..facts() };
        let check = authority.check_secret(&guesser, Some(&Secret::from("guess")), 1);
        assert_eq!(check, SecretCheck::Wrong);
    }
    let (peer, mut progress) = (rig.let_in().await, Progress::default());
    let frame = json!({"type": "req", "id": "1", "method": "sessions.list", "params": {}});
    let frame = frame.to_string();
    let Ok(asked) = edge::read(peer.voice, frame.as_bytes()) else { panic!("{frame}") };
    let authorised = fastest(|| {
        assert!(dispatch::authorise(&rig.app, &peer, &mut progress, &asked).is_ok());
    });
    let (facts, secret) = (facts(), Secret::from("right-token"));
    let limited = fastest(|| {
        let check = authority.check_secret(&facts, Some(&secret), 2);
        assert!(matches!(check, SecretCheck::Granted { .. }));
    });
    let figure =
        json!({"authorise_nanos": authorised.as_nanos(), "limiter_nanos": limited.as_nanos()});
    println!("\n{figure}");
    assert!(authorised + limited < Duration::from_micros(2), "{figure}");
}
