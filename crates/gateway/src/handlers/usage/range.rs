//! From the days that a client names to the moments between which messages count.

use jiff::{
    Span as Length, Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use openclaw_agent::usage::Span;
use openclaw_protocol::{
    RpcError,
    field::{Day, UtcOffset},
    methods::usage::{DayMode, SessionsUsageParams, UsageCostParams, UsageRange},
};
use serde_json::Value;

/// Days when the client does not say how many.
const DEFAULT_DAYS: i64 = 30;
/// The most days that are asked for by their number: a hundred years.
const MAX_DAYS: i64 = 36_600;

/// What a client says about days.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) start: Option<&'a str>,
    pub(super) end: Option<&'a str>,
    pub(super) days: Option<i64>,
    pub(super) range: Option<UsageRange>,
    pub(super) mode: Option<DayMode>,
    pub(super) offset: Option<&'a str>,
    pub(super) zone: Option<&'a str>,
}

/// The days, and the moments between which they lie.
#[derive(Debug)]
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) span: Span,
}

impl<'a> From<&'a SessionsUsageParams> for Asked<'a> {
    fn from(params: &'a SessionsUsageParams) -> Self {
        Self {
            start: params.start_date.as_ref().map(Day::as_str),
            end: params.end_date.as_ref().map(Day::as_str),
            days: None,
            range: params.range,
            mode: params.mode,
            offset: params.utc_offset.as_ref().map(UtcOffset::as_str),
            zone: params.time_zone.as_deref(),
        }
    }
}

impl<'a> From<&'a UsageCostParams> for Asked<'a> {
    fn from(params: &'a UsageCostParams) -> Self {
        Self {
            start: params.start_date.as_deref(),
            end: params.end_date.as_deref(),
            days: params.days.as_ref().and_then(number),
            range: params.range,
            mode: params.mode,
            offset: params.utc_offset.as_deref(),
            zone: params.time_zone.as_deref(),
        }
    }
}

/// A number, or a text that is one, as forms send it.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

impl Asked<'_> {
    /// The days that are meant; the last thirty when nothing is said.
    pub(super) fn days(&self, now: i64) -> Result<Days, RpcError> {
        let zone = self.zone()?;
        let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
        let today = now.to_zoned(zone.clone()).date();
        let (first, last) = match (date("startDate", self.start)?, date("endDate", self.end)?) {
            (Some(first), Some(last)) if first > last => {
                return Err(RpcError::invalid("startDate must not be after endDate"));
            }
            (Some(first), Some(last)) => (first, last),
            (None, None) => (self.first(today), today),
            _ => return Err(RpcError::invalid("startDate and endDate must be given together")),
        };
        let everything = self.range == Some(UsageRange::All) && self.start.is_none();
        let from = if everything { i64::MIN } else { midnight(first, &zone)? };
        let next = last.tomorrow().map_err(|_| out_of_range())?;
        let span = Span { from, until: midnight(next, &zone)?, undated: everything, zone };
        Ok(Days { first, last, span })
    }

    fn first(&self, today: Date) -> Date {
        let days = match self.range {
            Some(UsageRange::Week) => 7,
            Some(UsageRange::Month) => 30,
            Some(UsageRange::Quarter) => 90,
            Some(UsageRange::Year) => 365,
            Some(UsageRange::All) => return Date::constant(1970, 1, 1),
            None => self.days.unwrap_or(DEFAULT_DAYS).clamp(1, MAX_DAYS),
        };
        today.saturating_sub(Length::new().days(days - 1))
    }

    fn zone(&self) -> Result<TimeZone, RpcError> {
        match self.mode {
            None | Some(DayMode::Utc) => return Ok(TimeZone::UTC),
            Some(DayMode::Gateway) => return Ok(TimeZone::system()),
            Some(DayMode::Specific) => {}
        }
        let offset = self.offset.map(offset).transpose()?;
        let offset = offset.map(TimeZone::fixed);
        match self.zone.map(|name| TimeZone::get(name.trim())) {
            Some(Ok(zone)) => Ok(zone),
            Some(Err(_)) => offset.ok_or_else(|| {
                RpcError::invalid(
                    "unknown timeZone; name one such as Europe/Berlin, or give utcOffset",
                )
            }),
            None => Ok(offset.unwrap_or(TimeZone::UTC)),
        }
    }
}

impl Days {
    /// How many days these are.
    pub(super) fn count(&self) -> u64 {
        let days = self.last.since(self.first).map_or(0, |length| length.get_days());
        u64::from(days.unsigned_abs()) + 1
    }
}

