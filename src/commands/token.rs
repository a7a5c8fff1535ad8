//! `polylogue token`: a token that a server with the same secret accepts.

use super::print;
use crate::config::{Flag, Invocation, Shape, Values, Verb};
use crate::hub::clock;
use crate::keys::{Claims, Keys, Subject};
use crate::limits::TOKEN_TTL_MS_MAX;

pub(super) const VERB: Verb = Verb {
    path: &["token"],
    about: "Prints a JSON Web Token that a server with the same --data or --jwt-secret accepts",
    flags: FLAGS,
    shows: Some(&["data", "jwt-secret"]),
};

const FLAGS: &[Flag] = &[
    Flag::new("id", "ID", Shape::Text, "The user's id: a whole number, or an issuer's subject")
        .required(),
    Flag::new("name", "NAME", Shape::Text, "The name that others see"),
    Flag::new("nickname", "NAME", Shape::Text, "A second name"),
    Flag::new("email", "ADDRESS", Shape::Text, "An e-mail address"),
    Flag::new("role", "ROLE", Shape::Text, "A role"),
    Flag::new(
        "ttl",
        "TIME",
        Shape::Duration { min_ms: 0, max_ms: TOKEN_TTL_MS_MAX },
        "How long the token is good for, in whole seconds",
    )
    .default("1h"),
];

/// Prints the token.
pub(super) fn run(invocation: Invocation) -> Result<(), String> {
    let keys = Keys::open(&invocation.config.keys)?;
    let ttl_s = invocation.values.duration_ms("ttl").div_ceil(1_000);
    let token = keys.sign(&claims(&invocation.values), clock::wall_ms() / 1_000, ttl_s)?;
    print(&format!("{token}\n"))
}

fn claims(values: &Values) -> Claims {
    let text = |name| values.text(name).map(str::to_owned);
    Claims {
        subject: Subject::parse(values.text("id").expect("the id is required")),
        name: text("name"),
        nickname: text("nickname"),
        email: text("email"),
        role: text("role"),
        expires_s: None,
    }
}
