use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use openclaw_protocol::Version;

use super::*;
use crate::attempt::{AuthFields, tests::attempt};

mod machine;

fn fail(limiter: &RateLimiter, bucket: Bucket, now: u64) -> Admission<()> {
    limiter.attempt(bucket, now, || (Counts::Failure, ()))
}

fn right(limiter: &RateLimiter, bucket: Bucket, now: u64) -> Admission<()> {
    limiter.attempt(bucket, now, || (Counts::Nothing, ()))
}

fn shared(whose: Whose) -> Bucket {
    Bucket { whose, kind: SecretKind::Shared }
}

fn address_bucket(address: IpAddr) -> Bucket {
    shared(Whose::Address(address))
}

fn remote(last: u8) -> Bucket {
    address_bucket(IpAddr::from([192, 0, 2, last]))
}

#[test]
fn ten_failures_lock_and_the_right_secret_is_refused_too() {
    let limiter = RateLimiter::new(Limits::default());
    for i in 0..10 {
        assert_eq!(fail(&limiter, remote(1), i), Admission::Compared(()));
    }
    assert_eq!(right(&limiter, remote(1), 10), Admission::Locked { retry_after_ms: 299_999 });
    assert_eq!(right(&limiter, remote(2), 10), Admission::Compared(()), "another address");
    assert_eq!(right(&limiter, remote(1), 300_008), Admission::Locked { retry_after_ms: 1 });
    assert_eq!(right(&limiter, remote(1), 300_009), Admission::Compared(()));
}

#[test]
fn a_success_does_not_clear_the_count() {
    let limiter = RateLimiter::new(Limits::default());
    for i in 0..10 {
        assert_eq!(right(&limiter, remote(1), i), Admission::Compared(()));
        assert_eq!(fail(&limiter, remote(1), i), Admission::Compared(()));
    }
    assert!(matches!(right(&limiter, remote(1), 11), Admission::Locked { .. }));
}

#[test]
fn programs_here_are_delayed_more_and_more_but_never_locked() {
    let limiter = RateLimiter::new(Limits::default());
    let (mut now, mut delays) = (0, vec![]);
    for _ in 0..1000 {
        assert_eq!(fail(&limiter, shared(Whose::Loopback), now), Admission::Compared(()));
        let Admission::Wait { ms } = right(&limiter, shared(Whose::Loopback), now) else {
            panic!("no delay after a failure");
        };
        delays.push(ms);
        now += ms;
    }
    assert_eq!(delays[..4], [250, 500, 1_000, 1_000]);
    assert_eq!(delays.iter().max(), Some(&MAX_DELAY_MS));
    assert_eq!(right(&limiter, shared(Whose::Loopback), now), Admission::Compared(()));
}

#[test]
fn the_exemption_can_be_turned_off_and_never_covers_browsers_or_proxies() {
    let strict = RateLimiter::new(Limits { exempt_loopback: false, ..Limits::default() });
    let usual = RateLimiter::new(Limits::default());
    for (limiter, bucket) in [
        (&strict, shared(Whose::Loopback)),
        (&usual, shared(Whose::BrowserOnLoopback)),
        (&usual, shared(Whose::ForwardedOnLoopback)),
    ] {
        for _ in 0..10 {
            assert_eq!(fail(limiter, bucket, 5), Admission::Compared(()));
        }
        assert!(matches!(right(limiter, bucket, 5), Admission::Locked { .. }), "{bucket:?}");
    }
}

