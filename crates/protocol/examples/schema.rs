//! Writes the schema documents to the folder `schema/` of the workspace.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema");
    fs::create_dir_all(&folder)?;
    for (path, text) in openclaw_protocol::schema::files() {
        fs::write(folder.join(path), text)?;
    }
    Ok(())
}
