//! What a flow comes to, once the gateway has stopped: the order of events, and the verdict.

use std::collections::BTreeMap;

use super::{
    expected::Expected,
    kinds,
    script::{Line, Recorded, Step},
    shape::Difference,
    wire::Wire,
};

/// A difference and its line.
pub(crate) type Found = (usize, Difference);

/// Reads what comes until the gateway has stopped: then all that it had to say was said.
pub(crate) async fn finish(
    lines: &[Line],
    mut wires: BTreeMap<String, Wire>,
    mut found: Vec<Found>,
) -> Vec<Found> {
    for (on, wire) in &mut wires {
        wire.ended().await;
        // What a shutdown does to runs is no part of the flow.
        if let Some(at) = wire.frames.iter().position(|frame| frame["event"] == "shutdown") {
            wire.frames.truncate(at);
        }
        skipped(lines, on, wire, &mut found);
        for (n, run) in kinds::runs(lines, on) {
            let events =
                lines.iter().filter(|line| line.on == *on).filter_map(|line| match &line.step {
                    Step::Event(frame) => Some(frame),
                    _ => None,
                });
            let recorded = kinds::order(events, run);
            let ours = kinds::order(wire.frames.iter(), run);
            found.extend(order(n, &recorded, &ours));
        }
    }
    found
}

/// Events that were not waited for, since they are known not to come: they must not have come.
fn skipped(lines: &[Line], on: &str, wire: &Wire, found: &mut Vec<Found>) {
    for (n, line) in lines.iter().enumerate() {
        let Step::Event(recorded) = &line.step else { continue };
        let kind = kinds::kind(recorded);
        let came = wire.frames.iter().any(|frame| kinds::is(recorded, frame));
        let told = found.iter().any(|(at, difference)| *at == n + 1 && difference.path == kind);
        if line.on == on && !came && !told {
            found.push((n + 1, Difference { path: kind, what: "did not come".to_owned() }));
        }
    }
}

/// Kinds that we tell beside the recorded ones, and those that we tell in another order.
fn order(n: usize, recorded: &[String], ours: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    let more = |kind: &&String| !recorded.contains(kind) && !kinds::CUT.contains(&kind.as_str());
    for kind in ours.iter().filter(more) {
        found.push((
            n,
            Difference { path: format!("+{kind}"), what: "was not recorded".to_owned() },
        ));
    }
    let recorded: Vec<_> = recorded.iter().filter(|kind| ours.contains(kind)).collect();
    let ours: Vec<_> = ours.iter().filter(|kind| recorded.contains(kind)).collect();
    if ours != recorded {
        let what = format!("{ours:?}, recorded {recorded:?}");
        found.push((n, Difference { path: "order".to_owned(), what }));
    }
    found
}

/// Fails when something differs that is not expected to, or no longer differs.
pub(crate) fn judge(recorded: Recorded, flow: &str, expected: &[Expected], found: &[Found]) {
    let at = |n: &usize| format!("{}/{flow} #{n}", recorded.version());
    let unexpected = found
        .iter()
        .filter(|(n, difference)| !expected.iter().any(|known| known.covers(*n, &difference.path)))
        .map(|(n, difference)| format!("{} {}: {}", at(n), difference.path, difference.what));
    let past = expected
        .iter()
        .filter(|known| !found.iter().any(|(n, difference)| known.covers(*n, &difference.path)))
        .map(|known| format!("no longer so in {flow}, take it out: {}", known.text()));
    let wrong: Vec<_> = unexpected.chain(past).collect();
    assert!(wrong.is_empty(), "{} differences\n{}\n", wrong.len(), wrong.join("\n"));
}
