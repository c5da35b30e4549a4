//! Rows of setup codes.

use openclaw_auth::{
    Setup, SetupAccess,
    credential::Digest,
    setup::{MAX_SETUPS, SETUP_KEPT_MS, SetupUse},
    store::SetupKey,
};
use openclaw_protocol::ids::DeviceId;
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Type};

use super::{
    Result,
    rows::{read_maybe_time, read_time, rows_of, time},
};

pub(super) fn find(conn: &Connection, key: &SetupKey) -> Result<Option<Setup>> {
    let sql = |column| {
        format!(
            "SELECT id, digest, access, issued_at, maker, device, device_name, used_at, delivered \
             FROM device_setups WHERE {column} = ?1"
        )
    };
    let found = match key {
        SetupKey::Id(id) => conn.prepare_cached(&sql("id"))?.query_row([id], read),
        SetupKey::Digest(digest) => {
            conn.prepare_cached(&sql("digest"))?.query_row([digest.as_bytes()], read)
        }
    };
    Ok(found.optional()?)
}

/// Makes room first: for what nobody asks about any more, and among those that wait for the newest.
pub(super) fn put(conn: &Connection, setup: &Setup) -> Result<()> {
    let forgotten = setup.issued_at_ms.saturating_sub(SETUP_KEPT_MS);
    conn.prepare_cached("DELETE FROM device_setups WHERE issued_at <= ?1")?
        .execute([time(forgotten)])?;
    conn.prepare_cached(
        "DELETE FROM device_setups WHERE device IS NULL AND id NOT IN (SELECT id FROM device_setups \
         WHERE device IS NULL ORDER BY issued_at DESC LIMIT ?1)",
    )?
    .execute([rows_of(MAX_SETUPS - 1)])?;
    conn.prepare_cached(
        "INSERT INTO device_setups (id, digest, access, issued_at, maker) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        setup.id,
        setup.digest.as_bytes(),
        setup.access.name(),
        time(setup.issued_at_ms),
        setup.maker.as_ref().map(DeviceId::as_str),
    ])?;
    Ok(())
}

/// Fails when it is used already, or gone.
pub(super) fn used(conn: &Connection, id: &str, used: &SetupUse) -> Result<()> {
    let changed = conn
        .prepare_cached(
            "UPDATE device_setups SET device = ?2, device_name = ?3, used_at = ?4, delivered = ?5 \
             WHERE id = ?1 AND device IS NULL",
        )?
        .execute(params![
            id,
            used.device.as_str(),
            used.device_name,
            time(used.at_ms),
            used.delivered
        ])?;
    if changed == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows.into()) }
}

pub(super) fn delivered(conn: &Connection, id: &str) -> Result<()> {
    conn.prepare_cached(
        "UPDATE device_setups SET delivered = 1 WHERE id = ?1 AND device IS NOT NULL",
    )?
    .execute([id])?;
    Ok(())
}

pub(super) fn end(conn: &Connection, maker: &DeviceId) -> Result<()> {
    conn.prepare_cached("DELETE FROM device_setups WHERE maker = ?1 AND device IS NULL")?
        .execute([maker.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Setup> {
    let invalid =
        |column: usize| rusqlite::Error::InvalidColumnType(column, "setup".into(), Type::Text);
    let digest = row.get::<_, [u8; 32]>(1)?;
    let device: Option<String> = row.get(5)?;
    Ok(Setup {
        id: row.get(0)?,
        digest: Digest::from_bytes(digest),
        access: SetupAccess::parse(row.get_ref(2)?.as_str()?).ok_or_else(|| invalid(2))?,
        issued_at_ms: read_time(row, 3)?,
        maker: row.get::<_, Option<String>>(4)?.map(DeviceId::from),
        used: match device {
            None => None,
            Some(device) => Some(SetupUse {
                device: device.into(),
                device_name: row.get(6)?,
                at_ms: read_maybe_time(row, 7)?.unwrap_or_default(),
                delivered: row.get(8)?,
            }),
        },
    })
}
