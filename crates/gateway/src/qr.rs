//! QR codes: as a picture for pages, as text for terminals.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qrcode::{Color, EcLevel, QrCode, render::unicode::Dense1x2};

/// Light modules around the code, which readers need.
const QUIET: usize = 4;
/// Widest module of a picture, in pixels.
const SCALE: usize = 6;
/// Longest address of a picture, in characters; OpenClaw's clients take no longer one.
const MAX_DATA_URL: usize = 16_384;
/// Most bytes in one block of a zlib stream that is not compressed.
const BLOCK: usize = 65_535;

fn code(text: &str) -> Option<QrCode> {
    QrCode::with_error_correction_level(text, EcLevel::L).ok()
}

/// The picture as a `data:` address: a PNG, as large as fits. `None` for a text that no code can hold.
pub(crate) fn data_url(text: &str) -> Option<String> {
    let code = code(text)?;
    let urls = (1..=SCALE)
        .rev()
        .map(|scale| format!("data:image/png;base64,{}", STANDARD.encode(png(&code, scale))));
    urls.into_iter().find(|url| url.len() <= MAX_DATA_URL)
}

/// The code as lines for a terminal whose background is dark.
pub fn lines(text: &str) -> Option<Vec<String>> {
    let code = code(text)?;
    let mut renderer = code.render::<Dense1x2>();
    let renderer = renderer.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark);
    Some(renderer.build().lines().map(str::to_owned).collect())
}

/// One bit a pixel, not compressed: it is small, and needs no library.
fn png(code: &QrCode, scale: usize) -> Vec<u8> {
    let modules = code.width() + 2 * QUIET;
    let side = modules * scale;
    let mut rows = Vec::with_capacity(side * (side / 8 + 2));
    for y in 0..side {
        rows.push(0);
        let mut row = vec![0_u8; side.div_ceil(8)];
        for x in (0..side).filter(|x| !is_dark(code, x / scale, y / scale)) {
            row[x / 8] |= 0x80 >> (x % 8);
        }
        rows.extend_from_slice(&row);
    }
    let side = u32::try_from(side).unwrap_or_default().to_be_bytes();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, *b"IHDR", &[&side[..], &side[..], &[1, 0, 0, 0, 0]].concat());
    chunk(&mut out, *b"IDAT", &stored(&rows));
    chunk(&mut out, *b"IEND", &[]);
    out
}

fn is_dark(code: &QrCode, x: usize, y: usize) -> bool {
    let inside = QUIET..QUIET + code.width();
    inside.contains(&x) && inside.contains(&y) && code[(x - QUIET, y - QUIET)] == Color::Dark
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let start = out.len();
    out.extend_from_slice(&name);
    out.extend_from_slice(data);
    let sum = crc32(&out[start..]);
    out.extend_from_slice(&sum.to_be_bytes());
}

/// A zlib stream that is not compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let size = u16::try_from(block.len()).unwrap_or_default();
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&(!size).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&adler32(data).to_be_bytes());
    out
}

fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !data.iter().fold(!0, byte)
}

fn adler32(data: &[u8]) -> u32 {
    let add = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    };
    let (a, b) = data.iter().fold((1, 0), add);
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_the_published_ones() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn a_setup_code_fits_into_a_picture_and_a_terminal() {
        let text = "x".repeat(220);
        let url = data_url(&text).unwrap();
        assert!(url.len() <= MAX_DATA_URL);
        let picture = STANDARD.decode(url.split_once(',').unwrap().1).unwrap();
        assert_eq!(&picture[1..4], b"PNG");
        let side = u32::from_be_bytes(picture[16..20].try_into().unwrap()) as usize;
        let modules = code(&text).unwrap().width() + 2 * QUIET;
        assert!(side.is_multiple_of(modules) && side / modules >= 3, "{side} of {modules}");
        let lines = lines(&text).unwrap();
        assert_eq!(lines.len(), modules.div_ceil(2));
        assert!(data_url(&"x".repeat(4000)).is_none());
    }
}
