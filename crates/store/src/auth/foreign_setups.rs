//! Setup codes that OpenClaw's own `qr` has made in this state directory: `devices/bootstrap.json` of
//! 2026.3.28, and the table `device_bootstrap_tokens` in `state/openclaw.sqlite` of 2026.9.6.
//!
//! Both commands write the code there and ask no gateway. Whoever can write these files owns the state
//! directory. They are only read: a code that was used here is known by the records from then on.

use std::{collections::BTreeMap, fs::File, io::Read as _, os::unix::fs::MetadataExt as _};

use openclaw_auth::{Secret, Setup, SetupAccess, credential::Digest};
use openclaw_protocol::{Role, ScopeSet};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;

use crate::layout::Layout;

/// Bytes of the file; a code takes 250, and no more than a few live at a time.
const MAX_FILE: u64 = 1024 * 1024;
/// Rows of the table that are looked at, the latest first.
const MAX_ROWS: usize = 256;
/// Others may read such a file, but not write to it.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// A code as either version has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    token: String,
    profile: Profile,
    issued_at_ms: u64,
    setup_id: Option<String>,
    device_id: Option<String>,
    last_used_at_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Profile {
    roles: Vec<String>,
    scopes: Vec<String>,
}

/// The code whose secret has this digest, when it is unused. Blocks.
pub(super) fn find(layout: &Layout, digest: &Digest) -> Option<Setup> {
    let known = of_file(layout).into_iter().chain(of_database(layout));
    known
        .filter(|record| digest.matches(&record.token.as_str().into()))
        .find_map(Record::into_setup)
}

fn of_file(layout: &Layout) -> Vec<Record> {
    let read = || -> Option<BTreeMap<String, serde_json::Value>> {
        let file = File::open(layout.foreign_setups()).ok()?;
        let about = file.metadata().ok()?;
        if !about.is_file() || about.mode() & WRITABLE_BY_OTHERS != 0 {
            tracing::warn!("devices/bootstrap.json is passed over: others may write to it");
            return None;
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let records = read().unwrap_or_default().into_values();
    records.filter_map(|record| serde_json::from_value(record).ok()).collect()
}

fn of_database(layout: &Layout) -> Vec<Record> {
    let path = layout.foreign_state();
    let private = path.metadata().is_ok_and(|about| about.mode() & WRITABLE_BY_OTHERS == 0);
    if !private {
        return Vec::new();
    }
    let read = || -> rusqlite::Result<Vec<Record>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&path, flags)?;
        let mut statement = conn.prepare(
            "SELECT token, profile_json, issued_at_ms, setup_id, device_id, last_used_at_ms \
             FROM device_bootstrap_tokens ORDER BY issued_at_ms DESC LIMIT ?1",
        )?;
        let time = |ms: Option<i64>| ms.and_then(|ms| u64::try_from(ms).ok());
        let rows = statement.query_map([i64::try_from(MAX_ROWS).unwrap_or(i64::MAX)], |row| {
            let profile: Option<String> = row.get(1)?;
            Ok(Record {
                token: row.get(0)?,
                // What cannot be read gives nothing.
                profile: profile.and_then(|p| serde_json::from_str(&p).ok()).unwrap_or_default(),
                issued_at_ms: time(row.get(2)?).unwrap_or_default(),
                setup_id: row.get(3)?,
                device_id: row.get(4)?,
                last_used_at_ms: time(row.get(5)?),
            })
        })?;
        rows.collect()
    };
    // An earlier 2026.9 has no such table.
    read().unwrap_or_default()
}

impl Record {
    /// The code in our words, when it is one of the three kinds that exist here, to the letter.
    fn into_setup(self) -> Option<Setup> {
        let unused = self.device_id.is_none() && self.last_used_at_ms.is_none();
        let access = self.profile.access().filter(|_| unused)?;
        let digest = Secret::from(self.token).digest();
        Some(Setup::made_elsewhere(self.setup_id, digest, access, self.issued_at_ms))
    }
}

