//! A question of an agent.

use std::time::Duration;

use openclaw_protocol::methods::questions::QuestionRequestParams;

use super::Asked;
use crate::approvals::{
    error::ApprovalError,
    questions,
    record::{QuestionRequest, Request},
};

/// How long it waits when it does not say.
pub const DEFAULT_WAIT: Duration = Duration::from_mins(15);

/// What an agent asks. The words are shown as text; those who show them make nothing else of it.
pub fn read(params: QuestionRequestParams) -> Result<Asked, ApprovalError> {
    questions::check(&params.questions).map_err(ApprovalError::Invalid)?;
    let text = |text: Option<openclaw_protocol::field::NonEmpty>| text.map(|text| text.to_string());
    let request = QuestionRequest {
        questions: params.questions.into_vec(),
        agent_id: text(params.agent_id),
        session_key: text(params.session_key),
        run_id: text(params.run_id),
    };
    Ok(Asked { request: Request::Question(Box::new(request)), binding: None })
}
