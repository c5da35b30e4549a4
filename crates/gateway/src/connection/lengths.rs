//! The lengths that a peer's frames declare, looked at before the library behind makes room for them.

/// A length is written with more bytes than it needs, which RFC 6455 (5.2) forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame's length is not written in its shortest form")]
pub(super) struct Padded;

/// Follows a stream of frames from header to header.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    /// The header that is being read.
    header: [u8; 14],
    /// How much of it has come.
    have: usize,
    /// Bytes of the payload that are still to come.
    payload: u64,
    longest: u64,
}

impl Lengths {
    /// The longest payload that any frame has declared.
    pub(super) const fn longest(&self) -> u64 {
        self.longest
    }

    /// Looks at what has just been read.
    pub(super) fn follow(&mut self, mut bytes: &[u8]) -> Result<(), Padded> {
        loop {
            let skip = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
            self.payload -= skip as u64;
            bytes = &bytes[skip..];
            let Some((first, rest)) = bytes.split_first() else { return Ok(()) };
            self.header[self.have] = *first;
            self.have += 1;
            bytes = rest;
            if self.have == self.needed() {
                let length = self.length()?;
                (self.payload, self.have) = (length, 0);
                self.longest = self.longest.max(length);
            }
        }
    }

    /// Bytes of the header as far as one can tell from its begin.
    fn needed(&self) -> usize {
        if self.have < 2 {
            return 2;
        }
        let mask = if self.header[1] & 0x80 == 0 { 0 } else { 4 };
        mask + match self.header[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    fn length(&self) -> Result<u64, Padded> {
        let written = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let (length, least) = match self.header[1] & 0x7f {
            126 => (written(&self.header[2..4]), 126),
            127 => (written(&self.header[2..10]), 0x1_0000),
            short => (u64::from(short), 0),
        };
        if length < least { Err(Padded) } else { Ok(length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: &[u8], payload: usize) -> Vec<u8> {
        let mut frame = vec![0x81, 0x80 | length[0]];
        frame.extend(&length[1..]);
        frame.extend([0; 4]);
        frame.extend(vec![0x7f; payload]);
        frame
    }

    #[test]
    fn every_length_is_found_wherever_the_stream_is_cut() {
        let frames = [
            frame(&[0], 0),
            frame(&[125], 125),
            frame(&[126, 0, 126], 126),
            frame(&[127, 0, 0, 0, 0, 0, 1, 0, 0], 0x1_0000),
            frame(&[1], 1),
        ];
        let all = frames.concat();
        for cut in [1, 2, 3, 7, 130, all.len()] {
            let mut lengths = Lengths::default();
            for piece in all.chunks(cut) {
                lengths.follow(piece).unwrap();
            }
            assert_eq!((lengths.have, lengths.payload, lengths.longest()), (0, 0, 0x1_0000));
        }
    }

    #[test]
    fn a_length_has_one_way_to_be_written() {
        let padded: [&[u8]; 4] = [
            &[126, 0, 125],
            &[126, 0, 0],
            &[127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            &[127, 0, 0, 0, 0, 0, 0, 0, 5],
        ];
        for length in padded {
            assert_eq!(Lengths::default().follow(&frame(length, 0)), Err(Padded), "{length:?}");
        }
        let mut lengths = Lengths::default();
        let huge = [&[127][..], &[0xff; 8]].concat();
        assert_eq!(lengths.follow(&frame(&huge, 9)), Ok(()));
        assert_eq!(lengths.longest(), u64::MAX);
    }
}
