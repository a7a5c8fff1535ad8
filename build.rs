//! Embeds the stock client into the binary, where `src/web/client/fetch.sh` has put it; without it
//! the build goes through all the same, and the pages say what is missing.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const FOLDER: &str = "src/web/client";
const FILES: [&str; 3] = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"];

fn main() -> Result<(), Box<dyn Error>> {
    // The folder is always there: a path that is not would be looked for again by every build.
    println!("cargo::rerun-if-changed={FOLDER}");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&root).join(FOLDER);
    let mut list = String::from("&[\n");
    for name in FILES {
        let file = folder.join(name);
        if let Ok(text) = fs::read_to_string(&file) {
            let version = version(&text).ok_or_else(|| format!("{name} names no version"))?;
            let path = format!("/socket.io/{name}");
            let file = file.to_str().ok_or("the path is not UTF-8")?;
            writeln!(list, "    ({path:?}, {version:?}, include_bytes!({file:?}).as_slice()),")?;
        }
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("client.rs"), list)?;
    Ok(())
}

/// The version in a file's banner: `Socket.IO v4.8.4`.
fn version(text: &str) -> Option<&str> {
    let banner = text.lines().take(5).find_map(|line| line.split_once("Socket.IO v"));
    banner.map(|(_, version)| version.trim())
}
