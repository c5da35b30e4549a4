//! Branches of a transcript. The file only grows, so going back is a line whose parent is an earlier
//! entry than the one before it in the file: a fork. Pure.

use std::ops::RangeInclusive;

/// The most branches that are told: the newest. The others stay in the file.
pub const MAX_BRANCHES: usize = 100;
/// The newest forks, whose branches are looked at: a bound on the work where somebody went back very often.
const MAX_FORKS: usize = 4 * MAX_BRANCHES;

/// Entries that follow one another in the file and in the tree, by their `seq`.
pub type Span = RangeInclusive<u64>;

/// An entry that follows an earlier one than that before it in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// The entry.
    pub seq: u64,
    /// The one that it follows.
    pub parent: u64,
}

/// A branch by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BranchPlace {
    /// Its last message.
    pub tip: u64,
    /// How many messages lie on the way to it.
    pub messages: u64,
    /// The transcript goes on here.
    pub active: bool,
}

/// The way from the first entry to `leaf`. `forks` are in the order of the file.
pub fn path(forks: &[Fork], leaf: u64) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut end = leaf;
    while end > 0 {
        let before = forks.partition_point(|fork| fork.seq <= end);
        let Some(fork) = before.checked_sub(1).map(|at| forks[at]) else {
            spans.push(1..=end);
            break;
        };
        spans.push(fork.seq..=end);
        end = fork.parent.min(fork.seq.saturating_sub(1));
    }
    spans.reverse();
    spans
}

/// What lies between the spans of a path: entries of other branches.
pub fn gaps(path: &[Span]) -> impl Iterator<Item = Span> {
    let first = path.first().map_or(1, |span| *span.start());
    let between = path.windows(2).map(|two| two[0].end() + 1..=two[1].start() - 1);
    std::iter::once(1..=first - 1).chain(between).filter(|gap| !gap.is_empty())
}

/// The branches, the newest first. `shown` are the messages in the order of the file, `leaf` is the
/// last entry. A place that nothing was said at since the transcript was taken back to it is a branch
/// only while it is the active one.
pub fn branches(forks: &[Fork], shown: &[u64], leaf: u64) -> Vec<BranchPlace> {
    let reach = |end: u64| {
        let path = path(forks, end);
        tip(&path, shown).map(|tip| (tip, path))
    };
    let active = reach(leaf).map(|(tip, _)| tip);
    let newest = forks.iter().rev().take(MAX_FORKS);
    let mut all: Vec<_> =
        newest.map(|fork| fork.seq.saturating_sub(1)).chain([leaf]).filter_map(reach).collect();
    all.sort_by_key(|(tip, _)| std::cmp::Reverse(*tip));
    all.dedup_by_key(|(tip, _)| *tip);
    let passed = |place: u64| all.iter().any(|(tip, path)| *tip != place && holds(path, place));
    let kept = all.iter().filter(|(tip, _)| Some(*tip) == active || !passed(*tip));
    let mut left = MAX_BRANCHES;
    kept.map(|(tip, path)| BranchPlace {
        tip: *tip,
        messages: path.iter().map(|span| within(shown, span).len() as u64).sum(),
        active: Some(*tip) == active,
    })
    .filter(|branch| {
        left = left.saturating_sub(usize::from(!branch.active));
        branch.active || left > 0
    })
    .collect()
}

fn tip(path: &[Span], shown: &[u64]) -> Option<u64> {
    path.iter().rev().find_map(|span| within(shown, span).last().copied())
}

fn within<'a>(shown: &'a [u64], span: &Span) -> &'a [u64] {
    let from = shown.partition_point(|seq| seq < span.start());
    let to = shown.partition_point(|seq| seq <= span.end());
    &shown[from..to]
}

fn holds(path: &[Span], seq: u64) -> bool {
    let after = path.partition_point(|span| *span.start() <= seq);
    after.checked_sub(1).is_some_and(|at| path[at].contains(&seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forks(pairs: &[(u64, u64)]) -> Vec<Fork> {
        pairs.iter().map(|&(seq, parent)| Fork { seq, parent }).collect()
    }

    /// Each branch as `tip/messages`, the active one with a star.
    fn told(pairs: &[(u64, u64)], shown: &[u64], leaf: u64) -> String {
        let one =
            |b: BranchPlace| format!("{}/{}{}", b.tip, b.messages, if b.active { "*" } else { "" });
        branches(&forks(pairs), shown, leaf).into_iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_path_leads_over_the_parents() {
        assert_eq!(path(&[], 0), [] as [Span; 0]);
        assert_eq!(path(&[], 3), [1..=3]);
        let forks = forks(&[(5, 2), (8, 6), (10, 4)]);
        assert_eq!(path(&forks, 7), [1..=2, 5..=7]);
        assert_eq!(path(&forks, 9), [1..=2, 5..=6, 8..=9]);
        assert_eq!(path(&forks, 11), [1..=4, 10..=11]);
        assert_eq!(gaps(&path(&forks, 9)).collect::<Vec<_>>(), [3..=4, 7..=7]);
        assert_eq!(gaps(&path(&forks, 4)).count(), 0);
    }

    #[test]
    fn a_fork_to_nothing_or_to_itself_ends_the_path() {
        assert_eq!(path(&forks(&[(3, 0)]), 4), [3..=4]);
        assert_eq!(gaps(&path(&forks(&[(3, 0)]), 4)).collect::<Vec<_>>(), [1..=2]);
        assert_eq!(path(&forks(&[(3, 3)]), 4), [1..=2, 3..=4]);
    }

    #[test]
    fn branches_are_where_something_was_said() {
        // Messages 1 to 4, taken back to 2 by entry 5.
        assert_eq!(told(&[], &[1, 2, 3, 4], 4), "4/4*");
        assert_eq!(told(&[(5, 2)], &[1, 2, 3, 4], 5), "4/4 2/2*");
        assert_eq!(told(&[(5, 2)], &[1, 2, 3, 4, 6, 7], 7), "7/4* 4/4");
        // And back to the old one: the empty place at 2 is none, nor is the end of the marker.
        assert_eq!(told(&[(5, 2), (6, 4)], &[1, 2, 3, 4], 6), "4/4*");
        assert_eq!(told(&[(5, 2), (8, 4)], &[1, 2, 3, 4, 6, 7], 8), "7/4 4/4*");
        assert_eq!(told(&[(5, 2), (8, 4)], &[1, 2, 3, 4, 6, 7, 9], 9), "9/5* 7/4");
        assert_eq!(told(&[(3, 0)], &[1, 2], 3), "2/2");
    }

    #[test]
    fn the_newest_are_told_and_the_active_one() {
        let many: Vec<_> = (1..300).map(|n| (2 * n, 1)).collect();
        let shown: Vec<_> = std::iter::once(1).chain((1..299).map(|n| 2 * n + 1)).collect();
        let told = branches(&forks(&many), &shown, 598);
        assert_eq!(told.len(), MAX_BRANCHES);
        assert_eq!((told[0].tip, told.last().unwrap().active), (597, true));
    }
}
