//! What a person sees who has to wait: nothing for a second, then that something goes on.

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// What is quicker than this is not worth a word.
const SILENCE: Duration = Duration::from_secs(1);
/// Time between two pictures.
const TURN: Duration = Duration::from_millis(120);
/// What turns.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠹"];

/// Waits for a future and says so on stderr, when it takes long and a person looks there. The line is
/// gone before the future's result is seen.
pub(crate) async fn wait<F: Future>(what: &str, future: F) -> F::Output {
    if stderr().is_terminal() { told(what, future, show).await } else { future.await }
}

/// Writes over the current line; a terminal that is gone is no reason to fail.
fn show(text: &str) {
    let mut stderr = stderr().lock();
    drop(write!(stderr, "\r\x1b[K{text}").and_then(|()| stderr.flush()));
}

async fn told<F: Future>(what: &str, future: F, mut show: impl FnMut(&str)) -> F::Output {
    let mut future = std::pin::pin!(future);
    let start = Instant::now();
    let mut turns = interval_at(start + SILENCE, TURN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut shown = 0;
    loop {
        tokio::select! {
            biased;
            output = &mut future => {
                if shown > 0 {
                    show("");
                }
                return output;
            }
            _ = turns.tick() => {
                let picture = SPINNER[shown % SPINNER.len()];
                show(&format!("{picture} {what} ({} s)", start.elapsed().as_secs()));
                shown += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    fn lines(work: Duration) -> Vec<String> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let mut lines = Vec::new();
        runtime.block_on(async {
            told("waiting", sleep(work), |text| lines.push(text.to_owned())).await;
        });
        lines
    }

    #[test]
    fn a_word_after_a_second_and_none_at_the_end() {
        assert!(lines(Duration::from_millis(900)).is_empty());
        let lines = lines(Duration::from_millis(2050));
        assert_eq!(lines.first().unwrap(), "⠋ waiting (1 s)");
        assert_eq!(lines.last().unwrap(), "");
        assert_eq!(lines[lines.len() - 2], "⠋ waiting (1 s)");
        assert_eq!(lines.len(), 10);
    }
}
