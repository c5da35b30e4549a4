//! Programs that end, that do not, and that leave others behind.

use std::future::pending;

use super::*;

fn program(argv: &[&str]) -> Program {
    let path = super::super::env::USUAL_PATH;
    Program {
        file: which(argv[0], path).unwrap(),
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        cwd: PathBuf::from("/"),
        env: BTreeMap::from([("PATH".to_owned(), path.to_owned())]),
    }
}

fn shell(script: &str) -> Program {
    program(&["sh", "-c", script])
}

async fn ended(program: &Program) -> Ran {
    run(program, None, pending()).await.unwrap()
}

#[tokio::test]
async fn a_program_gets_its_words_folder_and_variables_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut echo = program(&["printf", "%s|", "a b", "$HOME", "`id`"]);
    assert_eq!(ended(&echo).await.stdout, "a b|$HOME|`id`|");
    echo = Program { cwd: dir.path().to_owned(), ..program(&["pwd", "-P"]) };
    let here = dir.path().canonicalize().unwrap();
    assert_eq!(ended(&echo).await.stdout.trim_end(), here.to_str().unwrap());
    let mut env = program(&["env"]);
    env.env.insert("OWN".to_owned(), "1".to_owned());
    let printed = ended(&env).await.stdout;
    let names: Vec<&str> =
        printed.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [MARK, "OWN", "PATH"]);
    assert_eq!(ended(&shell("cat; echo read")).await.stdout, "read\n", "there is nothing to read");
}

#[tokio::test]
async fn the_code_the_signal_and_both_outputs_are_told() {
    let ran = ended(&shell("echo one; echo two >&2; exit 3")).await;
    assert_eq!((ran.exit_code, ran.signal, ran.success()), (Some(3), None, false));
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("one\n", "two\n"));
    let killed = ended(&shell("kill -TERM $$")).await;
    assert_eq!((killed.exit_code, killed.signal), (None, Some(15)));
    assert!(ended(&program(&["true"])).await.success());
    let broken = ended(&shell(r"printf '\377\033'")).await;
    assert_eq!(broken.stdout, "\u{fffd}\u{1b}");
    let missing = Program { file: PathBuf::from("/nowhere/x"), ..program(&["true"]) };
    run(&missing, None, pending()).await.unwrap_err();
}

#[tokio::test]
async fn what_is_printed_is_bounded_and_does_not_block_the_program() {
    let ran = ended(&shell("head -c 1000000 /dev/zero; echo last >&2; exit 7")).await;
    assert_eq!((ran.exit_code, ran.cut), (Some(7), true));
    assert!(ran.stdout.len() + ran.stderr.len() <= OUTPUT_BYTES);
    let endless = run(&program(&["yes"]), Some(Duration::from_millis(300)), pending()).await;
    let endless = endless.unwrap();
    assert!(endless.timed_out && endless.cut && endless.stdout.len() == OUTPUT_BYTES);
}

#[tokio::test]
async fn a_child_that_holds_the_pipe_is_not_waited_for() {
    let start = Instant::now();
    let ran = ended(&shell("sleep 300 & echo started")).await;
    assert_eq!((ran.exit_code, ran.stdout.as_str()), (Some(0), "started\n"));
    assert!(start.elapsed() < Duration::from_mins(1));
}

/// Whether a process of this number lives, other than as a dead one that nobody has buried.
fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

#[tokio::test]
async fn when_its_time_is_over_nothing_of_it_survives() {
    let script = "sleep 300 & echo $!; setsid sh -c 'echo $$; exec sleep 300' & wait";
    let ran = run(&shell(script), Some(Duration::from_secs(1)), pending()).await.unwrap();
    assert!(ran.timed_out && !ran.success() && ran.signal == Some(9));
    let pids: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(pids.len(), 2, "{ran:?}");
    for pid in pids {
        assert!(!lives(pid), "{pid}");
    }
}

#[tokio::test]
async fn who_loses_interest_ends_it() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let script = shell("exec sleep 300");
    let ran = run(&script, None, async { drop(stopped.await) });
    let (ran, ()) = tokio::join!(ran, async { drop(stop) });
    let ran = ran.unwrap();
    assert_eq!((ran.stopped, ran.timed_out, ran.signal), (true, false, Some(9)));
}

#[test]
fn programs_are_found_by_their_plain_names() {
    let path = super::super::env::USUAL_PATH;
    assert!(which("sh", path).unwrap().ends_with("sh"));
    for name in ["", ".", "..", "/bin/sh", "../bin/sh", "no-such-program-here", "a\0b"] {
        assert_eq!(which(name, path), None, "{name:?}");
    }
    assert_eq!(which("sh", "bin:."), None, "folders that depend on where one is do not count");
}

#[test]
fn only_files_that_can_be_run_are_found_and_only_in_absolute_folders() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, mode: u32| {
        let path = dir.path().join(name);
        std::fs::write(&path, "").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&path, mode).unwrap();
    };
    file("run", 0o755);
    file("data", 0o644);
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    let folder = dir.path().to_str().unwrap();
    assert!(which("run", folder).is_some());
    assert!(["data", "folder", "absent"].iter().all(|name| which(name, folder).is_none()));
    let depth = std::env::current_dir().unwrap().components().count() - 1;
    let relative = format!("{}{}", "../".repeat(depth), folder.trim_start_matches('/'));
    assert!(Path::new(&relative).join("run").is_file() && which("run", &relative).is_none());
}
