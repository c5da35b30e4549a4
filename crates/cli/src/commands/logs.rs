//! `logs`: the end of the gateway's log file, and what is written from now on.

use jiff::{Timestamp, tz::TimeZone};
use openclaw_protocol::methods::logs::{LogsTailParams, LogsTailResult};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    args::LogsArgs,
    commands::Context,
    connect::{Gateway, Manner, READ},
    failure::Failure,
    output::{self, Output, Style},
};

mod line;

use line::Line;

pub(crate) async fn run(cx: &Context, args: &LogsArgs) -> Result<(), Failure> {
    match follow(cx, args).await {
        // Whoever reads line by line reads the failure so too.
        Err(failure) if args.json && !failure.message.is_empty() => {
            let mut line =
                json!({ "type": "error", "code": failure.code, "message": failure.message });
            if let Some(details) = failure.details {
                line["details"] = details;
            }
            output::json_line(&line)?;
            output::note(format!("openclaw: {}", failure.message));
            Err(Failure::shown(failure.exit))
        }
        ended => ended,
    }
}

async fn follow(cx: &Context, args: &LogsArgs) -> Result<(), Failure> {
    let manner = Manner { reconnect: args.follow, ..Manner::visit(READ, args.timeout) };
    let gateway = Gateway::connect(&cx.settings()?, &args.remote, manner).await?;
    let printer = Printer { out: Output { color: cx.out.color && !args.plain, ..cx.out }, args };
    let mut tail = Tail { cursor: None, lost: false };
    let mut looks = interval(args.interval);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        tail.look(&gateway, printer).await?;
        if !args.follow {
            return Ok(());
        }
    }
}

/// How far the log has been read.
struct Tail {
    cursor: Option<u64>,
    lost: bool,
}

impl Tail {
    async fn look(&mut self, gateway: &Gateway, printer: Printer<'_>) -> Result<(), Failure> {
        let args = printer.args;
        let mut params = json!({ "limit": args.limit, "maxBytes": args.max_bytes });
        if let Some(cursor) = self.cursor {
            params["cursor"] = cursor.into();
        }
        match gateway.read::<LogsTailParams>(params).await {
            Ok(part) => {
                printer.part(&part, self.cursor.is_none())?;
                (self.cursor, self.lost) = (Some(part.cursor), false);
                Ok(())
            }
            // The library connects again by itself; only its giving up ends the command.
            Err(failure) if args.follow && gateway.client.end().is_none() => {
                if !self.lost {
                    printer.notice(&format!("{}; trying again", failure.message))?;
                }
                self.lost = true;
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }
}

#[derive(Clone, Copy)]
struct Printer<'a> {
    out: Output,
    args: &'a LogsArgs,
}

impl Printer<'_> {
    fn part(self, part: &LogsTailResult, first: bool) -> Result<(), Failure> {
        let LogsTailResult { file, cursor, size, .. } = part;
        if first && self.args.json {
            let meta = json!({ "type": "meta", "file": file, "cursor": cursor, "size": size });
            output::json_line(&meta)?;
        } else if first {
            output::line(format!("{} {file}", self.out.style(Style::Bold, "Log file:")))?;
        }
        if part.reset == Some(true) && !first {
            self.notice("the log file was replaced; reading from its start")?;
        }
        part.lines.iter().try_for_each(|text| self.entry(text))?;
        if part.truncated == Some(true) && first {
            self.notice("Log tail truncated (increase --limit or --max-bytes).")?;
        } else if part.truncated == Some(true) {
            self.notice(
                "lines were skipped; look more often (--interval) or read more (--max-bytes)",
            )?;
        }
        Ok(())
    }

    fn entry(self, text: &str) -> Result<(), Failure> {
        let Some(line) = Line::read(text) else {
            if self.args.json {
                return output::json_line(&json!({ "type": "raw", "raw": text }));
            }
            return output::line(text);
        };
        if self.args.json {
            return output::json_line(&line.document());
        }
        let time = self.time(&line.time);
        let level = match line.level.as_str() {
            "fatal" | "error" => self.out.style(Style::Red, &line.level),
            "warn" => self.out.style(Style::Yellow, &line.level),
            "info" => self.out.style(Style::Green, &line.level),
            other => self.out.style(Style::Dim, other),
        };
        let subsystem = line.subsystem.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
        let (time, subsystem) =
            (self.out.style(Style::Dim, &time), self.out.style(Style::Bold, &subsystem));
        output::line(format!("{time} {level} {subsystem}{}", line.text()))
    }

    /// The time as it is written, or in this machine's zone.
    fn time(self, written: &str) -> String {
        match written.parse::<Timestamp>() {
            Ok(time) if self.args.local_time => {
                time.to_zoned(TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
            }
            _ => written.to_owned(),
        }
    }

    fn notice(self, text: &str) -> Result<(), Failure> {
        if self.args.json {
            return output::json_line(&json!({ "type": "notice", "message": text }));
        }
        output::note(text);
        Ok(())
    }
}
