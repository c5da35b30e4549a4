//! Measurements, each in one run with the bare-WebSocket baseline. Prints one JSON line a figure.
//!
//! The load generator is not part of this repository: `--ocbench` says where it is.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::run::{root, run, say};

mod bound;
mod commands;
pub(crate) mod gateway;
mod load;
pub(crate) mod state;

use bound::{Bound, at_least, at_most, number};
use gateway::Gateway;
use load::Generator;

/// Pairs of runs with the baseline; the median counts.
const PAIRS: usize = 5;
/// Milliseconds between two pieces of the paced model's answers; a fast model's.
const PACE_MS: u32 = 10;
/// Starts of the gateway whose median counts.
const STARTS: usize = 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The load generator's binary.
    #[arg(long, env = "OCBENCH", default_value = "ocbench")]
    ocbench: PathBuf,
    /// Measure only figures whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Do not build; use target/release/openclaw as it is.
    #[arg(long)]
    no_build: bool,
}

/// A name, how it is measured, and what the measurement must keep to.
type Figure = (&'static str, fn(&Bench) -> Result<(Value, Vec<Bound>)>);

const FIGURES: [Figure; 16] = [
    ("size", size),
    ("start", start),
    ("rest", rest),
    ("idle", idle),
    ("health", health),
    ("sessions.list", sessions_list),
    ("devices.list", devices_list),
    ("connect", connect),
    ("authorisation", authorisation),
    ("flood", flood),
    ("chat.history", history),
    ("first-delta", first_delta),
    ("turns", turns),
    ("completions", completions),
    ("import", import),
    ("commands", commands),
];

struct Bench {
    binary: PathBuf,
    load: Generator,
}

pub(crate) fn run_all(args: &Args) -> Result<()> {
    if !args.no_build {
        run("cargo build --release -p openclaw", "fix the build first")?;
    }
    let binary = root().join("target/release/openclaw");
    let bench = Bench { binary, load: Generator::new(args.ocbench.clone()) };
    let mut missed = Vec::new();
    for (name, measure) in FIGURES {
        if args.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            let (result, bounds) = measure(&bench).with_context(|| format!("measuring {name}"))?;
            missed.extend(bounds.iter().filter(|b| !b.kept()).map(|b| format!("{name}: {b}")));
            let bounds: Vec<String> = bounds.iter().map(Bound::to_string).collect();
            say(json!({"figure": name, "result": result, "bounds": bounds}).to_string());
        }
    }
    ensure!(missed.is_empty(), "not reached: {}", missed.join("; "));
    Ok(())
}

/// The binary that is given to people.
fn size(_: &Bench) -> Result<(Value, Vec<Bound>)> {
    run("cargo build --profile dist -p openclaw", "fix the build first")?;
    let bytes = std::fs::metadata(root().join("target/dist/openclaw"))?.len();
    Ok((json!({"bytes": bytes}), vec![at_most("bytes", bytes, 25_000_000)]))
}

fn start(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let mut micros = Vec::new();
    for _ in 0..STARTS {
        let gateway = Gateway::start(&bench.binary, state::empty()?)?;
        micros.push(u64::try_from(gateway.ready_after.as_micros())?);
    }
    micros.sort_unstable();
    let median = micros[micros.len() / 2];
    Ok((json!({"micros": micros}), vec![at_most("median micros", median, 30_000)]))
}

fn rest(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::empty()?)?;
    gateway::pause(std::time::Duration::from_secs(10));
    let rss = gateway.rss_kib()?;
    Ok((json!({"rss_kib": rss}), vec![at_most("KiB", rss, 14_336)]))
}

fn idle(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::empty()?)?;
    let pid = gateway.pid().to_string();
    let held =
        bench.load.run(&gateway.target(&["idle", "--connections", "5000", "--pid", &pid]))?;
    let each = number(&held, "/kib_per_connection")?;
    Ok((held, vec![at_most("KiB each", each, 16)]))
}

