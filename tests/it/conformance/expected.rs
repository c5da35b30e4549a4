//! The list of differences that are known and meant, each with its reason.
//!
//! A line is `VERSION/FLOW[,FLOW...] #LINE path: reason`. `#*` stands for every line of a flow
//! where the path differs, and `a.{b,c}` for `a.b` and `a.c`. What no longer differs fails the flow.

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
}

impl Expected {
    /// The differences of a line of the list.
    fn parse(text: &str) -> Option<Vec<Self>> {
        let (flows, rest) = text.split_once(' ')?;
        let (version, flows) = flows.split_once('/')?;
        let (line, rest) = rest.strip_prefix('#')?.split_once(' ')?;
        let (path, reason) = rest.split_once(": ")?;
        let line = if line == "*" { None } else { Some(line.parse().ok()?) };
        let known = Recorded::ALL.iter().any(|recorded| recorded.version() == version);
        let expected = |path| Self {
            version: version.to_owned(),
            flows: flows.split(',').map(str::to_owned).collect(),
            line,
            path,
        };
        (known && !reason.is_empty()).then(|| alternatives(path).map(expected).collect())
    }

    /// Its line of the list, but for the reason and for other paths.
    pub(crate) fn text(&self) -> String {
        let line = self.line.map_or("*".to_owned(), |line| line.to_string());
        format!("{}/{} #{line} {}", self.version, self.flows.join(","), self.path)
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

/// The paths that `a.{b,c}` stands for.
fn alternatives(path: &str) -> impl Iterator<Item = String> {
    let (head, rest) = path.split_once('{').unwrap_or((path, ""));
    let (names, tail) = rest.split_once('}').unwrap_or_default();
    names.split(',').map(move |name| format!("{head}{name}{tail}"))
}

/// The whole list.
pub(crate) fn all() -> Vec<Expected> {
    let text = std::fs::read_to_string(data().join("expected.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .flat_map(|line| Expected::parse(line).unwrap_or_else(|| panic!("expected.txt: {line}")))
        .collect()
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
        let [expected] = Expected::parse(line).unwrap().try_into().unwrap();
        assert_eq!(expected.flows().map(|(_, flow)| flow).collect::<Vec<_>>(), ["a", "b"]);
        assert!(expected.covers(3, "hello-ok.auth") && !expected.covers(4, "hello-ok.auth"));
        assert!(Expected::parse("2026.3.28/a #* p: why").unwrap()[0].covers(9, "p"));
        let many = Expected::parse("2026.3.28/a #* p.{x,y}: why").unwrap();
        assert_eq!(many[1].text(), "2026.3.28/a #* p.y");
        assert_eq!(many.len(), 2);
        for bad in
            ["2026.3.28/a #3 p", "2026.3.28/a p: why", "1.0/a #1 p: why", "2026.3.28/a #x p: why"]
        {
            assert_eq!(Expected::parse(bad), None, "{bad}");
        }
    }
}
