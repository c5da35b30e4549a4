use ed25519_dalek::{Signer as _, SigningKey};
use openclaw_protocol::Version;
use proptest::prelude::*;

use super::*;
use crate::attempt::tests::attempt;

pub(crate) const NOW: u64 = 1_795_216_975_000;

/// Signs the attempt as a client does.
pub(crate) fn sign(attempt: &mut Attempt, seed: u8, at: u64) {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let raw = key.verifying_key().to_bytes();
    let mut claim = DeviceClaim {
        id: id_of(&raw).as_str().to_owned(),
        public_key: URL_SAFE_NO_PAD.encode(raw),
        signature: String::new(),
        signed_at: i64::try_from(at).unwrap(),
        nonce: Some(attempt.nonce.clone()),
    };
    claim.signature =
        URL_SAFE_NO_PAD.encode(key.sign(payload_v3(attempt, &claim).as_bytes()).to_bytes());
    attempt.device = Some(claim);
}

fn check(attempt: &Attempt) -> Result<ProvenDevice, DeviceError> {
    verify(attempt, attempt.device.as_ref().unwrap(), NOW)
}

fn signed() -> Attempt {
    let mut attempt = attempt(Version::V4);
    sign(&mut attempt, 7, NOW);
    attempt
}

/// Recorded from OpenClaw 2026.3.28 and 2026.9.6: connects without any credential, which both
/// answered only after they had accepted the signature.
#[test]
fn recorded_signatures_verify() {
    let recorded = [
        (
            "da1a4bb41542114a59dfeaa3d398b3d212d5b22825ccdfb3f6bf916f16022241",
            "iuq2wjVaAUKsZmo8gHXfiGd_aIqT3w6YcVHhGPzPqCo",
            "Xhptj7y-7TWwf3nyBf5zcSXjdFzajGk6zLUZ9zf3KXztaiKC6zOLhnqxenAraZ10zfV6xVd7in5EIndYSu3ACw",
            1_795_216_975_143,
            "4e1285d8-2f8c-4ff1-8cd7-ea3a857d82b9",
        ),
        (
            "ba2d21d43d968b0db30dcc1967322a636d7f041fb9ada5d131ec5f56cd07b40f",
            "Pv_eGMxm91DxexhaFDIqieFzXvT3PoBm_E1njOezHtw",
            "SiF-Cij0ZwLimAqBsp4ajI-uMeQa0PDwaUgU7sTl-obzM7X3igiMTjK80RfDnRSw7mMIpSfF2G9UgoYigmJ-CA",
            1_795_216_975_121,
            "7292b111-7222-41a6-b298-6797ece0d5f5",
        ),
    ];
    for (id, key, signature, signed_at, nonce) in recorded {
        let mut attempt = attempt(Version::V3);
        attempt.nonce = nonce.to_owned();
        attempt.auth = crate::AuthFields::default();
        attempt.device = Some(DeviceClaim {
            id: id.to_owned(),
            public_key: key.to_owned(),
            signature: signature.to_owned(),
            signed_at,
            nonce: Some(nonce.to_owned()),
        });
        assert_eq!(check(&attempt).unwrap().id.as_str(), id);
    }
}

#[test]
fn both_payloads_and_pem_are_accepted() {
    let mut old = signed();
    let key = SigningKey::from_bytes(&[7; 32]);
    let claim = old.device.clone().unwrap();
    let v2 = key.sign(payload_v2(&old, &claim).as_bytes()).to_bytes();
    old.device.as_mut().unwrap().signature = URL_SAFE_NO_PAD.encode(v2);
    assert!(check(&old).is_ok());

    let mut pem = signed();
    // SubjectPublicKeyInfo of Ed25519: a fixed header of 12 bytes, then the raw key.
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend(key.verifying_key().to_bytes());
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    pem.device.as_mut().unwrap().public_key =
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    assert_eq!(check(&pem).unwrap().public_key, claim.public_key);
    pem.device.as_mut().unwrap().public_key.push_str(&" ".repeat(MAX_KEY_TEXT));
    assert_eq!(check(&pem), Err(DeviceError::IdMismatch), "a key has no reason to be that long");
}

