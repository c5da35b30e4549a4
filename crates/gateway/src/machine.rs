//! What the operating system tells of the machine and of this process.

use std::{fs, io, path::Path};

use openclaw_protocol::methods::{health::ProcessMemory, system::SystemInfoResult};

/// The machine, as far as it is told; an error when it does not tell its memory.
pub(crate) fn look(state_dir: &Path) -> io::Result<SystemInfoResult> {
    let kernel = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    let (total, free) = memory(&fs::read_to_string("/proc/meminfo")?)
        .ok_or_else(|| io::Error::other("/proc/meminfo has no totals"))?;
    let name = text(kernel.nodename());
    let release = text(kernel.release());
    let label = fs::read_to_string("/etc/os-release").ok().and_then(|file| pretty_name(&file));
    let disk = rustix::fs::statvfs(state_dir).ok();
    Ok(SystemInfoResult {
        machine_name: name.clone(),
        hostname: name,
        platform: platform().to_owned(),
        os_label: label.unwrap_or_else(|| format!("{} {release}", text(kernel.sysname()))),
        release,
        arch: arch().to_owned(),
        pid: std::process::id(),
        cpu_count: std::thread::available_parallelism().map_or(1, |count| count.get() as u64),
        cpu_model: fs::read_to_string("/proc/cpuinfo").ok().and_then(|file| cpu_model(&file)),
        load_average: fs::read_to_string("/proc/loadavg").ok().and_then(|file| load(&file)),
        memory_total_bytes: total,
        memory_free_bytes: free,
        disk_path: disk.as_ref().map(|_| state_dir.display().to_string()),
        disk_total_bytes: disk.as_ref().map(|disk| disk.f_blocks * disk.f_frsize),
        disk_available_bytes: disk.as_ref().map(|disk| disk.f_bavail * disk.f_frsize),
        ..SystemInfoResult::default()
    })
}

/// Resident memory of this process; the other numbers are a Node process's and stay 0.
pub(crate) fn process_memory() -> Option<ProcessMemory> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    let page = rustix::param::page_size() as u64;
    Some(ProcessMemory { rss_bytes: pages * page, ..ProcessMemory::default() })
}

/// The operating system as Node calls it.
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

/// The processor as Node calls it.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    }
}

/// All memory, and what can be had of it, in bytes.
fn memory(meminfo: &str) -> Option<(u64, u64)> {
    let kib = |name: &str| -> Option<u64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some((kib("MemTotal")? * 1024, kib("MemAvailable")? * 1024))
}

fn load(loadavg: &str) -> Option<[f64; 3]> {
    let mut numbers = loadavg.split_whitespace().map(|number| number.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn pretty_name(os_release: &str) -> Option<String> {
    let line = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read() {
        let meminfo = "MemTotal:       24690380 kB\nMemFree:  1 kB\nMemAvailable:   23456 kB\n";
        assert_eq!(memory(meminfo), Some((24_690_380 * 1024, 23_456 * 1024)));
        assert_eq!(memory("MemTotal: 5 kB"), None);
        assert_eq!(load("3.53 3.42 2.23 4/200 1234\n"), Some([3.53, 3.42, 2.23]));
        assert_eq!(load("1 2"), None);
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: A CPU\n").as_deref(), Some("A CPU"));
        let name = pretty_name("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
        assert_eq!(name.as_deref(), Some("Debian GNU/Linux 12"));
    }
}
