//! What ended elsewhere and is told to a session: only the gateway's own components send these.

use crate::{params, words};

words! {
    /// The only kind there is.
    pub enum InternalEventType: any_of {
        /// A task ended.
        TaskCompletion = "task_completion",
    }

    /// What ran.
    pub enum InternalEventSource: one_of {
        /// A subagent.
        Subagent = "subagent",
        /// A schedule.
        Cron = "cron",
        /// An image was made (protocol 4).
        ImageGeneration = "image_generation",
        /// A video was made (protocol 4).
        VideoGeneration = "video_generation",
        /// Music was made (protocol 4).
        MusicGeneration = "music_generation",
    }

    /// How it ended.
    pub enum InternalEventStatus: one_of {
        /// Well.
        Ok = "ok",
        /// Not in time.
        Timeout = "timeout",
        /// With an error.
        Error = "error",
        /// Nobody knows.
        Unknown = "unknown",
    }

    /// What a file is.
    pub enum MediaKind: one_of {
        /// A picture.
        Image = "image",
        /// Sound.
        Audio = "audio",
        /// Moving pictures.
        Video = "video",
        /// Anything else.
        File = "file",
    }
}

params! {
    /// The end of a task.
    pub struct InternalEvent {
        /// Always `task_completion`.
        r#type: InternalEventType,
        /// What ran.
        source: InternalEventSource,
        /// The session of the task.
        child_session_key: String,
        /// Its transcript.
        child_session_id?: String,
        /// How it is announced.
        announce_type: String,
        /// What the task was called.
        task_label: String,
        /// How it ended.
        status: InternalEventStatus,
        /// The same in words.
        status_label: String,
        /// Its result.
        result: String,
        /// Whether there is nothing to show (protocol 4).
        no_visible_result?: bool,
        /// Another model that answered (protocol 4).
        model_route_change?: String,
        /// Files (protocol 4).
        attachments?: Vec<InternalEventAttachment>,
        /// Files by URL (protocol 4).
        media_urls?: Vec<String>,
        /// Numbers about it.
        stats_line?: String,
        /// What the agent should do with it.
        reply_instruction: String,
    }

    /// A file that a task made (protocol 4).
    #[derive(Default)]
    pub struct InternalEventAttachment {
        /// What it is.
        r#type?: MediaKind,
        /// Where it is.
        path?: String,
        /// Its URL.
        url?: String,
        /// Its URL, by another name.
        media_url?: String,
        /// Where it is, by another name.
        file_path?: String,
        /// Its MIME type.
        mime_type?: String,
        /// Its name.
        name?: String,
        /// Its size.
        size_bytes?: f64,
        /// How long it plays.
        duration_ms?: f64,
        /// Its width in pixels.
        width?: f64,
        /// Its height in pixels.
        height?: f64,
    }
}