fn date(name: &str, text: Option<&str>) -> Result<Option<Date>, RpcError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let parsed = Date::strptime("%Y-%m-%d", text).ok().filter(|_| text.len() == 10);
    let problem = || RpcError::invalid(format!("invalid {name}: give a day such as 2026-11-20"));
    parsed.ok_or_else(problem).map(Some)
}

/// `UTC+2`, `UTC-03:30`.
fn offset(text: &str) -> Result<Offset, RpcError> {
    let parse = || {
        let rest = text.trim().strip_prefix("UTC")?;
        let (sign, rest) = match rest.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, rest.strip_prefix('+')?),
        };
        let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
        let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
        let minutes = sign * minutes;
        Offset::from_seconds((-720..=840).contains(&minutes).then_some(minutes * 60)?).ok()
    };
    parse().ok_or_else(|| RpcError::invalid("invalid utcOffset: give UTC-12:00 to UTC+14:00"))
}

fn midnight(day: Date, zone: &TimeZone) -> Result<i64, RpcError> {
    let zoned = day.to_zoned(zone.clone()).map_err(|_| out_of_range())?;
    Ok(zoned.timestamp().as_millisecond())
}

fn out_of_range() -> RpcError {
    RpcError::invalid("the days are out of range")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T23:30:31.434Z.
    const NOW: i64 = 1_795_217_431_434;

    #[track_caller]
    fn check(asked: &Asked<'_>, expected: &str) {
        let told = match asked.days(NOW) {
            Ok(days) => {
                let at = |ms| Timestamp::from_millisecond(ms).unwrap();
                let Days { first, last, span } = &days;
                format!("{first}..{last} ({}) {}..{}", days.count(), at(span.from), at(span.until))
            }
            Err(error) => error.message.into_owned(),
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let two = |start, end| Asked { start: Some(start), end: Some(end), ..Asked::default() };
        check(
            &Asked::default(),
            "2026-10-22..2026-11-20 (30) 2026-10-22T00:00:00Z..2026-11-21T00:00:00Z",
        );
        check(
            &Asked { days: Some(7), ..Asked::default() },
            "2026-11-14..2026-11-20 (7) 2026-11-14T00:00:00Z..2026-11-21T00:00:00Z",
        );
        check(
            &two("2026-03-29", "2026-03-29"),
            "2026-03-29..2026-03-29 (1) 2026-03-29T00:00:00Z..2026-03-30T00:00:00Z",
        );
        let mode = Some(DayMode::Specific);
        // In Berlin that day has 23 hours. A machine may know no names of zones.
        if TimeZone::get("Europe/Berlin").is_ok() {
            check(
                &Asked { mode, zone: Some("Europe/Berlin"), ..two("2026-03-29", "2026-03-29") },
                "2026-03-29..2026-03-29 (1) 2026-03-28T23:00:00Z..2026-03-29T22:00:00Z",
            );
        }
        // There it is tomorrow already.
        check(
            &Asked { mode, offset: Some("UTC+5:30"), days: Some(1), ..Asked::default() },
            "2026-11-21..2026-11-21 (1) 2026-11-20T18:30:00Z..2026-11-21T18:30:00Z",
        );
        let unknown = Asked { mode, zone: Some("No/Where"), ..Asked::default() };
        check(&unknown, "unknown timeZone; name one such as Europe/Berlin, or give utcOffset");
        check(
            &Asked { offset: Some("UTC-1"), days: Some(1), ..unknown },
            "2026-11-20..2026-11-20 (1) 2026-11-20T01:00:00Z..2026-11-21T01:00:00Z",
        );
    }

    #[test]
    fn what_is_no_day_is_refused() {
        let start = |start| Asked { start: Some(start), ..Asked::default() };
        check(&start("2026-02-30"), "invalid startDate: give a day such as 2026-11-20");
        check(&start("2026-02-01"), "startDate and endDate must be given together");
        let backwards = Asked { end: Some("2026-01-31"), ..start("2026-02-01") };
        check(&backwards, "startDate must not be after endDate");
        let far = Asked { end: Some("9999-12-31"), ..start("2026-02-01") };
        check(&far, "the days are out of range");
        let mode = Some(DayMode::Specific);
        let offset = Asked { mode, offset: Some("UTC+15"), ..Asked::default() };
        check(&offset, "invalid utcOffset: give UTC-12:00 to UTC+14:00");
    }

    #[test]
    fn everything_has_no_beginning() {
        let days = Asked { range: Some(UsageRange::All), ..Asked::default() }.days(NOW).unwrap();
        assert!(days.span.undated && days.span.from == i64::MIN);
        assert_eq!(days.first.to_string(), "1970-01-01");
    }
}
