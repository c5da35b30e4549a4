//! `deadLetters.*`: what was accepted and then dropped or given up.

use openclaw_agent::store::{DeadLetter as Stored, NewDeadLetter};
use openclaw_protocol::{
    RpcError,
    field::{Int, NonEmpty},
    methods::dead_letters::{
        DeadLetter, DeadLettersDiscardParams, DeadLettersDiscardResult, DeadLettersListParams,
        DeadLettersListResult,
    },
};

use crate::{context::Cx, error::Problem, router::RouterBuilder};

/// Letters in one answer when nothing else is asked for.
const PAGE: usize = 100;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list).handle(discard)
}

async fn list(cx: Cx, params: DeadLettersListParams) -> Result<DeadLettersListResult, RpcError> {
    let before = params.cursor.as_ref().map(|cursor| number(cursor, "cursor")).transpose()?;
    let limit = params.limit.map_or(PAGE, Int::to_usize);
    // What ran out since the last tick belongs into the answer.
    let now_ms = u64::try_from(cx.app().clock.now_ms()).unwrap_or_default();
    cx.app().give_up_node_work(now_ms).await;
    let page = cx.app().store.dead_letters(before, limit).await.map_err(Problem)?;
    let last = page.letters.last().map(|letter| letter.id.to_string());
    let next_cursor = last.filter(|_| page.letters.len() >= limit);
    let letters = page.letters.into_iter().map(shown).collect();
    Ok(DeadLettersListResult { letters, total: page.total, next_cursor })
}

async fn discard(
    cx: Cx,
    params: DeadLettersDiscardParams,
) -> Result<DeadLettersDiscardResult, RpcError> {
    let ids = match (params.ids, params.all) {
        (Some(ids), None | Some(false)) => {
            Some(ids.iter().map(|id| number(id, "id")).collect::<Result<_, _>>()?)
        }
        (None, Some(true)) => None,
        _ => return Err(RpcError::invalid("deadLetters.discard needs either ids or all: true")),
    };
    let (discarded, total) = cx.app().store.discard(ids).await.map_err(Problem)?;
    Ok(DeadLettersDiscardResult { discarded, total })
}

fn number(text: &NonEmpty, what: &str) -> Result<i64, RpcError> {
    let parsed = text.parse();
    parsed.map_err(|_| RpcError::invalid(format!("invalid {what}: take it from deadLetters.list")))
}

fn shown(Stored { id, letter }: Stored) -> DeadLetter {
    let NewDeadLetter { at, kind, subject, reason, session_key, node, text } = letter;
    DeadLetter { id: id.to_string(), at, kind, subject, reason, session_key, node_id: node, text }
}
