use super::*;

fn open() -> (tempfile::TempDir, Db) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&dir.path().join("a/test.sqlite")).unwrap();
    db.write_blocking(|conn| -> Result<(), DbError> {
        Ok(conn.execute_batch("CREATE TABLE t (x INTEGER PRIMARY KEY)")?)
    })
    .unwrap();
    (dir, db)
}

fn insert(x: i64) -> impl FnOnce(&Connection) -> Result<(), DbError> + Send + 'static {
    move |conn| Ok(conn.execute("INSERT INTO t (x) VALUES (?1)", [x]).map(drop)?)
}

async fn count(db: &Db) -> i64 {
    let ask =
        |conn: &Connection| Ok(conn.query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))?);
    db.read::<_, DbError, _>(ask).await.unwrap()
}

/// Holds the writer inside a job until the sender is used.
fn hold(db: &Db) -> (mpsc::Sender<()>, JoinHandle<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let db = db.clone();
    let thread = std::thread::spawn(move || {
        db.write_blocking(move |_| -> Result<(), DbError> {
            begun.send(()).unwrap();
            held.recv().unwrap();
            Ok(())
        })
        .unwrap();
    });
    has_begun.recv().unwrap();
    (release, thread)
}

#[tokio::test]
async fn what_is_queued_is_committed_together_and_a_failing_piece_fails_alone() {
    let (_dir, db) = open();
    let before = db.stats();
    let (release, holder) = hold(&db);
    let mut work = tokio::task::JoinSet::new();
    for x in [1, 2, 2, 3, 4, 5] {
        let db = db.clone();
        work.spawn(async move { db.write(insert(x)).await });
    }
    while db.0.write_room.available_permits() > WRITE_QUEUE - 6 {
        tokio::task::yield_now().await;
    }
    release.send(()).unwrap();
    let results = work.join_all().await;
    holder.join().unwrap();
    assert_eq!(results.iter().filter(|r| r.is_err()).count(), 1);
    assert_eq!(count(&db).await, 5);
    let after = db.stats();
    assert_eq!((after.jobs - before.jobs, after.commits - before.commits), (7, 1));
}

#[tokio::test]
async fn a_full_queue_refuses_what_is_new() {
    let (_dir, db) = open();
    let (release, holder) = hold(&db);
    let all = Arc::clone(&db.0.write_room).acquire_many_owned(u32::try_from(WRITE_QUEUE).unwrap());
    let all = all.await.unwrap();
    assert!(matches!(db.try_write(insert(1)).await, Err(DbError::Busy)));
    drop(all);
    release.send(()).unwrap();
    db.try_write(insert(1)).await.unwrap();
    holder.join().unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_closed_database_says_so_and_keeps_what_it_had() {
    let (dir, db) = open();
    db.write(insert(7)).await.unwrap();
    db.close();
    assert!(matches!(db.write(insert(8)).await, Err(DbError::Closed)));
    let db = Db::open(&dir.path().join("a/test.sqlite")).unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let (_dir, db) = open();
    assert!(db.read(insert(1)).await.is_err());
}
