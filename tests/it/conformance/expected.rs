//! The list of differences that are known and meant, each with its reason.
//!
//! A line is `VERSION/FLOW[,FLOW...] #LINE path: reason`. `#*` stands for every line of a flow
//! where the path differs. A line that no longer fits anything fails the flow that it names.

use super::script::{Recorded, data};

/// One expected difference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The version and the flows.
    version: String,
    flows: Vec<String>,
    /// The line of the flow's file; none for every one.
    line: Option<usize>,
    /// Where.
    path: String,
    /// As it stands in the list.
    pub(crate) text: String,
}

impl Expected {
    fn parse(text: &str) -> Option<Self> {
        let (flows, rest) = text.split_once(' ')?;
        let (version, flows) = flows.split_once('/')?;
        let (line, rest) = rest.strip_prefix('#')?.split_once(' ')?;
        let (path, reason) = rest.split_once(": ")?;
        let line = if line == "*" { None } else { Some(line.parse().ok()?) };
        let known = Recorded::ALL.iter().any(|recorded| recorded.version() == version);
        (known && !reason.is_empty()).then(|| Self {
            version: version.to_owned(),
            flows: flows.split(',').map(str::to_owned).collect(),
            line,
            path: path.to_owned(),
            text: text.to_owned(),
        })
    }

    /// Whether it speaks of this difference.
    pub(crate) fn covers(&self, line: usize, path: &str) -> bool {
        self.path == path && self.line.is_none_or(|own| own == line)
    }

    /// The flows that it names.
    pub(crate) fn flows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.flows.iter().map(|flow| (self.version.as_str(), flow.as_str()))
    }
}

/// The whole list.
pub(crate) fn all() -> Vec<Expected> {
    let text = std::fs::read_to_string(data().join("expected.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| Expected::parse(line).unwrap_or_else(|| panic!("expected.txt: {line}"))).collect()
}

/// What is expected of one flow.
pub(crate) fn of(recorded: Recorded, flow: &str) -> Vec<Expected> {
    let named = |expected: &Expected| expected.flows().any(|own| own == (recorded.version(), flow));
    all().into_iter().filter(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_flows_a_place_and_a_reason() {
        let line = "2026.3.28/a,b #3 hello-ok.auth: because: of this";
        let expected = Expected::parse(line).unwrap();
        assert_eq!(expected.flows().map(|(_, flow)| flow).collect::<Vec<_>>(), ["a", "b"]);
        assert!(expected.covers(3, "hello-ok.auth") && !expected.covers(4, "hello-ok.auth"));
        assert!(Expected::parse("2026.3.28/a #* p: why").unwrap().covers(9, "p"));
        for bad in ["2026.3.28/a #3 p", "2026.3.28/a p: why", "1.0/a #1 p: why", "2026.3.28/a #x p: why"] {
            assert_eq!(Expected::parse(bad), None, "{bad}");
        }
    }
}
