//! `chat.metadata`: models and commands of a chat.

use crate::{
    field::{IdText, NonEmpty},
    methods::models::ModelChoice,
    params, results,
};

params! {
    /// Returns the models and commands that a chat offers.
    #[derive(Default)]
    pub struct ChatMetadataParams {
        /// The agent.
        agent_id?: NonEmpty,
        /// A saved account; not together with `sessionKey`.
        auth_profile_id?: IdText,
        /// The session.
        session_key?: NonEmpty,
    }
}

results! {
    /// Models and commands.
    #[derive(Default)]
    pub struct ChatMetadataResult {
        /// The models.
        models: Vec<ModelChoice>,
        /// The commands.
        commands: Vec<CommandEntry>,
        /// Whether several agents may work together.
        swarm_enabled?: bool,
        /// Which account is used.
        account_selection?: AccountSelection,
    }

    /// Which account is used.
    #[derive(Eq)]
    pub struct AccountSelection {
        /// How it was chosen.
        kind: String,
        /// How it is shown.
        label?: String,
    }

    /// A command.
    #[derive(Default)]
    pub struct CommandEntry {
        /// Its name, without the stroke.
        name: String,
        /// Its name in a platform's own list.
        native_name?: String,
        /// What is typed, with the stroke.
        text_aliases?: Vec<String>,
        /// What it does.
        description: String,
        /// `session`, `options`, `status`, `management`, `media` or `tools`.
        category?: String,
        /// `native`, `skill` or `plugin`.
        source: String,
        /// The skill.
        skill_display_name?: String,
        /// Whether the model sees the skill.
        skill_model_visible?: bool,
        /// `text`, `native` or `both`.
        scope: String,
        /// Whether it takes arguments.
        accepts_args: bool,
        /// The arguments.
        args?: Vec<CommandArg>,
    }

    /// An argument of a command.
    #[derive(Default, Eq)]
    pub struct CommandArg {
        /// Its name.
        name: String,
        /// What it means.
        description: String,
        /// `string`, `number` or `boolean`.
        r#type: String,
        /// Whether it must be there.
        required?: bool,
        /// The values that it may have.
        choices?: Vec<CommandChoice>,
        /// Whether the values depend on the session.
        dynamic?: bool,
    }

    /// A value of an argument.
    #[derive(Eq)]
    pub struct CommandChoice {
        /// The value.
        value: String,
        /// How it is shown.
        label: String,
    }
}
