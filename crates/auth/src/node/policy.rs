//! Which commands a node may declare at all: by its platform, and by the config's word. Pure.
//!
//! A positive list for each platform, of what the apps and hosts of 2026.3.28 and 2026.9.6 offer there.
//! What takes pictures, records, sends or changes a person's data is on none of them: the config must name it.

use std::collections::BTreeSet;

use openclaw_protocol::Scope;

use super::Surface;

const CANVAS: &[&str] = &[
    "canvas.present",
    "canvas.hide",
    "canvas.navigate",
    "canvas.eval",
    "canvas.snapshot",
    "canvas.a2ui.push",
    "canvas.a2ui.pushJSONL",
    "canvas.a2ui.reset",
];
const SIGHT: &[&str] = &["camera.list", "location.get"];
const DEVICE: &[&str] = &["device.info", "device.status"];
const PERSON: &[&str] = &[
    "contacts.search",
    "calendar.events",
    "reminders.list",
    "photos.latest",
    "motion.activity",
    "motion.pedometer",
];
const NOTIFY: &[&str] = &["system.notify"];
const TALK: &[&str] = &["talk.ptt.start", "talk.ptt.stop", "talk.ptt.cancel", "talk.ptt.once"];
const IPHONE: &[&str] = &["watch.status", "watch.notify"];
const ANDROID: &[&str] = &[
    "notifications.list",
    "notifications.actions",
    "device.permissions",
    "device.health",
    "device.apps",
    "callLog.search",
    "mobile.ui.observe",
    "mobile.ui.act",
];
const MAC: &[&str] = &["camera.ptz.status", "device.apps"];
const HOST: &[&str] = &[
    "system.run.prepare",
    "system.run",
    "system.which",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "fs.listDir",
    "terminal.upload",
    "browser.proxy",
    "browser.proxy.upload.v1",
    "mcp.tools.call.v1",
    "screen.snapshot",
    "desktop.stream",
    "computer.act",
];

/// Commands whose approval needs `operator.admin`: they run programs, change what may be run, or act on a
/// desktop as its user does.
const ADMIN: &[&str] = &[
    "system.run",
    "system.run.prepare",
    "system.which",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "computer.act",
    "desktop.stream",
    "mcp.tools.call.v1",
];

/// What a node runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// iPhone and iPad.
    Ios,
    /// Apple Watch.
    Watchos,
    /// Android.
    Android,
    /// Mac.
    Macos,
    /// Windows.
    Windows,
    /// Linux.
    Linux,
    /// Something else, or something that contradicts itself.
    Unknown,
}

impl Platform {
    const KNOWN: [(Self, &'static [&'static str], &'static [&'static str]); 6] = [
        (Self::Ios, &["ios", "ipados"], &["iphone", "ipad", "ios", "ipados"]),
        (Self::Watchos, &["watchos"], &["apple watch", "watchos"]),
        (Self::Android, &["android"], &["android"]),
        (Self::Macos, &["macos", "darwin", "mac"], &["mac", "macos"]),
        (Self::Windows, &["windows", "win32"], &["windows"]),
        (Self::Linux, &["linux"], &["linux"]),
    ];

    /// From `client.platform` (`linux`, `win32`, `ios 18.1`) and `client.deviceFamily`, which the device
    /// signs and approval pins. A family that belongs to another platform makes it unknown.
    pub fn of(platform: Option<&str>, family: Option<&str>) -> Self {
        let (platform, family) = (folded(platform), folded(family));
        let first = platform.split(' ').next().unwrap_or_default();
        let by_platform = Self::KNOWN.iter().find(|(_, names, _)| names.contains(&first));
        let by_family =
            Self::KNOWN.iter().find(|(_, _, families)| families.contains(&family.as_str()));
        match (by_platform, by_family) {
            (Some((one, ..)), Some((other, ..))) if one == other => *one,
            (Some((one, ..)), None) if family.is_empty() => *one,
            (None, Some((one, ..))) if platform.is_empty() => *one,
            _ => Self::Unknown,
        }
    }

    fn commands(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Ios => &[CANVAS, SIGHT, DEVICE, PERSON, NOTIFY, IPHONE],
            Self::Watchos => &[DEVICE, NOTIFY],
            Self::Android => &[CANVAS, SIGHT, DEVICE, PERSON, NOTIFY, ANDROID],
            Self::Macos => &[CANVAS, SIGHT, DEVICE, PERSON, NOTIFY, MAC, HOST],
            Self::Windows => &[SIGHT, DEVICE, NOTIFY, HOST],
            Self::Linux => &[NOTIFY, HOST],
            Self::Unknown => &[CANVAS, SIGHT, NOTIFY],
        }
    }
}

