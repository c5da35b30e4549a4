//! Whatever was accepted is there once and ends once, whenever the process is killed.
//!
//! The moments are events, such as a frame or a request to the model, and never times.

mod check;
mod ledger;
mod life;

use openclaw_agent::crash::POINTS;

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
/// What the short test is played with; the long one takes `CRASH_SEED`, or one of its own.
const SEED: u64 = 0x0bad_5eed_0000_0001;

#[tokio::test]
async fn twenty_kills_lose_nothing_and_repeat_nothing() {
    println!("{}", kills(SEED, ROUNDS).await);
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn two_hundred_kills_lose_nothing_and_repeat_nothing() {
    let own = || uuid::Uuid::new_v4().as_u64_pair().0;
    let seed = option_env!("CRASH_SEED").map_or_else(own, |seed| seed.parse().unwrap());
    println!("{}", kills(seed, MANY_ROUNDS).await);
}

/// A table of where in their turns the kills hit the messages.
async fn kills(seed: u64, rounds: usize) -> String {
    println!("seed {seed}, {rounds} kills");
    let mut story = Story::new(seed).await;
    for _ in 0..rounds {
        let plan = story.chance();
        story.live(plan).await;
    }
    story.finish().await
}

#[tokio::test]
async fn every_crash_point_is_survived() {
    for label in POINTS.iter().chain(STORE_POINTS) {
        println!("killed at {label}");
        let mut story = Story::new(SEED).await;
        let messages = vec![(0, true), (0, false), (1, false)];
        let crash_at = Some(format!("{label}:1"));
        story.live(Plan { messages, crash_at: crash_at.clone(), ..Plan::until(Moment::Never) }).await;
        if PASSED_AGAIN.contains(label) {
            story.die_again(&format!("{label}:1")).await;
        }
        story.finish().await;
    }
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
