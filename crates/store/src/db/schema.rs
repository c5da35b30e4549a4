//! The tables: one list of migrations, each a file of SQL that runs once.

use rusqlite::Connection;

use crate::error::DbError;

/// Every migration, oldest first inside its domain. Append; never change one that was released.
const MIGRATIONS: &[(&str, &str)] = &[
    ("turns-1", include_str!("../schema/turns-1.sql")),
    ("auth-1", include_str!("../schema/auth-1.sql")),
    ("lockouts-1", include_str!("../schema/lockouts-1.sql")),
    ("auth-2", include_str!("../schema/auth-2.sql")),
    ("nodes-1", include_str!("../schema/nodes-1.sql")),
    ("approvals-1", include_str!("../schema/approvals-1.sql")),
    ("auth-3", include_str!("../schema/auth-3.sql")),
    ("nodes-2", include_str!("../schema/nodes-2.sql")),
    ("turns-2", include_str!("../schema/turns-2.sql")),
    ("dead-letters-1", include_str!("../schema/dead-letters-1.sql")),
    ("turns-3", include_str!("../schema/turns-3.sql")),
];

/// Runs the migrations that this file has not seen.
pub(super) fn migrate(conn: &Connection) -> Result<(), DbError> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID",
    )?;
    let seen: Vec<String> = conn
        .prepare("SELECT name FROM migrations")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if let Some(newer) = seen.iter().find(|name| MIGRATIONS.iter().all(|(known, _)| name != known))
    {
        return Err(DbError::Newer(newer.clone()));
    }
    for (name, sql) in MIGRATIONS.iter().filter(|(name, _)| seen.iter().all(|s| s != name)) {
        let tx = conn.unchecked_transaction()?;
        tx.execute_batch(sql)?;
        tx.execute("INSERT INTO migrations (name) VALUES (?1)", [name])?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_run_once_and_a_newer_file_is_refused() {
        let conn = Connection::open_in_memory().unwrap();
        migrate(&conn).unwrap();
        migrate(&conn).unwrap();
        conn.execute("INSERT INTO migrations (name) VALUES ('turns-9')", []).unwrap();
        assert!(matches!(migrate(&conn), Err(DbError::Newer(name)) if name == "turns-9"));
    }
}
