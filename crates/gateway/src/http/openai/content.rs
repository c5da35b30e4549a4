//! What a message says: its words, and its pictures as data URIs. Nothing is fetched.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openclaw_agent::runtime::Attachment;

use super::{
    super::problem::Problem,
    request::{Content, ImageUrl, Part},
};
use crate::config::gateway::Endpoint;

/// Pictures of the message that is answered.
const MAX_PARTS: usize = 8;
/// Bytes of all pictures of a request, decoded.
const MAX_TOTAL: usize = 20 * 1024 * 1024;
/// Bytes of one picture, decoded.
const MAX_EACH: usize = 10 * 1024 * 1024;
/// What models take.
const TYPES: [&str; 6] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "image/heif"];

/// What is left of the limits.
pub(super) struct Room {
    /// Pictures of one message.
    parts: usize,
    total: usize,
}

/// The words and the pictures of a message.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) pictures: Vec<Attachment>,
}

impl Room {
    /// The limits of the config.
    pub(super) fn of(config: &Endpoint) -> Self {
        let total = config.max_total_image_bytes.and_then(|bytes| usize::try_from(bytes).ok());
        let parts = config.max_image_parts.and_then(|parts| usize::try_from(parts).ok());
        Self { parts: parts.unwrap_or(MAX_PARTS), total: total.unwrap_or(MAX_TOTAL) }
    }

    /// Reads a message.
    pub(super) fn read(&mut self, content: Option<&Content>) -> Result<Words, Problem> {
        let parts = match content {
            None => return Ok(Words::default()),
            Some(Content::Text(text)) => {
                return Ok(Words { text: text.clone(), ..Words::default() });
            }
            Some(Content::Parts(parts)) => parts,
        };
        let mut texts = Vec::new();
        let mut pictures = Vec::new();
        for part in parts {
            match part {
                Part { kind, image_url: Some(image), .. } if kind == "image_url" => {
                    pictures.push(self.picture(image)?);
                }
                Part { text: Some(text), .. } => texts.push(text.clone()),
                Part { kind, .. } if kind == "image_url" => return Err(bad_image()),
                // The model is told, rather than left to guess.
                Part { kind, .. } => texts.push(format!("[a part of type {kind:?} was left out]")),
            }
        }
        if pictures.len() > self.parts {
            return Err(bad_image());
        }
        Ok(Words { text: texts.join("\n"), pictures })
    }

    fn picture(&mut self, image: &ImageUrl) -> Result<Attachment, Problem> {
        let (ImageUrl::Object { url } | ImageUrl::Plain(url)) = image;
        let (mime_type, data) = data_uri(url).ok_or_else(bad_image)?;
        // Looked at before it is decoded.
        if data.len() / 4 * 3 > MAX_EACH.min(self.total) {
            return Err(bad_image());
        }
        let bytes = STANDARD.decode(data).map_err(|_| bad_image())?.len();
        self.total = self.total.checked_sub(bytes).filter(|_| bytes > 0).ok_or_else(bad_image)?;
        Ok(Attachment { mime_type, data: data.to_owned(), file_name: None })
    }
}

/// The type and the base64 text of `data:image/png;base64,…`.
fn data_uri(url: &str) -> Option<(String, &str)> {
    let (head, data) = url
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("data:"))
        .and(url.get(5..))?
        .split_once(',')?;
    let mut words = head.split(';').map(str::trim);
    let mime = words.next()?.to_ascii_lowercase();
    let base64 = words.any(|word| word.eq_ignore_ascii_case("base64"));
    let mime = if mime == "image/jpg" { "image/jpeg".to_owned() } else { mime };
    (base64 && TYPES.contains(&mime.as_str())).then_some((mime, data))
}

fn bad_image() -> Problem {
    Problem::invalid("Invalid image_url content in `messages`.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(content: Value) -> Result<Words, Problem> {
        let content: Content = serde_json::from_value(content).unwrap();
        Room::of(&Endpoint::default()).read(Some(&content))
    }

    fn image(url: &str) -> Value {
        json!({"type": "image_url", "image_url": {"url": url}})
    }

    #[test]
    fn words_and_pictures() {
        let parts = json!([
            {"type": "text", "text": "a"}, image("data:image/jpg;base64,AAAA"),
            {"type": "image_url", "image_url": "DATA:image/png;x=y;base64,AA=="},
            {"type": "text", "text": "b"}, {"type": "file", "file": {}},
        ]);
        let words = read(parts).unwrap();
        assert_eq!(words.text, "a\nb\n[a part of type \"file\" was left out]");
        let types: Vec<&str> = words.pictures.iter().map(|p| p.mime_type.as_str()).collect();
        assert_eq!(types, ["image/jpeg", "image/png"]);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let large = format!("data:image/png;base64,{}", "A".repeat(MAX_EACH / 3 * 4 + 8));
        for url in [
            "https://example.org/a.png",
            "http://127.0.0.1:18789/x.png",
            "file:///etc/passwd",
            "data:image/png,AAAA",
            "data:image/svg+xml;base64,AAAA",
            "data:text/html;base64,AAAA",
            "data:image/png;base64,",
            "data:image/png;base64,A*A=",
            "data",
            "däta:image/png;base64,AAAA",
            &large,
        ] {
            assert!(read(json!([image(url)])).is_err(), "{}", &url[..url.len().min(40)]);
        }
        assert!(read(json!([{"type": "image_url"}])).is_err());
        let nine = vec![image("data:image/png;base64,AAAA"); 9];
        assert!(read(Value::Array(nine)).is_err());
        // Together they have a limit too, over all messages of a request.
        let config = Endpoint { max_total_image_bytes: Some(6), ..Endpoint::default() };
        let mut room = Room::of(&config);
        let mut pictures = |count| {
            let parts = vec![image("data:image/png;base64,AAAA"); count];
            room.read(Some(&serde_json::from_value(Value::Array(parts)).unwrap()))
        };
        assert!(pictures(2).is_ok() && pictures(1).is_err());
    }
}