impl Profile {
    fn access(&self) -> Option<SetupAccess> {
        let roles = self.roles.iter().map(|name| Role::parse(name)).collect::<Option<Vec<_>>>()?;
        let scopes = ScopeSet::parse(&self.scopes);
        [SetupAccess::Full, SetupAccess::Limited, SetupAccess::Node].into_iter().find(|access| {
            let same = access.roles();
            roles.len() == same.len()
                && same.iter().all(|role| roles.contains(role))
                && access.scopes() == scopes
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn of(dir: &tempfile::TempDir, token: &str) -> Option<SetupAccess> {
        find(&Layout::new(dir.path()), &Secret::from(token).digest()).map(|setup| setup.access)
    }

    fn write(dir: &tempfile::TempDir, text: &str, mode: u32) {
        let file = Layout::new(dir.path()).foreign_setups();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn codes_of_2026_3_28() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(of(&dir, "secret"), None);
        let text = r#"{"secret": {"token": "secret", "ts": 1, "profile": {"roles": ["node"], "scopes": []}, "issuedAtMs": 1},
            "bound": {"token": "bound", "profile": {"roles": ["node"], "scopes": []}, "issuedAtMs": 1, "deviceId": "d"},
            "more": {"token": "more", "profile": {"roles": ["node", "admin"], "scopes": []}, "issuedAtMs": 1},
            "odd": {"token": "odd", "profile": {"roles": ["operator"], "scopes": ["operator.read"]}, "issuedAtMs": 1},
            "lone": {"token": "lone", "profile": {"roles": ["operator"], "scopes": []}, "issuedAtMs": 1},
            "two": {"token": "two", "profile": {"roles": ["node", "operator"], "scopes": []}, "issuedAtMs": 1},
            "few": {"token": "few", "profile": {"roles": ["node", "operator"], "scopes": ["operator.read"]}, "issuedAtMs": 1},
            "none": {"token": "none", "profile": {"roles": [], "scopes": []}, "issuedAtMs": 1}, "no": 7}"#;
        write(&dir, text, 0o600);
        assert_eq!(of(&dir, "secret"), Some(SetupAccess::Node));
        for token in ["bound", "more", "odd", "lone", "two", "few", "none", "other", ""] {
            assert_eq!(of(&dir, token), None, "{token}");
        }
        write(&dir, text, 0o662);
        assert_eq!(of(&dir, "secret"), None, "others may write to it");
        let long = text.replacen('{', &format!("{{{}", " ".repeat(1024 * 1024)), 1);
        write(&dir, &long, 0o600);
        assert_eq!(of(&dir, "secret"), None, "nobody has that many codes");
    }

    #[test]
    fn codes_of_2026_9_6() {
        let dir = tempfile::tempdir().unwrap();
        let file = Layout::new(dir.path()).foreign_state();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch(
            r#"CREATE TABLE device_bootstrap_tokens (token TEXT, setup_id TEXT, profile_json TEXT,
                 device_id TEXT, issued_at_ms INTEGER, last_used_at_ms INTEGER);
               INSERT INTO device_bootstrap_tokens VALUES
                 ('full', 'id-1', '{"roles":["node","operator"],"scopes":["operator.admin","operator.approvals","operator.questions","operator.read","operator.talk.secrets","operator.write"]}', NULL, 5, NULL),
                 ('used', 'id-2', '{"roles":["node"],"scopes":[]}', NULL, 5, 6),
                 ('torn', 'id-3', '{"roles":["node"', NULL, 5, NULL);"#,
        )
        .unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let setup = find(&Layout::new(dir.path()), &Secret::from("full").digest()).unwrap();
        assert_eq!((setup.access, setup.id.as_str()), (SetupAccess::Full, "id-1"));
        assert_eq!((of(&dir, "used"), of(&dir, "torn")), (None, None));
        conn.execute_batch(
            r#"WITH RECURSIVE n(i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
               INSERT INTO device_bootstrap_tokens SELECT 't' || i, NULL, '{"roles":["node"],"scopes":[]}', NULL, i, NULL FROM n"#,
        )
        .unwrap();
        assert_eq!((of(&dir, "t300"), of(&dir, "full")), (Some(SetupAccess::Node), None));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
        assert_eq!(of(&dir, "t300"), None, "others may write to it");
    }
}