fn health(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::empty()?)?;
    let payload = gateway.health_bytes(&bench.load)?;
    let baseline = bench.load.baseline(payload)?;
    let busy = ["rpc", "--connections", "32", "--in-flight", "8", "--seconds", "5"];
    let single = ["rpc", "--connections", "1", "--in-flight", "1", "--seconds", "3"];
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let (ours, theirs) =
            (bench.load.run(&gateway.target(&busy))?, bench.load.run(&baseline.target(&busy))?);
        let (one, bare) =
            (bench.load.run(&gateway.target(&single))?, bench.load.run(&baseline.target(&single))?);
        pairs.push(
            json!({"ours": ours, "baseline": theirs, "ours_single": one, "baseline_single": bare}),
        );
    }
    let ratio = |a: &str, b: &str, key: &[&str]| {
        let number = |pair: &Value, side: &str| {
            key.iter().fold(&pair[side], |value, k| &value[*k]).as_f64().unwrap_or(f64::NAN)
        };
        let mut all: Vec<f64> =
            pairs.iter().map(|pair| number(pair, a) / number(pair, b)).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let throughput = ratio("ours", "baseline", &["per_second"]);
    let latency = ratio("ours_single", "baseline_single", &["micros", "p50"]);
    let bounds = vec![
        at_least("of the baseline's throughput", throughput, 0.75),
        at_most("times the baseline's p50", latency, 2),
    ];
    Ok((json!({"pairs": pairs, "payload_bytes": payload}), bounds))
}

fn sessions_list(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::with_sessions(10_000)?)?;
    let call =
        ["rpc", "--method", "sessions.list", "--params", r#"{"limit":50}"#, "--seconds", "3"];
    let list = bench.load.run(&gateway.target(&call))?;
    let bound = at_most("micros p50", number(&list, "/micros/p50")?, 3_000);
    Ok((list, vec![bound]))
}

fn devices_list(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::with_devices(10_000)?)?;
    let call = ["rpc", "--method", "device.pair.list", "--params", "{}", "--seconds", "3"];
    let list = bench.load.run(&gateway.target(&call))?;
    let bound = at_most("micros p50", number(&list, "/micros/p50")?, 50_000);
    Ok((list, vec![bound]))
}

/// From the first packet to `hello-ok`, one after another, each by a new device that makes its key, signs
/// the challenge, and is paired and written down before it is answered; beside 10,000 that are paired. Twenty
/// at a time, since everybody who may see devices is told of each new one: five hundred who stay are shown too,
/// and are a measurement of that.
fn connect(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::with_devices(10_000)?)?;
    let pid = gateway.pid().to_string();
    let open = |count: u32| {
        let connections = count.to_string();
        let arguments =
            ["idle", "--device", "--hold", "0", "--connections", &connections, "--pid", &pid];
        let opened = bench.load.run(&gateway.target(&arguments))?;
        anyhow::Ok(number(&opened, "/open_seconds")? * 1000.0 / f64::from(count))
    };
    let mut few = (0..25).map(|_| open(20)).collect::<Result<Vec<_>>>()?;
    let mean = few.iter().sum::<f64>() / 25.0;
    few.sort_by(f64::total_cmp);
    let result = json!({"mean_ms": mean, "mean_ms_of_each_twenty": few, "mean_ms_of_500_who_stay": open(500)?});
    Ok((result, vec![at_most("ms a connect", mean, 5)]))
}

/// Finding the method, access, scopes and the limiter; the test in which they are measured is of the gateway
/// itself, since nothing outside of it can tell them from the rest of a request.
fn authorisation(_: &Bench) -> Result<(Value, Vec<Bound>)> {
    // The test itself fails where it costs more.
    let measured = of_test("-p openclaw-gateway --lib pays_less_than -- --nocapture")?;
    Ok((measured, Vec::new()))
}

