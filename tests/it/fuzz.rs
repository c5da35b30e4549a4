//! The fuzz targets over the corpus that is kept: what was found once is looked for in every run.

use std::{fs, panic::catch_unwind, path::Path};

use openclaw_tests::fuzz::TARGETS;

/// A target that has fewer inputs than this has lost its corpus.
const LEAST: usize = 40;

#[test]
fn the_corpora_have_no_findings() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut folders: Vec<_> = fs::read_dir(&corpora).unwrap().map(|f| f.unwrap().path()).collect();
    for (name, check) in TARGETS {
        folders.retain(|folder| !folder.ends_with(name));
        let mut inputs = 0;
        for input in fs::read_dir(corpora.join(name)).unwrap() {
            let input = input.unwrap().path();
            let bytes = fs::read(&input).unwrap();
            let passed = catch_unwind(|| check(&bytes));
            assert!(passed.is_ok(), "{} breaks a rule of {name}", input.display());
            inputs += 1;
        }
        assert!(inputs >= LEAST, "{name} has {inputs} inputs");
    }
    assert!(folders.is_empty(), "no target reads {folders:?}");
}
