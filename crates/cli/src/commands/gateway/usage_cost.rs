//! `gateway usage-cost`: what the agents used day by day, and what it cost.

use openclaw_protocol::methods::usage::{DailyTotals, UsageCostParams, UsageCostResult};
use serde_json::json;

use crate::{
    args::UsageCostArgs,
    commands::Context,
    connect::{self, Gateway, Manner, READ},
    failure::Failure,
    format, output,
};

pub(crate) async fn run(cx: &Context, args: &UsageCostArgs) -> Result<(), Failure> {
    let manner = Manner::visit(READ, args.ask.timeout);
    let gateway = Gateway::connect(&cx.settings()?, &args.ask.remote, manner).await?;
    let answer = gateway.ask::<UsageCostParams>(json!({ "days": args.days })).await?;
    if args.ask.json {
        return output::json(&answer);
    }
    output::lines(&render(&connect::read::<UsageCostParams>(answer)?))
}

fn render(cost: &UsageCostResult) -> Vec<String> {
    let totals = &cost.totals;
    let mut lines = vec![
        format!("Usage of {} days", cost.days),
        format!(
            "Total: {} · {} tokens",
            money(totals.total_cost),
            format::tokens(totals.total_tokens)
        ),
    ];
    if totals.missing_cost_entries > 0 {
        lines.push(format!("Without a known price: {} answers", totals.missing_cost_entries));
    }
    if cost.daily.is_empty() {
        return lines;
    }
    let heads = ["Day", "Cost", "Tokens", "Read", "Written", "Cached"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(cost.daily.iter().map(day));
    lines.push(String::new());
    lines.extend(format::table(&rows));
    lines
}

fn day(day: &DailyTotals) -> Vec<String> {
    let cached = day.cache_read + day.cache_write;
    let tokens = [day.total_tokens, day.input, day.output, cached].map(format::tokens);
    [day.date.clone(), money(day.total_cost)].into_iter().chain(tokens).collect()
}

/// Small sums keep the digits that tell them from nothing.
fn money(cost: f64) -> String {
    if cost > 0.0 && cost < 0.01 { format!("${cost:.4}") } else { format!("${cost:.2}") }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn days_and_sums() {
        let cost = json!({
            "updatedAt": 1, "days": 30,
            "daily": [{ "date": "2026-11-20", "input": 12_000, "output": 800, "cacheRead": 200, "cacheWrite": 0,
                "totalTokens": 13_000, "totalCost": 0.004, "inputCost": 0.003, "outputCost": 0.001,
                "cacheReadCost": 0, "cacheWriteCost": 0, "missingCostEntries": 2 }],
            "totals": { "input": 12_000, "output": 800, "cacheRead": 200, "cacheWrite": 0, "totalTokens": 13_000,
                "totalCost": 1.5, "inputCost": 1, "outputCost": 0.5, "cacheReadCost": 0, "cacheWriteCost": 0,
                "missingCostEntries": 2 },
        });
        let cost = connect::read::<UsageCostParams>(cost).unwrap();
        expect![[r"
            Usage of 30 days
            Total: $1.50 · 13k tokens
            Without a known price: 2 answers

            Day         Cost     Tokens  Read  Written  Cached
            2026-11-20  $0.0040  13k     12k   800      200"]]
        .assert_eq(&render(&cost).join("\n"));
        let nothing = UsageCostResult { days: 7, ..UsageCostResult::default() };
        assert_eq!(render(&nothing), ["Usage of 7 days", "Total: $0.00 · 0 tokens"]);
    }
}