fn folded(text: Option<&str>) -> String {
    text.unwrap_or_default().trim().to_ascii_lowercase()
}

/// `gateway.nodes`: commands that are allowed beyond a platform's own, and commands that never are.
#[derive(Debug, Clone, Default)]
pub struct CommandPolicy {
    allow: BTreeSet<String>,
    deny: BTreeSet<String>,
}

impl CommandPolicy {
    /// From the config's lists.
    pub fn new(allow: &[String], deny: &[String]) -> Self {
        let names = |list: &[String]| {
            list.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        };
        Self { allow: names(allow), deny: names(deny) }
    }

    /// Whether a node on this platform may be asked for a command, once that is approved.
    pub fn allows(&self, platform: Platform, command: &str) -> bool {
        let usual = || {
            let mut lists = platform.commands().iter().chain([&TALK]);
            lists.any(|list| list.contains(&command))
        };
        // Another gateway's own machinery; nobody here speaks it.
        !command.starts_with("worker.")
            && !self.deny.contains(command)
            && (usual() || self.allow.contains(command))
    }

    /// What is left of a declaration.
    #[must_use]
    pub fn admit(&self, platform: Platform, declared: Surface) -> Surface {
        let commands = declared.commands.into_iter();
        let commands = commands.filter(|command| self.allows(platform, command)).collect();
        Surface { commands, ..declared }
    }
}

/// What an operator must hold to approve these commands, besides what the method itself needs.
pub fn approval_scope(surface: &Surface) -> Option<Scope> {
    let runs = |command: &String| {
        ADMIN.contains(&command.as_str())
            || openclaw_protocol::methods::nodes::is_admin_command(command)
    };
    if surface.commands.iter().any(runs) {
        Some(Scope::Admin)
    } else {
        (!surface.commands.is_empty()).then_some(Scope::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_what_name_and_family_agree_on() {
        let cases = [
            ("linux", "", Platform::Linux),
            ("linux", "Linux", Platform::Linux),
            ("darwin", "", Platform::Macos),
            ("macOS 15.1", "Mac", Platform::Macos),
            ("win32", "Windows", Platform::Windows),
            ("iOS 18.1", "iPhone", Platform::Ios),
            ("ios 18.1", "Android", Platform::Unknown),
            ("linux", "iPhone", Platform::Unknown),
            ("linuxish", "", Platform::Unknown),
            ("linux", "toaster", Platform::Unknown),
            ("", "iPad", Platform::Ios),
            ("plan9", "linux", Platform::Unknown),
            ("", "", Platform::Unknown),
        ];
        for (platform, family, expected) in cases {
            let found = Platform::of(Some(platform), Some(family));
            assert_eq!(found, expected, "{platform:?} {family:?}");
        }
        assert_eq!(Platform::of(None, None), Platform::Unknown);
    }

    #[test]
    fn programs_run_on_computers_alone_and_recording_needs_the_configs_word() {
        let policy = CommandPolicy::default();
        for platform in [Platform::Linux, Platform::Macos, Platform::Windows] {
            assert!(policy.allows(platform, "system.run"));
        }
        for platform in [Platform::Ios, Platform::Watchos, Platform::Android, Platform::Unknown] {
            assert!(!policy.allows(platform, "system.run"), "{platform:?}");
            assert!(!policy.allows(platform, "system.which"), "{platform:?}");
        }
        for dangerous in [
            "camera.snap",
            "camera.clip",
            "screen.record",
            "sms.send",
            "sms.search",
            "contacts.add",
        ] {
            for (platform, ..) in Platform::KNOWN {
                assert!(!policy.allows(platform, dangerous), "{dangerous}");
            }
            let allowed = CommandPolicy::new(&[format!(" {dangerous} ")], &[]);
            assert!(allowed.allows(Platform::Ios, dangerous));
            let denied = CommandPolicy::new(&[dangerous.to_owned()], &[dangerous.to_owned()]);
            assert!(!denied.allows(Platform::Ios, dangerous), "no word wins over denying");
        }
        let everything = CommandPolicy::new(&["worker.launch.v1".to_owned()], &[]);
        assert!(!everything.allows(Platform::Linux, "worker.launch.v1"));
    }

    #[test]
    fn approving_what_runs_programs_is_for_administrators() {
        let of = |commands: &[&str]| {
            let none: [(&str, bool); 0] = [];
            approval_scope(&Surface::declared([], commands.iter().copied(), none))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["location.get"]), Some(Scope::Write));
        for command in ["system.run", "system.which", "system.execApprovals.set", "fs.listDir"] {
            assert_eq!(of(&["location.get", command]), Some(Scope::Admin), "{command}");
        }
    }
}
