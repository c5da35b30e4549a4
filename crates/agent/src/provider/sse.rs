//! Server-sent events: bytes in, events out, in any split of the bytes.
//!
//! Line ends are LF, CRLF or CR, also split across chunks. Comments and the fields `id` and
//! `retry` are passed over. Both buffers are bounded, so that a hostile server cannot fill memory.

use std::{collections::VecDeque, mem};

/// The longest line, in bytes; a longer one ends the call. Some servers send the arguments of a
/// whole tool call in one line.
pub const MAX_LINE: usize = 4 * 1024 * 1024;

/// The largest event, in bytes of its data; a larger one ends the call.
pub const MAX_EVENT: usize = 8 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SseEvent {
    /// The `event` field; empty when absent.
    pub event: String,
    /// The `data` fields, joined by line breaks.
    pub data: String,
}

/// A line or an event over its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// A line over [`MAX_LINE`].
    #[error("a line of more than {MAX_LINE} bytes")]
    Line,
    /// An event over [`MAX_EVENT`].
    #[error("an event of more than {MAX_EVENT} bytes")]
    Event,
}

/// Cuts a byte stream into events.
#[derive(Debug, Default)]
pub struct SseDecoder {
    line: Vec<u8>,
    event: String,
    data: String,
    has_data: bool,
    skip_lf: bool,
    started: bool,
}

impl SseDecoder {
    /// Takes the next bytes and appends the events that they complete.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut VecDeque<SseEvent>) -> Result<(), SseError> {
        if self.skip_lf && !bytes.is_empty() {
            self.skip_lf = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend_line(&bytes[..end])?;
            self.end_line(out)?;
            let cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if cr {
                match bytes.first() {
                    Some(b'\n') => bytes = &bytes[1..],
                    Some(_) => {}
                    None => self.skip_lf = true,
                }
            }
        }
        self.extend_line(bytes)
    }

    /// The event that lacks only its blank line when the stream ends, if there is one.
    pub fn finish(&mut self) -> Result<Option<SseEvent>, SseError> {
        let mut out = VecDeque::new();
        if !self.line.is_empty() {
            self.end_line(&mut out)?;
        }
        self.dispatch(&mut out);
        Ok(out.pop_front())
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), SseError> {
        if self.line.len() + bytes.len() > MAX_LINE {
            return Err(SseError::Line);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, out: &mut VecDeque<SseEvent>) -> Result<(), SseError> {
        let taken = mem::take(&mut self.line);
        let mut line = taken.as_slice();
        if !mem::replace(&mut self.started, true) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(out);
        } else {
            self.field(line)?;
        }
        self.line = taken;
        self.line.clear();
        // One huge line must not keep its buffer for the rest of the call.
        self.line.shrink_to(KEPT_LINE);
        Ok(())
    }

    fn field(&mut self, line: &[u8]) -> Result<(), SseError> {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, rest) = line.split_at(colon);
        let value = rest.strip_prefix(b":").unwrap_or(rest);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                if self.data.len() + value.len() > MAX_EVENT {
                    return Err(SseError::Event);
                }
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(&String::from_utf8_lossy(value));
            }
            b"event" => self.event = String::from_utf8_lossy(value).into_owned(),
            _ => {}
        }
        Ok(())
    }

    fn dispatch(&mut self, out: &mut VecDeque<SseEvent>) {
        let event = mem::take(&mut self.event);
        let data = mem::take(&mut self.data);
        if mem::take(&mut self.has_data) {
            out.push_back(SseEvent { event, data });
        }
    }
}

/// The line buffer is cut back to this many bytes after each line.
const KEPT_LINE: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::{MAX_EVENT, MAX_LINE, SseDecoder, SseError, SseEvent};

    fn decode(chunks: &[&[u8]]) -> Vec<SseEvent> {
        let (mut decoder, mut out) = (SseDecoder::default(), VecDeque::new());
        for chunk in chunks {
            decoder.push(chunk, &mut out).unwrap();
        }
        out.extend(decoder.finish().unwrap());
        out.into()
    }

    fn event(event: &str, data: &str) -> SseEvent {
        SseEvent { event: event.into(), data: data.into() }
    }

    #[test]
    fn fields_comments_and_line_ends() {
        let stream = b"\xef\xbb\xbf: hello\nevent: ping\ndata: 1\ndata:2\nid: 7\n\n\
            data\n\ndata:  two spaces\r\n\r\nevent: lost\n\ndata: cr\r\rdata: last";
        let expected = [
            event("ping", "1\n2"),
            event("", ""),
            event("", " two spaces"),
            event("", "cr"),
            event("", "last"),
        ];
        assert_eq!(decode(&[stream]), expected);
    }

    #[test]
    fn a_crlf_split_across_chunks_is_one_line_end() {
        let whole = [event("", "a\nb"), event("", "c")];
        assert_eq!(decode(&[b"data: a\r", b"\ndata: b\r\n\r", b"", b"\ndata: c\r\n\r\n"]), whole);
    }

    #[test]
    fn a_huge_line_and_a_huge_event_are_refused() {
        let (mut decoder, mut out) = (SseDecoder::default(), VecDeque::new());
        let block = vec![b'x'; 1024 * 1024];
        let refused =
            (0..=MAX_LINE / block.len()).find_map(|_| decoder.push(&block, &mut out).err());
        assert_eq!(refused, Some(SseError::Line));

        let mut decoder = SseDecoder::default();
        let line = [b"data: ".as_slice(), &block, b"\n"].concat();
        let refused =
            (0..=MAX_EVENT / block.len()).find_map(|_| decoder.push(&line, &mut out).err());
        assert_eq!(refused, Some(SseError::Event));
        assert!(out.is_empty());
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "data: a", "data:{\"x\":1}", "event: ping", ": keep-alive", "id: 3", "data",
                    "ü", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\u{feff}",
                ]),
                0..40,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let bytes = pieces.concat().into_bytes();
            let whole = decode(&[&bytes]);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.sort_unstable();
            let (mut chunks, mut start) = (Vec::new(), 0);
            for cut in cuts {
                chunks.push(&bytes[start..cut]);
                start = cut;
            }
            chunks.push(&bytes[start..]);
            prop_assert_eq!(decode(&chunks), whole.clone());
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(decode(&single), whole);
        }
    }
}