#[test]
fn the_first_failing_check_decides() {
    type Break = fn(&mut DeviceClaim);
    let steps: [(Break, DeviceError); 5] = [
        (|d| d.signature = "AAAA".to_owned(), DeviceError::Signature),
        (|d| d.nonce = Some("other".to_owned()), DeviceError::NonceMismatch),
        (|d| d.nonce = Some("  ".to_owned()), DeviceError::NonceMissing),
        (|d| d.signed_at += 120_001, DeviceError::Stale),
        (|d| d.id = "x".repeat(64), DeviceError::IdMismatch),
    ];
    let mut attempt = signed();
    for (break_it, expected) in steps {
        break_it(attempt.device.as_mut().unwrap());
        assert_eq!(check(&attempt), Err(expected));
    }
}

#[test]
fn the_skew_is_bounded_both_ways_and_never_overflows() {
    for (at, ok) in [
        (NOW - MAX_SKEW_MS, true),
        (NOW + MAX_SKEW_MS, true),
        (NOW - MAX_SKEW_MS - 1, false),
        (NOW + MAX_SKEW_MS + 1, false),
    ] {
        let mut attempt = attempt(Version::V3);
        sign(&mut attempt, 7, at);
        assert_eq!(check(&attempt).is_ok(), ok, "{at}");
    }
    for at in [i64::MIN, -1, 0, i64::MAX] {
        let mut attempt = signed();
        attempt.device.as_mut().unwrap().signed_at = at;
        assert_eq!(check(&attempt), Err(DeviceError::Stale));
    }
}

/// Points of small order and spellings above the prime, with the id that fits them.
#[test]
fn weak_keys_are_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut above = [0xff; 32];
    above[31] = 0x7f;
    let mut prime = above;
    prime[0] = 0xed;
    for key in [[0; 32], identity, above, prime, [0xff; 32]] {
        let mut attempt = signed();
        let claim = attempt.device.as_mut().unwrap();
        claim.public_key = URL_SAFE_NO_PAD.encode(key);
        claim.id = id_of(&key).as_str().to_owned();
        // With a key of small order and R = the identity, S = 0 satisfies a lax verifier.
        let mut forged = [0; 64];
        forged[0] = 1;
        claim.signature = URL_SAFE_NO_PAD.encode(forged);
        assert_eq!(check(&attempt), Err(DeviceError::PublicKey), "{key:?}");
    }
}

#[test]
fn everything_that_is_signed_matters() {
    let changes: [fn(&mut Attempt); 8] = [
        |a| a.client.id = "test".to_owned(),
        |a| a.client.mode = "ui".to_owned(),
        |a| a.role = Some("node".to_owned()),
        |a| a.scopes.reverse(),
        |a| a.scopes.push("operator.talk".to_owned()),
        |a| a.auth.token = Some("other".into()),
        |a| a.client.platform = Some("darwin".to_owned()),
        |a| a.client.device_family = Some("phone".to_owned()),
    ];
    for change in changes {
        let mut attempt = signed();
        change(&mut attempt);
        assert_eq!(check(&attempt), Err(DeviceError::Signature));
    }
    let mut same = signed();
    same.client.platform = Some(" LINUX ".to_owned());
    assert!(check(&same).is_ok(), "platform is compared without case");
}

proptest! {
    #[test]
    fn no_text_is_taken_for_a_key_and_nothing_panics(key in ".{0,200}", signature in ".{0,200}", at in any::<i64>()) {
        let mut attempt = signed();
        let claim = attempt.device.as_mut().unwrap();
        claim.public_key = key;
        claim.signature = signature;
        claim.signed_at = at;
        prop_assert!(check(&attempt).is_err());
    }
}
