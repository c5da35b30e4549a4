//! Protocol versions and their negotiation.
//!
//! OpenClaw 2026.3.28 speaks 3 and 2026.9.6 speaks 4. We speak both: any range that contains
//! either is accepted, the highest common one wins and is echoed in `hello-ok.protocol`.

use serde::{Deserialize, Serialize};

/// A protocol version that this crate speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub enum Version {
    /// Protocol 3, of OpenClaw 2026.3.28.
    V3,
    /// Protocol 4, of OpenClaw 2026.9.6.
    V4,
}

impl Version {
    /// Lowest version that is spoken.
    pub const MIN: Self = Self::V3;
    /// Highest version that is spoken.
    pub const MAX: Self = Self::V4;
    /// All versions, lowest first.
    pub const ALL: [Self; 2] = [Self::V3, Self::V4];

    /// The number on the wire.
    pub const fn number(self) -> u32 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }

    /// Picks the highest version inside the client's range, or `None` when there is none.
    pub fn negotiate(min: u64, max: u64) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|v| (min..=max).contains(&u64::from(v.number())))
    }
}

impl From<Version> for u32 {
    fn from(version: Version) -> Self {
        version.number()
    }
}

impl TryFrom<u32> for Version {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|v| v.number() == number)
            .ok_or_else(|| format!("protocol {number} is not spoken; 3 and 4 are"))
    }
}

#[cfg(test)]
mod tests {
    use super::Version::{self, V3, V4};

    #[test]
    fn the_highest_common_version_wins() {
        let cases: [(u64, u64, Option<Version>); 8] = [
            (3, 3, Some(V3)),
            (4, 4, Some(V4)),
            (3, 4, Some(V4)),
            (1, 99, Some(V4)),
            (1, 3, Some(V3)),
            (1, 2, None),
            (5, 9, None),
            (4, 3, None),
        ];
        for (min, max, expected) in cases {
            assert_eq!(Version::negotiate(min, max), expected, "{min}..{max}");
        }
    }
}
