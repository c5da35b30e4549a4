//! Strings and numbers of JSON5.

use serde_json::Number;

use super::{Fault, parser::Parser};

/// Whole numbers up to this are the same in every JSON implementation.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// A UTF-16 unit as a character; what stands for half of a pair becomes U+FFFD.
pub(super) fn unit(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Parser<'_> {
    pub(super) fn string(&mut self) -> Result<String, Fault> {
        let quote = self.next();
        let mut text = String::new();
        loop {
            match self.peek() {
                None | Some('\n' | '\r') => return Err(self.unexpected()),
                Some('\\') => self.escape(&mut text)?,
                found => {
                    self.next();
                    if found == quote {
                        return Ok(text);
                    }
                    text.extend(found);
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Fault> {
        self.next();
        let Some(found) = self.peek() else { return Err(self.unexpected()) };
        if matches!(found, '1'..='9') {
            return Err(self.unexpected());
        }
        self.next();
        match found {
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            '0' if matches!(self.peek(), Some('0'..='9')) => return Err(self.unexpected()),
            '0' => text.push('\0'),
            'x' => text.push(unit(self.hex(2)?)),
            'u' => text.push(self.unicode()?),
            '\r' => {
                self.eat("\n");
            }
            '\n' | '\u{2028}' | '\u{2029}' => {}
            other => text.push(other),
        }
        Ok(())
    }

    /// What follows `\u`: one unit, or two that make a pair.
    fn unicode(&mut self) -> Result<char, Fault> {
        let high = self.hex(4)?;
        if (0xD800..0xDC00).contains(&high) && self.rest().starts_with("\\u") {
            let low = self.rest().get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            if let Some(low @ 0xDC00..=0xDFFF) = low {
                self.eat("\\u");
                self.hex(4)?;
                return Ok(unit(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
            }
        }
        Ok(unit(high))
    }

    pub(super) fn hex(&mut self, digits: usize) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|found| found.to_digit(16)) else {
                return Err(self.unexpected());
            };
            self.next();
            code = code * 16 + digit;
        }
        Ok(code)
    }

    pub(super) fn number(&mut self) -> Result<Number, Fault> {
        let negative = match self.peek() {
            Some(sign @ ('+' | '-')) => {
                self.next();
                sign == '-'
            }
            _ => false,
        };
        if self.rest().starts_with("Infinity") || self.rest().starts_with("NaN") {
            return self.fault("a number in a config must be finite");
        }
        if self.eat("0x") || self.eat("0X") {
            let start = self.offset();
            let digits = self.digits(16)?;
            return match u64::from_str_radix(&digits, 16) {
                Ok(value) => Ok(whole(value, negative)),
                Err(_) => Err(Fault { offset: start, message: "the number is too large".into() }),
            };
        }
        self.decimal(negative)
    }

    fn decimal(&mut self, negative: bool) -> Result<Number, Fault> {
        let start = self.offset();
        let mut literal = String::from(if negative { "-" } else { "" });
        if self.eat("0") {
            literal.push('0');
            if matches!(self.peek(), Some('0'..='9')) {
                return Err(self.unexpected());
            }
        } else if self.peek() != Some('.') {
            literal += &self.digits(10)?;
        }
        let whole_part = literal.trim_start_matches('-').to_owned();
        let mut integer = true;
        if self.eat(".") {
            integer = false;
            literal.push('.');
            if whole_part.is_empty() || matches!(self.peek(), Some('0'..='9')) {
                literal += &self.digits(10)?;
            }
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            integer = false;
            self.next();
            literal.push('e');
            if let Some(sign @ ('+' | '-')) = self.peek() {
                self.next();
                literal.push(sign);
            }
            literal += &self.digits(10)?;
        }
        if integer && let Ok(value) = whole_part.parse::<u64>() {
            return Ok(whole(value, negative));
        }
        literal
            .parse()
            .ok()
            .and_then(from_float)
            .ok_or_else(|| Fault { offset: start, message: "the number is too large".into() })
    }

    fn digits(&mut self, radix: u32) -> Result<String, Fault> {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(|found| found.is_digit(radix)) {
            digits.push(digit);
            self.next();
        }
        if digits.is_empty() { Err(self.unexpected()) } else { Ok(digits) }
    }
}

fn whole(value: u64, negative: bool) -> Number {
    match i64::try_from(value) {
        Ok(value) if negative => Number::from(-value),
        Err(_) if negative => Number::from(i64::MIN),
        _ => Number::from(value),
    }
}

/// `1.0` and `1e3` are the integers 1 and 1000, as in the language that OpenClaw is written in.
fn from_float(value: f64) -> Option<Number> {
    if value.fract() == 0.0 && value.abs() <= MAX_SAFE {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}
