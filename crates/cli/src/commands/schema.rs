//! `schema`: the committed JSON Schemas, written or compared.

use std::{collections::BTreeMap, fs, path::Path};

use openclaw_gateway::config::Config;
use openclaw_protocol::schema;

use crate::{args::SchemaArgs, failure::Failure, output};

pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    if args.check { check(&args.dir) } else { write(&args.dir) }
}

/// The documents of the protocol, and that of the config file, with their names.
fn files() -> BTreeMap<String, String> {
    let mut files = schema::files();
    files.insert("config.schema.json".to_owned(), format!("{:#}\n", Config::json_schema()));
    files
}

fn check(dir: &Path) -> Result<(), Failure> {
    let old = schema::stale(files(), |path| fs::read_to_string(dir.join(path)).ok());
    if old.is_empty() {
        return Ok(());
    }
    let message = format!(
        "missing or old in {}: {}; run `openclaw schema --dir {}`",
        dir.display(),
        old.join(", "),
        dir.display()
    );
    Err(Failure::new("SCHEMA_STALE", message).with_details(Some(old.into())))
}

fn write(dir: &Path) -> Result<(), Failure> {
    for (path, text) in files() {
        let path = dir.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        written.and_then(|()| fs::write(&path, text)).map_err(|error| {
            Failure::new("NOT_WRITTEN", format!("cannot write {}: {error}", path.display()))
        })?;
        output::line(path.display().to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_not_old() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(check(dir.path()).unwrap_err().code, "SCHEMA_STALE");
        write(dir.path()).unwrap();
        check(dir.path()).unwrap();
    }

    #[test]
    fn the_committed_documents_are_fresh() {
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema")).unwrap();
    }
}
