//! Any order of guesses from everywhere, of clocks that jump, restarts and changed figures, against a
//! model that keeps plain lists.

use proptest::prelude::*;

use super::*;

/// Few enough that the model's buckets run out too.
const ROOM: usize = 4;

#[derive(Debug, Clone)]
enum Step {
    /// A guess, or the right secret.
    Attempt(Bucket, bool),
    /// Time passes.
    Wait(u64),
    /// Somebody sets the clock back.
    Back(u64),
    /// The process ends and another begins.
    Restart,
    /// The config changed.
    Configure(Limits),
}

/// What is known of one bucket.
#[derive(Debug, Default)]
struct Kept {
    failures: Vec<u64>,
    locked_until: u64,
    wait_until: u64,
}

struct Model {
    limits: Limits,
    kept: BTreeMap<Bucket, Kept>,
}

impl Kept {
    /// What is over is forgotten, and nothing lies further ahead than it may.
    fn look(&mut self, limits: Limits, now: u64) {
        let ahead = |until: u64, most| Some(until.min(now + most)).filter(|at| *at > now);
        self.locked_until = ahead(self.locked_until, limits.lockout_ms).unwrap_or(0);
        self.wait_until = ahead(self.wait_until, MAX_DELAY_MS).unwrap_or(0);
        self.failures.iter_mut().for_each(|at| *at = now.min(*at));
        self.failures.retain(|at| now < at + limits.window_ms);
    }

    /// After a look: whether nothing is left to know.
    fn empty(&self) -> bool {
        self.failures.is_empty() && self.locked_until == 0 && self.wait_until == 0
    }
}

impl Model {
    fn attempt(&mut self, asked: Bucket, now: u64, wrong: bool) -> Admission<()> {
        let bucket = self.place(asked, now);
        let limits = self.limits;
        let mut kept = self.kept.remove(&bucket).unwrap_or_default();
        kept.look(limits, now);
        let known = !kept.empty();
        let answer = if kept.locked_until > now {
            Admission::Locked { retry_after_ms: kept.locked_until - now }
        } else if kept.wait_until > now {
            Admission::Wait { ms: kept.wait_until - now }
        } else {
            Admission::Compared(())
        };
        if wrong && answer == Admission::Compared(()) {
            if !known
                && bucket.is_address()
                && self.is_full()
                && let Some(oldest) = self.oldest()
            {
                self.kept.remove(&oldest);
            }
            kept.failures.push(now);
            let failures = kept.failures.len();
            if bucket.whose == Whose::Loopback && limits.exempt_loopback {
                kept.wait_until = now + [250, 500, 1_000][failures.min(3) - 1];
                kept.failures.drain(..failures.saturating_sub(limits.max_attempts));
            } else if failures >= limits.max_attempts {
                kept = Kept { locked_until: now + limits.lockout_ms, ..Kept::default() };
            }
            self.kept.insert(bucket, kept);
        } else if known {
            self.kept.insert(bucket, kept);
        }
        answer
    }

    /// Its own bucket; when all are locked, the one that the late-comers share.
    fn place(&mut self, asked: Bucket, now: u64) -> Bucket {
        if self.kept.contains_key(&asked) || !asked.is_address() || !self.is_full() {
            return asked;
        }
        let limits = self.limits;
        self.kept.values_mut().for_each(|kept| kept.look(limits, now));
        self.kept.retain(|_, kept| !kept.empty());
        if self.is_full() && self.oldest().is_none() {
            Bucket { whose: Whose::Overflow, ..asked }
        } else {
            asked
        }
    }

    fn is_full(&self) -> bool {
        self.kept.keys().filter(|bucket| bucket.is_address()).count() >= ROOM
    }

    /// The one whose last failure is oldest, of those that are not locked.
    fn oldest(&self) -> Option<Bucket> {
        let addresses = self.kept.iter().filter(|(bucket, _)| bucket.is_address());
        let free = addresses.filter(|(_, kept)| kept.locked_until == 0);
        free.min_by_key(|(_, kept)| kept.failures.last()).map(|(bucket, _)| *bucket)
    }

    fn restart(&mut self, now: u64) {
        let longest = now + self.limits.lockout_ms;
        self.kept.retain(|_, kept| kept.locked_until > now);
        let kept = std::mem::take(&mut self.kept);
        self.kept = kept
            .into_iter()
            .map(|(bucket, kept)| {
                let locked_until = kept.locked_until.min(longest);
                (bucket, Kept { locked_until, ..Kept::default() })
            })
            .collect();
    }
}

fn limits() -> impl Strategy<Value = Limits> {
    (1_usize..5, 1_u64..800, 0_u64..800, prop::bool::weighted(0.8)).prop_map(
        |(max_attempts, window_ms, lockout_ms, exempt_loopback)| Limits {
            max_attempts,
            window_ms,
            lockout_ms,
            exempt_loopback,
        },
    )
}

fn buckets() -> impl Strategy<Value = Bucket> {
    let whose = prop_oneof![
        3 => Just(Whose::Loopback),
        1 => Just(Whose::BrowserOnLoopback),
        1 => Just(Whose::ForwardedOnLoopback),
        5 => (0_u8..6).prop_map(|last| remote(last).whose),
    ];
    let kind = prop_oneof![3 => Just(SecretKind::Shared), 1 => Just(SecretKind::DeviceToken)];
    (whose, kind).prop_map(|(whose, kind)| Bucket { whose, kind })
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (buckets(), prop::bool::weighted(0.8)).prop_map(|(b, wrong)| Step::Attempt(b, wrong)),
        6 => (0_u64..30).prop_map(Step::Wait),
        3 => (0_u64..700).prop_map(Step::Wait),
        1 => (0_u64..700).prop_map(Step::Back),
        1 => Just(Step::Restart),
        1 => limits().prop_map(Step::Configure),
    ]
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(first in limits(), steps in prop::collection::vec(steps(), 1..120)) {
        let mut limiter = RateLimiter::with_room(first, ROOM);
        let mut model = Model { limits: first, kept: BTreeMap::new() };
        let mut now = 10_000_u64;
        for step in steps {
            match step {
                Step::Attempt(bucket, wrong) => {
                    let counts = if wrong { Counts::Failure } else { Counts::Nothing };
                    let got = limiter.attempt(bucket, now, || (counts, ()));
                    prop_assert_eq!(got, model.attempt(bucket, now, wrong), "{:?}", bucket);
                }
                Step::Wait(ms) => now += ms,
                Step::Back(ms) => now = now.saturating_sub(ms),
                Step::Restart => {
                    let text = |Lockout { bucket, until_ms }: Lockout| {
                        Lockout { bucket: bucket.to_string().parse().unwrap(), until_ms }
                    };
                    let kept: Vec<_> = limiter.lockouts(now).into_iter().map(text).collect();
                    limiter = RateLimiter::with_room(model.limits, ROOM);
                    limiter.restore(&kept, now);
                    model.restart(now);
                }
                Step::Configure(limits) => {
                    limiter.set_limits(limits);
                    model.limits = limits;
                }
            }
            let locked: Vec<_> = limiter.lockouts(now).into_iter().map(|l| l.bucket).collect();
            let due = model.kept.iter().filter(|(_, kept)| kept.locked_until > now);
            prop_assert_eq!(locked, due.map(|(bucket, _)| *bucket).collect::<Vec<_>>());
            // What is no address has a place beside them.
            prop_assert!(limiter.remembered() <= ROOM + Bucket::OTHERS);
        }
    }
}