/// Round trips of a client that is in, before and while 5,000 sockets from 160 addresses come and stay silent;
/// bare ones, and upgraded ones. The test that holds both ends fails where the p99 is more than twice that before.
fn flood(_: &Bench) -> Result<(Value, Vec<Bound>)> {
    let test = "-p openclaw-tests --test it a_flood_does_not_slow -- --ignored --nocapture";
    Ok((of_test(test)?, Vec::new()))
}

/// The figures that a test prints as one line of JSON.
fn of_test(test: &str) -> Result<Value> {
    let arguments = ["test", "--release"].into_iter().chain(test.split_whitespace());
    let out = Command::new("cargo").args(arguments).current_dir(root()).output();
    let out = out.context("cannot run cargo")?;
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    ensure!(out.status.success(), "{told}{}", String::from_utf8_lossy(&out.stderr));
    let figure =
        told.lines().find(|line| line.starts_with('{')).context("no figure was printed")?;
    Ok(serde_json::from_str(figure)?)
}

fn history(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let call = |seconds| {
        let params = r#"{"sessionKey":"agent:main:long","limit":200}"#;
        ["rpc", "--method", "chat.history", "--params", params, "--seconds", seconds]
    };
    let (mut results, mut bounds, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for messages in [1_000, 100_000] {
        let dir = state::with_history(messages)?;
        let first = Gateway::start(&bench.binary, dir)?;
        let indexing = bench.load.run(&first.target(&call("0")))?;
        let dir = first.stop()?;
        dir.cool()?;
        let second = Gateway::start(&bench.binary, dir)?;
        let cold = bench.load.run(&second.target(&call("0")))?;
        let warm = bench.load.run(&second.target(&call("3")))?;
        bounds.push(at_most("micros cold", number(&cold, "/micros/p50")?, 20_000));
        bounds.push(at_most("micros p50 warm", number(&warm, "/micros/p50")?, 5_000));
        memory.push(second.rss_kib()?);
        results
            .push(json!({"messages": messages, "first_look": indexing, "cold": cold, "warm": warm,
            "rss_kib": second.rss_kib()?}));
    }
    // The answers of a few seconds leave the allocator up to so much more, in either case.
    let more = memory[1].saturating_sub(memory[0]);
    bounds.push(at_most("KiB more for 100,000 messages than for 1,000", more, 2_048));
    Ok((json!({"results": results}), bounds))
}

fn first_delta(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let model = bench.load.model()?;
    let gateway = Gateway::start(&bench.binary, state::with_model(model.port)?)?;
    let chat = ["chat", "--sessions", "1", "--turns", "200"];
    let through = bench.load.run(&gateway.target(&chat))?;
    let direct = bench.load.run_plain(&[
        "completions",
        "--base",
        &format!("http://127.0.0.1:{}", model.port),
        "--stream",
        "--requests",
        "200",
    ])?;
    let above =
        number(&through, "/first_delta_micros/p50")? - number(&direct, "/first_micros/p50")?;
    let result = json!({"through": through, "model_alone": direct});
    Ok((result, vec![at_most("micros p50 above the model's own", above, 5_000)]))
}

fn turns(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let model = bench.load.model()?;
    let gateway = Gateway::start(&bench.binary, state::with_model(model.port)?)?;
    let chat = ["chat", "--one-connection", "--sessions", "32", "--turns", "60"];
    let mut runs = Vec::new();
    for n in 0..PAIRS {
        // Sessions of its own for each run: a longer history is another measurement.
        let prefix = format!("agent:main:bench-{n}-");
        let fresh: Vec<&str> = chat.iter().copied().chain(["--session-prefix", &prefix]).collect();
        runs.push(bench.load.run(&gateway.target(&fresh))?);
    }
    let all = |pointer| runs.iter().map(|run| number(run, pointer)).collect::<Result<Vec<_>>>();
    let slowest = all("/turns_per_second")?.into_iter().fold(f64::INFINITY, f64::min);
    let loudest = all("/events_per_turn")?.into_iter().fold(0.0, f64::max);
    let failed: f64 = all("/failed")?.into_iter().sum();
    let bounds = vec![
        at_least("turns/s", slowest, 400.0),
        at_most("events a turn", loudest, 10),
        at_most("failed turns", failed, 0),
    ];
    Ok((json!({"runs": runs}), bounds))
}

/// `/v1/chat/completions`, streamed, through the gateway and from the model server itself, in turn.
/// One client asks a model that answers at once. For throughput there are two models, at once and
/// paced: no model answers at once, but the first shows where the gateway's own limit is.
fn completions(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let (instant, paced) = (bench.load.model()?, bench.load.paced_model(PACE_MS)?);
    let first = pairs(bench, instant.port, ("1", "60", "/first_micros/p50"))?;
    let at_once = pairs(bench, instant.port, ("32", "20", "/per_second"))?;
    let many = pairs(bench, paced.port, ("32", "20", "/per_second"))?;
    let above = median(&first, |ours, model| ours - model);
    let ratio = |pairs: &[(f64, f64)]| median(pairs, |ours, model| ours / model);
    let bounds = vec![
        at_most("micros above the model's own", above, 2_000),
        at_least("of the paced model's throughput", ratio(&many), 0.5),
    ];
    let result = json!({"first_micros": first, "throughput_ratio_at_once": ratio(&at_once),
        "per_second_paced": many, "per_second_at_once": at_once});
    Ok((result, bounds))
}

/// One number of a scenario, through the gateway and from the model server, several times in turn. Each
/// time on a fresh state: every client has one session, and a longer history is another measurement.
fn pairs(
    bench: &Bench,
    model: u16,
    (connections, requests, number): (&str, &str, &str),
) -> Result<Vec<(f64, f64)>> {
    let measure = |port: u16| {
        let base = format!("http://127.0.0.1:{port}");
        let call = ["completions", "--stream", "--base", &base, "--token", gateway::TOKEN];
        let counts = ["--connections", connections, "--requests", requests];
        let result = bench.load.run_plain(&[&call[..], &counts[..]].concat())?;
        ensure!(result["failed"] == 0, "requests failed: {result}");
        bound::number(&result, number)
    };
    let pair = |_| {
        let gateway = Gateway::start(&bench.binary, state::with_model(model)?)?;
        Ok((measure(gateway.port())?, measure(model)?))
    };
    (0..PAIRS).map(pair).collect()
}

fn median(pairs: &[(f64, f64)], of: impl Fn(f64, f64) -> f64) -> f64 {
    let mut all: Vec<f64> = pairs.iter().map(|(ours, model)| of(*ours, *model)).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

fn commands(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let gateway = Gateway::start(&bench.binary, state::empty()?)?;
    let medians = commands::measure(&bench.binary, &gateway)?;
    let slowest = medians.values().filter_map(Value::as_u64).max().context("no command")?;
    Ok((medians.into(), vec![at_most("micros for the slowest", slowest, 50_000)]))
}

fn import(bench: &Bench) -> Result<(Value, Vec<Bound>)> {
    let state = state::with_foreign_database(1_000, 200)?;
    let files = std::fs::canonicalize(state.path())?;
    let gateway = Gateway::start(&bench.binary, state)?;
    let written = std::fs::read_dir(files.join("agents/main/sessions"))?;
    let transcripts =
        written.flatten().filter(|f| f.path().extension().is_some_and(|e| e == "jsonl"));
    let bounds = vec![
        at_most("seconds", gateway.ready_after.as_secs_f64(), 20),
        at_most("KiB at most held", gateway.peak_kib()?, 102_400),
    ];
    let transcripts = transcripts.count();
    ensure!(transcripts == 1_000, "{transcripts} transcripts were written, not 1000");
    Ok((json!({"transcripts": transcripts}), bounds))
}
