//! Commands and rules, on real files.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A folder with programs and links to them.
struct Place {
    dir: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["bin", "work", "tmp"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        let place = Self { dir, root };
        for program in ["bin/rg", "bin/env", "bin/busybox", "tmp/evil"] {
            place.program(program);
        }
        place
    }

    fn program(&self, name: &str) {
        let path = self.root.join(name);
        fs::write(&path, "#!/bin/false\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.root.join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, argv: &[&str]) -> Command {
        self.resolve(argv, &[]).unwrap()
    }

    fn resolve(&self, argv: &[&str], env: &[(&str, &str)]) -> Result<Command, Unresolved> {
        let argv = argv.iter().map(|word| (*word).to_owned()).collect();
        let env: BTreeMap<_, _> =
            env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let search = SearchPath::parse(&format!(".:work::{}:relative", self.path("bin")));
        Command::resolve(argv, &self.root.join("work"), env, &search)
    }
}

fn policy(file: &Value, agent: &str) -> Policy {
    let file = ApprovalsFile::parse(file.to_string().as_bytes()).unwrap();
    Policy::of(&file, agent, Limits::BASE, None)
}

fn listing(patterns: &[&str]) -> Policy {
    let allowlist: Vec<Value> =
        patterns.iter().map(|pattern| json!({"pattern": pattern})).collect();
    let agents = json!({"main": {"allowlist": allowlist}});
    let defaults = json!({"security": "allowlist", "ask": "on-miss"});
    policy(&json!({"version": 1, "defaults": defaults, "agents": agents}), "main")
}

fn runs(judgement: &Judgement) -> bool {
    matches!(judgement, Judgement::Run(_))
}

#[test]
fn a_listed_program_runs_and_what_shadows_it_does_not() {
    let place = Place::new();
    let policy = listing(&[&place.path("bin/rg")]);
    let judge = |argv: &[&str]| policy.judge(&place.command(argv));
    assert!(runs(&judge(&["rg", "x"])));
    assert!(runs(&judge(&[&place.path("bin/rg"), "x"])));
    // In the folder of the command, by a relative path, and behind a link with its name.
    place.program("work/rg");
    assert!(runs(&judge(&["rg"])), "the folder of the command is not looked into");
    assert!(!runs(&judge(&["./rg"])));
    symlink(place.path("tmp/evil"), place.root.join("work/link")).unwrap();
    assert!(!runs(&judge(&["./link"])));
    // A link to the listed program is the listed program.
    symlink(place.path("bin/rg"), place.root.join("work/same")).unwrap();
    assert!(runs(&judge(&["./same"])));
    let through = format!("{}/../tmp/evil", place.path("bin"));
    let listed = listing(&[&format!("{}/**", place.path("bin"))]);
    assert!(!runs(&listed.judge(&place.command(&[&through]))), "the real path counts");
}

#[test]
fn a_program_that_runs_others_is_asked_about() {
    let place = Place::new();
    symlink(place.path("bin/busybox"), place.root.join("bin/ls")).unwrap();
    symlink(place.path("bin/rg"), place.root.join("bin/sh")).unwrap();
    let policy = listing(&[&format!("{}/*", place.path("bin")), "*"]);
    for argv in [&["env", "rg"][..], &["busybox", "sh"], &["ls"], &["sh", "-c", "rg"]] {
        let judged = policy.judge(&place.command(argv));
        assert!(matches!(judged, Judgement::Ask(_)), "{argv:?} {judged:?}");
        let unanswered = policy.unanswered(&place.command(argv));
        assert!(matches!(unanswered, Judgement::Refuse(_)), "{argv:?}");
    }
    assert!(runs(&policy.judge(&place.command(&["rg", "-c", "env"]))));
}

#[test]
fn arguments_are_enforced() {
    let place = Place::new();
    let rule = |more: Value| {
        let mut entry = json!({"pattern": place.path("bin/*")});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let agents = json!({"main": {"allowlist": [entry]}});
        policy(
            &json!({"version": 1, "defaults": {"security": "allowlist"}, "agents": agents}),
            "main",
        )
    };
    let version = rule(json!({"argPattern": "--version"}));
    assert!(runs(&version.judge(&place.command(&["rg", "--version"]))));
    assert!(!runs(&version.judge(&place.command(&["rg", "--version", "x"]))));
    assert!(runs(&version.judge(&place.command(&["env", "--version"]))), "a person wrote which");
    // What a decision wrote covers a digest alone.
    assert!(!runs(&rule(json!({"source": "allow-always"})).judge(&place.command(&["rg"]))));
    let forged = rule(json!({"source": "allow-always", "argPattern": ".*"}));
    assert!(!runs(&forged.judge(&place.command(&["rg"]))));
}

#[test]
fn variables_that_change_programs_are_asked_about() {
    let place = Place::new();
    let policy = listing(&[&place.path("bin/rg")]);
    let judge = |env: &[(&str, &str)]| policy.judge(&place.resolve(&["rg"], env).unwrap());
    assert!(runs(&judge(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C"), ("NO_COLOR", "1")])));
    for (name, value) in [
        ("LD_PRELOAD", "/tmp/x.so"),
        ("LD_AUDIT", "x"),
        ("PATH", "."),
        ("BASH_ENV", "x"),
        ("ENV", "x"),
        ("PS4", "$(id)"),
        ("PROMPT_COMMAND", "id"),
        ("NODE_OPTIONS", "--require x"),
        ("PYTHONPATH", "."),
        ("PERL5OPT", "-Mx"),
        ("RUBYOPT", "-rx"),
        ("GIT_SSH_COMMAND", "x"),
        ("SSH_ASKPASS", "x"),
        ("http_proxy", "x"),
        ("DYLD_INSERT_LIBRARIES", "x"),
        ("RIPGREP_CONFIG_PATH", "x"),
        ("ld_preload", "x"),
        ("LC_ALL", "../../tmp/x"),
        ("LC_x", "C"),
        ("LANG", "C; id"),
    ] {
        let judged = judge(&[(name, value)]);
        assert!(matches!(judged, Judgement::Ask(_)), "{name}={value}");
    }
    for (name, value) in [("", "x"), ("A=B", "x"), ("A", "x\0y"), ("A\0B", "x")] {
        let refused = place.resolve(&["rg"], &[(name, value)]).unwrap_err();
        assert!(matches!(refused, Unresolved::Words), "{name:?}");
    }
}

#[test]
fn what_is_no_command_is_refused() {
    let place = Place::new();
    fs::write(place.root.join("bin/text"), "no program").unwrap();
    for argv in [&[][..], &[""], &[" "], &["rg", "a\0b"]] {
        assert!(matches!(place.resolve(argv, &[]), Err(Unresolved::Words)), "{argv:?}");
    }
    for argv in [&["none"][..], &["./none"], &["text"], &["/"], &["rg; id"], &["rg\n"], &[".."]] {
        assert!(matches!(place.resolve(argv, &[]), Err(Unresolved::Program(_))), "{argv:?}");
    }
    let gone = Command::resolve(
        vec!["rg".into()],
        &place.root.join("gone"),
        BTreeMap::new(),
        &SearchPath::default(),
    );
    assert!(matches!(gone, Err(Unresolved::Folder { .. })));
    let file = Command::resolve(
        vec!["rg".into()],
        &place.root.join("bin/rg"),
        BTreeMap::new(),
        &SearchPath::default(),
    );
    assert!(matches!(file, Err(Unresolved::Folder { .. })));
}

#[test]
fn what_was_judged_is_what_runs() {
    let place = Place::new();
    let command = place.command(&["rg", "x"]);
    let print = |command: &Command| command.fingerprint().unwrap();
    let bound = print(&command);
    assert_eq!(command.unchanged(), Ok(()));
    assert_eq!(print(&place.command(&["rg", "x"])), bound);
    // Another program in its place, by rename.
    fs::write(place.root.join("tmp/evil"), "another").unwrap();
    fs::rename(place.root.join("tmp/evil"), place.root.join("bin/rg")).unwrap();
    assert_eq!(command.unchanged(), Err(Changed::Program));
    assert_ne!(print(&place.command(&["rg", "x"])), bound);

    // Another folder in place of the one that was looked at: behind a link, and of the very same name.
    let command = place.command(&["rg", "x"]);
    let bound = print(&command);
    fs::rename(place.root.join("work"), place.root.join("moved")).unwrap();
    symlink(place.root.join("tmp"), place.root.join("work")).unwrap();
    assert_eq!(command.unchanged(), Err(Changed::Folder));
    assert_ne!(print(&place.command(&["rg", "x"])), bound);
    fs::remove_file(place.root.join("work")).unwrap();
    fs::create_dir(place.root.join("work")).unwrap();
    assert_eq!(command.unchanged(), Err(Changed::Folder));
    assert_ne!(print(&place.command(&["rg", "x"])), bound);
    drop(place.dir);
}

#[test]
fn a_lasting_decision_covers_exactly_its_command() {
    let place = Place::new();
    let base = json!({"version": 1, "defaults": {"security": "allowlist", "ask": "on-miss"}});
    let mut file = ApprovalsFile::parse(base.to_string().as_bytes()).unwrap();
    assert!(file.allow("main", &place.command(&["rg", "a b"]), 7));
    assert!(file.allow("main", &place.command(&["rg", "a b"]), 8), "it is there already");
    assert_eq!(file.agents["main"].allowlist.len(), 1);
    assert!(!file.allow("main", &place.command(&["env", "rg"]), 7));
    assert!(!file.allow("main", &place.resolve(&["rg"], &[("LD_PRELOAD", "x")]).unwrap(), 7));
    let policy = Policy::of(&file, "main", Limits::BASE, None);
    assert!(runs(&policy.judge(&place.command(&["rg", "a b"]))));
    for other in [&["rg", "a", "b"][..], &["rg"], &["rg", "a b", "c"]] {
        assert!(!runs(&policy.judge(&place.command(other))), "{other:?}");
    }
    let other_agent = Policy::of(&file, "other", Limits::BASE, None);
    assert!(!runs(&other_agent.judge(&place.command(&["rg", "a b"]))));
}

#[test]
fn limits_come_from_the_agent_then_from_every_agent_then_from_the_defaults() {
    let file = json!({
        "version": 1,
        "defaults": {"security": "full", "ask": "off", "askFallback": "allowlist"},
        "agents": {"*": {"ask": "always", "allowlist": ["/a"]}, "x": {"security": "deny", "allowlist": ["/b"]}},
    });
    let x = policy(&file, "x");
    assert_eq!(
        x.limits,
        Limits { security: Security::Deny, ask: Ask::Always, fallback: Security::Allowlist }
    );
    let listed: Vec<_> = x.allowlist.iter().map(|entry| entry.pattern.as_str()).collect();
    assert_eq!(listed, ["/a", "/b"]);
    assert_eq!(policy(&file, "y").limits.security, Security::Full);
    assert_eq!(policy(&json!({"version": 1}), "main").limits, Limits::BASE);
    let old =
        json!({"version": 1, "agents": {"default": {"security": "full"}, "main": {"ask": "off"}}});
    let main = policy(&old, "main").limits;
    assert_eq!((main.security, main.ask), (Security::Full, Ask::Off));
}

#[test]
fn an_asker_only_narrows() {
    let place = Place::new();
    let full =
        || policy(&json!({"version": 1, "defaults": {"security": "full", "ask": "off"}}), "main");
    let command = place.command(&["env"]);
    assert!(runs(&full().judge(&command)));
    let judge = |security, ask| full().narrowed(security, ask).judge(&command);
    assert!(matches!(judge(Some(Security::Deny), None), Judgement::Refuse(_)));
    assert!(matches!(judge(Some(Security::Allowlist), None), Judgement::Refuse(_)));
    assert!(matches!(judge(None, Some(Ask::Always)), Judgement::Ask(_)));
    let denied =
        policy(&json!({"version": 1}), "main").narrowed(Some(Security::Full), Some(Ask::Off));
    assert!(matches!(denied.judge(&command), Judgement::Refuse(_)));
}

#[test]
fn a_file_that_cannot_be_understood_allows_nothing() {
    let place = Place::new();
    let path = place.root.join(file::FILE_NAME);
    let absent = Snapshot::read(&path).unwrap();
    assert_eq!((absent.exists, absent.problem.as_deref()), (false, None));
    assert!(absent.hash.starts_with("e3b0c442"));
    for (text, why) in [
        (&b"{"[..], ""),
        (b"[]", ""),
        (b"", ""),
        (b"\xff", "no text"),
        (br#"{"version": 2}"#, "version 2"),
        (br#"{"agents": {}}"#, "version"),
        (br#"{"version": 1, "defaults": {"security": "Full"}}"#, "deny, allowlist or full"),
        (br#"{"version": 1, "agents": {"a": {"ask": "never"}}}"#, "agents.a.ask"),
        (br#"{"version": 1, "version": 1}"#, ""),
        (br#"{"version": 1, "agents": {"a": {}, "a": {"security": "full"}}}"#, ""),
        (br#"{"version": 1, "agents": {"a": {"allowlist": {}}}}"#, ""),
    ] {
        fs::write(&path, text).unwrap();
        let read = Snapshot::read(&path).unwrap();
        assert!(read.problem.as_deref().unwrap().contains(why), "{:?}", read.problem);
        let policy = Policy::of(
            &read.file,
            "main",
            Limits { security: Security::Full, ..Limits::BASE },
            None,
        );
        assert!(matches!(policy.judge(&place.command(&["rg"])), Judgement::Refuse(_)));
    }
    fs::write(&path, vec![b' '; 1024 * 1024 + 2]).unwrap();
    assert!(Snapshot::read(&path).unwrap().problem.unwrap().contains("bytes"));
}

#[test]
fn the_file_is_replaced_over_the_text_that_was_looked_at() {
    use file::Base;

    let place = Place::new();
    let path = place.root.join(file::FILE_NAME);
    let text = json!({
        "version": 1, "socket": {"path": "/s", "token": "secret"}, "future": {"x": [1]},
        "agents": {"main": {"allowlist": ["/bin/x", " "], "mcpTools": [{"server": "s"}]}},
    });
    fs::write(&path, text.to_string()).unwrap();
    let seen = Snapshot::read(&path).unwrap();
    let set = |base: Base<'_>| file::update(&path, base, Ok);
    assert!(matches!(set(Base::Hash(None)), Err(UpdateError::NoBase)));
    assert!(matches!(set(Base::Hash(Some("stale"))), Err(UpdateError::Changed)));
    let written = set(Base::Hash(Some(&seen.hash))).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let read: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(read["future"], text["future"], "what is not known is kept");
    assert_eq!(read["agents"]["main"]["mcpTools"], text["agents"]["main"]["mcpTools"]);
    assert_eq!(read["agents"]["main"]["allowlist"].as_array().unwrap().len(), 1);
    assert!(read["agents"]["main"]["allowlist"][0]["id"].is_string());
    assert!(matches!(set(Base::Hash(Some(&seen.hash))), Err(UpdateError::Changed)));
    // Whoever sets the file was not shown the secret, so it stays.
    let set =
        file::update(&path, Base::Hash(Some(&written.hash)), |_| Ok(ApprovalsFile::default()));
    assert_eq!(set.unwrap().file.socket.unwrap().token.as_deref(), Some("secret"));
    let wrong = file::update(&path, Base::Present, |_| {
        let mut file = ApprovalsFile::default();
        file.defaults.ask = Some("never".to_owned());
        Ok(file)
    });
    assert!(matches!(wrong, Err(UpdateError::Invalid(_))));
    let names = fs::read_dir(&place.root).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".tmp")));
    fs::write(&path, "{").unwrap();
    assert!(matches!(file::update(&path, Base::Present, Ok), Err(UpdateError::Invalid(_))));
    let broken = Snapshot::read(&path).unwrap();
    let base = Base::Hash(Some(&broken.hash));
    file::update(&path, base, |_| Ok(ApprovalsFile::default())).unwrap();
    assert_eq!(Snapshot::read(&path).unwrap().problem, None);
}

fn limits() -> impl Strategy<Value = Limits> {
    let security = prop::sample::select(vec![Security::Deny, Security::Allowlist, Security::Full]);
    let ask = prop::sample::select(vec![Ask::Off, Ask::OnMiss, Ask::Always]);
    (security.clone(), ask, security).prop_map(|(security, ask, fallback)| Limits {
        security,
        ask,
        fallback,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn judgements_follow_the_table(limits in limits(), listed: bool, most in limits()) {
        let place = Place::new();
        let command = place.command(&["rg"]);
        let pattern = if listed { place.path("bin/rg") } else { "/none".to_owned() };
        let policy =
            Policy { limits, allowlist: vec![Entry::new(pattern)], home: None };
        let judged = policy.judge(&command);
        let expected = match (limits.security, limits.ask, listed) {
            (Security::Deny, ..) => "refuse",
            (_, Ask::Always, _) => "ask",
            (Security::Full, ..) | (_, _, true) => "run",
            (_, Ask::OnMiss, _) => "ask",
            (_, Ask::Off, _) => "refuse",
        };
        let kind = |judgement: &Judgement| match judgement {
            Judgement::Run(_) => "run",
            Judgement::Ask(_) => "ask",
            Judgement::Refuse(_) => "refuse",
        };
        prop_assert_eq!(kind(&judged), expected);
        // Nothing runs under a narrower rule that did not run before.
        let narrowed = policy.clone().narrowed(Some(most.security), Some(most.ask));
        prop_assert!(!runs(&narrowed.judge(&command)) || runs(&judged));
        prop_assert!(!runs(&narrowed.unanswered(&command)) || runs(&policy.unanswered(&command)));
        // Without an answer nothing runs that no fallback names.
        let unanswered = runs(&policy.unanswered(&command));
        let fallback = limits.fallback.min(limits.security);
        prop_assert_eq!(unanswered, fallback == Security::Full || fallback == Security::Allowlist && listed);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        if let Ok(file) = ApprovalsFile::parse(text.as_bytes()) {
            let again = serde_json::to_vec(&file).unwrap();
            prop_assert_eq!(ApprovalsFile::parse(&again).unwrap(), file);
        }
    }
}

#[test]
fn the_nearest_word_counts_and_an_odd_one_is_the_strictest() {
    let file = |file: Value| serde_json::from_value::<ApprovalsFile>(file).unwrap();
    let lax = Limits { security: Security::Full, ask: Ask::Off, fallback: Security::Full };
    let agents = json!({"*": {"security": "full"}, "main": {"security": "deny"}});
    let near = file(json!({"version": 1, "agents": agents}));
    assert_eq!(near.rules("main", lax).0.security, Security::Deny);
    // No file with such a word is taken; one that was not looked at gives nothing away either.
    let words = json!({"security": "Full", "ask": "never", "askFallback": "all"});
    let odd = file(json!({"version": 1, "defaults": words}));
    let strictest = Limits { security: Security::Deny, ask: Ask::Always, fallback: Security::Deny };
    assert_eq!(odd.rules("main", lax).0, strictest);
}

#[test]
fn a_decision_does_not_last_for_a_path_that_means_more_than_itself() {
    let place = Place::new();
    for name in ["bin/a*", "bin/b?", "bin/c "] {
        place.program(name);
        let command = place.command(&[place.path(name).as_str()]);
        assert!(!ApprovalsFile::default().allow("main", &command, 1), "{name}");
    }
    place.program("bin/plain");
    let plain = place.command(&["plain"]);
    assert!(ApprovalsFile::default().allow("main", &plain, 1));
}

#[test]
fn a_digest_never_covers_what_runs_its_arguments() {
    let place = Place::new();
    let covers = |name: &str| {
        let command = place.command(&[name, "x"]);
        let digest = pattern::digest(command.argv(), command.cwd().to_str().unwrap());
        let entry = json!({"pattern": place.path(&format!("bin/{name}")), "argPattern": digest});
        serde_json::from_value::<Entry>(entry).unwrap().covers_arguments(&command)
    };
    assert!(covers("rg") && !covers("env"));
}

#[test]
fn what_a_decision_was_about_is_not_kept() {
    let entry = json!({"pattern": "/bin/x", "commandText": "x --key 1", "note": "mine"});
    let agents = json!({"main": {"allowlist": [entry]}});
    let text = json!({"version": 1, "agents": agents}).to_string();
    let file = ApprovalsFile::parse(text.as_bytes()).unwrap();
    let kept = serde_json::to_string(&file).unwrap();
    assert!(kept.contains("mine") && !kept.contains("commandText"), "{kept}");
}

#[test]
fn a_link_to_the_file_stays_one_and_writers_wait_for_each_other() {
    let place = Place::new();
    let (path, real) = (place.root.join(file::FILE_NAME), place.root.join("work/real.json"));
    fs::write(&real, json!({"version": 1}).to_string()).unwrap();
    symlink(&real, &path).unwrap();
    let folder = fs::File::open(&place.root).unwrap();
    folder.lock().unwrap();
    let (own, (tell, done)) = (path.clone(), std::sync::mpsc::channel());
    let write = move || tell.send(file::update(&own, file::Base::Present, Ok).unwrap()).unwrap();
    let writer = std::thread::spawn(write);
    let soon = std::time::Duration::from_millis(100);
    assert!(done.recv_timeout(soon).is_err(), "another one is at it");
    folder.unlock().unwrap();
    assert!(done.recv().unwrap().exists);
    writer.join().unwrap();
    assert!(path.is_symlink() && fs::read_to_string(&real).unwrap().contains("defaults"));
}

#[test]
fn only_absolute_folders_are_searched() {
    assert_eq!(SearchPath::parse(".:work::/bin:../x"), SearchPath::parse("/bin"));
}
