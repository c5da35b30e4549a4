//! `tui`: a chat in the terminal. It knows the gateway through the client library alone, and nothing of
//! it exists in a process that runs another command.

use std::{
    io::{IsTerminal as _, stdin},
    time::Duration,
};

use openclaw_protocol::methods::sessions::SessionsSubscribeParams;
use openclaw_sdk::{Client, Error, Events};
use ratatui::crossterm::event::Event;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until},
};

use crate::{
    args::TuiArgs,
    commands::Context,
    connect::{ALL, Gateway, Manner},
    failure::Failure,
};

mod app;
mod calls;
mod composer;
mod feed;
mod picker;
mod screen;
mod text;
mod theme;
mod view;

use app::{App, Effect, Reply};
use calls::Caller;
use screen::Screen;
use theme::Theme;
use view::Lines;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Time between two looks at the clock: spinners turn, passing words pass.
const TICK: Duration = Duration::from_millis(100);
/// Shortest time between two drawings.
const FRAME: Duration = Duration::from_millis(16);

pub(crate) async fn run(cx: &Context, args: &TuiArgs) -> Result<(), Failure> {
    if !cx.out.terminal || !stdin().is_terminal() {
        let message =
            "the terminal interface needs a terminal; in a script use `openclaw agent -m`";
        return Err(Failure::new("NOT_A_TERMINAL", message));
    }
    let manner = Manner {
        id: "openclaw-tui",
        mode: "ui",
        device: true,
        reconnect: true,
        ..Manner::visit(ALL, CONNECT)
    };
    let gateway = Gateway::connect(&cx.settings()?, &args.remote, manner).await?;
    let mut session = Session::begin(cx, args, gateway).await?;
    let ended = session.run(args).await;
    // The screen is given back before anything is said.
    drop(session);
    ended
}

/// The terminal, the gateway, and the state between them.
struct Session {
    app: App,
    lines: Lines,
    theme: Theme,
    screen: Screen,
    keys: mpsc::Receiver<Event>,
    client: Client,
    events: Events,
    caller: Caller,
    replies: JoinSet<Reply>,
    started: Instant,
    term: Signal,
}

impl Session {
    async fn begin(cx: &Context, args: &TuiArgs, gateway: Gateway) -> Result<Self, Failure> {
        let Gateway { client, target, .. } = gateway;
        let events = client.events();
        let subscribed = client.keep(SessionsSubscribeParams::default()).await;
        subscribed.map_err(|error| target.explain(error))?;
        let hello = client.hello();
        let defaults = &hello.snapshot["sessionDefaults"];
        let main = defaults["mainSessionKey"].as_str().unwrap_or("agent:main:main");
        let nonce: String = uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect();
        let mut app = App::new(target.url.clone(), main.to_owned(), nonce);
        if let Some(key) = &args.session {
            app.key = app.canonical(key);
        }
        let term = signal(SignalKind::terminate())
            .map_err(|error| Failure::new("SIGNALS", error.to_string()))?;
        let (screen, keys) = Screen::enter()?;
        Ok(Self {
            app,
            lines: Lines::default(),
            theme: Theme { color: cx.out.color },
            screen,
            keys,
            events,
            caller: Caller::new(client.clone(), target, args),
            client,
            replies: JoinSet::new(),
            started: Instant::now(),
            term,
        })
    }

    async fn run(&mut self, args: &TuiArgs) -> Result<(), Failure> {
        self.perform(vec![Effect::History(self.app.key.clone())]);
        if let Some(message) = &args.message {
            let send = self.app.send(message.clone());
            self.perform(vec![send]);
        }
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut drawn, mut dirty) = (Instant::now(), true);
        loop {
            let due = drawn + FRAME;
            let step = self.step(&mut ticks, dirty.then_some(due)).await?;
            match step {
                Step::Draw => {
                    self.screen.draw(|frame| {
                        view::draw(frame, &mut self.app, &mut self.lines, self.theme);
                    })?;
                    (drawn, dirty) = (Instant::now(), false);
                }
                Step::Changed(changed) => dirty |= changed,
                Step::Do(effects) => {
                    dirty = true;
                    if self.perform(effects) {
                        return Ok(());
                    }
                }
                Step::Quit => return Ok(()),
            }
        }
    }

    /// Waits for the next thing that happens.
    async fn step(&mut self, ticks: &mut Interval, due: Option<Instant>) -> Result<Step, Failure> {
        let app = &mut self.app;
        Ok(tokio::select! {
            biased;
            () = async { sleep_until(due.unwrap_or_else(Instant::now)).await }, if due.is_some() => {
                Step::Draw
            }
            key = self.keys.recv() => match key {
                Some(key) => Step::Do(app.input(&key)),
                // The terminal is gone.
                None => Step::Quit,
            },
            delivery = self.events.next() => match delivery {
                Some(delivery) => Step::Do(app.delivery(delivery)),
                None => return Err(self.caller.target.explain(self.client.end().unwrap_or_else(lost))),
            },
            Some(reply) = self.replies.join_next() => match reply {
                Ok(reply) => Step::Do(app.reply(reply)),
                Err(error) => return Err(Failure::new("PANIC", error.to_string())),
            },
            _ = ticks.tick() => {
                Step::Changed(app.tick(self.started.elapsed(), self.client.is_connected()))
            }
            _ = self.term.recv() => Step::Quit,
        })
    }

    /// Starts what is to be done; true when that is to leave.
    fn perform(&mut self, effects: Vec<Effect>) -> bool {
        let leave = effects.contains(&Effect::Quit);
        for effect in effects {
            if let Some(call) = self.caller.call(effect) {
                self.replies.spawn(call);
            }
        }
        leave
    }
}

/// What happened.
enum Step {
    Draw,
    Changed(bool),
    Do(Vec<Effect>),
    Quit,
}

fn lost() -> Error {
    Error::Closed { code: Error::ABNORMAL, reason: "the connection ended".into() }
}
