//! What OpenClaw 2026.3.28 puts before a person's text in its transcripts, for the model: who sent it and when.
//! Its own `chat.history` shows the text alone.

/// How the heading of a block of metadata ends.
const HEADING: &str = " (untrusted metadata):\n```json\n";
/// How the block ends.
const END: &str = "\n```\n\n";
/// The longest heading, in bytes.
const MAX_HEADING: usize = 64;

/// The text without the envelope; the same text when there is none.
pub(super) fn strip(text: &str) -> &str {
    let mut rest = text;
    while let Some(behind) = block(rest) {
        rest = behind;
    }
    time(rest).unwrap_or(rest)
}

fn block(text: &str) -> Option<&str> {
    let at = text.find(HEADING).filter(|at| *at <= MAX_HEADING)?;
    let is_name = |c: char| c.is_ascii_alphabetic() || c == ' ';
    let body = text[..at].chars().all(is_name).then(|| &text[at + HEADING.len()..])?;
    Some(&body[body.find(END)? + END.len()..])
}

/// `[Fri 2026-11-20 23:25 UTC] `
fn time(text: &str) -> Option<&str> {
    let (time, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let mut words = time.split(' ');
    let shape = |word: &str, shape: &str| {
        word.len() == shape.len()
            && word.bytes().zip(shape.bytes()).all(|(b, s)| match s {
                b'0' => b.is_ascii_digit(),
                b'a' => b.is_ascii_alphabetic(),
                other => b == other,
            })
    };
    let fits = shape(words.next()?, "aaa")
        && shape(words.next()?, "0000-00-00")
        && shape(words.next()?, "00:00")
        && words.next().is_some_and(|zone| zone.len() <= 9)
        && words.next().is_none();
    fits.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_envelope_goes() {
        let sender = "Sender (untrusted metadata):\n```json\n{\n  \"label\": \"cli\"\n}\n```\n\n";
        assert_eq!(strip(&format!("{sender}[Sat 2026-11-21 09:02 UTC] hi")), "hi");
        assert_eq!(strip(&format!("{sender}{sender}hi")), "hi");
        assert_eq!(strip("[Fri 2026-11-20 23:32 UTC] accepted"), "accepted");
        for same in [
            "hi",
            "",
            "[x] y",
            "[Fri 2026-11-20] y",
            "Sender (untrusted metadata):\n```json\n{}",
            "see: Sender (untrusted metadata):\n```json\n{}\n```\n\nx",
        ] {
            assert_eq!(strip(same), same);
        }
    }
}