/// 200 sockets guess at the same instant.
#[test]
fn parallel_guesses_get_no_more_comparisons_than_guesses_in_a_row() {
    for (bucket, expected) in
        [(remote(1), 10), (shared(Whose::BrowserOnLoopback), 10), (shared(Whose::Loopback), 1)]
    {
        let limiter = Arc::new(RateLimiter::new(Limits::default()));
        let compared = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (limiter, compared) = (Arc::clone(&limiter), Arc::clone(&compared));
                std::thread::spawn(move || {
                    for _ in 0..25 {
                        limiter.attempt(bucket, 0, || {
                            compared.fetch_add(1, Ordering::Relaxed);
                            (Counts::Failure, ())
                        });
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(compared.load(Ordering::Relaxed), expected, "{bucket:?}");
    }
}

#[test]
fn one_bucket_per_canonical_address() {
    let bucket = |address: &str, loopback: bool| {
        let mut peer = attempt(Version::V4).peer;
        peer.address = address.parse().unwrap();
        peer.loopback = loopback;
        Bucket::of(&peer, SecretKind::Shared)
    };
    assert_eq!(bucket("1.2.3.4", false), bucket("::ffff:1.2.3.4", false));
    assert_eq!(bucket("2001:db8:1:2::1", false), bucket("2001:db8:1:2:ffff::9", false));
    assert_ne!(bucket("2001:db8:1:2::1", false), bucket("2001:db8:1:3::1", false));
    for loopback in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(bucket(loopback, true), shared(Whose::Loopback));
    }
    let mut page = attempt(Version::V4).peer;
    page.browser = true;
    assert_eq!(Bucket::of(&page, SecretKind::Shared), shared(Whose::BrowserOnLoopback));
    page.browser = false;
    page.forwarded = true;
    assert_eq!(Bucket::of(&page, SecretKind::Shared), shared(Whose::ForwardedOnLoopback));
}

#[test]
fn stale_tokens_of_devices_lock_nobody_else_out() {
    let limiter = RateLimiter::new(Limits::default());
    let kinds = [SecretKind::Shared, SecretKind::DeviceToken, SecretKind::SetupCode];
    for (n, kind) in kinds.into_iter().enumerate() {
        let bucket = Bucket { kind, ..remote(1) };
        assert_eq!(right(&limiter, bucket, 0), Admission::Compared(()), "{n} others are locked");
        for _ in 0..10 {
            fail(&limiter, bucket, 0);
        }
        assert!(matches!(right(&limiter, bucket, 0), Admission::Locked { .. }), "{kind:?}");
    }
}

#[test]
fn a_second_credential_moves_no_guess_into_another_bucket() {
    let kind = |[token, password, device_token, bootstrap_token]: [&str; 4]| {
        let secret = |text: &str| Some(text.into());
        SecretKind::of(&AuthFields {
            token: secret(token),
            password: secret(password),
            device_token: secret(device_token),
            bootstrap_token: secret(bootstrap_token),
        })
    };
    assert_eq!(kind(["", "", "d", ""]), SecretKind::DeviceToken);
    assert_eq!(kind(["", "", "", "b"]), SecretKind::SetupCode);
    for shared in [
        ["t", "", "", ""],
        ["", "p", "", ""],
        ["t", "", "d", ""],
        ["t", "", "", "b"],
        ["", "p", "d", ""],
        ["", "p", "d", "b"],
        ["", "", "d", "b"],
        ["", "", "", ""],
    ] {
        assert_eq!(kind(shared), SecretKind::Shared, "{shared:?}");
    }
}

#[test]
fn the_text_of_a_bucket_is_read_as_it_was_written_before_kinds() {
    for text in ["192.0.2.1", "2001:db8:1:2::", "loopback", "overflow", "browser-on-loopback"] {
        let bucket: Bucket = text.parse().unwrap();
        assert_eq!((bucket.kind, bucket.to_string().as_str()), (SecretKind::Shared, text));
        let apart = format!("device-token/{text}");
        let stale: Bucket = apart.parse().unwrap();
        assert_eq!(stale, Bucket { kind: SecretKind::DeviceToken, ..bucket });
        assert_eq!(stale.to_string(), apart);
    }
    for odd in ["", "device-token", "device-token/", "other/192.0.2.1", "device-token/x"] {
        odd.parse::<Bucket>().unwrap_err();
    }
}

#[test]
fn a_flood_of_addresses_cannot_evict_a_lockout() {
    let limiter = RateLimiter::new(Limits { max_attempts: 3, ..Limits::default() });
    for _ in 0..3 {
        fail(&limiter, remote(1), 0);
    }
    for i in 0..6_000_u32 {
        fail(&limiter, address_bucket(IpAddr::from((0x0a00_0000 + i).to_be_bytes())), 1);
    }
    assert!(limiter.remembered() <= MAX_BUCKETS);
    assert!(matches!(right(&limiter, remote(1), 2), Admission::Locked { .. }));
}

#[test]
fn when_all_are_locked_new_addresses_share_one_bucket() {
    let limiter = RateLimiter::new(Limits { max_attempts: 1, ..Limits::default() });
    let address = |i: u32| address_bucket(IpAddr::from((0x0a00_0000 + i).to_be_bytes()));
    for i in 0..u32::try_from(MAX_BUCKETS).unwrap() {
        assert_eq!(fail(&limiter, address(i), 0), Admission::Compared(()));
    }
    assert_eq!(fail(&limiter, address(1_000_000), 1), Admission::Compared(()));
    assert!(matches!(right(&limiter, address(1_000_001), 1), Admission::Locked { .. }));
    assert!(limiter.remembered() <= MAX_BUCKETS + 1);
    assert_eq!(right(&limiter, address(1_000_001), 400_000), Admission::Compared(()));
}

#[test]
fn a_clock_that_jumps_back_does_not_lengthen_a_lockout() {
    let limiter = RateLimiter::new(Limits::default());
    for _ in 0..10 {
        fail(&limiter, remote(1), 10_000_000);
    }
    assert_eq!(right(&limiter, remote(1), 1_000), Admission::Locked { retry_after_ms: 300_000 });
    assert_eq!(right(&limiter, remote(1), 301_000), Admission::Compared(()));
}

/// Whether a lockout began since the last call.
async fn began(limiter: &RateLimiter) -> bool {
    tokio::select! {
        biased;
        () = limiter.lockout_began() => true,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn lockouts_outlive_the_process() {
    let limiter = RateLimiter::new(Limits::default());
    let v6 = address_bucket(canonical("2001:db8:1:2:3::4".parse().unwrap()));
    let stale = Bucket { kind: SecretKind::DeviceToken, ..remote(3) };
    let code = Bucket { kind: SecretKind::SetupCode, ..v6 };
    let [page, proxy] = [Whose::BrowserOnLoopback, Whose::ForwardedOnLoopback].map(shared);
    let buckets = [remote(1), v6, page, proxy, stale, code];
    for now in 0..9 {
        fail(&limiter, remote(2), now);
    }
    assert!(!began(&limiter).await);
    for bucket in buckets {
        for now in 0..10 {
            fail(&limiter, bucket, now);
        }
    }
    assert!(began(&limiter).await);
    assert!(!began(&limiter).await, "many are told once");

    let kept = limiter.lockouts(10);
    let through_text = kept.iter().map(|Lockout { bucket, until_ms }| Lockout {
        bucket: bucket.to_string().parse().unwrap(),
        until_ms: *until_ms,
    });
    let next = RateLimiter::new(Limits { lockout_ms: 1_000, ..Limits::default() });
    next.restore(&through_text.collect::<Vec<_>>(), 20);
    for bucket in buckets {
        assert_eq!(right(&next, bucket, 20), Admission::Locked { retry_after_ms: 1_000 });
        assert_eq!(right(&next, bucket, 1_020), Admission::Compared(()));
    }
    assert_eq!(right(&next, remote(2), 20), Admission::Compared(()));
    assert_eq!(right(&next, remote(3), 20), Admission::Compared(()), "of another kind");
    next.restore(&kept, kept[0].until_ms);
    assert_eq!(right(&next, remote(1), kept[0].until_ms), Admission::Compared(()), "it is over");
}

#[test]
fn what_is_taken_over_and_what_is_counted_here_is_bounded() {
    let limiter = RateLimiter::with_room(Limits::default(), 4);
    let kept = (0..200).map(|n| Lockout { bucket: remote(n), until_ms: 500 });
    limiter.restore(&kept.collect::<Vec<_>>(), 100);
    assert!(limiter.remembered() <= 4 + Bucket::OTHERS, "{}", limiter.remembered());

    let long = RateLimiter::new(Limits { window_ms: u64::MAX, ..Limits::default() });
    for n in 0..50 {
        fail(&long, shared(Whose::Loopback), n * MAX_DELAY_MS);
    }
    let times = |state: &State| state.buckets.values().map(|failures| failures.at.len()).max();
    assert_eq!(times(&long.state.lock()), Some(10), "a wait ends, and no lockout clears the list");
}
