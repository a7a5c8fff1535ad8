//! The table of bounds in `src/README.md` is the code's: every bound stands there, with its figure.

use std::collections::BTreeMap;
use std::fs;

use polylogue::config::base;
use polylogue::dialects;

use super::assert_lawful;
use super::source::{Source, root, walk};

const TABLE: &str = "src/README.md";
/// Files in which every number is a bound.
const OF_BOUNDS: [&str; 2] = ["src/limits.rs", "src/store/limits.rs"];
/// How the names of bounds end.
const ENDINGS: [&str; 5] = ["_MAX", "_MIN", "_MAX_BYTES", "_PER_ADDRESS_PER_MINUTE", "_PER_MINUTE"];

#[test]
fn every_bound_stands_in_the_table_with_its_figure() {
    let (bounds, rows) = (bounds(), rows());
    assert!(bounds.len() > 80, "{} {}", bounds.len(), rows.len());
    let mut broken = Vec::new();
    for (name, figure) in &bounds {
        match rows.get(name) {
            None => broken.push(format!("{TABLE} lacks | `{name}` | {figure} |")),
            Some(row) if row != figure => {
                broken.push(format!("{TABLE}: `{name}` is {figure}, and not {row}"));
            }
            Some(_) => {}
        }
    }
    let gone = rows.keys().filter(|name| !bounds.contains_key(*name));
    broken.extend(gone.map(|name| format!("{TABLE}: there is no `{name}`")));
    assert_lawful(&broken);
}

#[test]
fn every_setting_in_the_table_is_one() {
    let flags = base::GROUPS.iter().map(|group| group.flags);
    let flags = flags.chain(dialects::ALL.iter().map(|charter| charter.flags)).flatten();
    let names: Vec<&str> = flags.map(|flag| flag.name).collect();
    let text = fs::read_to_string(root().join(TABLE)).expect("the table is there");
    let rows = text.lines().filter(|line| line.starts_with("| `--"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let named: Vec<&str> = cells.flat_map(|cell| cell.split("`--").skip(1)).collect();
    assert!(named.len() > 5, "{named:?}");
    for setting in named {
        let name = setting.split('`').next().unwrap_or_default();
        assert!(names.contains(&name), "{TABLE}: there is no --{name}");
    }
}

#[test]
fn figures_are_worked_out() {
    let known = BTreeMap::from([("DAY_MS".to_owned(), 86_400_000)]);
    assert_eq!(figure("1024 * 1024", &known), Some(1_048_576));
    assert_eq!(figure("(1 << 53) - 1", &known), Some(9_007_199_254_740_991));
    assert_eq!(figure("3_650 * DAY_MS", &known), Some(315_360_000_000));
    assert_eq!(figure("Duration::from_millis(8)", &known), Some(8));
    assert_eq!(figure("words", &known), None);
    assert_eq!(spelled(1_048_576), "1,048,576");
    assert_eq!(spelled(12), "12");
}

/// The rows of the table: ``| `name` | figure | ..``, but for settings.
fn rows() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join(TABLE)).expect("the table is there");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter(|row| !row.starts_with("--"));
    let cells = rows.filter_map(|row| row.split_once("` | "));
    cells.filter_map(|(name, rest)| Some((name.into(), rest.split_once(" |")?.0.into()))).collect()
}

/// Every bound of the house and its figure.
fn bounds() -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    let mut bounds = BTreeMap::new();
    let sources = walk(&["src", "protocol/src"]);
    let (first, others): (Vec<_>, Vec<_>) =
        sources.iter().partition(|source| OF_BOUNDS.contains(&source.path.as_str()));
    for source in first.into_iter().chain(others) {
        if source.path.contains("/tests") {
            continue;
        }
        for (name, value) in constants(source) {
            let Some(figure) = figure(&value, &known) else { continue };
            known.insert(name.clone(), figure);
            if is_bound(source, &name) {
                bounds.insert(format!("{}{name}", place(source)), spelled(figure));
            }
        }
    }
    bounds
}

fn is_bound(source: &Source, name: &str) -> bool {
    OF_BOUNDS.contains(&source.path.as_str()) || ENDINGS.iter().any(|end| name.ends_with(end))
}

/// The constants of a file, in front of its tests.
fn constants(source: &Source) -> impl Iterator<Item = (String, String)> {
    source.code().filter_map(|(_, line)| {
        let (_, declared) = line.split_once("const ").filter(|(before, _)| is_head(before))?;
        let (name, rest) = declared.split_once(": ")?;
        let (_, value) = rest.split_once(" = ")?;
        Some((name.to_owned(), value.split(';').next()?.to_owned()))
    })
}

/// Whether that is what may stand in front of a constant of a module.
fn is_head(before: &str) -> bool {
    before.is_empty() || (before.starts_with("pub") && before.ends_with(' '))
}

/// What stands before the name: nothing for the house's own, else the part or the dialect.
fn place(source: &Source) -> String {
    let path = source.path.trim_end_matches(".rs");
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["src", "limits"] => String::new(),
        ["src", "dialects", dialect, ..] => format!("{dialect}::"),
        ["src", part, ..] | [part, ..] => format!("{part}::"),
        [] => String::new(),
    }
}

/// Works out products, sums, differences and shifts, from left to right.
fn figure(text: &str, known: &BTreeMap<String, u128>) -> Option<u128> {
    let text = text.trim();
    let text = text.strip_prefix("Duration::from_millis").unwrap_or(text);
    let text = text.replace("Duration::from_secs(", "1000 * (").replace(['(', ')', '_'], "");
    let mut words = text.split_whitespace();
    let value = |word: &str| {
        let named = known.iter().find(|(name, _)| name.replace('_', "") == word);
        word.parse().ok().or(named.map(|(_, figure)| *figure))
    };
    let mut figure: u128 = value(words.next()?)?;
    while let Some(sign) = words.next() {
        let next = value(words.next()?)?;
        figure = match sign {
            "*" => figure.checked_mul(next)?,
            "+" => figure.checked_add(next)?,
            "-" => figure.checked_sub(next)?,
            "<<" => figure.checked_shl(u32::try_from(next).ok()?)?,
            _ => return None,
        };
    }
    Some(figure)
}

/// With a comma before every third digit from the end.
fn spelled(figure: u128) -> String {
    let digits = figure.to_string();
    let mut spelled = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            spelled.push(',');
        }
        spelled.push(digit);
    }
    spelled
}
