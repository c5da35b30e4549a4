//! Whatever was accepted is there once and ends once, whenever the process is killed.
//!
//! The moments are events, such as a frame or a request to the model, and never times.

mod check;
mod commands;
mod ledger;
mod life;
mod rewind;

use futures_util::StreamExt as _;
use openclaw_agent::crash::POINTS;
use openclaw_tests::crash::{Cut, Power};

use self::life::{Moment, Plan, Story};

/// The points inside the store, beside those of a run.
const STORE_POINTS: &[&str] = &[
    "before-accept-commit",
    "after-accept-commit",
    "before-finish-commit",
    "after-finish-commit",
    "projection-appended",
    "projection-before-mark",
    "sessions-json-before-rename",
    "sessions-json-after-rename",
];

/// After a kill at one of these the next start passes the same point again, and is killed there too.
const PASSED_AGAIN: &[&str] = &[
    "before-model",
    "first-delta",
    "before-finish",
    "before-finish-commit",
    "projection-appended",
    "projection-before-mark",
    "sessions-json-before-rename",
    "sessions-json-after-rename",
];

/// Kills in the test that always runs.
const ROUNDS: usize = 20;
/// Kills in the long one.
const MANY_ROUNDS: usize = 200;
/// Stories that are told at the same time.
const AT_ONCE: usize = 4;
/// What the short test is played with; the long one takes `CRASH_SEED`, or one of its own.
const SEED: u64 = 0x0bad_5eed_0000_0001;

#[tokio::test]
async fn twenty_kills_lose_nothing_and_repeat_nothing() {
    println!("{}", kills(SEED, ROUNDS, None).await);
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn two_hundred_kills_lose_nothing_and_repeat_nothing() {
    println!("{}", kills(long_seed(), MANY_ROUNDS, None).await);
}

fn long_seed() -> u64 {
    let own = || uuid::Uuid::new_v4().as_u64_pair().0;
    option_env!("CRASH_SEED").map_or_else(own, |seed| seed.parse().unwrap())
}

/// A kill leaves what the process wrote, a power cut only what it had synced.
#[tokio::test]
async fn twenty_power_cuts_lose_nothing_and_repeat_nothing() {
    let Some(power) = Power::new() else {
        println!("SKIPPED: there is no C compiler, so no power cut was tried");
        return;
    };
    println!("{}", kills(SEED, ROUNDS, Some(power)).await);
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn two_hundred_power_cuts_lose_nothing_and_repeat_nothing() {
    let power = Power::new().expect("a C compiler");
    println!("{}", kills(long_seed(), MANY_ROUNDS, Some(power)).await);
}

/// A table of where in their turns the kills hit the messages.
#[expect(clippy::print_stdout, reason = "a failure is found again by it")]
async fn kills(seed: u64, rounds: usize, power: Option<Power>) -> String {
    println!("seed {seed}, {rounds} kills");
    let mut story = Story::new(seed).await;
    if let Some(power) = power {
        story.cut_power(power, None);
    }
    for _ in 0..rounds {
        let plan = story.chance();
        story.live(plan).await;
    }
    story.finish().await
}

#[tokio::test]
async fn every_crash_point_is_survived() {
    everywhere(&[None]).await;
}

#[tokio::test]
async fn a_power_cut_at_every_crash_point_is_survived() {
    if Power::new().is_none() {
        println!("SKIPPED: there is no C compiler, so no power cut was tried");
        return;
    }
    everywhere(&[Some(Cut::SyncedOnly), Some(Cut::Some(SEED))]).await;
}

/// Dies at every point in each of these ways.
async fn everywhere(ways: &[Option<Cut>]) {
    let labels = POINTS.iter().chain(STORE_POINTS);
    let stories = labels.flat_map(|label| ways.iter().map(|cut| Box::pin(die_at(label, *cut))));
    futures_util::stream::iter(stories).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

#[expect(clippy::print_stdout, reason = "a failure is found again by it")]
async fn die_at(label: &str, cut: Option<Cut>) {
    let began = tokio::time::Instant::now();
    let mut story = Story::new(SEED).await;
    if cut.is_some() {
        story.cut_power(Power::new().unwrap(), cut);
    }
    let messages = vec![(0, true), (0, false), (1, false)];
    let crash_at = Some(format!("{label}:1"));
    story.live(Plan { messages, crash_at, ..Plan::until(Moment::Never) }).await;
    if PASSED_AGAIN.contains(&label) {
        story.die_again(&format!("{label}:1")).await;
    }
    println!("killed at {label}, {cut:?}, after {:?}", began.elapsed());
    story.finish().await;
}

/// A point that nobody lists would never be tried.
#[test]
fn the_points_are_all_in_the_source() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut found = std::collections::BTreeSet::new();
    for part in ["agent/src", "store/src", "gateway/src"] {
        points_below(&crates.join(part), &mut found);
    }
    found.remove("unit-test");
    let listed = POINTS.iter().chain(STORE_POINTS).map(|label| (*label).to_owned()).collect();
    assert_eq!(found, listed);
}

fn points_below(dir: &std::path::Path, found: &mut std::collections::BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            points_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(path).unwrap();
            let labels = source.split("point(\"").skip(1);
            found.extend(labels.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
}
