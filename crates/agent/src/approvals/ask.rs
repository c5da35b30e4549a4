//! From what a client sends to what those who decide see, and what a yes is bound to.

pub mod exec;
pub mod plugin;
pub mod question;

use openclaw_protocol::{
    field::Clearable,
    methods::approvals::kinds::{
        ApprovalScope, ExternalPostScope, MessageSendScope, PaymentScope, StandingGrantScope,
    },
};

use super::{
    binding::Binding,
    error::ApprovalError,
    record::Request,
    visible::{self, MAX_SHOWN},
};

/// A request that can be made.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is shown.
    pub request: Request,
    /// What a yes is good for.
    pub binding: Option<Binding>,
}

/// The longest name, path or other single text beside the command, in characters.
const MAX_PART: usize = 4_096;

/// A text that may be absent, `null` or empty, which are all the same.
fn named(text: Option<&Clearable<String>>) -> Option<String> {
    let text = text.and_then(Clearable::as_option)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text on one line, refused when it is too long to be shown whole.
fn shown(name: &str, text: &str) -> Result<String, ApprovalError> {
    let shown = visible::line(text);
    if shown.chars().count() > MAX_PART {
        return Err(ApprovalError::Invalid(format!("{name} is too long to be shown in full")));
    }
    Ok(shown)
}

fn shown_maybe(name: &str, text: Option<&String>) -> Result<Option<String>, ApprovalError> {
    text.map(|text| shown(name, text)).transpose()
}

/// A command as it is shown, in full.
fn whole(text: &str) -> Result<String, ApprovalError> {
    let shown = visible::line(text);
    if shown.chars().count() > MAX_SHOWN {
        return Err(ApprovalError::TooLong);
    }
    Ok(shown)
}

/// Words of warning: those of whoever asks, and ours about what only looks plain.
fn warnings(asker: Option<&str>, texts: &[&str]) -> Result<Option<String>, ApprovalError> {
    let asker = asker.map(visible::prose);
    let own = visible::warning(&texts.join(" "));
    let warning = own.into_iter().chain(asker).collect::<Vec<_>>().join("\n");
    if warning.chars().count() > MAX_SHOWN {
        return Err(ApprovalError::Invalid("the warning is too long to be shown in full".into()));
    }
    Ok((!warning.is_empty()).then_some(warning))
}

/// The consequence with what is invisible made visible. What gets too long by that is refused.
fn consequence(scope: ApprovalScope) -> Result<ApprovalScope, ApprovalError> {
    use openclaw_protocol::field::{List, Text};

    fn text<const MAX: usize>(text: &Text<1, MAX>) -> Result<Text<1, MAX>, ApprovalError> {
        Text::new(visible::line(text)).map_err(|error| {
            ApprovalError::Invalid(format!("the consequence cannot be shown: {error}"))
        })
    }
    Ok(match scope {
        ApprovalScope::MessageSend(scope) => ApprovalScope::MessageSend(MessageSendScope {
            target: text(&scope.target)?,
            recipients: match &scope.recipients {
                Some(list) => List::new(list.iter().map(text).collect::<Result<_, _>>()?),
                None => None,
            },
            ..scope
        }),
        ApprovalScope::Payment(scope) => ApprovalScope::Payment(PaymentScope {
            amount: text(&scope.amount)?,
            currency: text(&scope.currency)?,
            target: text(&scope.target)?,
            ..scope
        }),
        ApprovalScope::ExternalPost(scope) => {
            ApprovalScope::ExternalPost(ExternalPostScope { target: text(&scope.target)?, ..scope })
        }
        ApprovalScope::StandingGrant(scope) => ApprovalScope::StandingGrant(StandingGrantScope {
            automation: text(&scope.automation)?,
            command: text(&scope.command)?,
            ..scope
        }),
    })
}
