//! The rules of the house, as a program: who may import whom, how a file begins, how long it may be.

use std::path::{Path, PathBuf};

/// The rooms in the order of `lib.rs`. `wire` stands before the shell, `sim` may import all.
const ROOMS: [&str; 18] = [
    "values",
    "catalogue",
    "event",
    "feed",
    "pricing",
    "market",
    "outcome",
    "trading",
    "betting",
    "ledger",
    "settlement",
    "book",
    "wire",
    "broker",
    "runtime",
    "kafka",
    "cli",
    "sim",
];

/// The most lines of a file; the house aims at 500.
const LINES_MAX: usize = 600;

/// Rooms that may not be imported although they stand above: betting never calls the ledger, the book joins them; the
/// book never prices, trading never books.
const NEVER: [(&str, &str); 4] =
    [("betting", "ledger"), ("ledger", "betting"), ("book", "pricing"), ("book", "trading")];

fn source_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 50, "the house has more files than that");
    found
}

fn room_of(path: &Path) -> Option<&'static str> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next()?.as_os_str().to_str()?;
    ROOMS.into_iter().find(|room| *room == first)
}

/// The rooms that a file names as `crate::room`.
fn imports(text: &str) -> Vec<&'static str> {
    let code = || text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    let names = |room: &&str| {
        let path = format!("crate::{room}");
        code().any(|line| {
            line.match_indices(&path).any(|(at, _)| {
                let after = line[at + path.len()..].chars().next();
                !after.is_some_and(|next| next.is_alphanumeric() || next == '_')
            })
        })
    };
    ROOMS.into_iter().filter(names).collect()
}

fn rank(room: &str) -> usize {
    ROOMS.iter().position(|known| *known == room).unwrap()
}

#[test]
fn a_room_imports_only_rooms_above_it() {
    let mut broken = Vec::new();
    for path in source_files() {
        let Some(room) = room_of(&path) else { continue };
        for imported in imports(&std::fs::read_to_string(&path).unwrap()) {
            let below = rank(imported) > rank(room) && room != "sim";
            // The command line runs the proofs that are for everybody: `touchline audit`, `touchline conformance`.
            let proof = room == "cli" && imported == "sim";
            if (below && !proof) || NEVER.contains(&(room, imported)) {
                broken.push(format!("{} imports {imported}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_auditor_shares_no_code_with_the_machines() {
    let allowed = ["values", "wire", "sim"];
    for path in source_files().into_iter().filter(|path| path.to_string_lossy().contains("sim/auditor")) {
        let imported = imports(&std::fs::read_to_string(&path).unwrap());
        assert!(imported.iter().all(|room| allowed.contains(room)), "{} imports {imported:?}", path.display());
    }
}

#[test]
fn a_file_opens_with_a_sentence_and_is_not_too_long() {
    for path in source_files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{} opens with {first:?}", path.display());
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_rooms_stand_in_the_library_in_this_order() {
    let library = include_str!("../lib.rs");
    let declared: Vec<&str> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, ROOMS);
}
